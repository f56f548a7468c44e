/** Converts errors of servers and SDKs to `ModelError`. */
import type { ErrorText } from '../engine/messages.ts';
import { ModelError, type ModelErrorKind } from '../engine/model.ts';
import { findWaitMs, rateLimits, resetMs, retryAfterMs } from './wires/rateLimits.ts';
import {
  isMemory,
  isPeriod,
  isUpstream,
  classifyError,
  findLimit,
  waitIn,
  readServerWords,
  type ServerWords,
} from './wires/serverWords.ts';

/** A failed response. */
export interface Failure {
  readonly status?: number;
  readonly headers?: Headers;
  /** Parsed JSON, else the text. */
  readonly body?: unknown;
  /** Whether the request had no key. */
  readonly keyless?: boolean;
  /** Keys that an error must never contain. */
  readonly secrets?: readonly string[];
}

/** Converts a failed HTTP response. */
export function fromResponse(failure: Failure, host: string, now: number = Date.now()): ModelError {
  const words = readServerWords(failure.body);
  const status = failure.status ?? words.status;
  const kind = classifyError(status, words);
  const headers = withInner(failure.headers ?? new Headers(), words);
  const asked = retryAfterMs(headers, now) ?? (passes(kind) ? waitIn(words) : undefined);
  const resetAt = kind === 'quota' ? findQuotaReset(headers, words, now) : undefined;
  const error = new ModelError({
    kind,
    ...toErrorText(kind, host, status, words, failure.keyless === true, resetAt),
    status,
    requestId: findRequestId(headers),
    retryAfterMs: kind === 'quota' ? undefined : asked,
    rate: rateLimits(headers, now),
    limitTokens: kind === 'too-long' ? (words.limit ?? findLimit(words.message)) : undefined,
    resetAt,
    said: quoteText(words.message, failure.secrets),
  });
  answers.set(error, words);
  return error;
}

function passes(kind: ModelErrorKind): boolean {
  return kind === 'rate-limit' || kind === 'overloaded';
}

function withInner(headers: Headers, words: ServerWords): Headers {
  const all = new Headers(headers);
  for (const [name, value] of Object.entries(words.headers ?? {}).slice(0, 40)) {
    const isPlain = /^[\w-]{1,60}$/.test(name) && /^[\x20-\x7e]{1,200}$/.test(String(value));
    if (isPlain && !all.has(name)) all.set(name, String(value));
  }
  return all;
}

/** Minimum time to a quota's renewal, ms. */
const minResetMs = 60_000;
const maxResetMs = 35 * 24 * 3_600_000;

/** Time of a quota's renewal, Unix ms; undefined if the server does not name it. */
function findQuotaReset(headers: Headers, words: ServerWords, now: number): number | undefined {
  const named = ['x-ratelimit-reset', 'ratelimit-reset', 'retry-after', 'x-ratelimit-reset-requests'];
  const spans = [...named.map((name) => resetMs(headers.get(name), now)), findWaitMs(words.message)];
  const span = spans.find((ms) => ms !== undefined && ms >= minResetMs && ms <= maxResetMs);
  return span === undefined ? undefined : Math.round(now + span);
}

const answers = new WeakMap<ModelError, ServerWords>();

/** Returns facts for the adapter's next step; never shown. */
export function toldBy(error: unknown): ServerWords | undefined {
  return error instanceof ModelError ? answers.get(error) : undefined;
}

/** Converts an error event within a stream. */
export function fromEvent(body: unknown, host: string, headers?: Headers): ModelError {
  return fromResponse({ body, headers }, host);
}

/** Converts anything thrown: an abort, a broken connection, an SDK's error. */
export function fromThrown(error: unknown, host: string, signal?: AbortSignal): ModelError {
  const own = find(error, (value) => value instanceof ModelError);
  if (signal?.aborted === true) {
    return createCancelledError(signal.reason);
  }
  if (own instanceof ModelError) {
    return own;
  }
  if (error instanceof SyntaxError) {
    return createUnreadableError(host);
  }
  const code = find(error, (value) => typeof value === 'object' && value !== null && 'code' in value);
  return new ModelError({ kind: 'network', ...createUnreachableError(host, getErrorCode(code)), cause: error });
}

/** Keeps the abort reason as cause. */
export function createCancelledError(reason?: unknown): ModelError {
  return new ModelError({ kind: 'cancelled', cause: reason });
}

/** The server returned a sign-in, proxy or firewall page instead of data. */
export function createWebPageError(kind: 'network' | 'bad-request', host: string, status: number): ModelError {
  return new ModelError({
    kind,
    status,
    code: 'page',
    args: [host],
  });
}

/** Nothing in the stream was readable. */
export function createUnreadableError(host: string): ModelError {
  return new ModelError({ kind: 'network', code: 'unreadable', args: [host] });
}

