/** Chat participant `@precis`: summarizes with the model chosen there. */
import * as vscode from 'vscode';
import { createErrorView } from '../host/errors.ts';
import { toPlainText } from '../host/plainText.ts';
import { t } from '../host/l10n.ts';
import { asUri } from '../host/uris.ts';
import { toTargetRange, toSource } from '../runs/resolve.ts';
import type { SummaryTarget } from '../runs/target.ts';
import { toUsed, type UsedTemplate } from '../runs/templates/template.ts';
import type { StartRequest } from '../runs/types.ts';
import type { Services } from '../services.ts';
import { activeSource, titleOf } from '../sources/index.ts';
import { createChatWriter } from './output.ts';

interface Answer extends vscode.ChatResult {
  readonly metadata?: { readonly runId?: string };
}

/** Answers a chat request; reports errors in the result. */
export async function handleChat(
  services: Services,
  request: vscode.ChatRequest,
  context: vscode.ChatContext,
  stream: vscode.ChatResponseStream,
  token: vscode.CancellationToken,
): Promise<Answer> {
  try {
    return await answer(services, request, context, stream, token);
  } catch (error) {
    if (token.isCancellationRequested) return {};
    const own = error instanceof Error && error.name === 'Error';
    return { errorDetails: { message: toPlainText(own ? error.message : createErrorView(error, t).message) } };
  }
}

/** Suggests questions after a summary. */
export function suggestFollowups(result: vscode.ChatResult): vscode.ChatFollowup[] {
  if (!(result as Answer).metadata?.runId) return [];
  return [
    { prompt: t('What are the risks or open questions?'), command: 'ask', label: t('Risks and open questions') },
    { prompt: t('Which figures and dates does it name?'), command: 'ask', label: t('Figures and dates') },
  ];
}

async function answer(
  services: Services,
  request: vscode.ChatRequest,
  context: vscode.ChatContext,
  stream: vscode.ChatResponseStream,
  token: vscode.CancellationToken,
): Promise<Answer> {
  const writer = createChatWriter(stream);
  if (request.command === 'ask') {
    const before = findLastRun(context);
    const run = before
      ? await services.runs.get(before)
      : await services.runs.last(vscode.window.activeTextEditor?.document.uri);
    if (!run) throw new Error(t('There is no summary yet. Summarize a file first.'));
    const onEvent = writer.event;
    await services.runs.ask(run, request.prompt.trim() || t('What is it about?'), {
      onEvent,
      token,
      options: getModelOptions(request),
      chosenByPerson: hasModel(request),
    });
    writer.end();
    return { metadata: { runId: run.id } };
  }
  const { template, prompt } = await findTemplate(services, request);
  const what = await findTargets(services, request);
  let runId: string | undefined;
  const result = await services.runs.start({
    ...what,
    options: { ...getModelOptions(request), ...(prompt ? { instructions: prompt } : {}) },
    ...(template ? { template } : {}),
    interactive: false,
    chosenByPerson: hasModel(request),
    show: false,
    token,
    onEvent: (event) => writer.event(event),
    onRun: (run) => (runId = run.id),
  });
  writer.end();
  if (result.status === 'complete' || result.status === 'partial') {
    stream.button({ command: 'precis.showSummary', title: t('Open the Panel') });
    stream.button({ command: 'precis.openSummary', title: t('Open as a Document') });
  }
  return { metadata: { ...(runId ? { runId } : {}) } };
}

interface TemplatePrompt {
  readonly template?: UsedTemplate;
  readonly prompt: string;
}

/**
 * Finds a template by command, as built-in ones have, or by `/name` at the start.
 * @throws Error if it does not exist, or the user did not agree
 */
