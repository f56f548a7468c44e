/** Stops an account's calls after a 429 or broken connections; then lets one call through, then two, then four. */
import type { ModelErrorKind } from '../model.ts';
import type { Random } from '../ports.ts';

interface CircuitBreaker {
  /** Time at which calls are let through again; 0 if they are now. */
  until(now: number): number;
  /** Calls that may wait for a response's head. */
  readonly allowance: number;
  readonly reason: ModelErrorKind;
  /**
   * Stops calls after a rate limit. Returns true once for a group of refusals: lower the concurrency then.
   * @param startedAt of the refused call
   */
  limit(now: number, startedAt: number, retryAfterMs: number | undefined, reason?: ModelErrorKind): boolean;
  /** Counts a broken connection or server; returns whether calls are now stopped. */
  broken(now: number, reason?: ModelErrorKind): boolean;
  /** Whether calls were stopped too often without an answer: waiting calls fail, new ones are tried once. */
  hopeless(now: number): boolean;
  accepted(now: number, lanes: number): void;
  worked(): void;
  /** After the machine slept, lets the next call through alone. */
  resume(): void;
  /** A person retries: forgets broken connections, keeps waits that the server asked for. */
  retryNow(): void;
}

const failuresInRow = 5;
const circuitMs = { first: 15_000, most: 120_000 };
/** Stops without an answer before giving up; two to four minutes in all. */
const maxOpenings = 4;
const maxEpochs = 6;
/** Time within which a limit per minute passes, if the server gives none, ms. */
const patientMs = 75_000;
/** Age, ms. */
const forgetMs = 60_000;

/** Consecutive refusals after which the wait that the server names is doubled each time, up to `maxGrownMs`. */
const trustedEpochs = 3;
const maxGrownMs = 30_000;

/** Returns the server's wait, lengthened if it has proved too short. */
function grown(retryAfterMs: number, epochs: number): number {
  const factor = 2 ** Math.max(0, epochs - trustedEpochs);
  return Math.max(retryAfterMs, Math.min(maxGrownMs, retryAfterMs * factor));
}

/** Returns a closed breaker, which lets all calls pass. */
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
    if (openings >= maxOpenings) failures = openings = 0;
    if (epochs >= maxEpochs && now >= limitedSince + patientMs) epochs = 0;
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
      if (retryAfterMs !== undefined) close(now + grown(retryAfterMs, epochs) * (1 + 0.1 * random()), reason);
      else if (fresh) close(now + steadyBackOff(random, epochs - 1), reason);
      if (fresh) lastCut = now;
      return fresh;
    },
    broken(now, reason = 'network') {
      forget(now);
      failures += 1;
      if (failures < failuresInRow || closedUntil > now) return false;
      openings += 1;
      // nobody waits after the last stop
      if (openings >= maxOpenings) lastClosed = now;
      else close(now + Math.min(circuitMs.most, circuitMs.first * 2 ** (openings - 1)), reason);
      return true;
    },
    hopeless(now) {
      forget(now);
      return openings >= maxOpenings || (epochs >= maxEpochs && now >= limitedSince + patientMs);
    },
    accepted(now, lanes) {
      // the server responds again
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

/** Waits 1, 2, 4 … up to 30 s, minus up to a fifth, if the server names no time. */
function steadyBackOff(random: Random, attempt: number): number {
  return Math.min(30_000, 1_000 * 2 ** Math.min(attempt, 10)) * (0.8 + 0.2 * random());
}

/** Random wait between a tenth and all of `firstMs · 2^attempt`, at most 30 s. */
export function backOff(random: Random, attempt: number, firstMs: number): number {
  const most = Math.min(30_000, firstMs * 2 ** Math.min(attempt, 10));
  return most * (0.1 + 0.9 * random());
}