/** Errors of streams that ended without a byte. */
const empties = new WeakSet<Error>();

/** The stream was empty, which is how some servers refuse long prompts. */
export function createEmptyAnswerError(host: string): ModelError {
  const error = createEndedEarlyError(host);
  empties.add(error);
  return error;
}

/** Whether the answer had no text. */
export function isEmptyAnswer(error: unknown): boolean {
  return error instanceof Error && empties.has(error);
}

/** The stream ended without its end mark. */
export function createEndedEarlyError(host: string): ModelError {
  return new ModelError({
    kind: 'network',
    code: 'ended-early',
    args: [host],
  });
}

function find(error: unknown, test: (value: unknown) => boolean): unknown {
  let at = error;
  for (let depth = 0; depth < 6 && at !== undefined && at !== null; depth++) {
    if (test(at)) {
      return at;
    }
    at = (at as { cause?: unknown }).cause;
  }
  return undefined;
}

function getErrorCode(value: unknown): string {
  const code = (value as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

function createUnreachableError(host: string, reason: string): ErrorText {
  const args = [host];
  if (reason === 'ECONNREFUSED') return { code: 'not-listening', args };
  if (reason === 'ENOTFOUND' || reason === 'EAI_AGAIN') return { code: 'not-resolved', args };
  if (/CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO/.test(reason)) return { code: 'certificate', args, detail: reason };
  return { code: 'broken', args, ...(/^[A-Z_]+$/.test(reason) ? { detail: reason } : {}) };
}

/** Returns the id if it is short and plain. */
export function findRequestId(headers: Headers): string | undefined {
  const ids = ['x-request-id', 'request-id', 'apim-request-id'].map((name) => headers.get(name)?.trim());
  return ids.find((id) => id !== undefined && /^[\w.:-]{4,80}$/.test(id) && !/^(?:sk|pk|key|bearer)[_-]/i.test(id));
}

/** Longest sentence of a server to show, UTF-16 units. */
const maxSaid = 300;

/**
 * Quotes a server's sentence in one line, without keys and long quotations, which may be the user's text.
 * @returns undefined for no sentence, a page or JSON
 */
export function quoteText(message: string, secrets: readonly string[] = []): string | undefined {
  let said = message
    .slice(0, maxSaid * 4)
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim();
  if (said === '' || /^[<{[]/.test(said)) return undefined;
  for (const secret of secrets) if (secret !== '') said = said.replaceAll(secret, '•••');
  said = said
    .replace(/\b(?:sk|pk|rk|key|gsk|xai|ghp|hf)[-_][\w-]{6,}/gi, '•••')
    .replace(/[\w+/-]{28,}/g, (run) => (/\d/.test(run) ? '•••' : run))
    .replace(/(["“«`])[^"“”«»`]{60,}(["”»`])/g, '$1…$2');
  return said.length > maxSaid ? `${said.slice(0, maxSaid - 1)}…` : said;
}

function toErrorText(
  kind: ModelErrorKind,
  host: string,
  status: number | undefined,
  words: ServerWords,
  keyless: boolean,
  resetAt: number | undefined,
): ErrorText {
  const args = [host];
  if (kind === 'bad-request' && isMemory(words)) return { code: 'no-memory', args };
  const details = [
    status === undefined ? '' : `HTTP ${status}`,
    safe(words.code.split(' ')[0]),
    words.param === undefined ? '' : safe(words.param),
  ];
  const detail = details.filter((part) => part !== '').join(', ');
  const more = detail === '' ? {} : { detail };
  if (kind === 'quota' && resetAt !== undefined) {
    return { code: 'quota-until', args: [host, formatMoment(resetAt)], ...more };
  }
  return { code: toErrorCode(kind, status, words, keyless), args, ...more };
}

function toErrorCode(
  kind: ModelErrorKind,
  status: number | undefined,
  words: ServerWords,
  keyless: boolean,
): ErrorText['code'] {
  if (kind === 'bad-request' && (status === 404 || status === 405)) return 'no-endpoint';
  if (kind === 'quota' && isPeriod(words)) return 'quota-period';
  if (kind === 'no-model' && status === 403) return 'not-allowed';
  if (kind === 'auth' && isUpstream(words)) return 'upstream-auth';
  return kind === 'auth' && status === 401 && keyless ? 'no-key' : kind;
}

/** Formats a time as `22:40` in the user's time zone, with the date if it is another day. */
function formatMoment(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (date.toDateString() === new Date().toDateString()) return time;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}

function safe(code: string | undefined): string {
  return code !== undefined && /^[a-z][a-z_.[\]0-9]{1,48}$/.test(code) && !/^(?:sk|pk|key)[_-]/.test(code) ? code : '';
}
