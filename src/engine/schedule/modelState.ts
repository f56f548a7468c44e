/** A scheduler's knowledge of one model. */
import type { ModelFinish } from '../model.ts';
import { createLatency, expectTotal, startFigures, type Latency } from './latency.ts';
import { createRateLimit, type Need, type RateLimit } from './rateLimit.ts';
import { createSends, type Send, type Sends } from './sends.ts';
import type { LatencyFigures, ScheduledCall } from './types.ts';

/** Factor on the expected charge of a call, because prompt counts are a few percent off. */
const needMargin = 1.08;

/**
 * Time between two starts while limits are unknown, so that few calls meet a first 429: a share of the expected duration,
 * within bounds.
 */
const spacing = { leastMs: 4, mostMs: 20, share: 0.03 };

/** What is learned about one model. */
export class ModelState {
  readonly latency: Latency;
  readonly rate: RateLimit = createRateLimit();
  readonly sends: Sends = createSends();
  /** Whether the limits are known, or the server reports none. */
  met = false;
  lastStart = -Infinity;
  /** Start of the last call while none waited for its head. */
  waveStart = -Infinity;
  /** By the provider ÷ estimated. */
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

  startSend(call: ScheduledCall, at: number): Send {
    const send: Send = { at, input: this.inputOf(call), output: call.outputTokens, most: call.call.maxTokens };
    this.sends.add(send);
    return send;
  }

  /** ms between two starts while limits are unknown. */
  spacingMs({ call, outputTokens }: ScheduledCall, queued: number, lanes: number): number {
    const waves = Math.max(1, queued / lanes);
    const queueMs = expectTotal(this.latency.figures, call.inputTokens, outputTokens) * waves;
    return Math.min(spacing.mostMs, Math.max(spacing.leastMs, (spacing.share * queueMs) / lanes));
  }

  learnCount({ call }: ScheduledCall, { inputTokens = 0 }: ModelFinish['usage']): void {
    if (inputTokens <= 0 || call.inputTokens <= 0) return;
    const ratio = Math.min(3, Math.max(1 / 3, inputTokens / call.inputTokens));
    this.#counted += (ratio - this.#counted) * 0.4;
  }
}

/** States by model, created at first use. */
export class ModelStates {
  readonly #states = new Map<string, ModelState>();
  readonly #known: ReadonlyMap<string, LatencyFigures> | undefined;

  constructor(known: ReadonlyMap<string, LatencyFigures> | undefined) {
    this.#known = known;
  }

  get(model: string): ModelState {
    let state = this.#states.get(model);
    if (state === undefined) this.#states.set(model, (state = new ModelState(this.#known?.get(model))));
    return state;
  }

  latency(model: string): LatencyFigures {
    return this.#states.get(model)?.latency.figures ?? this.#known?.get(model) ?? startFigures;
  }
}
