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
  /** What it holds when it is full: a minute's tokens, or only seconds' where reset times tell so. */
  capacity: number;
  /** Whether the budget is restored all at once at `resetAt`. */
  windowed: boolean;
  seen?: { remaining: number; resetMs: number; at: number };
}

export interface RateLimit {
  /** Takes the state that a response told at `now`; `pending` says what was promised to calls that it does not know of yet. */
  learn(rate: RateLimits, pending: (tokens: Level | undefined) => Need, now: number): void;
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

/** A budget as reported by a header. */
export interface Level {
  /** Until it is full; more than the capacity where it is in debt. */
  readonly missing: number;
  /** Tokens regained per ms; 0 if the budget is restored all at once. */
  readonly perMs: number;
  /** Tokens of a full budget. */
  readonly capacity: number;
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
      requests = update(requests, rate.requestsLimit, rate.requestsRemaining, rate.requestsResetMs, now);
      const told = update(tokens, rate.tokensLimit, rate.tokensRemaining, rate.tokensResetMs, now);
      const isTold = rate.tokensLimit !== undefined && rate.tokensRemaining !== undefined;
      const sent = pending(isTold && told !== undefined ? toLevel(told) : undefined);
      tokens = told;
      if (requests !== undefined && rate.requestsRemaining !== undefined) requests.left -= sent.requests;
      if (tokens !== undefined && isTold) tokens.left = Math.min(tokens.capacity, tokens.left - sent.tokens);
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
  // What is missing refills until the reset: an empty budget is at most as large as that, and its debt is told by nothing else.
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

/** Two states of a bucket give its refill exactly; a window's reset comes nearer while the rest shrinks. */
function learnRefill(bucket: Bucket, remaining: number, resetMs: number, now: number): void {
  const last = bucket.seen;
  bucket.resetAt = now + resetMs;
  bucket.seen = { remaining, resetMs, at: now };
  // An empty bucket may be in debt, which headers hide: it gives no slope.
  if (last === undefined || last.remaining <= 0 || remaining <= 0) return;
  const [more, sooner] = [remaining - last.remaining, last.resetMs - resetMs];
  if (Math.abs(sooner) < 100 || Math.abs(more) < bucket.limit / 200) return;
  const slope = more / sooner;
  const clockOnly = Math.abs(sooner - (now - last.at)) < 50 && more < 0;
  bucket.windowed = clockOnly;
  if (clockOnly || slope <= 0) return;
  const rate = Math.max(slope, bucket.limit / 200_000);
  // Its size was reckoned by the rate.
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
  // A call above the whole budget passes when it is full, else nothing could ever send it.
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
