/** Budgets of requests and tokens a minute, and the headers in which each vendor tells them. */
import type { Flavour } from './types.ts';

export interface RateOptions {
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  /** Length of the 'minute', ms: tests need not wait for a real one. */
  readonly minuteMs?: number;
  /** Tokens that can be used at once; default: a whole minute's. */
  readonly burstTokens?: number;
  readonly burstRequests?: number;
  /** False: no headers tell the state. */
  readonly headers?: boolean;
  /** True: `max_tokens` is reserved at the start, as some vendors do. */
  readonly reserveOutput?: boolean;
}

interface Bucket {
  readonly limit: number;
  readonly capacity: number;
  readonly perMs: number;
  level: number;
  at: number;
}

export interface RateState {
  /** Takes what a request needs, or tells which budget is short and for how long. */
  take(tokens: number, now: number): { what: 'requests' | 'tokens'; limit: number; waitMs: number } | undefined;
  /** Output is charged when it was written. */
  charge(tokens: number, now: number): void;
  headers(flavour: Flavour, anthropic: boolean, now: number): Record<string, string>;
}

function bucket(
  limit: number | undefined,
  burst: number | undefined,
  minuteMs: number,
  now: number,
): Bucket | undefined {
  if (limit === undefined) return undefined;
  const capacity = burst ?? limit;
  return { limit, capacity, perMs: limit / minuteMs, level: capacity, at: now };
}

function refill(state: Bucket | undefined, now: number): void {
  if (state === undefined) return;
  state.level = Math.min(state.capacity, state.level + (now - state.at) * state.perMs);
  state.at = now;
}

/** An amount larger than the whole budget passes when the budget is full, else nothing could ever send it. */
function shortMs(state: Bucket | undefined, amount: number): number {
  if (state === undefined) return 0;
  const need = Math.min(amount, state.capacity);
  return state.level >= need - 1e-9 ? 0 : (need - state.level) / state.perMs;
}

export function createRate(options: RateOptions, now: number): RateState {
  const minute = options.minuteMs ?? 60_000;
  const requests = bucket(options.requestsPerMinute, options.burstRequests, minute, now);
  const tokens = bucket(options.tokensPerMinute, options.burstTokens, minute, now);
  const update = (at: number): void => {
    refill(requests, at);
    refill(tokens, at);
  };
  return {
    take(amount, at) {
      update(at);
      const requestWait = shortMs(requests, 1);
      if (requests && requestWait > 0) return { what: 'requests', limit: requests.limit, waitMs: requestWait };
      const tokenWait = shortMs(tokens, amount);
      if (tokens && tokenWait > 0) return { what: 'tokens', limit: tokens.limit, waitMs: tokenWait };
      if (requests) requests.level -= 1;
      if (tokens) tokens.level -= amount;
      return undefined;
    },
    charge(amount, at) {
      update(at);
      if (tokens) tokens.level -= amount;
    },
    headers(flavour, anthropic, at) {
      if (options.headers === false || flavour === 'compatible') return {};
      update(at);
      return anthropic ? anthropicHeaders(requests, tokens) : openaiHeaders(requests, tokens);
    },
  };
}

const remaining = (state: Bucket): string => String(Math.max(0, Math.floor(state.level)));
const resetMs = (state: Bucket): number => Math.max(0, (state.capacity - state.level) / state.perMs);

/** Go's way to write a duration: `120ms`, `1.5s`, `6m0s`. */
export function goDuration(ms: number): string {
  if (ms < 1000) return `${Math.ceil(ms)}ms`;
  const seconds = Math.ceil(ms / 10) / 100;
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${Math.ceil(seconds % 60)}s`;
}

function openaiHeaders(requests: Bucket | undefined, tokens: Bucket | undefined): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, state] of [
    ['requests', requests],
    ['tokens', tokens],
  ] as const) {
    if (state === undefined) continue;
    headers[`x-ratelimit-limit-${name}`] = String(state.limit);
    headers[`x-ratelimit-remaining-${name}`] = remaining(state);
    headers[`x-ratelimit-reset-${name}`] = goDuration(resetMs(state));
  }
  return headers;
}

function anthropicHeaders(requests: Bucket | undefined, tokens: Bucket | undefined): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, state] of [
    ['requests', requests],
    ['tokens', tokens],
    ['input-tokens', tokens],
  ] as const) {
    if (state === undefined) continue;
    headers[`anthropic-ratelimit-${name}-limit`] = String(state.limit);
    headers[`anthropic-ratelimit-${name}-remaining`] = remaining(state);
    headers[`anthropic-ratelimit-${name}-reset`] = new Date(Date.now() + resetMs(state)).toISOString();
  }
  return headers;
}
