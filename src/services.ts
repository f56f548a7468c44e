/** The parts of Précis, made and wired on first use: what `extension.ts` hands to commands, panel, chat and API. */
import * as vscode from 'vscode';
import type { ContextKey } from './contributions.ts';
import { Disposables } from './host/disposables.ts';
import { getHomeFolder, readEnvironment } from './host/environment.ts';
import { createFence, installSecret } from './host/fence.ts';
import { hash } from './host/hash.ts';
import { createLog, type Log } from './host/log.ts';
import { Permissions } from './host/permissions.ts';
import { nodeFs } from './sources/platform.ts';
import { createKeys, type Keys } from './host/secrets.ts';
import { readSettings } from './host/settings.ts';
import { realClock } from './host/clock.ts';
import { getWorkspaceStorage } from './host/storage.ts';
import { yieldToEventLoop } from './host/yield.ts';
import { createCitationOpener } from './panel/openCitation.ts';
import { createPanels, type Panels } from './panel/panel.ts';
import type { Source } from './engine/source.ts';
import type { ActiveRun } from './runs/activeRun.ts';
import { createBatches } from './runs/batch/batches.ts';
import type { Batches } from './runs/batch/types.ts';
import { createCaches, type Caches } from './runs/caches.ts';
import { watchFreshness } from './runs/freshness/stale.ts';
import { createPanelActions, showError, tellReady } from './panel/actions.ts';
import type { ProviderMemory } from './providers/provider.ts';
import { createModels, type Models } from './runs/models.ts';
import { createProgress, describeSpending } from './runs/progress.ts';
import type { SummaryTarget } from './runs/target.ts';
import { resolveTarget } from './runs/resolve.ts';
import { createRuns } from './runs/runs.ts';
import type { Runs, RunsDeps } from './runs/types.ts';
import { Spending } from './runs/spending.ts';
import { createReaderNotice } from './runs/readerNotice.ts';
import { createSchedulers } from './runs/schedulers.ts';
import { createRunStore, type RunRecord, type RunStore, type StoreFiles } from './runs/history.ts';
import { loadWording } from './runs/summaryWording.ts';
import { createTemplates, type Templates } from './runs/templates/templates.ts';
import { createTextTools } from './runs/textTools.ts';

/** All that commands and views use. */
export interface Services {
  readonly spending: Spending;
  readonly context: vscode.ExtensionContext;
  readonly version: string;
  readonly log: Log;
  readonly keys: Keys;
  readonly permissions: Permissions;
  readonly models: Models;
  readonly caches: Caches;
  readonly store: RunStore;
  readonly runs: Runs;
  readonly batches: Batches;
  readonly panels: Panels;
  readonly templates: Templates;
  resolve(target: SummaryTarget, signal: AbortSignal): Promise<Source>;
  /** Forgets what endpoints taught: limits, refused parameters. */
  forgetLearned(): void;
  /** A short text with its secrets named, as it may leave. */
  mask(text: string): Promise<string>;
  /** A read-only document that holds a stored summary. */
  summaryUri(record: RunRecord): vscode.Uri;
}

const memoryKey = 'precis.providers';

/** Makes all parts, each from those above it. */
export function createServices(context: vscode.ExtensionContext, channel: vscode.LogOutputChannel): Services {
  const disposables = new Disposables();
  context.subscriptions.push(disposables);
  const log = createLog(channel, getHomeFolder());
  const keys = createKeys(context.secrets, readEnvironment);
  const secret = once(() => installSecret(context.secrets));
  const readerNotice = createReaderNotice(context.globalState);
  const spending = new Spending(context.globalState, Date.now);
  const permissions = new Permissions(context.globalState, Date.now);
  const { memory, forgetLearned } = providerMemory(context.globalState);
  const models = createModels({ context, keys, permissions, hash, log, memory, readerNotice });
  const schedulers = createSchedulers(context.globalState, realClock, Math.random, (line) => log.debug(line));
  const store = createRunStore(runsFolder(context), privateFiles, vscode.Uri.joinPath, {
    days: () => readSettings()['precis.history.days'],
    now: Date.now,
  });
  const caches = createCaches({ context, log });
  const tools = disposables.add(createTextTools(context.extensionUri, secret, hash));
  const panels = disposables.add(
    createPanels({
      extensionUri: context.extensionUri,
      log,
      onEmptyAction: (action) => void vscode.commands.executeCommand(emptyActions[action] ?? 'precis.summarizeFile'),
    }),
  );
  const isVisible = (id: string): boolean => panels.isVisible(id);
  const show = (run: ActiveRun, focus: boolean): void => panels.show(run, { focus });
  const progress = disposables.add(
    createProgress(isVisible, panels.onDidChangeVisibility, () => describeSpending(spending)),
  );
  const opener = disposables.add(createCitationOpener((uri) => readSettings(uri)['precis.editor.showCitedLines']));
  const runs = disposables.add(
    createRuns({
      models,
      schedulers,
      caches,
      store,
      prepare: tools.prepare,
      mask: tools.mask,
      tokens: tools.tokens,
      clock: realClock,
      random: Math.random,
      hash,
      fence: async () => createFence(await secret(), hash),
      wording: (language) => loadWording(language, context.extensionUri),
      yield: yieldToEventLoop,
      log,
      progress,
      resolve: resolveTarget,
      chooseFiles: chooseAmong,
      show,
      isVisible,
    }),
  );
  const batches = disposables.add(
    createBatches({
      context,
      runs,
      models,
      caches,
      store,
      resolve: resolveTarget,
      chooseFiles: chooseAmong,
      show,
      progress,
      log,
    }),
  );
  const actions = createPanelActions({ runs, batches, opener, log });
  disposables.add(runs.onMessage(({ run, message }) => actions(run, message)));
  disposables.add(
    runs.onDidChooseBatch(({ target, title, scope }) => {
      const request = { target, title, ...(scope ? { scope } : {}), interactive: true, agreed: true };
      // its failure is shown by the panel
      void batches.submit(request).catch(() => undefined);
    }),
  );
  disposables.add(runs.onDidPay((call) => spending.add(call)));
  disposables.add(runs.onDidEnd(() => spending.save()));
  disposables.add(
    runs.onDidEnd((run) => {
      if (!panels.holds(run.id)) tellReady(run, () => panels.show(run, { focus: true }));
    }),
  );
  disposables.add(
    runs.onDidEnd((run) => {
      // what an agent or the commit box asked for marks nothing in the editor
      if (run.state.shown === true) opener.setCited(citedLines(run.view().citations));
    }),
  );
  disposables.add(
    runs.onDidEnd((run) => {
      if (run.view().markdown !== '') setContext('precis.hasSummary');
    }),
  );
  disposables.add(
    runs.onDidFail(({ run, error }) =>
      showError(error, isVisible(run.id), (options) => void runs.again(run, options).catch(() => undefined)),
    ),
  );
  disposables.add(
    watchFreshness({
      runs: () => runs.known,
      prepare: tools.prepare,
      hash,
      isVisible,
      onVisibility: panels.onDidChangeVisibility,
    }),
  );
  disposables.add(
    vscode.workspace.registerTextDocumentContentProvider(summaryScheme, {
      provideTextDocumentContent: (uri) => summaryText(store, uri),
    }),
  );
  const version = String((context.extension.packageJSON as { version?: unknown }).version ?? '');
  const resolve = resolveTarget;
  const { mask } = tools;
  return {
    ...{ context, version, log, keys, permissions, models, caches, store, runs, batches, panels, spending },
    ...{ resolve, mask, forgetLearned, summaryUri },
    templates: createTemplates({ context, permissions, hash, log }),
  };
}

