/** Looks after jobs: submits their rows, asks how they are, puts every answer into the cache, leaves nothing at the vendor. */
import type { MergeRows } from '../engine/batch/merge.ts';
import type { BatchPlan } from '../engine/batch/plan.ts';
import { ModelError, retryableKinds } from '../engine/model.ts';
import type { AnswerCache, Clock } from '../engine/ports.ts';
import { collect } from './collect.ts';
import { poll, recover } from './follow.ts';
import {
  isOver,
  nextAction,
  pause,
  transition,
  type JobAction,
  type JobEvent,
  type JobOrderEvent,
  type JobRecord,
  type MergeStage,
  problemError,
  problemOf,
} from './job.ts';
import type { JobStore } from './jobStore.ts';
import { submit, submitMerges } from './submit.ts';
import { cancel, recall, withdraw } from './cancelJob.ts';
import type { BatchWire } from './wire.ts';

export interface RunnerPorts {
  readonly store: JobStore;
  /** @param stage of rows that are to be made; a map's where it is left out */
  readonly wire: (job: JobRecord, stage?: MergeStage) => Promise<BatchWire>;
  /** Reads the text again and plans what is missing. @param pending keys that other parts will bring */
  readonly plan: (job: JobRecord, pending: ReadonlySet<string>, signal: AbortSignal) => Promise<BatchPlan>;
  /**
   * The next level of merges, of which what came back before is in the cache; undefined when the job is to wait for its user.
   * @param tried ids of rows that are not asked again
   */
  readonly merges: (job: JobRecord, tried: ReadonlySet<string>, signal: AbortSignal) => Promise<MergeRows | undefined>;
  readonly cache: (job: JobRecord) => Promise<AnswerCache>;
  /** All that will come has come: makes the summary. Resolves with false when the job is to wait for its user. */
  readonly finish: (job: JobRecord) => Promise<boolean>;
  /** A lock on the job, or undefined while another window has it. */
  readonly acquire: (id: string) => Promise<(() => Promise<void>) | undefined>;
  readonly clock: Clock;
  /** Ms since 1970. */
  readonly now: () => number;
  readonly random: () => number;
  readonly onChange: (job: JobRecord) => void;
  readonly log: (line: string) => void;
}

export interface BatchRunner {
  /**
   * Resolves when all rows are submitted; rejects with why that is impossible.
   * @param signal aborted before that: nothing is left of it, here or at the vendor
   */
  start(job: JobRecord, signal?: AbortSignal): Promise<void>;
  /** Takes on what no other window looks after, and hears what other windows ask of what this one has. */
  adopt(): Promise<void>;
  /** As this window knows them, else as stored; without those that are being deleted. */
  jobs(): Promise<JobRecord[]>;
  /** Whether a job needs a window. */
  isPending(): Promise<boolean>;
  /** What another window looks after is told to that window. */
  tell(id: string, event: JobOrderEvent): Promise<void>;
  /** Gone for its user at once; at the vendor as soon as that lets go. */
  remove(id: string): Promise<void>;
  /** Asks again now, where it was not asked a moment ago: the user came back. */
  poke(): void;
  /** Resolves when no job of this window needs anything but its user. */
  idle(): Promise<void>;
  dispose(): Promise<void>;
}

export interface Held {
  job: JobRecord;
  /** Ends the present wait. */
  wake: AbortController;
  /** Ms since 1970. */
  waitsSince: number;
  /** Gives up what is being planned or uploaded. */
  readonly cancel: AbortController;
  readonly done: Promise<void>;
}

/** What one step of a job needs. */
export interface Step {
  readonly ports: RunnerPorts;
  readonly wire: BatchWire;
  readonly signal: AbortSignal;
  /** Also when the job is to be deleted: for what can be given up halfway. */
  readonly cancelled: AbortSignal;
  job(): JobRecord;
  update(event: JobEvent): Promise<void>;
  /** Ms since 1970, after the given number of rounds or failures. */
  later(rounds: number): number;
}

const politeMs = 15_000;
const mostErrors = 200;
const mostRemovals = 60;

