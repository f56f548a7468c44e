/** Stops an account's calls after a 429 or broken connections; reopens with one call, then two, then four. */
import type { ModelErrorKind } from '../model.ts';
import type { Random } from '../ports.ts';

export interface CircuitBreaker {
  /** On the clock; 0 when open. */
  until(now: number): number;
  /** Calls that may await an answer's head. */
  readonly allowance: number;
  /** Why it was closed last. */
  readonly reason: ModelErrorKind;
  /** Closes for a rate limit. `startedAt`: of the refused call. True once an epoch: cut concurrency. */
  limit(now: number, startedAt: number, retryAfterMs: number | undefined, reason?: ModelErrorKind): boolean;
  /** A broken connection or server; true when the circuit opened. */
  broken(now: number, reason?: ModelErrorKind): boolean;
  /** Closed too often without an answer: waiting calls fail, further ones are tried once. */
  hopeless(now: number): boolean;
  /** A call was accepted. */
  accepted(now: number, lanes: number): void;
  /** A call ended well. */
  worked(): void;
  /** After a sleep the next call goes alone. */
  resume(): void;
  /** A person retries: forgets broken connections, keeps waits that the server asked for. */
  retryNow(): void;
}

/** Failures in a row that open the circuit, and for how long. */
const failuresInRow = 5;
const circuitMs = { first: 15_000, most: 120_000 };
/** Closings without an answer before giving up: two to four minutes. */
const maxOpenings = 4;
const maxEpochs = 6;
/** A limit a minute without hint passes within this. */
const patientMs = 75_000;
/** Older failures no longer count. */
const forgetMs = 60_000;

/** Refusals in a row after which a server's own wait is doubled each time, up to `maxGrownMs`. */
const trustedEpochs = 3;
const maxGrownMs = 30_000;

/** The server's wait, longer where it has proven too short. */
function grown(retryAfterMs: number, epochs: number): number {
  const factor = 2 ** Math.max(0, epochs - trustedEpochs);
  return Math.max(retryAfterMs, Math.min(maxGrownMs, retryAfterMs * factor));
}

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
      // Nobody waits after the last closing.
      if (openings >= maxOpenings) lastClosed = now;
      else close(now + Math.min(circuitMs.most, circuitMs.first * 2 ** (openings - 1)), reason);
      return true;
    },
    hopeless(now) {
      forget(now);
      return openings >= maxOpenings || (epochs >= maxEpochs && now >= limitedSince + patientMs);
    },
    accepted(now, lanes) {
      // The server is back.
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

/** Waits 1, 2, 4 … up to 30 s, minus up to a fifth, if no time was given. */
function steadyBackOff(random: Random, attempt: number): number {
  return Math.min(30_000, 1_000 * 2 ** Math.min(attempt, 10)) * (0.8 + 0.2 * random());
}

/** Full jitter from a tenth of `firstMs · 2^attempt`, at most 30 s. */
export function backOff(random: Random, attempt: number, firstMs: number): number {
  const most = Math.min(30_000, firstMs * 2 ** Math.min(attempt, 10));
  return most * (0.1 + 0.9 * random());
}