/** Completes a step of the walkthrough, after the fact. */
function setContext(key: ContextKey): void {
  void vscode.commands.executeCommand('setContext', key, true);
}

/** What providers learn of servers, kept between sessions. */
function providerMemory(state: vscode.Memento): {
  readonly memory: ProviderMemory;
  readonly forgetLearned: () => void;
} {
  const values = { ...state.get<Record<string, unknown>>(memoryKey, {}) };
  const memory: ProviderMemory = {
    get: (key) => values[key],
    set(key, value) {
      values[key] = value;
      void state.update(memoryKey, values);
    },
  };
  const forgetLearned = (): void => {
    for (const key of Object.keys(values)) delete values[key];
    void state.update(memoryKey, undefined);
  };
  return { memory, forgetLearned };
}

/** VS Code's files, for their owner's eyes alone where they lie on this machine. */
const { fs: workspaceFs } = vscode.workspace;
const privateFiles: StoreFiles = {
  readFile: (uri) => workspaceFs.readFile(uri),
  writeFile: (uri, content) => workspaceFs.writeFile(uri, content),
  rename: (source, target, options) => workspaceFs.rename(source, target, options),
  delete: (uri, options) => workspaceFs.delete(uri, options),
  readDirectory: (uri) => workspaceFs.readDirectory(uri),
  createDirectory: (uri) => workspaceFs.createDirectory(uri),
  stat: (uri) => workspaceFs.stat(uri),
  async protect(uri) {
    if (uri.scheme !== 'file' || !nodeFs) return;
    const stat = await nodeFs.promises.stat(uri.fsPath);
    await nodeFs.promises.chmod(uri.fsPath, stat.isDirectory() ? 0o700 : 0o600);
  },
};

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

function runsFolder(context: vscode.ExtensionContext): vscode.Uri | undefined {
  const workspace = getWorkspaceStorage(context);
  return workspace && vscode.Uri.joinPath(workspace, 'runs');
}

function summaryUri({ id, title }: RunRecord): vscode.Uri {
  return vscode.Uri.from({ scheme: summaryScheme, path: `/${title.replace(/[\\/]/g, '-')}.md`, query: id });
}

const summaryScheme = 'precis-summary';
const emptyActions: Readonly<Record<string, string>> = {
  summarizeFile: 'precis.summarizeFile',
  selectProvider: 'precis.selectProvider',
};

/** The text without marks and sources: it is compared with another one. */
async function summaryText(store: RunStore, uri: vscode.Uri): Promise<string> {
  const [{ showHidden }, { neutralizeMarkdown: inertMarkdown }] = await Promise.all([
    import('./shared/exportText.ts'),
    import('./shared/inertMarkdown.ts'),
  ]);
  const record = await store.load(uri.query);
  return record ? inertMarkdown(showHidden(record.view.markdown.replace(/\s?\[\d{1,4}\](?!\()/g, ''))) : '';
}

function citedLines(
  citations: readonly { uri?: string; startLine: number; endLine: number }[],
): { uri: string; startLine: number; endLine: number }[] {
  return citations.flatMap(({ uri, startLine, endLine }) => (uri ? [{ uri, startLine, endLine }] : []));
}

/** The files of a target of files and folders, as a tree in which they are ticked. */
const chooseAmong: RunsDeps['chooseFiles'] = async (target, signal) => {
  const { chooseFiles } = await import('./runs/chooseFiles.ts');
  const uris = target.uris.map((uri) => vscode.Uri.parse(uri, true));
  const chosen = await chooseFiles(uris, target.picked, signal);
  return chosen && { ...target, ...chosen };
};
