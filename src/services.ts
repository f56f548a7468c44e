/** The parts of Précis, made and wired on first use: what `extension.ts` hands to commands, panel, chat and API. */
import * as vscode from 'vscode';
import { Disposables } from './host/disposables.ts';
import { homeFolder, readEnvironment } from './host/environment.ts';
import { createFence, installSecret } from './host/fence.ts';
import { hash } from './host/hash.ts';
import { createLog, type Log } from './host/log.ts';
import { createKeys, type Keys } from './host/secrets.ts';
import { readSettings } from './host/settings.ts';
import { realClock } from './host/clock.ts';
import { workspaceStorage } from './host/storage.ts';
import { yieldNow } from './host/yield.ts';
import { createCitationOpener } from './panel/openCitation.ts';
import { createPanels, type Panels } from './panel/panel.ts';
import type { Source } from './engine/source.ts';
import type { ActiveRun } from './runs/activeRun.ts';
import { createBatches, type Batches } from './runs/batch/batches.ts';
import { createCaches, type Caches } from './runs/caches.ts';
import { watchFreshness } from './runs/stale.ts';
import { createHand, showError } from './panel/actions.ts';
import { createModels, type Models } from './runs/models.ts';
import { createProgress } from './runs/progress.ts';
import type { Recipe } from './runs/target.ts';
import { resolveRecipe } from './runs/resolve.ts';
import { createRuns, type Runs, type RunsPorts } from './runs/runs.ts';
import { createSchedulers } from './runs/schedulers.ts';
import { createRunStore, type RunRecord, type RunStore } from './runs/history.ts';
import { createTextTools } from './runs/textTools.ts';

export interface Services {
  readonly context: vscode.ExtensionContext;
  readonly version: string;
  readonly log: Log;
  readonly keys: Keys;
  readonly models: Models;
  readonly caches: Caches;
  readonly store: RunStore;
  readonly runs: Runs;
  readonly batches: Batches;
  readonly panels: Panels;
  resolve(recipe: Recipe, signal: AbortSignal): Promise<Source>;
  /** A short text with its secrets named, as it may leave. */
  mask(text: string): Promise<string>;
  /** A read-only document that holds a stored summary. */
  summaryUri(record: RunRecord): vscode.Uri;
}

const memoryKey = 'precis.providers';

export function createServices(context: vscode.ExtensionContext, channel: vscode.LogOutputChannel): Services {
  const disposables = new Disposables();
  context.subscriptions.push(disposables);
  const log = createLog(channel, homeFolder());
  const keys = createKeys(context.secrets, readEnvironment);
  const known = { ...context.globalState.get<Record<string, unknown>>(memoryKey, {}) };
  const memory = {
    get: (key: string): unknown => known[key],
    set: (key: string, value: unknown): void => {
      known[key] = value;
      void context.globalState.update(memoryKey, known);
    },
  };
  let secret: Promise<string> | undefined;
  const install = (): Promise<string> => (secret ??= installSecret(context.secrets));
  const models = createModels({ context, keys, hash, log, memory });
  const schedulers = createSchedulers(context.globalState, realClock, Math.random, (line) => log.debug(line));
  const workspace = workspaceStorage(context);
  const store = createRunStore(
    workspace && vscode.Uri.joinPath(workspace, 'runs'),
    vscode.workspace.fs,
    vscode.Uri.joinPath,
  );
  const caches = createCaches({ context, log });
  const tools = disposables.add(createTextTools(context.extensionUri, install, hash));
  const panels = disposables.add(
    createPanels({
      extensionUri: context.extensionUri,
      log,
      onEmptyAction: (action) => void vscode.commands.executeCommand(emptyActions[action] ?? 'precis.summarizeFile'),
    }),
  );
  const progress = disposables.add(createProgress((id) => panels.isVisible(id), panels.onDidChangeVisibility));
  const opener = disposables.add(createCitationOpener((uri) => readSettings(uri)['precis.editor.showCitedLines']));
  const runs: Runs = disposables.add(
    createRuns({
      models,
      schedulers,
      caches,
      store,
      prepare: tools.prepare,
      tokens: tools.tokens,
      clock: realClock,
      random: Math.random,
      hash,
      fence: async () => createFence(await install(), hash),
      yield: yieldNow,
      log,
      progress,
      resolve: resolveRecipe,
      chooseFiles: chooseAmong,
      show: (run, focus) => panels.show(run, { focus }),
      hand: (run, message) => hand(run, message),
      cancelBatch: (job) => void batches.tell(job, 'stop'),
      onError: (run, error, visible) => showError(error, visible, run && (() => void again(run))),
      isVisible: (id) => panels.isVisible(id),
      onDone: (run) => opener.setCited(citedLines(run.view().citations)),
    }),
  );
  const again = (run: ActiveRun): Promise<unknown> => runs.again(run).catch(() => undefined);
  const batches = disposables.add(
    createBatches({
      context,
      runs,
      models,
      caches,
      store,
      resolve: resolveRecipe,
      chooseFiles: chooseAmong,
      show: (run, focus) => panels.show(run, { focus }),
      progress,
      log,
    }),
  );
  const hand = createHand({ runs, opener, log });
  disposables.add(
    watchFreshness({
      runs: () => runs.known,
      prepare: tools.prepare,
      hash,
      isVisible: (id) => panels.isVisible(id),
      onVisibility: panels.onDidChangeVisibility,
    }),
  );
  disposables.add(
    vscode.workspace.registerTextDocumentContentProvider(summaryScheme, {
      provideTextDocumentContent: (uri) => summaryText(store, uri),
    }),
  );
  return {
    context,
    version: String((context.extension.packageJSON as { version?: unknown }).version ?? ''),
    log,
    keys,
    models,
    caches,
    store,
    runs,
    batches,
    panels,
    resolve: resolveRecipe,
    mask: tools.mask,
    summaryUri: (record) =>
      vscode.Uri.from({ scheme: summaryScheme, path: `/${record.title.replace(/[\\/]/g, '-')}.md`, query: record.id }),
  };
}

const summaryScheme = 'precis-summary';
const emptyActions: Readonly<Record<string, string>> = {
  summarizeFile: 'precis.summarizeFile',
  selectProvider: 'precis.selectProvider',
};

async function summaryText(store: RunStore, uri: vscode.Uri): Promise<string> {
  const { toMarkdown } = await import('./shared/exportText.ts');
  const record = await store.load(uri.query);
  return record ? toMarkdown(record.view, (u) => vscode.workspace.asRelativePath(vscode.Uri.parse(u))) : '';
}

function citedLines(
  citations: readonly { uri?: string; startLine: number; endLine: number }[],
): { uri: string; startLine: number; endLine: number }[] {
  return citations.flatMap(({ uri, startLine, endLine }) => (uri ? [{ uri, startLine, endLine }] : []));
}

/** The files of a recipe of files and folders, as a tree in which they are ticked. */
const chooseAmong: RunsPorts['chooseFiles'] = async (recipe, signal) => {
  const { chooseFiles } = await import('./runs/chooseFiles.ts');
  const uris = recipe.uris.map((uri) => vscode.Uri.parse(uri, true));
  const chosen = await chooseFiles(uris, recipe.picked, signal);
  return chosen && { ...recipe, ...chosen };
};
