/** A clock whose time stands still until a test moves it: waiting costs nothing and order is exact. */
import type { Clock } from '../../src/engine/ports.ts';

interface Timer {
  readonly due: number;
  readonly order: number;
  readonly fire: () => void;
}

export interface VirtualClock extends Clock {
  /** Moves time forward by `ms`, firing timers in order; pending promises run between two timers. */
  advance(ms: number): Promise<void>;
  /** Time jumps, as after a sleep of the machine: what is overdue fires only then, late. */
  jump(ms: number): Promise<void>;
  /** Moves from timer to timer until none is left, or until `until` says so; throws after `limitMs` of virtual time. */
  runAll(until?: () => boolean, limitMs?: number): Promise<void>;
  /** Runs the promise to its end, moving time whenever nothing else can happen. */
  settle<T>(promise: Promise<T>, limitMs?: number): Promise<T>;
  /** Timers that wait. */
  readonly pending: number;
}

/** Lets promises that are ready run, including those that they start; 20 turns of the event loop are plenty. */
export async function drain(turns = 20): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

export function virtualClock(startMs = 0, turns = 4): VirtualClock {
  let now = startMs;
  let order = 0;
  const timers = new Set<Timer>();

  const next = (): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (first === undefined || timer.due < first.due || (timer.due === first.due && timer.order < first.order))
        first = timer;
    }
    return first;
  };
  const timer = (ms: number, callback: () => void): (() => void) => {
    const entry: Timer = { due: now + Math.max(0, ms), order: order++, fire: callback };
    timers.add(entry);
    return () => void timers.delete(entry);
  };
  const fireDue = async (until: number): Promise<void> => {
    await drain(turns);
    for (let entry = next(); entry !== undefined && entry.due <= until; entry = next()) {
      timers.delete(entry);
      now = Math.max(now, entry.due);
      entry.fire();
      await drain(turns);
    }
  };
  const runAll = async (until: () => boolean = () => false, limitMs = 86_400_000): Promise<void> => {
    const end = now + limitMs;
    await drain(turns);
    while (!until()) {
      const entry = next();
      if (entry === undefined) return;
      if (entry.due > end) throw new Error(`nothing was done within ${limitMs} ms of virtual time`);
      await fireDue(entry.due);
    }
  };

  return {
    now: () => now,
    timer,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        const abort = (): void => {
          cancel();
          reject(signal?.reason as Error);
        };
        const cancel = timer(ms, () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        });
        signal?.addEventListener('abort', abort, { once: true });
      }),
    async advance(ms) {
      const end = now + ms;
      await fireDue(end);
      now = Math.max(now, end);
    },
    async jump(ms) {
      now += ms;
      await fireDue(now);
    },
    runAll,
    async settle(promise, limitMs) {
      let settled = false;
      const done = (): void => void (settled = true);
      promise.then(done, done);
      await runAll(() => settled, limitMs);
      if (!settled) throw new Error('the promise waits for something that no timer will bring');
      return promise;
    },
    get pending() {
      return timers.size;
    },
  };
}
