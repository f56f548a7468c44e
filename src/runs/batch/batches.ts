/** Batch jobs of this window: submitted, looked after, and turned into summaries like any other. */
import * as vscode from 'vscode';
import type { BatchRunner, BatchWire, JobRecord } from '../../batch/index.ts';
import type { BatchPlan } from '../../engine/batch/plan.ts';
import { ModelError } from '../../engine/model.ts';
import { realClock } from '../../host/clock.ts';
import { workspaceStorage } from '../../host/storage.ts';
import type { Log } from '../../host/log.ts';
import { isTrusted, readSettings } from '../../host/settings.ts';
import { t } from '../../host/l10n.ts';
import { SourceError } from '../../sources/index.ts';
import type { ActiveRun } from '../activeRun.ts';
import { endOf, finishBatch, type EndPorts } from './finish.ts';
import { createPresence } from './jobMonitor.ts';
import { noBatches, submitBatch, type SubmitPorts } from './submit.ts';
import { showProgress, showWaiting } from './confirm.ts';
import type { Caches } from '../caches.ts';
import type { Engine } from '../engine.ts';
import type { Models } from '../models.ts';
import type { Progress } from '../progress.ts';
import { recipeUri, type Recipe } from '../target.ts';
import type { Runs, RunsPorts, StartRequest } from '../runs.ts';
import type { RunStore } from '../history.ts';
import { createWindowId, isAlive } from '../../host/windowId.ts';

export interface BatchRequest {
  readonly recipe: Recipe;
  readonly title: string;
  readonly scope?: vscode.Uri;
  readonly interactive: boolean;
  /** Prices and times are told and asked however little it is. */
  readonly always?: boolean;
}

export type JobOrder = 'stop' | 'finish-anyway' | 'again';

export interface Batches extends vscode.Disposable {
  /** Resolves with the job's id when all of it is submitted; undefined where the person said no. */
  submit(request: BatchRequest): Promise<string | undefined>;
  /** Newest first. */
  jobs(): Promise<JobRecord[]>;
  /** Ids of jobs that this window is making a summary of. */
  readonly summarizing: ReadonlySet<string>;
  tell(id: string, order: JobOrder): Promise<void>;
  /** Also at the provider. */
  remove(id: string): Promise<void>;
  /** Its summary, or what there is of it. */
  open(job: JobRecord): Promise<void>;
  readonly onDidChange: vscode.Event<void>;
  /** The id of a job of which all is at the provider. */
  readonly onDidSubmit: vscode.Event<string>;
}

export interface BatchesPorts {
  readonly context: vscode.ExtensionContext;
  readonly runs: Runs;
  readonly models: Models;
  readonly caches: Caches;
  readonly store: RunStore;
  readonly resolve: (recipe: Recipe, signal: AbortSignal) => Promise<import('../../engine/source.ts').Source>;
  readonly chooseFiles: RunsPorts['chooseFiles'];
  readonly show: (run: ActiveRun, focus: boolean) => void;
  readonly progress: Progress;
  readonly log: Log;
}

export function createBatches(ports: BatchesPorts): Batches {
  const { context, runs, log } = ports;
  const window = createWindowId();
  const changed = new vscode.EventEmitter<void>();
  const submitted = new vscode.EventEmitter<string>();
  const plans = new Map<string, BatchPlan>();
  const shownRows = new Map<string, number>();
  const workspace = workspaceStorage(context);
  const place = workspace
    ? vscode.Uri.joinPath(workspace, 'batch')
    : vscode.Uri.joinPath(context.globalStorageUri, 'batch-without-folder');
  let made: Promise<BatchRunner> | undefined;

  const load = async (): Promise<BatchRunner> => {
    const [{ createBatchRunner, createJobStore, acquireLock }, { nodeFs }] = await Promise.all([
      import('../../batch/index.ts'),
      import('../../cache/fileSystem.ts'),
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
      acquire: (id) => acquireLock(lock, id),
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
    const { batchWire } = await import('../../batch/index.ts');
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
      engine: { batched: true },
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
  const engineOf = async (job: JobRecord, run: ActiveRun, signal: AbortSignal): Promise<Required<Engine>> => {
    const { ports: enginePorts, ...engine } = await runs.engine(requestOf(job, run), run, signal);
    if (!enginePorts) throw noBatches(t('Offline'));
    return { ...engine, ports: enginePorts };
  };
  const planOf = async (
    job: JobRecord,
    run: ActiveRun,
    pending: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<BatchPlan> => {
    const [{ batchPlan }, engine] = await Promise.all([
      import('../../engine/batch/plan.ts'),
      engineOf(job, run, signal),
    ]);
    return batchPlan(engine.request, engine.ports, pending);
  };
  /** What was told to the person is what is submitted. */
  const plan = async (job: JobRecord, pending: ReadonlySet<string>, signal: AbortSignal): Promise<BatchPlan> => {
    const ready = plans.get(job.id);
    plans.delete(job.id);
    if (ready) return ready;
    const run = await runOf(job);
    const planned = await planOf(job, run, pending, signal);
    run.reset();
    run.state.batchJob = job.id;
    showWaiting(run, job, planned);
    await ports.store.save(run.record());
    return planned;
  };

  const tell = async (id: string, type: JobOrder): Promise<void> => {
    await (await runner()).order(id, { type });
    changed.fire();
  };
  const endPorts: EndPorts = { runs, store: ports.store, runOf, requestOf, tell, show: ports.show };
  const summarizing = new Set<string>();
  const whileSummarizing = async <T>(job: JobRecord, work: () => Promise<T>): Promise<T> => {
    summarizing.add(job.id);
    changed.fire();
    try {
      return await work();
    } finally {
      summarizing.delete(job.id);
    }
  };
  const finish = (job: JobRecord): Promise<boolean> => whileSummarizing(job, () => finishBatch(endPorts, job));
  const onChange = (job: JobRecord): void => {
    changed.fire();
    void (async () => {
      const { countsOf, isOver } = await import('../../batch/index.ts');
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

  const presence = createPresence({ context, place, runner, clock: realClock });
  const submitPorts: SubmitPorts = { ...ports, place, runner, planOf, plans, expect: presence.expect };
  const batches: Batches = {
    onDidChange: changed.event,
    onDidSubmit: submitted.event,
    async submit(request) {
      const id = await submitBatch(submitPorts, request);
      if (id !== undefined) submitted.fire(id);
      return id;
    },
    async jobs() {
      return place.scheme === 'file' ? (await runner()).jobs() : [];
    },
    summarizing,
    tell,
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
      vscode.Disposable.from(focus, presence, changed, submitted).dispose();
      void made?.then((one) => one.dispose());
    },
  };

  const focus = vscode.window.onDidChangeWindowState(({ focused }) => {
    if (focused) void made?.then((one) => one.checkNow());
  });
  changed.event(() => presence.changed());
  void presence.takeOn();
  return batches;
}
