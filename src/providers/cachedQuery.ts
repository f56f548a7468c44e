/** Shares questions to a server in flight and keeps answers. */
import { ModelError } from '../engine/model.ts';
import { createCancelledError } from './errors.ts';

export interface CachedQuery<T> {
  /** The kept or pending answer; else asks. */
  get(signal: AbortSignal): Promise<T>;
  /** Asks anew at the next call. */
  forget(): void;
}

/**
 * Failures are not kept; one caller's cancel affects no other.
 *
 * @param keeps whether an answer is kept; default: always
 */
export function createCachedQuery<T>(
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
      if (signal.aborted) throw createCancelledError(signal.reason);
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

/** Limit of a question beside the work, ms. */
const patienceMs = 10_000;

/** Runs a short question. @throws ModelError `network` after its time limit */
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
