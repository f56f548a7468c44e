/** Judges when a second call would probably end sooner. */
import type { Stage } from '../model.ts';
import { estimateVisible, type AttemptState } from './attempt.ts';
import { expectFirst, expectTotal } from './latency.ts';
import type { LatencyFigures } from './types.ts';

/** How late a call is. */
export interface Lateness {
  /** Whether a second call is worth a free lane. */
  readonly late: boolean;
  /** Whether it stalled, so that it is retried even if no hedges are left. */
  readonly silent: boolean;
}

/** Multiple of the expected duration from which a writer is slow. */
const slowFactor = 1.75;
/** Multiple of the late time from which a call has stalled. */
const silentMore = 2.2;
/** Less is noise. */
const minMs = 120;
/** Minimum delay of a stalled call, ms; a repeated call is paid for. */
const minSilentMs = 1_500;
/** Number of other calls that must have answered before. */
const minSamples = 3;

const punctual: Lateness = { late: false, silent: false };

/** @param lateFactor multiple of the expected first-token time from which a call is late */
export function judgeLateness(
  state: AttemptState,
  call: { stage: Stage; inputTokens: number; outputTokens: number },
  figures: LatencyFigures,
  now: number,
  lateFactor: number,
): Lateness {
  if (figures.samples < minSamples) return punctual;
  const elapsed = now - state.startedAt;
  if (state.firstAt === undefined) {
    const expected = expectFirst(figures, call.inputTokens);
    const times = elapsed - expected < minMs ? 0 : elapsed / (lateFactor * expected);
    return { late: times > 1, silent: times > silentMore && elapsed - expected > minSilentMs };
  }
  if (call.stage === 'reduce' || state.firstTextAt === undefined) return punctual;
  return { late: isSlowWriter(state, call, figures, now), silent: false };
}

function isSlowWriter(
  state: AttemptState,
  call: { inputTokens: number; outputTokens: number },
  figures: LatencyFigures,
  now: number,
): boolean {
  const writing = now - (state.firstTextAt ?? now);
  const tokens = estimateVisible(state.text);
  const again = expectTotal(figures, call.inputTokens, call.outputTokens);
  if (now - state.startedAt > slowFactor * again) return true;
  if (writing < 1_000 || tokens <= 0) return false;
  const left = Math.max(0, call.outputTokens - tokens) * (writing / tokens);
  return writing / tokens > slowFactor * figures.perOutputTokenMs && left > 1.3 * again;
}
