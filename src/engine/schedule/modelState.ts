/** What one account's scheduler knows of one model. */
import type { ModelFinish } from '../model.ts';
import { createLatency, type Latency } from './latency.ts';
import { createRateLimit, type Need, type RateLimit } from './rateLimit.ts';
import { createSends, type Sends } from './sends.ts';
import type { LatencyFigures, ScheduledCall } from './types.ts';

/** Our count of a prompt is off by some percent: a call waits for so much more than it is expected to be charged. */
const needMargin = 1.08;

export class ModelState {
  readonly latency: Latency;
  readonly rate: RateLimit = createRateLimit();
  readonly sends: Sends = createSends();
  /** An answer's head was seen: its limits are known, or it tells none. */
  met = false;
  lastStart = -Infinity;
  /** Prompt tokens that the provider counted for one of our estimate. */
  #counted = 1;

  constructor(known: LatencyFigures | undefined) {
    this.latency = createLatency(known);
  }

  /** The provider's tokens of a call's prompt, as far as its counts are known. */
  inputOf({ call }: ScheduledCall): number {
    return call.inputTokens * this.#counted;
  }

  /** What a call takes of the rate limit. */
  needOf(call: ScheduledCall): Need {
    const size = {
      input: this.inputOf(call),
      output: call.outputTokens,
      most: call.call.maxTokens,
    };
    return { requests: 1, tokens: needMargin * this.sends.chargeOf(size) };
  }

  /** Learns from the provider's count of a call's prompt. */
  learnCount({ call }: ScheduledCall, { inputTokens = 0 }: ModelFinish['usage']): void {
    if (inputTokens <= 0 || call.inputTokens <= 0) return;
    const ratio = Math.min(3, Math.max(1 / 3, inputTokens / call.inputTokens));
    this.#counted += (ratio - this.#counted) * 0.4;
  }
}
