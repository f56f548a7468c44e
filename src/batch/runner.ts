/** Runs batch jobs: submits rows, polls, caches every result, leaves nothing at the vendor. */
import { ModelError, retryableKinds } from '../engine/model.ts';
import { cancelBatch, cancelJob, recoverCancelled } from './cancelJob.ts';
import { collect, poll, recover } from './collect.ts';
import {
  isOver,
  chooseAction,
  pause,
  toProblemError,
  toProblem,
  applyEvent,
  type JobAction,
  type JobEvent,
  type JobOrderEvent,
  type JobRecord,
} from './job.ts';
import type { JobLock } from './jobStore.ts';
import type { RunnerDeps, Step } from './step.ts';
import { submit } from './submit.ts';

/** Runs the batch jobs of a window. */
export interface BatchRunner {
  /**
   * Resolves when all rows are submitted, else rejects.
   * @param signal deletes the unsubmitted job, here and at the vendor
   */
  start(job: JobRecord, signal?: AbortSignal): Promise<void>;
  /** Takes over jobs that no window runs, and applies other windows' orders. */
  adopt(): Promise<void>;
  /** All jobs except those being deleted; this window's from memory. */
  jobs(): Promise<JobRecord[]>;
  isPending(): Promise<boolean>;
  /** Applies an order, through the disk if another window runs the job. */
  order(id: string, event: JobOrderEvent): Promise<void>;
  /** Hides the job at once and deletes it at the vendor when allowed. */
  remove(id: string): Promise<void>;
  /** Polls, unless under 15 s after the last. */
  checkNow(): void;
  /** Resolves when this window's jobs need only their user. */
  idle(): Promise<void>;
  dispose(): Promise<void>;
}

interface RunningJob {
  job: JobRecord;
  /** Ends the current wait. */
  wake: AbortController;
  /** Unix ms. */
  waitsSince: number;
  /** Aborts planning and uploading. */
  readonly cancel: AbortController;
  readonly done: Promise<void>;
  readonly lock: JobLock;
  /** Resolves when the last order is recorded. */
  ordered?: Promise<void>;
  /** Another window took it over. */
  lost?: boolean;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** For polls that a user triggers. */
const minPollMs = 15_000;
const maxErrors = 200;
/** Failures after which a job being deleted loses its record. */
const maxRemovalErrors = 60;

/** Creates a window's runner; idle until `start` or `adopt`. */
export function createBatchRunner(deps: RunnerDeps): BatchRunner {
  return new JobRunner(deps);
}

class JobRunner implements BatchRunner {
  private readonly deps: RunnerDeps;
  private readonly running = new Map<string, RunningJob>();
  private readonly closing = new AbortController();
  private readonly submitting = new Map<string, Waiter>();
  /** Jobs that cannot continue without their user. */
  private readonly settled = new Set<string>();

  constructor(deps: RunnerDeps) {
    this.deps = deps;
  }

  async start(job: JobRecord, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await this.deps.store.save(job);
    const ready = new Promise<void>((resolve, reject) => this.submitting.set(job.id, { resolve, reject }));
    const giveUp = (): void => void this.remove(job.id).catch(() => undefined);
    this.settled.delete(job.id);
    signal?.addEventListener('abort', giveUp);
    try {
      await this.take(job);
      if (signal?.aborted) giveUp();
      await ready;
    } finally {
      signal?.removeEventListener('abort', giveUp);
      this.submitting.delete(job.id);
    }
  }

  async adopt(): Promise<void> {
    const jobs = await this.deps.store.list();
    const open = jobs.filter((job) => chooseAction(job).type !== 'none' && !this.settled.has(job.id));
    await Promise.all(
      open.map(async (job) => {
        const mine = this.running.get(job.id);
        if (mine) await this.applyOrders(mine);
        else await this.take(job);
      }),
    );
  }

  async jobs(): Promise<JobRecord[]> {
    const stored = await this.deps.store.list();
    return stored.map((job) => this.running.get(job.id)?.job ?? job).filter((job) => !job.removing);
  }

  async isPending(): Promise<boolean> {
    return this.running.size > 0 || (await this.deps.store.list()).some((job) => chooseAction(job).type !== 'none');
  }

  async order(id: string, event: JobOrderEvent): Promise<void> {
    const mine = this.running.get(id);
    if (mine) return this.apply(mine, event);
    const stored = await this.deps.store.load(id);
    if (!stored) return;
    this.settled.delete(id);
    if (!(await this.take(stored, event))) await this.deps.store.order(id, event);
  }

