/** What was learned of a model's speed: time to first token `a + p · in`, then `v` for each output token. */
import type { LatencyFigures } from './types.ts';

/** Before anything was measured: 0.6 s, 12,000 tokens a second in, 90 out. */
export const startFigures: LatencyFigures = {
  firstTokenMs: 600,
  perInputTokenMs: 1 / 12,
  perOutputTokenMs: 11,
  samples: 0,
};

/** Older samples count less by this factor each. */
const decay = 0.92;
/** Weight of the belief that both parts are off by the same factor; keeps equal sizes from tilting the line. */
const ridge = 0.05;

export interface Latency {
  readonly figures: LatencyFigures;
  /** A first token came after `ms` for a prompt of `inputTokens`. */
  first(inputTokens: number, ms: number): void;
  /** `outputTokens` came in `ms` after the first one. */
  rest(outputTokens: number, ms: number): void;
}

export function createLatency(start: LatencyFigures = startFigures): Latency {
  let { firstTokenMs, perInputTokenMs, perOutputTokenMs, samples } = start;
  const { firstTokenMs: a0, perInputTokenMs: p0 } = start;
  let outputSamples = samples;
  let [weight, ratio, aa, ap, pp, ay, py] = [0, 0, 0, 0, 0, 0, 0];

  return {
    get figures() {
      return { firstTokenMs, perInputTokenMs, perOutputTokenMs, samples };
    },
    first(inputTokens, ms) {
      const expected = Math.max(1, a0 + p0 * inputTokens);
      const now = Math.max(1, firstTokenMs + perInputTokenMs * inputTokens);
      // One straggler must not make all later ones look normal.
      const seen = (samples >= 3 ? Math.min(ms, 2 * now) : ms) / expected;
      const [a, p] = [a0 / expected, (p0 * inputTokens) / expected];
      weight = weight * decay + 1;
      ratio = ratio * decay + seen;
      [aa, ap, pp] = [aa * decay + a * a, ap * decay + a * p, pp * decay + p * p];
      [ay, py] = [ay * decay + a * seen, py * decay + p * seen];
      const mean = ratio / weight;
      const [left, right] = [aa + ridge, pp + ridge];
      const [first, second] = [ay + ridge * mean, py + ridge * mean];
      const determinant = left * right - ap * ap;
      const low = mean / 10;
      firstTokenMs = a0 * Math.max(low, (first * right - second * ap) / determinant);
      perInputTokenMs = p0 * Math.max(low, (second * left - first * ap) / determinant);
      samples += 1;
    },
    rest(outputTokens, ms) {
      if (outputTokens < 8 || ms < 0) return;
      const seen = ms / outputTokens;
      const clipped = outputSamples >= 3 ? Math.min(seen, 2 * perOutputTokenMs) : seen;
      const share = Math.max(0.2, 1 / (outputSamples + 1));
      perOutputTokenMs += (clipped - perOutputTokenMs) * share;
      outputSamples += 1;
    },
  };
}

/** Time to the first token by the law, ms. */
export function expectFirst(figures: LatencyFigures, inputTokens: number): number {
  return figures.firstTokenMs + figures.perInputTokenMs * inputTokens;
}

/** Time of a whole answer by the law, ms. */
export function expectTotal(figures: LatencyFigures, inputTokens: number, outputTokens: number): number {
  return expectFirst(figures, inputTokens) + figures.perOutputTokenMs * outputTokens;
}
