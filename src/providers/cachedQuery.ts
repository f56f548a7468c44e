/** Questions that a server is asked once: shared while they are in flight, kept when they are answered. */
import { ModelError } from '../engine/model.ts';
import { cancelled } from './errors.ts';

export interface CachedQuery<T> {
  /** Returns the answer that is kept or on its way; asks where there is none. */
  get(signal: AbortSignal): Promise<T>;
  /** Asks anew at the next call. */
  forget(): void;
}

/**
 * Makes a query. A failure is not kept, and one caller's cancel is not another's.
 *
 * @param keeps whether an answer holds for later calls; default: every answer does.
 */
export function cachedQuery<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  keeps: (answer: T) => boolean = () => true,
): CachedQuery<T> {
  let held: Promise<T> | undefined;
  const forget = (answer: Promise<T>): void => {
    if (held === answer) held = undefined;
  };
  const fresh = (signal: AbortSignal): Promise<T> => {
    const answer = ask(signal);
    held = answer;
    answer.then(
      (value) => (keeps(value) ? undefined : forget(answer)),
      () => forget(answer),
    );
    return answer;
  };
  return {
    async get(signal) {
      if (signal.aborted) throw cancelled(signal.reason);
      const shared = held;
      if (shared === undefined) return fresh(signal);
      try {
        return await shared;
      } catch (error) {
        if (!ModelError.is(error, 'cancelled') || signal.aborted) throw error;
        return (held ?? fresh(signal)) as Promise<T>;
      }
    },
    forget: () => (held = undefined),
  };
}

/** A question beside the work has this long; then the work goes on without its answer. */
const patienceMs = 10_000;

/** Runs a short question with a limit of time. @throws ModelError `network` when it is over. */
export async function briefly<T>(
  host: string,
  signal: AbortSignal,
  question: (brief: AbortSignal) => Promise<T>,
  limitMs = patienceMs,
): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), limitMs);
  try {
    return await question(AbortSignal.any([signal, limit.signal]));
  } catch (error) {
    if (limit.signal.aborted && !signal.aborted) throw new Unanswered(host);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** The server takes connections and says nothing. */
export class Unanswered extends ModelError {
  constructor(host: string) {
    super({ kind: 'network', code: 'no-answer', args: [host] });
  }
}
