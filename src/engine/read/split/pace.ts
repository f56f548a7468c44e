import type { Yield } from '../../ports.ts';

/** Characters of work between two turns of the thread: a few milliseconds on a slow machine. */
const stride = 200_000;

/** Counts work done; gives a promise to wait for when it is time to let others run, and throws when cancelled. */
export type Pace = (work: number) => Promise<void> | undefined;

export function pacer(yieldNow: Yield, signal?: AbortSignal): Pace {
  let done = 0;
  return (work) => {
    done += work;
    if (done < stride) return undefined;
    done = 0;
    if (signal?.aborted) throw signal.reason;
    return yieldNow();
  };
}