async function findTemplate({ templates }: Services, { command, prompt }: vscode.ChatRequest): Promise<TemplatePrompt> {
  const typed = /^\s*\/([\p{L}\p{N}_-]+)(?:\s+([^]*))?$/u.exec(prompt);
  const name = command !== undefined && !targetCommands.has(command) ? command : typed?.[1];
  const rest = (name === command ? prompt : (typed?.[2] ?? prompt)).trim();
  if (name === undefined) return { prompt: rest };
  const found = await templates.find(name);
  if (!found) throw new Error(t('There is no template “{0}”.', name));
  if (!(await templates.agree(found))) throw new Error(t('The template “{0}” was not used.', found.name));
  return { template: toUsed(found), prompt: rest };
}

/** Commands that name a text, not a template. */
const targetCommands: ReadonlySet<string> = new Set(['file', 'selection', 'changes', 'folder', 'ask']);

/** Model chosen in the chat; our own provider only if there is none. */
function getModelOptions(request: vscode.ChatRequest): { provider?: string; model?: string } {
  const { model } = request;
  return model ? { provider: 'vscode', model: `${model.vendor}/${model.id}` } : {};
}

/** Whether the user picked a chat model: that implies consent to send. */
function hasModel(request: vscode.ChatRequest): boolean {
  return (request.model as unknown) !== undefined;
}

function findLastRun(context: vscode.ChatContext): string | undefined {
  for (const turn of [...context.history].reverse()) {
    if (turn instanceof vscode.ChatResponseTurn) {
      const id = (turn.result as Answer).metadata?.runId;
      if (id) return id;
    }
  }
  return undefined;
}

type What = Pick<StartRequest, 'target' | 'title' | 'read' | 'scope'>;

async function findTargets(services: Services, request: vscode.ChatRequest): Promise<What> {
  const of = (target: SummaryTarget, title: string, scope?: vscode.Uri): What => ({
    target,
    title,
    read: (signal) => services.resolve(target, signal),
    ...(scope ? { scope } : {}),
  });
  const editor = vscode.window.activeTextEditor;
  if (request.command === 'changes') return of({ kind: 'changes' }, t('Changes'));
  const attached = request.references.map(({ value }) => value);
  const locations = attached.filter((value) => value instanceof vscode.Location);
  const uris = attached
    .map((value) => (value instanceof vscode.Location ? undefined : asUri(value)))
    .filter((uri) => uri !== undefined);
  if (request.command === 'folder' && !uris.length) {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    if (!folder) throw new Error(t('No folder is open.'));
    return of({ kind: 'items', uris: [folder.toString()] }, titleOf(folder) || t('Workspace'), folder);
  }
  if (
    request.command === 'selection' ||
    (!request.command && !attached.length && editor && !editor.selection.isEmpty)
  ) {
    const ranges = (editor?.selections ?? []).filter((s) => !s.isEmpty).map(toTargetRange);
    if (!editor || !ranges.length) throw new Error(t('Nothing is selected. Select some text first.'));
    const { uri } = editor.document;
    return of({ kind: 'selection', uri: uri.toString(), ranges }, titleOf(uri), uri);
  }
  if (locations.length === 1 && !uris.length) {
    const { uri, range } = locations[0]!;
    return of({ kind: 'selection', uri: uri.toString(), ranges: [toTargetRange(range)] }, titleOf(uri), uri);
  }
  const all = [...uris, ...locations.map(({ uri }) => uri)];
  if (all.length > 1) return of({ kind: 'items', uris: all.map(String) }, t('{0} items', all.length), all[0]);
  const uri = all[0] ?? editor?.document.uri;
  if (uri && all.length) {
    const stat = await vscode.workspace.fs.stat(uri).then(undefined, () => undefined);
    const folder = stat !== undefined && (stat.type & vscode.FileType.Directory) !== 0;
    return of(
      folder ? { kind: 'items', uris: [uri.toString()] } : { kind: 'file', uri: uri.toString() },
      titleOf(uri),
      uri,
    );
  }
  if (!uri) throw new Error(t('Open or attach a file to summarize.'));
  return {
    target: { kind: 'file', uri: uri.toString() },
    title: titleOf(uri),
    scope: uri,
    read: async () => toSource(await activeSource()),
  };
}
