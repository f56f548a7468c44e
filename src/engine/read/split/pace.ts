import type { Yield } from '../../ports.ts';

/** Characters between yields. */
const stride = 200_000;

/**
 * Returns a promise if a yield is due.
 * @throws the signal's reason
 */
export type Pace = (work: number) => Promise<void> | undefined;

/** Yields every `stride` units of work. */
export function createPacer(yieldNow: Yield, signal?: AbortSignal): Pace {
  let done = 0;
  return (work) => {
    done += work;
    if (done < stride) return undefined;
    done = 0;
    if (signal?.aborted) throw signal.reason;
    return yieldNow();
  };
}
