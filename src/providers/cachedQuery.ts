/** What a server is asked once and told to all calls. */
import { ModelError } from '../engine/model.ts';
import { cancelled } from './errors.ts';

export interface Asked<T> {
  /** Asks, also where an answer is held: settings of a server change between runs. */
  fresh(signal: AbortSignal): Promise<T>;
  /** The answer that is held or on its way; asks where there is none. */
  known(signal: AbortSignal): Promise<T>;
}

/** A failure is not held, and one caller's cancel is not another's. */
export function asked<T>(ask: (signal: AbortSignal) => Promise<T>): Asked<T> {
  let held: Promise<T> | undefined;
  const fresh = (signal: AbortSignal): Promise<T> => {
    const answer = ask(signal);
    held = answer;
    answer.catch(() => {
      if (held === answer) {
        held = undefined;
      }
    });
    return answer;
  };
  const known = async (signal: AbortSignal): Promise<T> => {
    if (signal.aborted) {
      throw cancelled(signal.reason);
    }
    try {
      return await (held ?? fresh(signal));
    } catch (error) {
      if (ModelError.is(error, 'cancelled') && !signal.aborted) {
        return fresh(signal);
      }
      throw error;
    }
  };
  return { fresh, known };
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
    if (limit.signal.aborted && !signal.aborted) {
      throw new Unanswered(host);
    }
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
