/** The machine's clock, so many times faster: a wait of 90 s is over in two, and real HTTP stays real. */
import type { Clock } from '../../src/engine/ports.ts';

export interface FastClock extends Clock {
  /** Timers that wait. */
  readonly pending: number;
  /** The machine sleeps: time goes on at once by so much, and what is due fires late. */
  jump(ms: number): void;
}

export function fastClock(factor: number): FastClock {
  let offset = 0;
  const timers = new Map<object, { due: number; fire: () => void; handle: NodeJS.Timeout }>();
  const now = (): number => performance.now() * factor + offset;
  const set = (ms: number, callback: () => void): (() => void) => {
    const id = {};
    const fire = (): void => {
      if (timers.delete(id)) callback();
    };
    timers.set(id, { due: now() + ms, fire, handle: setTimeout(fire, Math.max(0, ms) / factor) });
    return () => {
      clearTimeout(timers.get(id)?.handle);
      timers.delete(id);
    };
  };
  return {
    now,
    timer: set,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        const stop = (): void => {
          cancel();
          reject(signal?.reason as Error);
        };
        const cancel = set(ms, () => {
          signal?.removeEventListener('abort', stop);
          resolve();
        });
        signal?.addEventListener('abort', stop, { once: true });
      }),
    get pending() {
      return timers.size;
    },
    jump(ms) {
      offset += ms;
      for (const timer of timers.values()) {
        if (timer.due > now()) continue;
        clearTimeout(timer.handle);
        timer.handle = setTimeout(timer.fire, 0);
      }
    },
  };
}
