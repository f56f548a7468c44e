/**
 * Keeps recent requests of a model to interpret its headers: which moment they describe, and what a call is charged. Uses the
 * interpretation that predicted the last headers best.
 */
import type { Level, Need } from './rateLimit.ts';

/** A request, for counting against a limit. */
export interface Send {
  readonly at: number;
  /** Prompt tokens; the provider's count if known. */
  input: number;
  /** Expected output tokens; the written ones after its end. */
  output: number;
  readonly most: number;
  /** -Infinity if it was refused or broke before its head. */
  endedAt?: number;
}

/** Learns how a provider charges requests. */
export interface Sends {
  add(send: Send): void;
  /** Interprets a header of `send`'s response: returns what was charged since the reported state, less the refill. */
  pending(send: Send, level: Level | undefined, now: number): Need;
  /** Tokens that the limit charges for a call of this size. */
  chargeOf(size: Pick<Send, 'input' | 'output' | 'most'>): number;
}

type Charge = 'written' | 'input' | 'most';

interface Reading {
  readonly charge: Charge;
  readonly late: boolean;
  /** Mean distance of the last headers from its prediction, tokens. */
  error: number;
  last?: {
    readonly missing: number;
    readonly at: number;
    readonly order: number;
  };
}

const keptMs = 120_000;
/** Share of the capacity up to which unfinished answers are counted in advance; more would leave a small budget unused. */
const promisedShare = 0.25;
const memory = 0.8;

/** Returns a record of no requests. */
export function createSends(): Sends {
  let sends: { readonly send: Send; readonly order: number }[] = [];
  let order = 0;
  const readings: Reading[] = (['written', 'input', 'most'] as const).flatMap((charge) => [
    { charge, late: false, error: 0 },
    { charge, late: true, error: 0 },
  ]);
  const best = (): Reading => readings.reduce((least, one) => (one.error < least.error * 0.98 ? one : least));

  const charged = (
    { charge }: Reading,
    from: { order: number; at: number },
    to: { order: number; at: number },
  ): number => {
    let sum = 0;
    for (const { send, order: place } of sends) {
      if (send.endedAt === -Infinity) continue;
      if (place > from.order && place <= to.order) sum += send.input + (charge === 'most' ? send.most : 0);
      const { endedAt = Infinity } = send;
      if (charge === 'written' && endedAt > from.at && endedAt <= to.at) sum += send.output;
    }
    return sum;
  };
  const judge = (reading: Reading, { missing, perMs }: Level, state: { order: number; at: number }): void => {
    const { last } = reading;
    if (last !== undefined && state.order < last.order) return;
    if (last !== undefined) {
      const refilled = Math.max(0, last.missing - (state.at - last.at) * perMs);
      const error = Math.abs(refilled + charged(reading, last, state) - missing);
      reading.error = reading.error * memory + error * (1 - memory);
    }
    reading.last = { missing, ...state };
  };
  return {
    add(send) {
      sends = sends.filter(({ send: { endedAt } }) => endedAt === undefined || endedAt > send.at - keptMs);
      sends.push({ send, order: (order += 1) });
    },
    pending(send, level, now) {
      const own = sends.find((one) => one.send === send)?.order ?? order;
      const toState = ({ late }: Reading) => (late ? { order, at: now } : { order: own, at: send.at });
      if (level !== undefined) for (const reading of readings) judge(reading, level, toState(reading));
      const reading = best();
      const told = toState(reading);
      const since = sends.filter((one) => one.order > told.order && one.send.endedAt !== -Infinity);
      let promised = 0;
      if (reading.charge === 'written')
        for (const { send: one } of sends) if (one.endedAt === undefined) promised += one.output;
      const { perMs = 0, capacity = Infinity } = level ?? {};
      const tokens = charged(reading, told, { order, at: now }) + Math.min(promised, capacity * promisedShare);
      return {
        requests: since.length,
        tokens: tokens - (now - told.at) * perMs,
      };
    },
    chargeOf({ input, output, most }) {
      const { charge } = best();
      return charge === 'input' ? input : input + (charge === 'most' ? most : output);
    },
  };
}
