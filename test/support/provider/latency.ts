/** How long a simulated answer takes: first token = fixed + in × rate, then out × rate, times one factor for each call. */
import { setTimeout as sleep } from 'node:timers/promises';
import { hash32, lognormal, seeded } from '../random.ts';

export interface LatencyOptions {
  readonly firstTokenMs?: number;
  readonly perInputTokenMs?: number;
  readonly perOutputTokenMs?: number;
  /** Sigma of the log-normal factor; 0: none. */
  readonly jitter?: number;
  /** Share of calls that take `factor` times as long. */
  readonly stragglers?: { readonly share: number; readonly factor: number };
  readonly seed?: number;
  /** Several tokens share an event, about this many ms apart; default 40. */
  readonly eventMs?: number;
}

export interface Pace {
  readonly firstMs: number;
  readonly perTokenMs: number;
  /** Tokens in one event. */
  readonly group: number;
}

/** The same request gets the same factor whenever it arrives; asked again it draws anew, so a second try of a straggler can be fast. */
export function paceOf(options: LatencyOptions, inputTokens: number, requestText: string, repeat: number): Pace {
  const factor = factorOf(options, requestText, repeat);
  const perTokenMs = (options.perOutputTokenMs ?? 0) * factor;
  return {
    firstMs: ((options.firstTokenMs ?? 0) + (options.perInputTokenMs ?? 0) * inputTokens) * factor,
    perTokenMs,
    group: perTokenMs > 0 ? Math.max(1, Math.round((options.eventMs ?? 40) / perTokenMs)) : 32,
  };
}

function factorOf(options: LatencyOptions, requestText: string, repeat: number): number {
  if (!options.jitter && !options.stragglers) return 1;
  const random = seeded((hash32(requestText) ^ Math.imul((options.seed ?? 1) + repeat * 7919, 0x9e3779b1)) >>> 0);
  const slow = options.stragglers !== undefined && random() < options.stragglers.share ? options.stragglers.factor : 1;
  return lognormal(random, options.jitter ?? 0) * slow;
}

/** Waits for a moment of `performance.now()`; false when the signal ended the wait. Absolute, so that lateness never adds up. */
export async function until(moment: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  const wait = moment - performance.now();
  if (wait <= 0.5) return true;
  try {
    await sleep(wait, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
