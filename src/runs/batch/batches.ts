/** Submits and follows batch jobs, and summarizes them. */
import * as vscode from 'vscode';
import { countRows, isOver } from '../../batch/job.ts';
import type { BatchRunner, BatchWire, JobRecord } from '../../batch/index.ts';
import type { BatchPlan } from '../../engine/batch/plan.ts';
import { ModelError } from '../../engine/model.ts';
import { realClock } from '../../host/clock.ts';
import { getWorkspaceStorage } from '../../host/storage.ts';
import { isTrusted, readSettings } from '../../host/settings.ts';
import { t } from '../../host/l10n.ts';
import { createWindowId, isAlive } from '../../host/windowId.ts';
import { SourceError } from '../../sources/index.ts';
import type { ActiveRun } from '../activeRun.ts';
import { toTargetUri } from '../target.ts';
import type { Engine, StartRequest } from '../types.ts';
import { showProgress, showWaiting } from './confirm.ts';
import { describeEnd, finishBatch } from './finish.ts';
import { createJobMonitor, type JobMonitor } from './jobMonitor.ts';
import { noBatches, submitBatch } from './submit.ts';
import type { BatchContext, BatchDeps, Batches, BatchRequest, JobOrder } from './types.ts';

/** Resumes jobs of an earlier window. */
export function createBatches(deps: BatchDeps): Batches {
  return new BatchJobs(deps);
}

class BatchJobs implements Batches, BatchContext {
  readonly deps: BatchDeps;
  readonly folder: vscode.Uri;
  readonly plans = new Map<string, BatchPlan>();
  readonly summarizing = new Set<string>();
  private readonly window = createWindowId();
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly submitted = new vscode.EventEmitter<string>();
  private readonly shownRows = new Map<string, number>();
  private readonly monitor: JobMonitor;
  private readonly subscriptions: vscode.Disposable;
  private made: Promise<BatchRunner> | undefined;
  readonly onDidChange = this.changed.event;
  readonly onDidSubmit = this.submitted.event;

  constructor(deps: BatchDeps) {
    this.deps = deps;
    const { context } = deps;
    const workspace = getWorkspaceStorage(context);
    this.folder = workspace
      ? vscode.Uri.joinPath(workspace, 'batch')
      : vscode.Uri.joinPath(context.globalStorageUri, 'batch-without-folder');
    this.monitor = createJobMonitor({ context, folder: this.folder, runner: () => this.runner(), clock: realClock });
    const focus = vscode.window.onDidChangeWindowState(({ focused }) => {
      if (focused) void this.made?.then((runner) => runner.checkNow());
    });
    const changes = this.changed.event(() => this.monitor.changed());
    this.subscriptions = vscode.Disposable.from(focus, changes, this.monitor, this.changed, this.submitted);
    void this.monitor.adopt();
  }

  async submit(request: BatchRequest): Promise<string | undefined> {
    const id = await submitBatch(this, request);
    if (id !== undefined) this.submitted.fire(id);
    return id;
  }

  async jobs(): Promise<JobRecord[]> {
    return this.folder.scheme === 'file' ? (await this.runner()).jobs() : [];
  }

  async order(id: string, type: JobOrder): Promise<void> {
    await (await this.runner()).order(id, { type });
    this.changed.fire();
  }

  async remove(id: string): Promise<void> {
    const { runs, store } = this.deps;
    const runner = await this.runner();
    const job = (await runner.jobs()).find((one) => one.id === id);
    const run = job && (await runs.get(job.runId));
    if (run?.state.batchJob === id) {
      delete run.state.batchJob;
      run.fail({ kind: 'cancelled', message: t('The batch job was deleted.'), actions: ['retry'] });
      run.changed();
      await store.save(run.record());
    }
    await runner.remove(id);
    this.changed.fire();
  }

  async open(job: JobRecord): Promise<void> {
    this.deps.show(await this.runOf(job), true);
  }

  dispose(): void {
    this.subscriptions.dispose();
    void this.made?.then((runner) => runner.dispose());
  }

  runner(): Promise<BatchRunner> {
    return (this.made ??= this.load());
  }

  expectJob(): Promise<void> {
    return this.monitor.expectJob();
  }

  async runOf(job: JobRecord): Promise<ActiveRun> {
    const run = await this.deps.runs.get(job.runId);
    if (!run) throw new SourceError(t('The summary that this batch is for was deleted.'), 'none');
    return run;
  }

