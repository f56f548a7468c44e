/**
 * Batch jobs of this installation. Each command advances them as far as possible and leaves them at the provider; the next
 * command finds them in the state folder.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadBatchWire } from '../batch/index.ts';
import { isOver, createJob, sumUsage, type JobAction, type JobRecord, type JobTask } from '../batch/job.ts';
import { acquireLock, createJobStore, type JobStore, type LockOptions } from '../batch/jobStore.ts';
import { createBatchRunner, type BatchRunner } from '../batch/runner.ts';
import type { BatchWire } from '../batch/wire.ts';
import { nodeFs } from '../cache/fileSystem.ts';
import type { BatchPlan } from '../engine/batch/plan.ts';
import type { PlanReady, RunEvent, SummaryResult } from '../engine/events.ts';
import { ModelError } from '../engine/model.ts';
import { realClock } from '../host/clock.ts';
import { createWindowId, isAlive } from '../host/windowId.ts';
import type { Inputs } from './inputs.ts';
import type { CliModels } from './models.ts';
import type { Session } from './session.ts';
import type { CliSettings } from './settings.ts';
import { replaceFile } from './state.ts';

/** Settings of a job; each command looks its key up again. */
type JobSettings = Omit<CliSettings, 'keyCommand'>;

/** Data that a later call needs to continue a job. */
export interface BatchTask {
  /** Absolute. */
  readonly paths: readonly string[];
  readonly cwd: string;
  readonly settings: JobSettings;
  /** Jobs that deliver some of its parts. */
  readonly waitsFor: readonly string[];
}

/** How far a command advances a job; `polled` sends no text. */
type Milestone = 'polled' | 'submitted' | 'collected' | 'finished';

/** Texts and models of one job, read once a call. */
export interface JobWork {
  readonly session: Session;
  readonly inputs: Inputs;
  readonly models: CliModels;
}

interface FinishOptions {
  readonly onEvent: (event: RunEvent) => void;
  readonly confirm: (plan: PlanReady, job: JobRecord) => Promise<boolean>;
}

interface BatchJobsOptions {
  /** Folder of the records. */
  readonly folder: string;
  readonly openSession: (settings: JobSettings, cwd: string) => Promise<Session>;
  readonly signal: AbortSignal;
  readonly finish: FinishOptions;
}

/** Time after which finished jobs are deleted, ms. */
const keepMs = 30 * 86_400_000;
const lockRetryMs = 500;

/** Batch jobs of one data folder. */
export class BatchJobs {
  readonly store: JobStore;
  readonly #options: BatchJobsOptions;
  readonly #lock: LockOptions;
  readonly #works = new Map<string, Promise<JobWork>>();
  readonly #plans = new Map<string, BatchPlan>();

  constructor(options: BatchJobsOptions) {
    this.#options = options;
    const fs = nodeFs(options.folder);
    this.store = createJobStore(fs);
    const window = createWindowId();
    this.#lock = { fs, window, clock: realClock, now: Date.now, alive: (other) => isAlive(other, window) };
  }

  /** Lists jobs, newest first; deletes old finished ones. */
  async list(): Promise<JobRecord[]> {
    const jobs = await this.store.list();
    const isOld = (job: JobRecord): boolean => isOver(job) && Date.now() - job.createdAt > keepMs;
    await Promise.all(jobs.filter(isOld).map((job) => this.store.remove(job)));
    return jobs.filter((job) => !isOld(job));
  }

