/** Judges when a second call likely ends sooner. Pure. */
import type { Stage } from '../model.ts';
import { estimateVisible, type AttemptState } from './attempt.ts';
import { expectFirst, expectTotal } from './latency.ts';
import type { LatencyFigures } from './types.ts';

export interface Lateness {
  /** Worth a second call in a free slot. */
  readonly late: boolean;
  /** Stalled: asked again as a retry, even without hedges left. */
  readonly silent: boolean;
}

/** Multiple of the expected time of a slow writer. */
const slowFactor = 1.75;
/** Multiple of lateness of a stalled call. */
const silentMore = 2.2;
/** Below this a difference is noise. */
const minMs = 120;
const minSilentMs = 1_500;
/** Siblings that must have answered first. */
const minSamples = 3;

const punctual: Lateness = { late: false, silent: false };

/** @param lateFactor factor of the expected first-token time */
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

/** A new call would end well before it. */
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
