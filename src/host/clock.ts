import type { Clock } from '../engine/ports.ts';

/** The machine's clock: monotonic, in ms. */
export const realClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const done = (): void => {
        signal?.removeEventListener('abort', stopped);
        resolve();
      };
      const handle = setTimeout(done, ms);
      const stopped = (): void => {
        clearTimeout(handle);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', stopped, { once: true });
    }),
  timer: (ms, callback) => {
    const handle = setTimeout(callback, ms);
    return () => clearTimeout(handle);
  },
};