  /** Undefined if the record is missing or damaged. */
  async task(id: string): Promise<BatchTask | undefined> {
    return (await this.#read(`${id}.task.json`)) as BatchTask | undefined;
  }

  async result(id: string): Promise<SummaryResult | undefined> {
    return (await this.#read(`${id}.result.json`)) as SummaryResult | undefined;
  }

  /** Keys that open jobs will deliver, by job. */
  async pendingKeys(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    const open = (await this.list()).filter((job) => !isOver(job) && !job.stopping && !job.removing);
    const entries = open.map(async (job): Promise<[string, Set<string>]> => {
      const parts = job.parts.filter((part) => !part.collected && part.state !== 'failed');
      const tables = await Promise.all(parts.map(({ key }) => this.store.loadRows(key)));
      return [job.id, new Set(tables.flatMap((table) => [...table.values()].flat()))];
    });
    return new Map(await Promise.all(entries));
  }

  /** Excludes other processes. */
  async submitting<T>(work: () => Promise<T>, onWait: () => void): Promise<T> {
    let lock = await acquireLock(this.#lock, 'submit');
    if (!lock) onWait();
    while (!lock) {
      await realClock.sleep(lockRetryMs, this.#options.signal);
      lock = await acquireLock(this.#lock, 'submit');
    }
    try {
      return await work();
    } finally {
      await lock.release();
    }
  }

  /**
   * Submits a planned job; resolves to its record.
   * @throws ModelError; the job stays and the next command continues it, unless the provider accepted nothing
   */
  async submit(
    work: JobWork,
    plan: BatchPlan,
    request: Pick<JobTask, 'title' | 'price' | 'estimatedUsd'> & BatchTask,
  ): Promise<JobRecord> {
    const { session, models } = work;
    const { settings } = session;
    const id = `precis-${randomUUID().replaceAll('-', '').slice(0, 12)}`;
    const wire = await loadWire(work, this.#options.signal);
    const { paths, cwd, waitsFor, settings: stored, ...own } = request;
    const job = createJob({
      ...own,
      id,
      runId: id,
      createdAt: Date.now(),
      provider: settings.provider,
      model: models.model.model,
      mapModel: models.mapModel.model,
      host: wire.host,
      vendor: wire.vendor,
      options: {
        length: settings.length,
        language: settings.language,
        instructions: settings.instructions,
        chunkTokens: 0,
      },
      inputTokens: plan.inputTokens,
    });
    await this.#write(`${id}.task.json`, { paths, cwd, settings: stored, waitsFor } satisfies BatchTask);
    this.#works.set(id, Promise.resolve(work));
    this.#plans.set(id, plan);
    const { runner, close } = this.#runner(new Set([id]), 'submitted');
    try {
      await runner.start(job, this.#options.signal);
    } finally {
      // after Ctrl+C: deletes what was sent
      await runner.idle();
      await close();
    }
    return (await this.store.load(id)) ?? job;
  }

  /**
   * Advances jobs.
   * @returns jobs that another process works on
   */
  async advance(ids: ReadonlySet<string>, milestone: Milestone): Promise<ReadonlySet<string>> {
    const { runner, busy, close } = this.#runner(ids, milestone);
    const stop = (): void => void runner.dispose();
    this.#options.signal.addEventListener('abort', stop, { once: true });
    try {
      await runner.adopt();
      await runner.idle();
    } finally {
      this.#options.signal.removeEventListener('abort', stop);
      await close();
    }
    return busy;
  }

  /** Gives an order, applied by the next `advance`. */
  async order(id: string, type: 'stop' | 'again' | 'finish-anyway'): Promise<void> {
    await this.store.order(id, { type });
  }

  async close(): Promise<void> {
    const works = await Promise.allSettled(this.#works.values());
    await Promise.all(works.map((work) => (work.status === 'fulfilled' ? work.value.session.close() : undefined)));
  }

  /** Closes a job's session, so that its next step finds answers that other jobs stored. */
  async reopen(id: string): Promise<void> {
    const work = this.#works.get(id);
    this.#works.delete(id);
    await (await work)?.session.close();
  }

  #runner(
    ids: ReadonlySet<string>,
    milestone: Milestone,
  ): { runner: BatchRunner; busy: Set<string>; close: () => Promise<void> } {
    const busy = new Set<string>();
    const runner = createBatchRunner({
      store: this.store,
      wire: async (job) => loadWire(await this.#work(job), this.#options.signal),
      plan: (job, pending, signal) => this.#plan(job, pending, signal),
      cache: async (job) => (await this.#work(job)).session.cache(),
      finish: (job) => this.summarize(job),
      acquire: async (id) => {
        if (!ids.has(id)) return undefined;
        const lock = await acquireLock(this.#lock, id);
        if (!lock) busy.add(id);
        return lock;
      },
      leave: leaveAt(milestone),
      clock: realClock,
      now: Date.now,
      random: Math.random,
      onChange: () => undefined,
      log: () => undefined,
    });
    return { runner, busy, close: () => runner.dispose() };
  }

  #work(job: JobRecord): Promise<JobWork> {
    const known = this.#works.get(job.id);
    if (known) return known;
    const work = this.#load(job);
    this.#works.set(job.id, work);
    return work;
  }

  async #load(job: JobRecord): Promise<JobWork> {
    const { signal, openSession } = this.#options;
    const task = await this.task(job.id);
    if (!task)
      throw new ModelError({ kind: 'unknown', message: `The record of ${job.id} is damaged. Cancel the job.` });
    const session = await openSession(task.settings, task.cwd);
    const models = await session.models(signal);
    if (!models) throw new ModelError({ kind: 'unknown', message: 'The job has no provider.' });
    return { session, models, inputs: await session.read(task.paths, signal) };
  }

  /** Returns the agreed plan, or a new one for what is missing. */
  async #plan(job: JobRecord, pending: ReadonlySet<string>, signal: AbortSignal): Promise<BatchPlan> {
    const agreed = this.#plans.get(job.id);
    this.#plans.delete(job.id);
    if (agreed) return agreed;
    const { session, models, inputs } = await this.#work(job);
    const others = [...(await this.pendingKeys())].filter(([id]) => id !== job.id).flatMap(([, keys]) => [...keys]);
    return session.planBatch({ source: inputs.source, signal }, models, new Set([...pending, ...others]));
  }

  /** Writes the summary of a job whose results are cached. Resolves to false if it was cancelled. */
  async summarize(job: JobRecord): Promise<boolean> {
    const { finish, signal } = this.#options;
    const { session, models, inputs } = await this.#work(job);
    const result = await session.summarize(
      {
        source: inputs.source,
        signal,
        spent: sumUsage(job),
        onEvent: finish.onEvent,
        confirm: (plan) => finish.confirm(plan, job),
      },
      models,
    );
    if (result.status === 'cancelled') return false;
    await this.#write(`${job.id}.result.json`, result);
    return true;
  }

  async #read(name: string): Promise<unknown> {
    try {
      return JSON.parse(await readFile(join(this.#options.folder, name), 'utf8'));
    } catch {
      return undefined;
    }
  }

  #write(name: string, value: unknown): Promise<void> {
    return replaceFile(this.#options.folder, name, JSON.stringify(value));
  }
}

/** @throws ModelError if the server has no batch service */
export async function loadWire({ session, models }: JobWork, signal: AbortSignal): Promise<BatchWire> {
  const wire = loadBatchWire(session.settings.provider, models.config, await models.mapModel.limits(signal));
  if (!wire) throw new ModelError({ kind: 'bad-request', code: 'no-batches', args: [session.settings.provider] });
  return wire;
}

/** Decides where a command leaves a job: at its milestone, after one poll, or after a failure. */
function leaveAt(milestone: Milestone): (job: JobRecord, action: JobAction) => boolean {
  const first = new Map<string, { polls: number; errors: number }>();
  return (job, action) => {
    const { polls, errors } = first.get(job.id) ?? job;
    // events may reset both
    first.set(job.id, { polls: Math.min(polls, job.polls), errors: Math.min(errors, job.errors) });
    if (job.errors > errors) return true;
    const isEnding = job.removing || (job.stopping && !job.finishAnyway);
    switch (action.type) {
      case 'poll':
        return milestone === 'submitted' || job.polls > polls;
      case 'cancel':
        return job.polls > polls;
      case 'recover':
      case 'prepare':
        return milestone === 'polled' && !isEnding;
      case 'collect':
      case 'remove':
        return (milestone === 'polled' || milestone === 'submitted') && !isEnding;
      case 'finish':
        return milestone !== 'finished' && !isEnding && !hasFailed(job);
      default:
        return false;
    }
  };
}

function hasFailed({ parts, finishAnyway }: JobRecord): boolean {
  return parts.length > 0 && parts.every(({ state }) => state === 'failed') && !finishAnyway;
}
