/** Parses the vendors' rate-limit headers. */
import type { RateLimits } from '../../engine/model.ts';

/** @param here current time, Unix ms, because Anthropic names points in time */
export function rateLimits(headers: Headers, here: number): RateLimits | undefined {
  const now = nowThere(headers, here);
  const openai = read(headers, now, (unit, what) => `x-ratelimit-${what}-${unit}`);
  const anthropic = read(headers, now, (unit, what) => `anthropic-ratelimit-${unit}-${what}`);
  return openai ?? withInputTokens(anthropic, headers, now);
}

type Name = (unit: string, what: 'limit' | 'remaining' | 'reset') => string;

function read(headers: Headers, now: number, name: Name): RateLimits | undefined {
  const limits: RateLimits = {
    requestsLimit: limit(headers.get(name('requests', 'limit'))),
    requestsRemaining: number(headers.get(name('requests', 'remaining'))),
    requestsResetMs: resetMs(headers.get(name('requests', 'reset')), now),
    tokensLimit: limit(headers.get(name('tokens', 'limit'))),
    tokensRemaining: number(headers.get(name('tokens', 'remaining'))),
    tokensResetMs: resetMs(headers.get(name('tokens', 'reset')), now),
  };
  return Object.values(limits).some((value) => value !== undefined) ? limits : undefined;
}

/** Uses the limit of input tokens if there is one, because summaries mostly send input. */
function withInputTokens(limits: RateLimits | undefined, headers: Headers, now: number): RateLimits | undefined {
  const limit = number(headers.get('anthropic-ratelimit-input-tokens-limit'));
  const remaining = number(headers.get('anthropic-ratelimit-input-tokens-remaining'));
  if (limit === undefined && remaining === undefined) {
    return limits;
  }
  const tokensResetMs = resetMs(headers.get('anthropic-ratelimit-input-tokens-reset'), now);
  return { ...limits, tokensLimit: limit, tokensRemaining: remaining, tokensResetMs };
}

/** Largest plausible number. */
const maxNumber = 1e15;

function number(value: string | null): number | undefined {
  const parsed = value === null || value.trim() === '' ? Number.NaN : Number(value);
  return parsed >= 0 && parsed <= maxNumber ? parsed : undefined;
}

/** Values below one are ignored. */
function limit(value: string | null): number | undefined {
  const parsed = number(value);
  return parsed !== undefined && parsed >= 1 ? parsed : undefined;
}

const unitMs: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 0.001,
  µs: 0.001,
  ns: 0.000001,
};

/** `120ms`, `6m0s` (OpenAI), `12` seconds (Azure), RFC 3339 (Anthropic), s or Unix ms (OpenRouter). */
export function resetMs(value: string | null, now: number): number | undefined {
  const trimmed = value?.trim() ?? '';
  if (trimmed === '') {
    return undefined;
  }
  const seconds = number(trimmed);
  if (seconds !== undefined) {
    return parseSpanMs(seconds, now);
  }
  if (/^(?:\d+(?:\.\d+)?(?:h|ms|m|s|us|µs|ns))+$/.test(trimmed)) {
    const spans = trimmed.matchAll(/(?<![\d.])(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)/g);
    return Math.ceil([...spans].reduce((sum, [, size, unit]) => sum + Number(size) * (unitMs[unit ?? ''] ?? 0), 0));
  }
  const moment = Date.parse(trimmed);
  return Number.isNaN(moment) ? undefined : Math.max(0, moment - now);
}

/** Parses seconds; a number larger than any span is a point in time. */
function parseSpanMs(seconds: number, now: number): number {
  const moment = seconds >= 1e12 ? seconds : seconds >= 1e9 ? seconds * 1000 : undefined;
  return moment === undefined ? seconds * 1000 : Math.max(0, moment - now);
}

/** Headers that name a wait: milliseconds, then seconds or a point in time; the nearest to the caller first. */
const exactWaits = ['retry-after-ms', 'x-ms-retry-after-ms'];
const waits = [
  ...['retry-after', 'llm_provider-retry-after', 'x-retry-after', 'x-ratelimit-reset-after'],
  ...['x-ratelimit-reset', 'ratelimit-reset', 'x-rate-limit-reset'],
];

/** Wait that a refusal's headers name, ms. */
export function retryAfterMs(headers: Headers, here: number): number | undefined {
  const now = nowThere(headers, here);
  const exact = exactWaits.map((name) => number(headers.get(name))).find((value) => value !== undefined);
  const named = waits.map((name) => resetMs(headers.get(name), now)).find((value) => value !== undefined);
  return exact ?? named ?? findStructuredWait(headers.get('ratelimit'));
}

/** Parses the IETF draft's `RateLimit: "default";r=0;t=30` and older `limit=10, remaining=0, reset=30`. */
function findStructuredWait(value: string | null): number | undefined {
  const seconds = /(?:^|[;,\s])(?:t|reset)=(\d{1,7})(?:$|[;,\s])/.exec(value?.slice(0, 300) ?? '')?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

/** The server's clock, exact to a second; ignored if both clocks agree. */
function nowThere(headers: Headers, here: number): number {
  const there = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(there) || Math.abs(there - here) < 2000 ? here : there;
}

const askedWait =
  /(?:try again|retry)\s+(?:in|after)\s+((?:\d+(?:\.\d+)?\s*(?:hours?|minutes?|seconds?|h|ms|m|s)\b[\s,]*)+|(?:\d+(?:\.\d+)?(?:h|ms|m|s))+)/i;

/** Parses a wait in words: “try again in 7.66s”, “retry after 26 seconds”. */
export function findWaitMs(message: string): number | undefined {
  const asked = askedWait.exec(message)?.[1]?.toLowerCase() ?? '';
  return resetMs(asked.replace(/[\s,]+/g, '').replace(/(h|m|s)(?:our|inute|econd)s?/g, '$1'), 0);
}