  remove(id: string): Promise<void> {
    return this.order(id, { type: 'remove' });
  }

  checkNow(): void {
    const now = this.deps.now();
    for (const { job, waitsSince, wake } of this.running.values())
      if (!job.errors && now - waitsSince > minPollMs) wake.abort();
  }

  async idle(): Promise<void> {
    while (this.running.size) await Promise.all([...this.running.values()].map(({ done }) => done));
  }

  async dispose(): Promise<void> {
    this.closing.abort();
    await this.idle();
  }

  /**
   * Locks and runs a job; undefined while another window has it.
   * @param order applied first
   */
  private async take(job: JobRecord, order?: JobOrderEvent): Promise<RunningJob | undefined> {
    const present = this.running.get(job.id);
    if (present) return present;
    const lock = await this.deps.acquire(job.id);
    if (!lock) return undefined;
    let resolve!: () => void;
    const done = new Promise<void>((r) => (resolve = r));
    const [wake, cancel] = [new AbortController(), new AbortController()];
    const mine: RunningJob = { job, wake, waitsSince: this.deps.now(), cancel, done, lock };
    this.running.set(job.id, mine);
    void this.runToEnd(mine, order).finally(async () => {
      this.running.delete(job.id);
      if (!this.closing.signal.aborted && !mine.lost) this.settled.add(job.id);
      await lock.release();
      resolve();
    });
    return mine;
  }

  private async runToEnd(mine: RunningJob, order: JobOrderEvent | undefined): Promise<void> {
    const { id } = mine.job;
    try {
      // use what another window wrote meanwhile
      mine.job = (await this.deps.store.load(id)) ?? mine.job;
      if (order) await this.update(id, order);
      await this.applyOrders(mine);
      await this.runSteps(mine);
    } catch (error) {
      this.deps.log(`batch ${id}: ${error instanceof Error ? error.message : 'failed'}`);
      this.submitting.get(id)?.reject(error);
    }
  }

  private async runSteps(mine: RunningJob): Promise<void> {
    while (!this.isClosing && !mine.lost) {
      const action = chooseAction(mine.job);
      if (action.type === 'none') return;
      if (this.deps.leave?.(mine.job, action)) {
        const { id, problem } = mine.job;
        this.submitting.get(id)?.reject(toProblemError(problem ?? { code: 'cancelled' }));
        return;
      }
      const { removing } = mine.job;
      try {
        await this.wait(mine, Math.max('at' in action ? action.at : 0, mine.job.errors ? mine.job.nextAt : 0));
        if (this.isClosing) return;
        // an order may have changed the next step
        if (!(await this.perform(mine, chooseAction(mine.job)))) return;
      } catch (error) {
        // an aborted step fails before the order that aborted it is recorded
        await mine.ordered;
        if (this.isClosing || mine.lost) return;
        const isGivenUp = mine.job.removing && !removing;
        if (!isGivenUp && !(await this.recordFailure(mine, error))) return;
      }
    }
  }

  private get isClosing(): boolean {
    return this.closing.signal.aborted;
  }

  private async wait(mine: RunningJob, until: number): Promise<void> {
    const ms = until - this.deps.now();
    if (ms <= 0 || this.deps.leave) return;
    if (mine.wake.signal.aborted) mine.wake = new AbortController();
    mine.waitsSince = this.deps.now();
    const signal = AbortSignal.any([mine.wake.signal, this.closing.signal]);
    await this.deps.clock.sleep(ms, signal).catch(() => undefined);
  }

  /** Resolves to true if the job continues. */
  private async perform(mine: RunningJob, action: JobAction): Promise<boolean> {
    if (action.type === 'none') return false;
    if (action.type === 'erase') return this.erase(mine.job);
    const step = await this.stepOf(mine);
    switch (action.type) {
      case 'recover':
        await (mine.job.stopping ? recoverCancelled : recover)(step, action.part);
        return true;
      case 'cancel':
        await cancelJob(step, action.parts);
        return true;
      case 'prepare':
        await submit(step);
        return true;
      case 'poll':
        await poll(step, action.parts);
        return true;
      case 'collect':
        await collect(step, action.part);
        return true;
      case 'remove': {
        const { part } = action;
        const files = [part.file, ...(step.wire.upload ? part.refs : [])].filter((file) => file !== undefined);
        await step.wire.remove(part.batch, files, step.signal);
        await step.update({ type: 'removed', key: part.key });
        return true;
      }
      case 'finish':
        return this.finish(step);
    }
  }

