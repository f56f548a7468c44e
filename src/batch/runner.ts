/** Looks after jobs: submits their rows, asks how they are, puts every answer into the cache, leaves nothing at the vendor. */
import type { BatchPlan } from '../engine/batchPlan.ts';
import { ModelError, retryableKinds } from '../engine/model.ts';
import type { AnswerCache, Clock } from '../engine/ports.ts';
import { collect } from './collect.ts';
import { isOver, nextAction, pause, transition, type JobAction, type JobEvent, type JobRecord } from './job.ts';
import type { JobStore } from './jobStore.ts';
import { submit } from './submit.ts';
import type { BatchWire } from './wire.ts';

export interface RunnerPorts {
  readonly store: JobStore;
  readonly wire: (job: JobRecord) => Promise<BatchWire>;
  /** Reads the text again and plans what is missing. @param pending keys that other parts will bring */
  readonly plan: (job: JobRecord, pending: ReadonlySet<string>, signal: AbortSignal) => Promise<BatchPlan>;
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
  /** Resolves when all rows are submitted; rejects with why that is impossible. */
  start(job: JobRecord): Promise<void>;
  /** Takes on what no other window looks after. */
  adopt(): Promise<void>;
  /** As this window knows them, else as stored. */
  jobs(): Promise<JobRecord[]>;
  tell(id: string, event: Extract<JobEvent, { type: 'stop' | 'finish-anyway' | 'again' }>): Promise<void>;
  /** Cancels it where it runs, removes it at the vendor and here. */
  remove(id: string): Promise<void>;
  /** Asks again now: the user came back. */
  poke(): void;
  /** Resolves when no job of this window needs anything but its user. */
  idle(): Promise<void>;
  dispose(): Promise<void>;
}

export interface Held {
  job: JobRecord;
  /** Ends the present wait. */
  wake: AbortController;
  readonly done: Promise<void>;
}

/** What one step of a job needs. */
export interface Step {
  readonly ports: RunnerPorts;
  readonly wire: BatchWire;
  readonly signal: AbortSignal;
  job(): JobRecord;
  update(event: JobEvent): Promise<void>;
  /** Ms since 1970, after the given number of rounds or failures. */
  later(rounds: number): number;
}

