/** Shares pending queries to a server and keeps their answers. */
import { ModelError } from '../engine/model.ts';
import { createCancelledError } from './errors.ts';

/** A query that is sent once. */
export interface CachedQuery<T> {
  /** Returns the kept or pending answer; else queries. */
  get(signal: AbortSignal): Promise<T>;
  forget(): void;
}

/**
 * Failures are not kept, and cancelling affects only the caller.
 * @param keeps decides whether an answer is kept; absent: always
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

const patienceMs = 10_000;

/**
 * Runs a short query.
 * @throws ModelError `network` after the time limit
 */
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

/** The server accepts connections but does not answer. */
export class Unanswered extends ModelError {
  constructor(host: string) {
    super({ kind: 'network', code: 'no-answer', args: [host] });
  }
}