  requestOf(job: JobRecord, run: ActiveRun, interactive = false): StartRequest {
    const { target } = run.state;
    const uri = toTargetUri(target) ?? ('uris' in target ? target.uris[0] : undefined);
    return {
      title: job.title,
      target,
      read: (signal) => this.deps.resolve(run.state.target, signal),
      ...(uri ? { scope: vscode.Uri.parse(uri) } : {}),
      options: { provider: job.provider, model: job.model, mapModel: job.mapModel, ...job.options, cache: true },
      engine: { batched: true },
      interactive,
      show: false,
      into: run,
    };
  }

  async planOf(
    job: JobRecord,
    run: ActiveRun,
    pending: ReadonlySet<string>,
    signal: AbortSignal,
    interactive = false,
  ): Promise<BatchPlan> {
    const [{ createBatchPlan: batchPlan }, engine] = await Promise.all([
      import('../../engine/batch/plan.ts'),
      this.engineOf(this.requestOf(job, run, interactive), run, signal),
    ]);
    return batchPlan(engine.request, engine.ports, pending);
  }

  private async load(): Promise<BatchRunner> {
    const [{ createBatchRunner, createJobStore, acquireLock }, { nodeFs }] = await Promise.all([
      import('../../batch/index.ts'),
      import('../../cache/fileSystem.ts'),
    ]);
    const fs = nodeFs(this.folder.fsPath);
    const { window } = this;
    const lock = { fs, window, clock: realClock, now: Date.now, alive: (other: string) => isAlive(other, window) };
    return createBatchRunner({
      store: createJobStore(fs),
      wire: (job) => this.wireOf(job),
      plan: (job, pending, signal) => this.plan(job, pending, signal),
      cache: (job) => {
        const settings = readSettings(undefined);
        return this.deps.caches.of(settings['precis.cache.enabled'] || job.parts.length > 0, settings);
      },
      finish: (job) => this.finish(job),
      acquire: (id) => acquireLock(lock, id),
      clock: realClock,
      now: Date.now,
      random: Math.random,
      onChange: (job) => {
        this.changed.fire();
        void this.showChange(job);
      },
      log: (line) => this.deps.log.info(line),
    });
  }

  private async wireOf(job: JobRecord): Promise<BatchWire> {
    const { models } = this.deps;
    if (!isTrusted()) throw new ModelError({ kind: 'network', message: t('The folder is not trusted.') });
    const definition = await models.definition(job.provider as never);
    const config = await models.configOf(definition, readSettings(undefined), job.mapModel);
    const { loadBatchWire: batchWire } = await import('../../batch/index.ts');
    const model = await definition.create(config);
    const wire = batchWire(job.provider, config, await model.limits(AbortSignal.timeout(30_000)));
    if (!wire) throw noBatches(definition.label);
    if (job.host && job.host !== wire.host) {
      const message = t('The batch is at {0}, but the settings name {1} now.', job.host, wire.host);
      throw new ModelError({ kind: 'network', message });
    }
    return wire;
  }

  private async engineOf(request: StartRequest, run: ActiveRun, signal: AbortSignal): Promise<Required<Engine>> {
    const { ports, ...engine } = await this.deps.runs.engine(request, run, signal);
    if (!ports) throw noBatches(t('Offline'));
    return { ...engine, ports };
  }

  /** Returns the agreed plan; makes a new one after a restart, or for rows requested again. */
  private async plan(job: JobRecord, pending: ReadonlySet<string>, signal: AbortSignal): Promise<BatchPlan> {
    const agreed = this.plans.get(job.id);
    this.plans.delete(job.id);
    if (agreed) return agreed;
    const run = await this.runOf(job);
    const planned = await this.planOf(job, run, pending, signal);
    run.reset();
    run.state.batchJob = job.id;
    showWaiting(run, job, planned);
    await this.deps.store.save(run.record());
    return planned;
  }

  private async finish(job: JobRecord): Promise<boolean> {
    this.summarizing.add(job.id);
    this.changed.fire();
    try {
      return await finishBatch(this, job);
    } finally {
      this.summarizing.delete(job.id);
    }
  }

  private async showChange(job: JobRecord): Promise<void> {
    const run = await this.deps.runs.get(job.runId);
    if (!run) return;
    const { done } = countRows(job);
    const shown = this.shownRows.get(job.id) ?? 0;
    showProgress(run, done - shown);
    this.shownRows.set(job.id, Math.max(done, shown));
    if (!isOver(job) || run.state.batchJob !== job.id) return;
    delete run.state.batchJob;
    if (job.phase !== 'done' && !run.state.running) run.fail(describeEnd(job));
    run.changed();
    await this.deps.store.save(run.record());
  }
}
