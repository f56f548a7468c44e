/** Limits that a server claimed in errors, in tokens; they must be plausible and expire. */
import type { ProviderMemory } from './provider.ts';

/** Lifetime of a claim, ms; then it is tested again. */
const lifetimeMs = 24 * 3_600_000;
/** Largest plausible window. */
const maxLimit = 100_000_000;

interface Claim {
  readonly tokens: number;
  /** Unix ms. */
  readonly until: number;
}

/** Ignores anything but whole numbers above 0. */
export function learnLimit(memory: ProviderMemory, key: string, tokens: number, now: number = Date.now()): void {
  if (!Number.isFinite(tokens) || tokens < 1 || tokens > maxLimit) return;
  const claim: Claim = { tokens: Math.floor(tokens), until: now + lifetimeMs };
  memory.set(key, claim);
}

/** Tokens learned within a day, else undefined. */
export function recall(memory: ProviderMemory, key: string, now: number = Date.now()): number | undefined {
  const value = memory.get(key);
  if (typeof value !== 'object' || value === null) return undefined;
  const { tokens, until } = value as Partial<Claim>;
  const valid = typeof tokens === 'number' && tokens > 0 && tokens <= maxLimit && typeof until === 'number';
  return valid && until > now && until <= now + lifetimeMs ? tokens : undefined;
}