export function createBatchRunner(ports: RunnerPorts): BatchRunner {
  const held = new Map<string, Held>();
  const end = new AbortController();
  const submitted = new Map<string, { resolve: () => void; reject: (error: unknown) => void }>();

  const update = async (id: string, event: JobEvent): Promise<void> => {
    const one = held.get(id);
    if (!one) return;
    one.job = transition(one.job, event);
    await ports.store.save(one.job);
    ports.onChange(one.job);
    if (event.type === 'prepared') submitted.get(id)?.resolve();
    if (event.type === 'failed') submitted.get(id)?.reject(new ModelError({ kind: 'unknown', message: event.problem }));
  };
  const later = (rounds: number): number => ports.now() + pause(rounds, ports.random);

  const wait = async (one: Held, until: number): Promise<void> => {
    const ms = until - ports.now();
    if (ms <= 0) return;
    if (one.wake.signal.aborted) one.wake = new AbortController();
    await ports.clock.sleep(ms, AbortSignal.any([one.wake.signal, end.signal])).catch(() => undefined);
  };

  /** True where the job goes on by itself. */
  const perform = async (one: Held, action: JobAction): Promise<boolean> => {
    const { id } = one.job;
    const step: Step = {
      ports,
      wire: await ports.wire(one.job),
      signal: end.signal,
      job: () => one.job,
      update: (event) => update(id, event),
      later,
    };
    switch (action.type) {
      case 'recover':
        await recover(step, action.part);
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
        return finish(step);
      case 'none':
        return false;
    }
  };

  const finish = async (step: Step): Promise<boolean> => {
    const job = step.job();
    if (job.parts.length && job.parts.every((part) => part.state === 'failed') && !job.finishAnyway) {
      await step.update({ type: 'failed', problem: job.problem ?? 'The provider did not take the batch.' });
      return false;
    }
    if (job.stopping && !job.finishAnyway) {
      await step.update({ type: 'finished' });
      return false;
    }
    if (!(await ports.finish(job))) return false;
    await step.update({ type: 'finished' });
    return false;
  };

  const drive = async (one: Held): Promise<void> => {
    while (!end.signal.aborted) {
      const action = nextAction(one.job);
      if (action.type === 'none') return;
      try {
        await wait(one, Math.max(action.type === 'poll' ? action.at : 0, one.job.errors ? one.job.nextAt : 0));
        if (end.signal.aborted) return;
        // a cancel may have changed what is to be done
        if (!(await perform(one, nextAction(one.job)))) return;
      } catch (error) {
        if (end.signal.aborted) return;
        await trouble(one, error);
        if (isOver(one.job)) return;
      }
    }
  };
  const trouble = async (one: Held, error: unknown): Promise<void> => {
    const problem = error instanceof Error ? error.message : String(error);
    ports.log(`batch ${one.job.id}: ${ModelError.is(error) ? error.kind : 'failed'}`);
    const patient =
      ModelError.is(error) && (retryableKinds.has(error.kind) || one.job.parts.some(({ batch }) => batch));
    if (!patient || one.job.errors > 200) return update(one.job.id, { type: 'failed', problem });
    const retryAfter = ports.now() + (error.retryAfterMs ?? 0);
    await update(one.job.id, { type: 'trouble', problem, nextAt: Math.max(later(one.job.errors), retryAfter) });
  };

  const take = async (job: JobRecord): Promise<Held | undefined> => {
    const present = held.get(job.id);
    if (present) return present;
    const release = await ports.acquire(job.id);
    if (!release) return undefined;
    let resolve!: () => void;
    const one: Held = { job, wake: new AbortController(), done: new Promise<void>((r) => (resolve = r)) };
    held.set(job.id, one);
    void (async () => {
      try {
        // what another window did meanwhile counts
        one.job = (await ports.store.load(job.id)) ?? job;
        await drive(one);
      } catch (error) {
        ports.log(`batch ${job.id}: ${error instanceof Error ? error.message : 'failed'}`);
        submitted.get(job.id)?.reject(error);
      } finally {
        held.delete(job.id);
        await release();
        resolve();
      }
    })();
    return one;
  };

  const runner: BatchRunner = {
    async start(job) {
      await ports.store.save(job);
      const ready = new Promise<void>((resolve, reject) => submitted.set(job.id, { resolve, reject }));
      try {
        await take(job);
        await ready;
      } finally {
        submitted.delete(job.id);
      }
    },
    async adopt() {
      const jobs = await ports.store.list();
      await Promise.all(jobs.filter((job) => nextAction(job).type !== 'none').map(take));
    },
    async jobs() {
      const stored = await ports.store.list();
      return stored.map((job) => held.get(job.id)?.job ?? job);
    },
    async tell(id, event) {
      const stored = held.get(id)?.job ?? (await ports.store.load(id));
      if (!stored) return;
      if (!held.has(id)) {
        await ports.store.save(transition(stored, event));
        await take(transition(stored, event));
        return;
      }
      await update(id, event);
      const one = held.get(id);
      if (event.type !== 'again' && one) await stopRows(one);
      one?.wake.abort();
    },
    async remove(id) {
      const job = held.get(id)?.job ?? (await ports.store.load(id));
      if (!job) return;
      const one = held.get(id);
      if (one) {
        await update(id, { type: 'stop' });
        await stopRows(one).catch(() => undefined);
        await update(id, { type: 'failed', problem: '' });
        one.wake.abort();
        await one.done;
      }
      const wire = await ports.wire(job).catch(() => undefined);
      for (const part of job.parts) {
        if (part.state === 'removed' || !wire) continue;
        const files = [part.file, ...(wire.upload ? part.refs : [])].filter((file) => file !== undefined);
        await wire.remove(part.batch, files, AbortSignal.timeout(30_000)).catch(() => undefined);
      }
      await ports.store.remove(job);
      ports.onChange(job);
    },
    poke() {
      for (const one of held.values()) one.wake.abort();
    },
    async idle() {
      while (held.size) await Promise.all([...held.values()].map(({ done }) => done));
    },
    async dispose() {
      end.abort();
      await runner.idle();
    },
  };

  async function stopRows(one: Held): Promise<void> {
    const wire = await ports.wire(one.job);
    for (const { state, batch } of one.job.parts)
      if (state === 'running' && batch)
        await wire
          .cancel(batch, end.signal)
          .catch((error: unknown) => ports.log(`cancel: ${String(ModelError.is(error) ? error.kind : 'failed')}`));
  }

  return runner;
}

async function poll(step: Step, parts: readonly { key: string; batch?: string; rows: number }[]): Promise<void> {
  for (const { key, batch } of parts) {
    if (batch === undefined) continue;
    const status = await step.wire.status(batch, step.signal);
    await step.update({
      type: 'polled',
      key,
      done: status.done,
      failed: status.failed,
      ended: status.state === 'ended',
      refs: status.refs,
      ...(status.state === 'failed' ? { problem: status.problem ?? 'The provider refused the batch.' } : {}),
    });
  }
  await step.update({ type: 'round', nextAt: step.later(step.job().polls + 1) });
}

/** A window died between an intent and its record: what exists at the vendor is found again, nothing is created twice. */
async function recover(step: Step, part: JobRecord['parts'][number]): Promise<void> {
  const { wire, signal } = step;
  const taken = new Set(
    (await step.ports.store.list()).flatMap((job) =>
      job.parts.flatMap(({ batch }) => (batch === undefined ? [] : [batch])),
    ),
  );
  if (part.state === 'creating' || !wire.upload) {
    const batch = await wire.find({ key: part.key, rows: part.rows, since: part.since, taken }, signal);
    if (batch !== undefined) return step.update({ type: 'created', key: part.key, batch, nextAt: step.later(0) });
  }
  const file = part.file ?? (await wire.findUpload?.(part.key, signal));
  if (file === undefined) return step.update({ type: 'forgotten', key: part.key });
  if (part.file === undefined) await step.update({ type: 'uploaded', key: part.key, file });
  await step.update({ type: 'creating', key: part.key, now: step.ports.now() });
  const batch = await wire.create({ key: part.key, file, rows: [] }, signal);
  await step.update({ type: 'created', key: part.key, batch, nextAt: step.later(0) });
}
