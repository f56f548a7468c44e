import * as vscode from 'vscode';
import { participantId, toolNames } from '../contributions.ts';
import type { Services } from '../services.ts';

/** Registers the chat participant and the tools, each where the host has the API for it. */
export function registerChat(get: () => Promise<Services>): vscode.Disposable[] {
  return [...registerTools(get), ...registerParticipant(get)];
}

function registerTools(get: () => Promise<Services>): vscode.Disposable[] {
  // Editors built on VS Code may lack the API.
  if (typeof vscode.lm?.registerTool !== 'function') return [];
  // one instance: it remembers confirmations and tokens sent
  let made: Promise<ReturnType<typeof import('./tools.ts').createTools>> | undefined;
  const tools = () =>
    (made ??= Promise.all([import('./tools.ts'), get()]).then(([{ createTools }, services]) => createTools(services)));
  return toolNames.map((name) => {
    const tool = async (): Promise<vscode.LanguageModelTool<object>> => (await tools())[name];
    return vscode.lm.registerTool<object>(name, {
      prepareInvocation: async (options, token) => (await tool()).prepareInvocation?.(options, token),
      invoke: async (options, token) => (await tool()).invoke(options, token),
    });
  });
}

function registerParticipant(get: () => Promise<Services>): vscode.Disposable[] {
  if (typeof vscode.chat?.createChatParticipant !== 'function') return [];
  const participant = vscode.chat.createChatParticipant(participantId, async (request, context, stream, token) => {
    const [{ handleChat }, services] = await Promise.all([import('./participant.ts'), get()]);
    return handleChat(services, request, context, stream, token);
  });
  participant.iconPath = new vscode.ThemeIcon('list-flat');
  participant.followupProvider = {
    provideFollowups: async (result) => (await import('./participant.ts')).suggestFollowups(result),
  };
  return [participant];
}
