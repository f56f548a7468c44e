/** Batch jobs of this window: submitted, looked after, and turned into summaries like any other. */
import * as vscode from 'vscode';
import type { BatchRunner, BatchWire, JobRecord } from '../batch/index.ts';
import type { BatchPlan } from '../engine/batchPlan.ts';
import { ModelError } from '../engine/model.ts';
import { realClock } from '../host/clock.ts';
import type { Log } from '../host/log.ts';
import { isTrusted, readSettings } from '../host/settings.ts';
import { t } from '../host/texts.ts';
import type { ErrorView } from '../shared/runView.ts';
import { SourceError } from '../sources/index.ts';
import type { ActiveRun } from './activeRun.ts';
import { batchHost, confirmBatch, halfPrice, showProgress, showWaiting } from './batchTold.ts';
import type { Caches } from './caches.ts';
import type { Models } from './models.ts';
import { recipeUri, type Recipe } from './recipe.ts';
import type { Runs, StartRequest } from './runs.ts';
import type { RunStore } from './store.ts';
import { createWindowId, isAlive } from './windowId.ts';

export interface BatchRequest {
  readonly recipe: Recipe;
  readonly title: string;
  readonly scope?: vscode.Uri;
  readonly interactive: boolean;
}

export type JobOrder = 'stop' | 'finish-anyway' | 'again';

export interface Batches extends vscode.Disposable {
  /** Resolves with the job's id when all of it is submitted; undefined where the person said no. */
  submit(request: BatchRequest): Promise<string | undefined>;
  /** Newest first. */
  jobs(): Promise<JobRecord[]>;
  tell(id: string, order: JobOrder): Promise<void>;
  /** Also at the provider. */
  remove(id: string): Promise<void>;
  /** Its summary, or what there is of it. */
  open(job: JobRecord): Promise<void>;
  readonly onDidChange: vscode.Event<void>;
}

export interface BatchesPorts {
  readonly context: vscode.ExtensionContext;
  readonly runs: Runs;
  readonly models: Models;
  readonly caches: Caches;
  readonly store: RunStore;
  readonly resolve: (recipe: Recipe, signal: AbortSignal) => Promise<import('../engine/source.ts').Source>;
  readonly show: (run: ActiveRun, focus: boolean) => void;
  readonly log: Log;
}

/** Rows that did not come back are asked live without a question up to this share of them. */
const smallLoss = 0.1;

