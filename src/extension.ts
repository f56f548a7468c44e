/** Registers what package.json contributes; everything else is loaded and made when it is first used. */
import * as vscode from 'vscode';
import type { PrecisApi } from './api.ts';
import { registerChat } from './chat/register.ts';
import { registerBatchView } from './commands/batchTree.ts';
import { registerSummaryView } from './commands/summaryTree.ts';
import { batchMark, commandIds, mcpProviderId, panelViewType } from './contributions.ts';
import type { Services } from './services.ts';

/** Registers everything; loads the rest at first use. */
export function activate(context: vscode.ExtensionContext): PrecisApi {
  let services: Promise<Services> | undefined;
  const get = (): Promise<Services> => (services ??= load(context, [batchView, summaryView]));
  const batchView = registerBatchView(get);
  const summaryView = registerSummaryView(get);
  context.subscriptions.push(batchView, summaryView);
  for (const id of commandIds) {
    context.subscriptions.push(
      vscode.commands.registerCommand(id, async (...args: unknown[]) => {
        const [{ runCommand }, loaded] = await Promise.all([import('./commands/run.ts'), get()]);
        return runCommand(loaded, id, args);
      }),
    );
  }
  context.subscriptions.push(
    vscode.window.registerWebviewPanelSerializer(panelViewType, {
      async deserializeWebviewPanel(panel, state: unknown) {
        const [{ restorePanel }, loaded] = await Promise.all([import('./panel/serializer.ts'), get()]);
        await restorePanel(loaded.panels, loaded.runs, loaded.log, panel, state);
      },
    }),
  );
  context.subscriptions.push(showLens(get));
  context.subscriptions.push(...registerChat(get), ...registerMcp(context));
  // whatever woke this window, the jobs of an earlier one go on
  if (context.workspaceState.get(batchMark) === true) void get();
  return {
    version: 1,
    async summarize(request, options, token, onEvent) {
      const [{ summarize }, loaded] = await Promise.all([import('./publicApi.ts'), get()]);
      return summarize(loaded, request, options, token, onEvent);
    },
  };
}

/** Offers the MCP server to agents of VS Code, where the host has them. */
function registerMcp(context: vscode.ExtensionContext): vscode.Disposable[] {
  // Editors built on VS Code may lack the API.
  if (typeof vscode.lm?.registerMcpServerDefinitionProvider !== 'function' || typeof process === 'undefined') return [];
  const program = vscode.Uri.joinPath(context.extensionUri, 'dist', 'cli.js').fsPath;
  const provideMcpServerDefinitions = (): vscode.McpStdioServerDefinition[] => [
    // The host's own program runs as Node, so that nothing needs to be installed.
    new vscode.McpStdioServerDefinition('Précis', process.execPath, [program, 'mcp'], { ELECTRON_RUN_AS_NODE: '1' }),
  ];
  return [vscode.lm.registerMcpServerDefinitionProvider(mcpProviderId, { provideMcpServerDefinitions })];
}

function showLens(get: () => Promise<Services>): vscode.Disposable {
  let lens: Promise<vscode.Disposable> | undefined;
  const apply = (): void => {
    const isOn = vscode.workspace.getConfiguration().get('precis.editor.codeLens') === true;
    if (isOn) lens ??= import('./commands/codeLens.ts').then(({ createSummaryLens }) => createSummaryLens(get));
    else {
      void lens?.then((one) => one.dispose());
      lens = undefined;
    }
  };
  apply();
  const listener = vscode.workspace.onDidChangeConfiguration((change) => {
    if (change.affectsConfiguration('precis.editor.codeLens')) apply();
  });
  return new vscode.Disposable(() => {
    listener.dispose();
    void lens?.then((one) => one.dispose());
  });
}

/** A view that is there before the services are. */
interface LateView {
  attach(services: Services): void;
}

async function load(context: vscode.ExtensionContext, views: readonly LateView[]): Promise<Services> {
  const { createServices } = await import('./services.ts');
  const channel = vscode.window.createOutputChannel('Précis', { log: true });
  context.subscriptions.push(channel);
  const services = createServices(context, channel);
  for (const view of views) view.attach(services);
  return services;
}