  private async stepOf(mine: RunningJob): Promise<Step> {
    return {
      deps: this.deps,
      wire: await this.deps.wire(mine.job),
      signal: this.closing.signal,
      cancelled: AbortSignal.any([this.closing.signal, mine.cancel.signal]),
      job: () => mine.job,
      update: (event) => this.update(mine.job.id, event),
      later: (rounds) => this.later(rounds),
    };
  }

  private async finish(step: Step): Promise<boolean> {
    const job = step.job();
    // orders may arrive at any time, also during the summary
    const goesOn = (): boolean => !['finish', 'none'].includes(chooseAction(step.job()).type);
    if (goesOn()) return true;
    if (job.parts.length && job.parts.every((part) => part.state === 'failed') && !job.finishAnyway) {
      await step.update({ type: 'failed', problem: job.problem ?? { code: 'batch-not-taken' } });
      return false;
    }
    const cancelled = job.stopping && !job.finishAnyway;
    if (cancelled || (await this.deps.finish(job))) await step.update({ type: 'finished' });
    return goesOn();
  }

  /** Records a failed step; resolves to true if it will be retried. */
  private async recordFailure({ job }: RunningJob, error: unknown): Promise<boolean> {
    const { log, now } = this.deps;
    const kind = ModelError.is(error) ? error.kind : undefined;
    log(`batch ${job.id}: ${kind ?? 'failed'}`);
    const passing = kind !== undefined && retryableKinds.has(kind);
    if (job.removing && (!passing || job.errors > maxRemovalErrors)) return this.erase(job);
    const isPaid = kind !== undefined && job.parts.some(({ batch }) => batch !== undefined);
    if (!job.removing && ((!passing && !isPaid) || job.errors > maxErrors)) {
      await this.update(job.id, { type: 'failed', problem: toProblem(error) });
      return this.running.get(job.id)?.job.removing === true;
    }
    const retryAt = now() + ((ModelError.is(error) ? error.retryAfterMs : undefined) ?? 0);
    const nextAt = Math.max(this.later(job.errors), retryAt);
    await this.update(job.id, { type: 'trouble', problem: toProblem(error), nextAt });
    return !isOver(this.running.get(job.id)?.job ?? job) || job.removing === true;
  }

  private async erase(job: JobRecord): Promise<false> {
    await this.deps.store.remove(job);
    this.deps.onChange(job);
    return false;
  }

  private async update(id: string, event: JobEvent): Promise<void> {
    const mine = this.running.get(id);
    if (!mine || mine.lost) return;
    if (!(await mine.lock.isHeld())) {
      // the other window's record is the true one
      mine.lost = true;
      mine.cancel.abort();
      mine.wake.abort();
      return;
    }
    mine.job = applyEvent(mine.job, event);
    await this.deps.store.save(mine.job);
    this.deps.onChange(mine.job);
    const submitting = this.submitting.get(id);
    if (event.type === 'prepared') submitting?.resolve();
    if (event.type === 'remove') submitting?.reject(new ModelError({ kind: 'cancelled' }));
    if (event.type === 'failed') submitting?.reject(toProblemError(event.problem));
  }

  private later(rounds: number): number {
    return this.deps.now() + pause(rounds, this.deps.random);
  }

  private async apply(mine: RunningJob, order: JobOrderEvent): Promise<void> {
    const updated = this.update(mine.job.id, order);
    mine.ordered = updated.catch(() => undefined);
    if (order.type === 'remove') mine.cancel.abort();
    await updated;
    if (order.type === 'stop' || order.type === 'finish-anyway') await this.cancelBatches(mine);
    mine.wake.abort();
  }

  private async applyOrders(mine: RunningJob): Promise<void> {
    for (const order of await this.deps.store.takeOrders(mine.job.id)) await this.apply(mine, order);
  }

  private async cancelBatches({ job }: RunningJob): Promise<void> {
    const wire = await this.deps.wire(job);
    for (const { state, batch } of job.parts)
      if (state === 'running' && batch)
        await cancelBatch({ wire, deps: this.deps, signal: this.closing.signal }, batch);
  }
}
