/** Rate limit of one model, from its headers or from what it refuses: what may be sent now, or how long to wait. */
import type { RateLimits } from '../model.ts';
import { createGuessedLimit } from './guessedLimit.ts';

/** Longest wait for a limit without any call: every limit a minute has passed by then, ms. */
const maxLimitMs = 90_000;

interface Bucket {
  limit: number;
  /** Left at `at`, by the last header, less what was sent since. */
  left: number;
  at: number;
  /** Refill a ms. */
  rate: number;
  resetAt: number;
  /** The budget comes back all at once at `resetAt`. */
  windowed: boolean;
  seen?: { remaining: number; resetMs: number; at: number };
}

export interface RateLimit {
  /** Takes the state that a response told at `now`; `pending` is what was promised to calls that it does not know of yet. */
  learn(rate: RateLimits, pending: Need, now: number): void;
  /** ms until a call of this size may be sent; 0: now. */
  wait(need: Need, now: number): number;
  /** A call of this size is sent. */
  take(need: Need, now: number): void;
  /** A call of this size, sent at `sentAt`, was let through. */
  accepted(need: Need, sentAt: number): void;
  /** The server refused a call of this size although the budget looked open. */
  refused(need: Need, now: number): void;
  readonly tokensPerMinute: number | undefined;
}

export interface Need {
  readonly requests: number;
  readonly tokens: number;
}

export function createRateLimit(): RateLimit {
  let requests: Bucket | undefined;
  let tokens: Bucket | undefined;
  let lastTake: number | undefined;
  const guessed = createGuessedLimit();

  return {
    learn(rate, pending, now) {
      requests = update(
        requests,
        rate.requestsLimit,
        rate.requestsRemaining,
        rate.requestsResetMs,
        pending.requests,
        now,
      );
      tokens = update(tokens, rate.tokensLimit, rate.tokensRemaining, rate.tokensResetMs, pending.tokens, now);
    },
    wait(need, now) {
      // Whatever headers say: after so long without a call one is tried, and its answer tells more.
      lastTake ??= now;
      const bound = Math.max(0, lastTake + maxLimitMs - now);
      const known = Math.max(waitFor(requests, need.requests, now), waitFor(tokens, need.tokens, now));
      return Math.min(bound, tokens === undefined && requests === undefined ? guessed.wait(need.tokens, now) : known);
    },
    take(need, now) {
      lastTake = now;
      guessed.take(need.tokens, now);
      spend(requests, need.requests, now);
      spend(tokens, need.tokens, now);
    },
    accepted: (need, sentAt) => guessed.accepted(need.tokens, sentAt),
    refused(need, now) {
      guessed.refused(need.tokens, now);
      for (const bucket of [requests, tokens]) {
        if (bucket === undefined) continue;
        refill(bucket, now);
        bucket.rate = Math.min(bucket.rate, bucket.limit / 60_000);
      }
    },
    get tokensPerMinute() {
      return tokens === undefined ? undefined : Math.round(tokens.rate * 60_000);
    },
  };
}

function update(
  old: Bucket | undefined,
  limit: number | undefined,
  remaining: number | undefined,
  resetMs: number | undefined,
  pending: number,
  now: number,
): Bucket | undefined {
  if (limit === undefined || remaining === undefined || limit <= 0) return old;
  const bucket: Bucket = old ?? { limit, left: 0, at: now, rate: limit / 60_000, resetAt: 0, windowed: false };
  if (bucket.limit !== limit) bucket.rate = limit / 60_000;
  bucket.limit = limit;
  bucket.left = remaining - pending;
  bucket.at = now;
  if (resetMs !== undefined) learnRefill(bucket, remaining, resetMs, now);
  return bucket;
}

/** Two states of a bucket give its refill exactly; a window's reset comes nearer while the rest shrinks. */
function learnRefill(bucket: Bucket, remaining: number, resetMs: number, now: number): void {
  const last = bucket.seen;
  bucket.resetAt = now + resetMs;
  bucket.seen = { remaining, resetMs, at: now };
  // An empty bucket may be in debt, which no header tells: it gives no slope.
  if (last === undefined || last.remaining <= 0 || remaining <= 0) return;
  const [more, sooner] = [remaining - last.remaining, last.resetMs - resetMs];
  if (Math.abs(sooner) < 100 || Math.abs(more) < bucket.limit / 200) return;
  const slope = more / sooner;
  const clockOnly = Math.abs(sooner - (now - last.at)) < 50 && more < 0;
  bucket.windowed = clockOnly;
  if (!clockOnly && slope > 0) bucket.rate = Math.max(slope, bucket.limit / 200_000);
}

function refill(bucket: Bucket, now: number): void {
  const passed = now - bucket.at;
  if (passed <= 0) return;
  if (!bucket.windowed) bucket.left = Math.min(bucket.limit, bucket.left + passed * bucket.rate);
  else if (now >= bucket.resetAt) bucket.left = bucket.limit;
  bucket.at = now;
}

function waitFor(bucket: Bucket | undefined, amount: number, now: number): number {
  if (bucket === undefined) return 0;
  refill(bucket, now);
  // A call above the whole budget passes when it is full, else nothing could ever send it.
  const missing = Math.min(amount, bucket.limit * 0.98) - bucket.left;
  if (missing <= 0) return 0;
  const waitMs = bucket.windowed ? bucket.resetAt - now : Math.ceil(missing / bucket.rate);
  return Math.min(maxLimitMs, Math.max(1, waitMs));
}

function spend(bucket: Bucket | undefined, amount: number, now: number): void {
  if (bucket === undefined) return;
  refill(bucket, now);
  bucket.left -= amount;
}
