/** Tracks the rate limit of a model, from headers or from refusals: how much may be sent now, or how long to wait. */
import type { RateLimits } from '../model.ts';
import { createGuessedLimit } from './guessedLimit.ts';

/** Longest wait for a limit without a call, ms; every limit per minute has passed by then. */
const maxLimitMs = 90_000;

interface Bucket {
  limit: number;
  /** Remaining at `at`, by the last header, less what was sent since. */
  left: number;
  at: number;
  /** Tokens regained per ms. */
  rate: number;
  resetAt: number;
  /** Size of the full bucket: tokens of a minute, or of seconds if reset times show it. */
  capacity: number;
  /** Whether the budget is restored all at once at `resetAt`. */
  windowed: boolean;
  seen?: { remaining: number; resetMs: number; at: number };
}

/** Limits of an account, per minute. */
export interface RateLimit {
  /** Takes the state that a response reported at `now`. `pending` returns what calls use that the response does not include yet. */
  learn(rate: RateLimits, pending: (tokens: Level | undefined) => Need, now: number): void;
  /** Returns ms until a call of this size may be sent; 0 for now. */
  wait(need: Need, now: number): number;
  take(need: Need, now: number): void;
  accepted(need: Need, sentAt: number): void;
  /** The server refused a call of this size although the budget seemed sufficient. */
  refused(need: Need, now: number): void;
  readonly tokensPerMinute: number | undefined;
}

/** A budget as reported by a header. */
export interface Level {
  /** Tokens missing to a full budget; more than the capacity if it is overdrawn. */
  readonly missing: number;
  /** 0 if the budget is restored all at once. */
  readonly perMs: number;
  readonly capacity: number;
}

/** What calls use of a limit. */
export interface Need {
  readonly requests: number;
  readonly tokens: number;
}

/** Returns limits that nothing is known of. */
export function createRateLimit(): RateLimit {
  let requests: Bucket | undefined;
  let tokens: Bucket | undefined;
  let lastTake: number | undefined;
  const guessed = createGuessedLimit();

  return {
    learn(rate, pending, now) {
      requests = update(requests, rate.requestsLimit, rate.requestsRemaining, rate.requestsResetMs, now);
      const told = update(tokens, rate.tokensLimit, rate.tokensRemaining, rate.tokensResetMs, now);
      const isTold = rate.tokensLimit !== undefined && rate.tokensRemaining !== undefined;
      const sent = pending(isTold && told !== undefined ? toLevel(told) : undefined);
      tokens = told;
      if (requests !== undefined && rate.requestsRemaining !== undefined) requests.left -= sent.requests;
      if (tokens !== undefined && isTold) tokens.left = Math.min(tokens.capacity, tokens.left - sent.tokens);
    },
    wait(need, now) {
      // after so long without a call one is tried, whatever headers say
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
  now: number,
): Bucket | undefined {
  if (limit === undefined || remaining === undefined || limit <= 0) return old;
  const fresh = {
    limit,
    left: 0,
    at: now,
    rate: limit / 60_000,
    resetAt: 0,
    capacity: limit,
    windowed: false,
  };
  const bucket: Bucket = old?.limit === limit ? old : fresh;
  bucket.left = remaining;
  bucket.at = now;
  if (resetMs === undefined) return bucket;
  learnRefill(bucket, remaining, resetMs, now);
  if (bucket.windowed) {
    bucket.capacity = limit;
    return bucket;
  }
  // The missing tokens are regained until the reset, so an empty budget is at most this large; nothing else reports how far it is
  // overdrawn.
  const missing = resetMs * bucket.rate;
  bucket.capacity = Math.min(bucket.capacity, remaining + missing);
  if (remaining <= 0) bucket.left = bucket.capacity - missing;
  return bucket;
}

const toLevel = ({ left, rate, capacity, windowed }: Bucket): Level => ({
  missing: capacity - left,
  perMs: windowed ? 0 : rate,
  capacity,
});

/** Computes the refill from two states of a bucket; the reset of a window comes nearer while the rest shrinks. */
function learnRefill(bucket: Bucket, remaining: number, resetMs: number, now: number): void {
  const last = bucket.seen;
  bucket.resetAt = now + resetMs;
  bucket.seen = { remaining, resetMs, at: now };
  // An empty bucket may be overdrawn, which headers hide, so it gives no rate.
  if (last === undefined || last.remaining <= 0 || remaining <= 0) return;
  const [more, sooner] = [remaining - last.remaining, last.resetMs - resetMs];
  if (Math.abs(sooner) < 100 || Math.abs(more) < bucket.limit / 200) return;
  const slope = more / sooner;
  const clockOnly = Math.abs(sooner - (now - last.at)) < 50 && more < 0;
  bucket.windowed = clockOnly;
  if (clockOnly || slope <= 0) return;
  const rate = Math.max(slope, bucket.limit / 200_000);
  if (Math.abs(rate / bucket.rate - 1) > 0.05) bucket.capacity = bucket.limit;
  bucket.rate = rate;
}

function refill(bucket: Bucket, now: number): void {
  const passed = now - bucket.at;
  if (passed <= 0) return;
  if (!bucket.windowed) bucket.left = Math.min(bucket.capacity, bucket.left + passed * bucket.rate);
  else if (now >= bucket.resetAt) bucket.left = bucket.limit;
  bucket.at = now;
}

function waitFor(bucket: Bucket | undefined, amount: number, now: number): number {
  if (bucket === undefined) return 0;
  refill(bucket, now);
  // A call larger than the whole budget is sent when the budget is full; it could never be sent otherwise.
  const missing = Math.min(amount, bucket.capacity) - bucket.left;
  if (missing <= 0) return 0;
  const waitMs = bucket.windowed ? bucket.resetAt - now : Math.ceil(missing / bucket.rate);
  return Math.min(maxLimitMs, Math.max(1, waitMs));
}

function spend(bucket: Bucket | undefined, amount: number, now: number): void {
  if (bucket === undefined) return;
  refill(bucket, now);
  bucket.left -= amount;
}