export function createBatchRunner(ports: RunnerPorts): BatchRunner {
  const held = new Map<string, Held>();
  const end = new AbortController();
  const submitted = new Map<string, { resolve: () => void; reject: (error: unknown) => void }>();
  /** Looked after in this window as far as it can be without its user. */
  const settled = new Set<string>();

  const update = async (id: string, event: JobEvent): Promise<void> => {
    const one = held.get(id);
    if (!one) return;
    one.job = transition(one.job, event);
    await ports.store.save(one.job);
    ports.onChange(one.job);
    if (event.type === 'prepared') submitted.get(id)?.resolve();
    if (event.type === 'remove') submitted.get(id)?.reject(new ModelError({ kind: 'cancelled' }));
    if (event.type === 'failed') submitted.get(id)?.reject(problemError(event.problem));
  };
  const later = (rounds: number): number => ports.now() + pause(rounds, ports.random);

  const wait = async (one: Held, until: number): Promise<void> => {
    const ms = until - ports.now();
    if (ms <= 0) return;
    if (one.wake.signal.aborted) one.wake = new AbortController();
    one.waitsSince = ports.now();
    await ports.clock.sleep(ms, AbortSignal.any([one.wake.signal, end.signal])).catch(() => undefined);
  };

  /** True where the job goes on by itself. */
  const perform = async (one: Held, action: JobAction): Promise<boolean> => {
    const { id } = one.job;
    if (action.type === 'erase') return erase(one.job);
    const step: Step = {
      ports,
      wire: await ports.wire(one.job),
      signal: end.signal,
      cancelled: AbortSignal.any([end.signal, one.cancel.signal]),
      job: () => one.job,
      update: (event) => update(id, event),
      later,
    };
    switch (action.type) {
      case 'recover':
        await (one.job.stopping ? recall : recover)(step, action.part);
        return true;
      case 'withdraw':
        await withdraw(step, action.parts);
        return true;
      case 'prepare':
        await submit(step);
        return true;
      case 'merge':
        return submitMerges(step);
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
        return finish(step);
      case 'none':
        return false;
    }
  };

  const erase = async (job: JobRecord): Promise<false> => {
    await ports.store.remove(job);
    ports.onChange(job);
    return false;
  };

  const finish = async (step: Step): Promise<boolean> => {
    const job = step.job();
    // an order may come at any moment, also while the summary is made
    const isLeft = (): boolean => !['finish', 'none'].includes(nextAction(step.job()).type);
    if (isLeft()) return true;
    if (job.parts.length && job.parts.every((part) => part.state === 'failed') && !job.finishAnyway) {
      await step.update({ type: 'failed', problem: job.problem ?? { code: 'batch-not-taken' } });
      return false;
    }
    const cancelled = job.stopping && !job.finishAnyway;
    if (cancelled || (await ports.finish(job))) await step.update({ type: 'finished' });
    return isLeft();
  };

  const drive = async (one: Held): Promise<void> => {
    while (!end.signal.aborted) {
      const action = nextAction(one.job);
      if (action.type === 'none') return;
      const { removing } = one.job;
      try {
        await wait(one, Math.max('at' in action ? action.at : 0, one.job.errors ? one.job.nextAt : 0));
        if (end.signal.aborted) return;
        // a cancel may have changed what is to be done
        if (!(await perform(one, nextAction(one.job)))) return;
      } catch (error) {
        if (end.signal.aborted) return;
        // given up halfway, because the job is deleted
        if (one.job.removing && !removing) continue;
        if (!(await trouble(one, error))) return;
      }
    }
  };
  /** True where it is tried again. */
  const trouble = async (one: Held, error: unknown): Promise<boolean> => {
    const { job } = one;
    const problem = problemOf(error);
    ports.log(`batch ${job.id}: ${ModelError.is(error) ? error.kind : 'failed'}`);
    const passing = ModelError.is(error) && retryableKinds.has(error.kind);
    if (job.removing && (!passing || job.errors > mostRemovals)) return erase(job);
    const patient = passing || (ModelError.is(error) && job.parts.some(({ batch }) => batch !== undefined));
    if (!job.removing && (!patient || job.errors > mostErrors)) {
      await update(job.id, { type: 'failed', problem });
      return false;
    }
    const retryAfter = ports.now() + ((ModelError.is(error) ? error.retryAfterMs : undefined) ?? 0);
    await update(job.id, { type: 'trouble', problem, nextAt: Math.max(later(job.errors), retryAfter) });
    return !isOver(one.job) || job.removing === true;
  };

  /** @param order what its user asked meanwhile */
  const take = async (job: JobRecord, order?: JobOrderEvent): Promise<Held | undefined> => {
    const present = held.get(job.id);
    if (present) return present;
    const release = await ports.acquire(job.id);
    if (!release) return undefined;
    let resolve!: () => void;
    const done = new Promise<void>((r) => (resolve = r));
    const [wake, giveUp] = [new AbortController(), new AbortController()];
    const one: Held = { job, wake, waitsSince: ports.now(), cancel: giveUp, done };
    held.set(job.id, one);
    void (async () => {
      try {
        // what another window did meanwhile counts
        one.job = (await ports.store.load(job.id)) ?? job;
        if (order) await update(job.id, order);
        await heed(one);
        await drive(one);
      } catch (error) {
        ports.log(`batch ${job.id}: ${error instanceof Error ? error.message : 'failed'}`);
        submitted.get(job.id)?.reject(error);
      } finally {
        held.delete(job.id);
        if (!end.signal.aborted) settled.add(job.id);
        await release();
        resolve();
      }
    })();
    return one;
  };
  const obey = async (one: Held, order: JobOrderEvent): Promise<void> => {
    const { id } = one.job;
    const told = update(id, order);
    if (order.type === 'remove') one.cancel.abort();
    await told;
    if (order.type === 'stop' || order.type === 'finish-anyway') await stopRows(one);
    one.wake.abort();
  };
  /** What other windows asked of a job that this one looks after. */
  const heed = async (one: Held): Promise<void> => {
    for (const order of await ports.store.takeOrders(one.job.id)) await obey(one, order);
  };
  const stopRows = async (one: Held): Promise<void> => {
    const wire = await ports.wire(one.job);
    for (const { state, batch } of one.job.parts)
      if (state === 'running' && batch) await cancel({ wire, ports, signal: end.signal }, batch);
  };

  const runner: BatchRunner = {
    async start(job, signal) {
      signal?.throwIfAborted();
      await ports.store.save(job);
      const ready = new Promise<void>((resolve, reject) => submitted.set(job.id, { resolve, reject }));
      const giveUp = (): void => void runner.remove(job.id).catch(() => undefined);
      settled.delete(job.id);
      signal?.addEventListener('abort', giveUp);
      try {
        await take(job);
        if (signal?.aborted) giveUp();
        await ready;
      } finally {
        signal?.removeEventListener('abort', giveUp);
        submitted.delete(job.id);
      }
    },
    async adopt() {
      const jobs = await ports.store.list();
      const open = jobs.filter((job) => nextAction(job).type !== 'none' && !settled.has(job.id));
      await Promise.all(
        open.map(async (job) => {
          const one = held.get(job.id);
          if (one) await heed(one);
          else await take(job);
        }),
      );
    },
    async jobs() {
      const stored = await ports.store.list();
      return stored.map((job) => held.get(job.id)?.job ?? job).filter((job) => !job.removing);
    },
    async isPending() {
      return held.size > 0 || (await ports.store.list()).some((job) => nextAction(job).type !== 'none');
    },
    async tell(id, event) {
      const one = held.get(id);
      if (one) return obey(one, event);
      const stored = await ports.store.load(id);
      if (!stored) return;
      settled.delete(id);
      if (!(await take(stored, event))) await ports.store.order(id, event);
    },
    remove: (id) => runner.tell(id, { type: 'remove' }),
    poke() {
      for (const one of held.values()) if (!one.job.errors && ports.now() - one.waitsSince > politeMs) one.wake.abort();
    },
    async idle() {
      while (held.size) await Promise.all([...held.values()].map(({ done }) => done));
    },
    async dispose() {
      end.abort();
      await runner.idle();
    },
  };
  return runner;
}
