/** What was sent to one model lately, to know what a header cannot know: it tells the state of when its own call arrived. */
import type { Need } from './rateLimit.ts';

export interface Send {
  readonly at: number;
  readonly input: number;
  /** Expected; a provider may count it only when it was written. */
  readonly output: number;
  endedAt?: number;
}

export interface Sends {
  add(send: Send): void;
  /** Promised to calls sent after `told`, and the answers that were not yet written then. */
  pending(told: number): Need;
}

/** An answer's head does not come later than this. */
const keptMs = 120_000;

export function createSends(): Sends {
  let sends: Send[] = [];
  return {
    add(send) {
      sends = sends.filter((other) => other.endedAt === undefined || other.endedAt > send.at - keptMs);
      sends.push(send);
    },
    pending(told) {
      let [requests, tokens] = [0, 0];
      for (const send of sends) {
        if (send.endedAt === undefined || send.endedAt > told) tokens += send.output;
        if (send.at <= told) continue;
        requests += 1;
        tokens += send.input;
      }
      return { requests, tokens };
    },
  };
}
