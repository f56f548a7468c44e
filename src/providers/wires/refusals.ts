/**
 * Prompts that an endpoint refused as too long: what is as large is not sent again, and an endpoint that refuses even small ones
 * is not asked on. Both for a short while only, because a server may be restarted with another window.
 */
import { ModelError, type ModelCall } from '../../engine/model.ts';

interface Refusal {
  /** The smallest prompt and answer, together, that were refused, tokens. */
  readonly tokens: number;
  /** The server named its limit. */
  readonly told: boolean;
  /** ms since 1970. */
  readonly at: number;
}

/** By account, endpoint and model. */
const refusals = new Map<string, Refusal>();
const lifetimeMs = 60_000;
/** A server that refuses less than this without naming a limit refuses everything. */
const minSize = 1400;
/** Our estimate may be off by this share. */
const estimateShare = 0.9;

function measureCall(call: ModelCall): number {
  return call.inputTokens + call.maxTokens;
}

/** Keeps that a call was refused by the server. */
export function keepRefusal(key: string, call: ModelCall, error: unknown, now: number = Date.now()): void {
  if (!ModelError.is(error, 'too-long') || error.status === undefined) return;
  const known = refusals.get(key);
  const before = known === undefined || now - known.at > lifetimeMs ? Infinity : known.tokens;
  refusals.set(key, { tokens: Math.min(before, measureCall(call)), told: error.limitTokens !== undefined, at: now });
}

/** Forgets a refusal that an answer to a call as large has proven wrong. */
export function dropRefusal(key: string, call: ModelCall): void {
  if ((refusals.get(key)?.tokens ?? Infinity) <= measureCall(call)) refusals.delete(key);
}

/** @throws ModelError for a call as large as one that the endpoint has just refused, or where it refuses even small ones. */
export function checkRefused(key: string, host: string, call: ModelCall, now: number = Date.now()): void {
  const known = refusals.get(key);
  if (known === undefined || now - known.at > lifetimeMs) return;
  const isHopeless = known.tokens < minSize && !known.told;
  if (isHopeless || measureCall(call) >= known.tokens * estimateShare)
    throw new ModelError({ kind: 'too-long', args: [host] });
}
