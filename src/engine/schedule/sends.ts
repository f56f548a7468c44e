/**
 * What was sent to one model lately, and how its headers are to be read: whether they tell the state of when their own call came in or of
 * when its head was written, and what a call is charged. The reading that foretold the last headers best is used.
 */
import type { Level, Need } from './rateLimit.ts';

export interface Send {
  readonly at: number;
  /** Prompt tokens; the provider's count once it is known. */
  input: number;
  /** Expected or, once it ended, written. */
  output: number;
  /** Maximum tokens of its answer. */
  readonly most: number;
  /** -Infinity: it was refused, or broke before its head. */
  endedAt?: number;
}

export interface Sends {
  add(send: Send): void;
  /** Reads a header of `send`'s answer, or of its refusal: what has left the budget since the state that it tells, less the refill. */
  pending(send: Send, level: Level | undefined, now: number): Need;
  /** Tokens that the limit charges for a call of this size. */
  chargeOf(size: Pick<Send, 'input' | 'output' | 'most'>): number;
}

type Charge = 'written' | 'input' | 'most';

interface Reading {
  readonly charge: Charge;
  readonly late: boolean;
  /** Mean of how far the last headers were from what it foretold, tokens. */
  error: number;
  last?: {
    readonly missing: number;
    readonly at: number;
    readonly order: number;
  };
}

/** An answer's head does not come later than this. */
const keptMs = 120_000;
/** Of the capacity: answers that are being written are counted ahead up to this, or a small budget would stay unused. */
const promisedShare = 0.25;
const memory = 0.8;

export function createSends(): Sends {
  let sends: { readonly send: Send; readonly order: number }[] = [];
  let order = 0;
  const readings: Reading[] = (['written', 'input', 'most'] as const).flatMap((charge) => [
    { charge, late: false, error: 0 },
    { charge, late: true, error: 0 },
  ]);
  const best = (): Reading => readings.reduce((least, one) => (one.error < least.error * 0.98 ? one : least));

  /** Charged between two states of the budget. */
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
