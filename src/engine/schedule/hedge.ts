/** When a call is so late that a second one is likely to end sooner. Pure. */
import type { Stage } from '../model.ts';
import { visibleTokens, type AttemptState } from './attempt.ts';
import { expectFirst, expectTotal } from './latency.ts';
import type { LatencyFigures } from './types.ts';

export interface Lateness {
  /** A second call is worth it while a lane is free. */
  readonly late: boolean;
  /** Nothing has come at all for so long that it is given up for another call in its own lane. */
  readonly hopeless: boolean;
  /** So long that it counts as stalled: asked again out of the run's retries, though no hedge is left. */
  readonly silent: boolean;
}

/** Times the expected duration; set by the bench (test/bench/RESULTS.md). A call that gives up its own lane must be later still. */
export const usualLateFactor = 1.75;
const hopelessMore = 1.4;
const silentMore = 2;
/** Below this a difference is noise. */
const leastMs = 250;
const leastSilentMs = 1_500;
/** Siblings that must have answered first. */
const leastSamples = 3;

const punctual: Lateness = { late: false, hopeless: false, silent: false };

export function lateness(
  state: AttemptState,
  call: { stage: Stage; inputTokens: number; outputTokens: number },
  figures: LatencyFigures,
  now: number,
  lateFactor: number,
): Lateness {
  if (figures.samples < leastSamples) return punctual;
  const elapsed = now - state.startedAt;
  if (state.firstAt === undefined) {
    const expected = expectFirst(figures, call.inputTokens);
    const times = elapsed - expected < leastMs ? 0 : elapsed / (lateFactor * expected);
    return {
      late: times > 1,
      hopeless: times > hopelessMore,
      silent: times > silentMore && elapsed - expected > leastSilentMs,
    };
  }
  if (call.stage === 'reduce' || state.firstTextAt === undefined) return punctual;
  return { late: slowWriter(state, call, figures, now, lateFactor), hopeless: false, silent: false };
}

/** It writes so slowly that a new call would be done well before it. */
function slowWriter(
  state: AttemptState,
  call: { inputTokens: number; outputTokens: number },
  figures: LatencyFigures,
  now: number,
  lateFactor: number,
): boolean {
  const writing = now - (state.firstTextAt ?? now);
  const tokens = visibleTokens(state.text);
  const again = expectTotal(figures, call.inputTokens, call.outputTokens);
  if (now - state.startedAt > lateFactor * again) return true;
  if (writing < 1_000 || tokens <= 0) return false;
  const left = Math.max(0, call.outputTokens - tokens) * (writing / tokens);
  return writing / tokens > lateFactor * figures.perOutputTokenMs && left > 1.3 * again;
}
