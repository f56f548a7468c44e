/** Circuit breaker of one account: closed for all calls after a 429 or broken connections, reopened with one call, then two, then four. */
import type { ModelErrorKind } from '../model.ts';
import type { Random } from '../ports.ts';

export interface CircuitBreaker {
  /** End of the wait on the clock; 0 when open. */
  until(now: number): number;
  /** Calls that may be on their way without an answer's head. */
  readonly allowance: number;
  /** Why it was closed last. */
  readonly reason: ModelErrorKind;
  /** Closes the gate for a rate limit. `startedAt`: when the refused call was sent. True once an epoch: the lanes are cut. */
  limit(now: number, startedAt: number, retryAfterMs: number | undefined, reason?: ModelErrorKind): boolean;
  /** A connection failed or the server broke; returns true when the circuit opened. */
  broken(now: number, reason?: ModelErrorKind): boolean;
  /**
   * It was closed so often without one answer between that waiting on is no use: what waits is told, and until an answer comes
   * a call is tried once.
   */
  hopeless(now: number): boolean;
  /** A call was accepted. */
  accepted(now: number, lanes: number): void;
  /** A call ended well. */
  worked(): void;
  /** The machine slept: the next call goes alone. */
  resume(): void;
  /** A person asks anew: broken connections of the past are forgotten, and the next call goes alone. Waits that the server asked for stay. */
  retryNow(): void;
}

/** Failures in a row that open the circuit, and how long it stays open. */
const failuresInRow = 5;
const circuitMs = { first: 15_000, most: 120_000 };
/** Closings in a row, without an answer between, after which waiting on is no use: two to four minutes of a broken server. */
const mostOpenings = 4;
const mostEpochs = 6;
/** A limit a minute without a hint passes within this. */
const patientMs = 75_000;
/** What failed longer ago says nothing of now. */
const forgetMs = 60_000;

export function createCircuitBreaker(random: Random): CircuitBreaker {
  let closedUntil = 0;
  let allowance = Infinity;
  let lastCut = -1;
  let epochs = 0;
  let failures = 0;
  let openings = 0;
  let lastClosed = 0;
  let limitedSince = 0;
  let why: ModelErrorKind = 'rate-limit';

  const close = (until: number, reason: ModelErrorKind): void => {
    closedUntil = Math.max(closedUntil, until);
    lastClosed = closedUntil;
    allowance = 1;
    why = reason;
  };
  const forget = (now: number): void => {
    if (now < lastClosed + forgetMs) return;
    if (openings >= mostOpenings) failures = openings = 0;
    if (epochs >= mostEpochs && now >= limitedSince + patientMs) epochs = 0;
  };
  return {
    until: (now) => (closedUntil > now ? closedUntil : 0),
    get allowance() {
      return allowance;
    },
    get reason() {
      return why;
    },
    limit(now, startedAt, retryAfterMs, reason = 'rate-limit') {
      forget(now);
      const fresh = startedAt > lastCut;
      if (fresh) {
        epochs += 1;
        if (epochs === 1) limitedSince = now;
      }
      if (retryAfterMs !== undefined) close(now + retryAfterMs * (1 + 0.1 * random()), reason);
      else if (fresh) close(now + steadyBackOff(random, epochs - 1), reason);
      if (fresh) lastCut = now;
      return fresh;
    },
    broken(now, reason = 'network') {
      forget(now);
      failures += 1;
      if (failures < failuresInRow || closedUntil > now) return false;
      openings += 1;
      // The last closing is not waited out: nobody is left to wait.
      if (openings >= mostOpenings) lastClosed = now;
      else close(now + Math.min(circuitMs.most, circuitMs.first * 2 ** (openings - 1)), reason);
      return true;
    },
    hopeless(now) {
      forget(now);
      return openings >= mostOpenings || (epochs >= mostEpochs && now >= limitedSince + patientMs);
    },
    accepted(now, lanes) {
      // An answer while the circuit is open: the server is back.
      if (closedUntil > now && isBroken(why)) closedUntil = now;
      if (closedUntil > now || allowance === Infinity) return;
      allowance *= 2;
      if (allowance >= lanes) allowance = Infinity;
    },
    worked() {
      failures = 0;
      openings = 0;
      epochs = 0;
    },
    resume() {
      allowance = 1;
    },
    retryNow() {
      if (!isBroken(why)) return;
      closedUntil = failures = openings = 0;
    },
  };
}

const isBroken = (reason: ModelErrorKind): boolean => reason !== 'rate-limit' && reason !== 'overloaded';

/** Wait after a limit that gives no time: 1, 2, 4 … up to 30 s, less up to a fifth. */
function steadyBackOff(random: Random, attempt: number): number {
  return Math.min(30_000, 1_000 * 2 ** Math.min(attempt, 10)) * (0.8 + 0.2 * random());
}

/** Full jitter, but never at once: between a tenth of and the whole of `firstMs · 2^attempt`, at most 30 s. */
export function backOff(random: Random, attempt: number, firstMs: number): number {
  const most = Math.min(30_000, firstMs * 2 ** Math.min(attempt, 10));
  return most * (0.1 + 0.9 * random());
}
