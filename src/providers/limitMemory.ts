/**
 * Limits that a server claimed in an error, in tokens. A claim may be wrong, or true for an hour: it has to be plausible, it
 * expires, and all claims are dropped together.
 */
import type { ProviderMemory } from './provider.ts';

/** After a day the claim is tried anew: one refused request at most. */
const lifetimeMs = 24 * 3_600_000;
/** No model has more tokens of window. */
const maxLimit = 100_000_000;

interface Claim {
  readonly tokens: number;
  /** ms since 1970. */
  readonly until: number;
}

/** Keeps a limit for a day. Ignores what is no whole number of tokens above 0. */
export function learnLimit(memory: ProviderMemory, key: string, tokens: number, now: number = Date.now()): void {
  if (!Number.isFinite(tokens) || tokens < 1 || tokens > maxLimit) return;
  const claim: Claim = { tokens: Math.floor(tokens), until: now + lifetimeMs };
  memory.set(key, claim);
}

/** Returns a limit that was learned within the last day, in tokens; else undefined. */
export function recall(memory: ProviderMemory, key: string, now: number = Date.now()): number | undefined {
  const value = memory.get(key);
  if (typeof value !== 'object' || value === null) return undefined;
  const { tokens, until } = value as Partial<Claim>;
  const valid = typeof tokens === 'number' && tokens > 0 && tokens <= maxLimit && typeof until === 'number';
  return valid && until > now && until <= now + lifetimeMs ? tokens : undefined;
}
