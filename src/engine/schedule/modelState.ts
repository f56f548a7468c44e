/** A scheduler's knowledge of one model. */
import type { ModelFinish } from '../model.ts';
import { createLatency, type Latency } from './latency.ts';
import { createRateLimit, type Need, type RateLimit } from './rateLimit.ts';
import { createSends, type Sends } from './sends.ts';
import type { LatencyFigures, ScheduledCall } from './types.ts';

/** Factor on the expected charge of a call, because prompt counts are a few percent off. */
const needMargin = 1.08;

export class ModelState {
  readonly latency: Latency;
  readonly rate: RateLimit = createRateLimit();
  readonly sends: Sends = createSends();
  /** Whether the limits are known, or the server reports none. */
  met = false;
  lastStart = -Infinity;
  /** Prompt tokens counted by the provider ÷ estimated. */
  #counted = 1;

  constructor(known: LatencyFigures | undefined) {
    this.latency = createLatency(known);
  }

  /** Returns prompt tokens in the provider's count. */
  inputOf({ call }: ScheduledCall): number {
    return call.inputTokens * this.#counted;
  }

  needOf(call: ScheduledCall): Need {
    const size = {
      input: this.inputOf(call),
      output: call.outputTokens,
      most: call.call.maxTokens,
    };
    return { requests: 1, tokens: needMargin * this.sends.chargeOf(size) };
  }

  learnCount({ call }: ScheduledCall, { inputTokens = 0 }: ModelFinish['usage']): void {
    if (inputTokens <= 0 || call.inputTokens <= 0) return;
    const ratio = Math.min(3, Math.max(1 / 3, inputTokens / call.inputTokens));
    this.#counted += (ratio - this.#counted) * 0.4;
  }
}
