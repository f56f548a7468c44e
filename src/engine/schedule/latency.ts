/** Learns a model's latency: the first token takes `a + p · in` with a spread, each output token `v`. */
import type { LatencyFigures } from './types.ts';

/** Defaults: 0.6 s, 12,000 tokens a second in, 90 out. */
export const startFigures: LatencyFigures = {
  firstTokenMs: 600,
  perInputTokenMs: 1 / 12,
  perOutputTokenMs: 11,
  samples: 0,
};

/** Defaults of a local server: 500 tokens a second in, 30 out, as for 8 billion parameters on a laptop. */
export const localFigures: LatencyFigures = {
  firstTokenMs: 500,
  perInputTokenMs: 2,
  perOutputTokenMs: 33,
  samples: 0,
};

/** Weight of each older sample. */
const decay = 0.92;
/** Ridge penalty, which keeps samples of equal size from tilting the line. */
const ridge = 0.05;

/** Prior spread: natural logarithm of measured ÷ expected. */
const priorSpread = { sigma: 0.15, weight: 4 };
/** Limits of a residual, in standard deviations and absolute, so that stragglers hardly widen the spread. */
const clipped = { sigmas: 2.5, least: 0.1 };
/** Standard deviations and factors from which a call is late. */
const lateSigmas = 3.2;
const lateFactors = { min: 1.25, max: 3 } as const;

/** Expected durations of a model, learned from its calls. */
export interface Latency {
  readonly figures: LatencyFigures;
  /** Multiple of the expected first-token time. */
  readonly lateFactor: number;
  first(inputTokens: number, ms: number): void;
  rest(outputTokens: number, ms: number): void;
}

/** Starts from figures of an earlier session, if any. */
export function createLatency(start: LatencyFigures = startFigures): Latency {
  let { firstTokenMs, perInputTokenMs, perOutputTokenMs, samples } = start;
  const { firstTokenMs: a0, perInputTokenMs: p0 } = start;
  let outputSamples = samples;
  let variance = (start.firstSpread ?? priorSpread.sigma) ** 2;
  let spreadWeight: number = start.firstSpread === undefined ? priorSpread.weight : 12;
  const lateFactor = (): number =>
    Math.min(lateFactors.max, Math.max(lateFactors.min, Math.exp(lateSigmas * Math.sqrt(variance))));
  const learnSpread = (ratio: number): void => {
    const limit = Math.max(clipped.least, clipped.sigmas * Math.sqrt(variance));
    const residual = Math.min(limit, Math.max(-limit, Math.log(ratio)));
    variance += (residual * residual - variance) / (spreadWeight + 1);
    spreadWeight = Math.min(40, spreadWeight + 1);
  };
  let [weight, ratio, aa, ap, pp, ay, py] = [0, 0, 0, 0, 0, 0, 0];

  return {
    get figures() {
      const spread = samples > 3 ? { firstSpread: Math.sqrt(variance) } : {};
      return { firstTokenMs, perInputTokenMs, perOutputTokenMs, samples, ...spread };
    },
    get lateFactor() {
      return lateFactor();
    },
    first(inputTokens, ms) {
      const expected = Math.max(1, a0 + p0 * inputTokens);
      const now = Math.max(1, firstTokenMs + perInputTokenMs * inputTokens);
      // a straggler must not make later ones look normal
      if (samples >= 3) learnSpread(ms / now);
      const seen = (samples >= 3 ? Math.min(ms, lateFactor() * now) : ms) / expected;
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

/** Expected time to the first token, ms. */
export function expectFirst(figures: LatencyFigures, inputTokens: number): number {
  return figures.firstTokenMs + figures.perInputTokenMs * inputTokens;
}

/** Expected time of a whole answer, ms. */
export function expectTotal(figures: LatencyFigures, inputTokens: number, outputTokens: number): number {
  return expectFirst(figures, inputTokens) + figures.perOutputTokenMs * outputTokens;
}
