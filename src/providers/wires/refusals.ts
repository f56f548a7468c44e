/**
 * Remembers prompts refused as too long, for a short time: prompts as large are not sent again, nor anything to an endpoint
 * that refuses small ones.
 */
import { ModelError, type ModelCall } from '../../engine/model.ts';

interface Refusal {
  /** Smallest refused prompt with its answer. */
  readonly tokens: number;
  /** Whether the server named its limit. */
  readonly told: boolean;
  /** Unix ms. */
  readonly at: number;
}

/** By account, endpoint and model. */
const refusals = new Map<string, Refusal>();
const lifetimeMs = 60_000;
/** An endpoint that refuses fewer tokens, without naming a limit, refuses everything. */
const minSize = 1400;
/** Share by which estimates may be off. */
const estimateShare = 0.9;

function measureCall(call: ModelCall): number {
  return call.inputTokens + call.maxTokens;
}

/** Records that a call was refused. */
export function keepRefusal(key: string, call: ModelCall, error: unknown, now: number = Date.now()): void {
  if (!ModelError.is(error, 'too-long') || error.status === undefined) return;
  const known = refusals.get(key);
  const before = known === undefined || now - known.at > lifetimeMs ? Infinity : known.tokens;
  refusals.set(key, { tokens: Math.min(before, measureCall(call)), told: error.limitTokens !== undefined, at: now });
}

/** Forgets a refusal after an answer to a call as large. */
export function dropRefusal(key: string, call: ModelCall): void {
  if ((refusals.get(key)?.tokens ?? Infinity) <= measureCall(call)) refusals.delete(key);
}

/** @throws ModelError for a call as large as one just refused, or if even small ones were refused */
export function checkRefused(key: string, host: string, call: ModelCall, now: number = Date.now()): void {
  const known = refusals.get(key);
  if (known === undefined || now - known.at > lifetimeMs) return;
  const isHopeless = known.tokens < minSize && !known.told;
  if (isHopeless || measureCall(call) >= known.tokens * estimateShare)
    throw new ModelError({ kind: 'too-long', args: [host] });
}