export function createBatches(ports: BatchesPorts): Batches {
  const { context, runs, log } = ports;
  const window = createWindowId();
  const changed = new vscode.EventEmitter<void>();
  const plans = new Map<string, BatchPlan>();
  const shownRows = new Map<string, number>();
  const place = context.storageUri
    ? vscode.Uri.joinPath(context.storageUri, 'batch')
    : vscode.Uri.joinPath(context.globalStorageUri, 'batch-without-folder');
  let made: Promise<BatchRunner> | undefined;

  const load = async (): Promise<BatchRunner> => {
    const [{ createBatchRunner, createJobStore, acquire }, { nodeFs }] = await Promise.all([
      import('../batch/index.ts'),
      import('../cache/index.ts'),
    ]);
    const fs = nodeFs(place.fsPath);
    const lock = { fs, window, clock: realClock, now: Date.now, alive: (other: string) => isAlive(other, window) };
    return createBatchRunner({
      store: createJobStore(fs),
      wire,
      plan,
      cache: (job) => {
        const settings = readSettings(undefined);
        return ports.caches.of(settings['precis.cache.enabled'] || job.parts.length > 0, settings);
      },
      finish,
      acquire: (id) => acquire(lock, id),
      clock: realClock,
      now: Date.now,
      random: Math.random,
      onChange,
      log: (line) => log.info(line),
    });
  };
  const runner = (): Promise<BatchRunner> => (made ??= load());

  const wire = async (job: JobRecord): Promise<BatchWire> => {
    if (!isTrusted()) throw new ModelError({ kind: 'network', message: t('The folder is not trusted.') });
    const settings = readSettings(undefined);
    const definition = await ports.models.definition(job.provider as never);
    const config = await ports.models.configOf(definition, settings, job.mapModel);
    const { batchWire } = await import('../batch/index.ts');
    const model = await definition.create(config);
    const found = batchWire(job.provider, config, await model.limits(AbortSignal.timeout(30_000)));
    if (!found) throw noBatches(definition.label);
    if (job.host && job.host !== found.host) {
      throw new ModelError({
        kind: 'network',
        message: t('The batch is at {0}, but the settings name {1} now.', job.host, found.host),
      });
    }
    return found;
  };

  const requestOf = (job: JobRecord, run: ActiveRun): StartRequest => {
    const uri = recipeUri(run.state.recipe) ?? ('uris' in run.state.recipe ? run.state.recipe.uris[0] : undefined);
    return {
      title: job.title,
      recipe: run.state.recipe,
      read: (signal) => ports.resolve(run.state.recipe, signal),
      ...(uri ? { scope: vscode.Uri.parse(uri) } : {}),
      options: { provider: job.provider, model: job.model, mapModel: job.mapModel, ...job.options, cache: true },
      engine: { inParts: true },
      interactive: false,
      show: false,
      into: run,
    };
  };
  const runOf = async (job: JobRecord): Promise<ActiveRun> => {
    const run = await runs.get(job.runId);
    if (!run) throw new SourceError(t('The summary that this batch is for was deleted.'));
    return run;
  };
  const planOf = async (
    job: JobRecord,
    run: ActiveRun,
    pending: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<BatchPlan> => {
    const [{ batchPlan }, engine] = await Promise.all([
      import('../engine/batchPlan.ts'),
      runs.engine(requestOf(job, run), run, signal),
    ]);
    if (!engine.ports) throw noBatches(t('Offline'));
    return batchPlan(engine.request, engine.ports, pending);
  };
  /** What was told to the person is what is submitted. */
  const plan = async (job: JobRecord, pending: ReadonlySet<string>, signal: AbortSignal): Promise<BatchPlan> => {
    const ready = plans.get(job.id);
    plans.delete(job.id);
    return ready ?? planOf(job, await runOf(job), pending, signal);
  };

  const finish = async (job: JobRecord): Promise<boolean> => {
    const { countsOf, spentOf } = await import('../batch/index.ts');
    const { rows, lost } = countsOf(job);
    if (lost > rows * smallLoss && !job.finishAnyway && (await isMuch(job, lost / rows))) {
      void askAboutLost(job, lost, rows);
      return false;
    }
    const run = await runOf(job);
    delete run.state.batchJob;
    const request = requestOf(job, run);
    const result = await runs.start({ ...request, engine: { inParts: true, spent: spentOf(job) } });
    // the window closes: the next one finishes it
    if (result.status === 'cancelled') {
      run.state.batchJob = job.id;
      await ports.store.save(run.record());
      return false;
    }
    void tellReady(job, run);
    return true;
  };
  const isMuch = async (job: JobRecord, share: number): Promise<boolean> => {
    const limit = readSettings(undefined)['precis.confirmAboveTokens'];
    const tokens = (job.inputTokens ?? 0) * share;
    return limit > 0 && tokens > limit;
  };
  const askAboutLost = async (job: JobRecord, lost: number, rows: number): Promise<void> => {
    const live = t('Finish Now');
    const batch = t('New Batch');
    const answer = await vscode.window.showWarningMessage(
      t('{0} of {1} requests of “{2}” did not come back.', lost, rows, job.title),
      live,
      batch,
    );
    if (answer === live) await batches.tell(job.id, 'finish-anyway');
    if (answer === batch) await batches.tell(job.id, 'again');
  };
  const tellReady = async (job: JobRecord, run: ActiveRun): Promise<void> => {
    const open = t('Show Summary');
    const answer = await vscode.window.showInformationMessage(t('The batch of “{0}” is summarized.', job.title), open);
    if (answer === open) ports.show(run, true);
  };

  const onChange = (job: JobRecord): void => {
    changed.fire();
    void (async () => {
      const { countsOf, isOver } = await import('../batch/index.ts');
      const run = await runs.get(job.runId);
      if (!run) return;
      const { done } = countsOf(job);
      showProgress(run, done - (shownRows.get(job.id) ?? 0));
      shownRows.set(job.id, Math.max(done, shownRows.get(job.id) ?? 0));
      if (!isOver(job) || run.state.batchJob !== job.id) return;
      delete run.state.batchJob;
      if (job.phase !== 'done' && !run.state.running) run.fail(endOf(job));
      run.changed();
      await ports.store.save(run.record());
    })();
  };

  const batches: Batches = {
    onDidChange: changed.event,
    async submit(request) {
      if (place.scheme !== 'file') throw new SourceError(t('Batches need a folder on this machine.'));
      const settings = readSettings(request.scope);
      if (!settings['precis.cache.enabled'])
        throw new SourceError(t('Batches keep their answers in the cache: switch “precis.cache.enabled” on.'));
      const chosen = await ports.models.choose(settings, {}, request.scope, request.interactive);
      if (!chosen.model || !chosen.mapModel)
        throw new SourceError(chosen.notice ?? t('Batches need a provider. Choose one with “Select Provider”.'));
      const vendor = batchHost(chosen.provider, chosen.baseUrl);
      if (!vendor) throw noBatches((await ports.models.definition(chosen.provider)).label);
      const start: StartRequest = {
        recipe: request.recipe,
        title: request.title,
        read: (signal) => ports.resolve(request.recipe, signal),
        ...(request.scope ? { scope: request.scope } : {}),
        interactive: request.interactive,
        show: true,
      };
      const run = runs.open(start);
      const base: JobRecord = {
        version: 1,
        id: `precis-${run.id}`,
        runId: run.id,
        title: request.title,
        createdAt: Date.now(),
        provider: chosen.provider,
        model: chosen.model.model,
        mapModel: chosen.mapModel.model,
        host: chosen.mapModel.host,
        vendor,
        options: {
          length: settings['precis.summary.length'],
          language: settings['precis.summary.language'],
          instructions: settings['precis.summary.instructions'],
          chunkTokens: settings['precis.chunkTokens'],
        },
        ...(chosen.mapPrice ? { price: halfPrice(chosen.mapPrice) } : {}),
        phase: 'submitting',
        prepared: false,
        stopping: false,
        finishAnyway: false,
        parts: [],
        polls: 0,
        errors: 0,
        nextAt: 0,
      };
      try {
        const ready = await planOf(base, run, new Set(), new AbortController().signal);
        const job = { ...base, inputTokens: ready.inputTokens };
        if (!(await confirmBatch(job, ready, settings['precis.confirmAboveTokens']))) {
          run.fail({ kind: 'cancelled', message: t('Nothing was sent.'), actions: ['retry'] });
          return undefined;
        }
        run.state.batchJob = job.id;
        showWaiting(run, job, ready);
        await ports.store.save(run.record());
        plans.set(job.id, ready);
        await (await runner()).start(job);
        log.info(`batch ${job.id}: ${ready.rowCount} requests to ${job.host}`);
        return job.id;
      } catch (error) {
        delete run.state.batchJob;
        const message = error instanceof Error ? error.message : String(error);
        run.fail({ kind: 'unknown', message, actions: ['retry', 'showLog'] });
        await ports.store.save(run.record());
        throw error;
      }
    },
    async jobs() {
      return place.scheme === 'file' ? (await runner()).jobs() : [];
    },
    async tell(id, type) {
      await (await runner()).tell(id, { type });
      changed.fire();
    },
    async remove(id) {
      const job = (await (await runner()).jobs()).find((one) => one.id === id);
      const run = job && (await runs.get(job.runId));
      if (run?.state.batchJob === id) {
        delete run.state.batchJob;
        run.fail({ kind: 'cancelled', message: t('The batch job was deleted.'), actions: ['retry'] });
        run.changed();
        await ports.store.save(run.record());
      }
      await (await runner()).remove(id);
      changed.fire();
    },
    async open(job) {
      ports.show(await runOf(job), true);
    },
    dispose() {
      focus.dispose();
      changed.dispose();
      void made?.then((one) => one.dispose());
    },
  };

  const focus = vscode.window.onDidChangeWindowState(({ focused }) => {
    if (focused) void made?.then((one) => one.poke());
  });
  changed.event(() => void vscode.commands.executeCommand('setContext', 'precis.hasBatchJobs', true));
  void takeOn();

  /** Jobs of an earlier window go on in this one; without any, nothing is loaded. */
  async function takeOn(): Promise<void> {
    if (place.scheme !== 'file') return;
    const files = await Promise.resolve(vscode.workspace.fs.readDirectory(place)).catch((): [string, number][] => []);
    if (!files.some(([name]) => name.endsWith('.job.json'))) return;
    changed.fire();
    await (await runner()).adopt();
  }

  return batches;
}

/** What the panel says of a job that made no summary. */
function endOf(job: JobRecord): ErrorView {
  if (job.phase === 'failed')
    return { kind: 'unknown', message: job.problem ?? t('The batch failed.'), actions: ['retry', 'showLog'] };
  const message = t('The batch was cancelled. What had come back is kept: to summarize now asks only for the rest.');
  return { kind: 'cancelled', message, actions: ['retry'] };
}

function noBatches(label: string): SourceError {
  return new SourceError(t('{0} has no batches at half the price. Choose another provider, or summarize now.', label));
}
