/** From what a server or an SDK says to the one error that the engine decides from. */
import type { ErrorText } from '../engine/messages.ts';
import { ModelError, type ModelErrorKind } from '../engine/model.ts';
import { askedWaitMs, rateLimits, resetMs, retryAfterMs } from './rateLimits.ts';

/** A failed answer, before it is understood. */
export interface Failure {
  readonly status?: number;
  readonly headers?: Headers;
  /** Parsed JSON where it was JSON, else the text. */
  readonly body?: unknown;
}

export interface Told {
  readonly message: string;
  readonly code: string;
  readonly param?: string;
  readonly limit?: number;
  /** A status of HTTP within the body: all that an error within a stream, or behind a gateway's 200, has of one. */
  readonly status?: number;
  /** Gemini's `retryDelay`. */
  readonly wait?: string;
}

const tooLong =
  /context[ _-]?(?:length|window|size|limit)|prompt is too long|prompt too long|too (?:long|large) for model|input (?:is )?too long|exceeds? (?:the )?(?:maximum|model'?s) (?:number of )?(?:input )?tokens|maximum number of tokens|too many (?:input )?tokens|exceed_context|context the overflows|(?:request|prompt) (?:is )?too large|string_above_max_length|reduce the length|maximum prompt length|max_prompt_tokens_exceeded|`max_new_tokens` must be <=|must have less than \d+ tokens/i;
const filtered =
  /content[ _-]?(?:filter|policy|management)|responsibleaipolicy|safety|prohibited_content|moderation|flagged/i;
const noCredit =
  /insufficient[ _-]?(?:quota|balance|credit|funds)|credit balance|billing|exceeded your current quota|out of credits|more credits|payment|spend(?:ing)?[ _-]limit|budget[ _-](?:has been )?exceeded|usage[ _-]limits?\b/i;
const wrongKey =
  /invalid[ _-]?api[ _-]?key|api[ _-]?key (?:not valid|is invalid|expired)|incorrect api key|authentication|unauthorized|permission_error/i;
const noModel =
  /model[ _-]?not[ _-]?(?:found|exist)|models?\b(?:(?!models?\b).){0,120}(?:not found|does not exist|not exist|is not (?:a valid|available|supported)|no longer|deprecated|retired|decommissioned)|(?:unknown|invalid|no such) model|not a valid model|not_found_error.{0,20}model|try pulling it|DeploymentNotFound|no models? loaded|model (?:is )?unloaded/is;
const busy =
  /overloaded|server_?(?:is )?busy|capacity|unavailable|insufficient_system_resource|loading model|still loading/i;
const noMemory = /(?:more system|out of|not enough|insufficient) memory/i;
const fast = /rate[ _-]?limit|too many requests|requests per (?:minute|day)|resource_exhausted|throttl/i;

/** From an HTTP answer that failed. */
export function fromResponse(failure: Failure, host: string, now: number = Date.now()): ModelError {
  const told = tell(failure.body);
  const status = failure.status ?? told.status;
  const kind = kindOf(status, told);
  const headers = failure.headers ?? new Headers();
  const error = new ModelError({
    kind,
    ...textOf(kind, host, status, told),
    status,
    requestId: requestIdOf(headers),
    retryAfterMs: retryAfterMs(headers, now) ?? waitIn(kind, told),
    rate: rateLimits(headers, now),
    limitTokens: kind === 'too-long' ? (told.limit ?? limitOf(told.message)) : undefined,
  });
  answers.set(error, told);
  return error;
}

/** What the server said, kept beside the error: it may quote the text, so it must not travel with it. */
const answers = new WeakMap<ModelError, Told>();

/** Facts of an error that decide what is tried next inside an adapter; never shown or logged. */
export function toldBy(error: unknown): Told | undefined {
  return error instanceof ModelError ? answers.get(error) : undefined;
}

/** From an error event within a stream that began well. */
export function fromEvent(body: unknown, host: string, headers?: Headers): ModelError {
  return fromResponse({ body, headers }, host);
}

/** From whatever was thrown: an abort, a broken connection, an error of ours inside an SDK's. */
export function fromThrown(error: unknown, host: string, signal?: AbortSignal): ModelError {
  const own = find(error, (value) => value instanceof ModelError);
  if (signal?.aborted === true) {
    return cancelled(signal.reason);
  }
  if (own instanceof ModelError) {
    return own;
  }
  if (error instanceof SyntaxError) {
    return unreadable(host);
  }
  const code = find(error, (value) => typeof value === 'object' && value !== null && 'code' in value);
  return new ModelError({ kind: 'network', ...unreachable(host, codeOf(code)), cause: error });
}

export function cancelled(reason?: unknown): ModelError {
  return new ModelError({ kind: 'cancelled', cause: reason });
}

/** A sign-in page, a proxy's page or a firewall's where data was expected. */
export function webPage(kind: 'network' | 'bad-request', host: string, status: number): ModelError {
  return new ModelError({
    kind,
    status,
    code: 'page',
    args: [host],
  });
}

/** A stream in which nothing could be read. */
export function unreadable(host: string): ModelError {
  return new ModelError({ kind: 'network', code: 'unreadable', args: [host] });
}

/** Errors of streams that ended without a byte. */
const empties = new WeakSet<Error>();

/** A stream that ended before anything came: some servers refuse in this way what does not fit. */
export function emptyAnswer(host: string): ModelError {
  const error = endedEarly(host);
  empties.add(error);
  return error;
}

export function isEmptyAnswer(error: unknown): boolean {
  return error instanceof Error && empties.has(error);
}

/** A stream that ended without saying that it was done. */
export function endedEarly(host: string): ModelError {
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

function codeOf(value: unknown): string {
  const code = (value as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

function unreachable(host: string, reason: string): ErrorText {
  const args = [host];
  if (reason === 'ECONNREFUSED') return { code: 'not-listening', args };
  if (reason === 'ENOTFOUND' || reason === 'EAI_AGAIN') return { code: 'not-resolved', args };
  if (/CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO/.test(reason)) return { code: 'certificate', args, detail: reason };
  return { code: 'broken', args, ...(/^[A-Z_]+$/.test(reason) ? { detail: reason } : {}) };
}

function tell(body: unknown): Told {
  const first: unknown = Array.isArray(body) ? body[0] : body;
  const outer = (first ?? {}) as Readonly<Record<string, unknown>>;
  const told = typeof outer === 'object' ? (outer['error'] ?? outer['detail'] ?? outer) : outer;
  const inner: unknown = Array.isArray(told) ? told[0] : told;
  if (typeof inner !== 'object' || inner === null) {
    return { message: typeof inner === 'string' ? inner : '', code: '' };
  }
  const error = inner as Readonly<Record<string, unknown>>;
  const codes = [error['code'], error['type'], error['status'], error['error_code']].filter(
    (code) => typeof code === 'string',
  );
  const message = [error['message'], error['msg'], error['error']].find((value) => typeof value === 'string');
  const place: unknown = Array.isArray(error['loc']) ? error['loc'].at(-1) : undefined;
  const param = error['param'] ?? place;
  const nested = (error['metadata'] as { raw?: unknown } | undefined)?.raw;
  return {
    message: `${typeof message === 'string' ? message : ''}${typeof nested === 'string' ? ` ${nested}` : ''}`,
    code: codes.join(' '),
    param: typeof param === 'string' ? param : undefined,
    limit: typeof error['n_ctx'] === 'number' ? error['n_ctx'] : undefined,
    status: statusIn(error['code']) ?? statusIn(error['status']),
    wait: delayIn(error['details']),
  };
}

/** A server that is busy may name the wait in its body alone. */
function waitIn(kind: ModelErrorKind, told: Told): number | undefined {
  if (kind !== 'rate-limit' && kind !== 'overloaded') return undefined;
  return resetMs(told.wait ?? null, 0) ?? askedWaitMs(told.message);
}

function delayIn(details: unknown): string | undefined {
  const rows: readonly unknown[] = Array.isArray(details) ? details : [];
  const delays = rows.map((row) => (row as { retryDelay?: unknown } | null)?.retryDelay);
  return delays.find((delay): delay is string => typeof delay === 'string');
}

function statusIn(code: unknown): number | undefined {
  return typeof code === 'number' && code >= 400 && code <= 599 ? code : undefined;
}

function kindOf(status: number | undefined, { message, code }: Told): ModelErrorKind {
  const said = `${code} ${message}`;
  const byText = (): ModelErrorKind | undefined => {
    if (tooLong.test(said)) return 'too-long';
    if (noCredit.test(said)) return 'quota';
    if (noModel.test(said)) return 'no-model';
    if (wrongKey.test(said)) return 'auth';
    if (filtered.test(said)) return 'content-filter';
    return undefined;
  };
  switch (status) {
    case 401:
      return 'auth';
    case 402:
      return 'quota';
    case 403:
      if (noCredit.test(said)) return 'quota';
      return filtered.test(said) ? 'content-filter' : /model[_-]not[_-]found/i.test(code) ? 'no-model' : 'auth';
    case 404:
    case 410:
      return noModel.test(said) || /\bmodels?\b/i.test(said) ? 'no-model' : 'bad-request';
    case 408:
      return 'overloaded';
    case 413:
      return 'too-long';
    case 429:
      return /request too large/i.test(said)
        ? 'too-long'
        : noCredit.test(said) && !fast.test(code)
          ? 'quota'
          : 'rate-limit';
    default:
      break;
  }
  if (status === undefined) {
    // LM Studio answers what it does not have with a 200.
    if (/unexpected endpoint/i.test(said)) return 'bad-request';
    return byText() ?? (fast.test(said) ? 'rate-limit' : busy.test(said) ? 'overloaded' : 'unknown');
  }
  if (status >= 500) {
    if (noMemory.test(said)) return 'bad-request';
    return tooLong.test(said)
      ? 'too-long'
      : status === 501
        ? 'bad-request'
        : status === 500 && !busy.test(said)
          ? 'unknown'
          : 'overloaded';
  }
  return byText() ?? (fast.test(said) ? 'rate-limit' : 'bad-request');
}

/** The limit that an overflow error names, in the model's tokens. */
export function limitOf(message: string): number | undefined {
  const patterns = [
    /tokens\s*>\s*([\d,]{3,})\s*(?:token\s*)?maximum/i, // Anthropic's prompt
    /exceed context limit:[^>:]*>\s*([\d,]{3,})/i, // Anthropic's prompt and answer
    /maximum (?:context|model|prompt)[ _-]?length[^\d]{0,40}([\d,]{3,})/i, // OpenAI, vLLM, DeepSeek
    /context (?:length|window|size)[^\d]{0,60}?([\d,]{3,})/i, // LM Studio, llama.cpp, newer vLLM
    /(?<![\d,])([\d,]{3,}) (?:maximum )?context (?:length|window)/i, // Mistral
    /maximum number of (?:input )?tokens[^\d]{0,30}([\d,]{3,})/i, // Gemini
    /must be <= ([\d,]{3,})/i, // TGI, Together
    /max size: ([\d,]{3,}) tokens/i, // GitHub Models
    /\blimit(?: is| of)?[: ]+([\d,]{3,})/i, // Cerebras, Copilot; a bucket that one request overflows
  ];
  for (const pattern of patterns) {
    const found = pattern.exec(message)?.[1];
    const tokens = found === undefined ? 0 : Number(found.replaceAll(',', ''));
    if (tokens >= 128) {
      return tokens;
    }
  }
  return undefined;
}

export function requestIdOf(headers: Headers): string | undefined {
  return headers.get('x-request-id') ?? headers.get('request-id') ?? headers.get('apim-request-id') ?? undefined;
}

/** A server's words can hold a key or the text: only its short codes are repeated. */
function textOf(kind: ModelErrorKind, host: string, status: number | undefined, told: Told): ErrorText {
  const args = [host];
  if (kind === 'bad-request' && noMemory.test(told.message)) return { code: 'no-memory', args };
  const details = [
    status === undefined ? '' : `HTTP ${status}`,
    safe(told.code.split(' ')[0]),
    told.param === undefined ? '' : safe(told.param),
  ];
  const detail = details.filter((part) => part !== '').join(', ');
  const code = kind === 'bad-request' && (status === 404 || status === 405) ? 'no-endpoint' : kind;
  return { code, args, ...(detail === '' ? {} : { detail }) };
}

function safe(code: string | undefined): string {
  return code !== undefined && /^[a-z][a-z_.[\]0-9]{1,48}$/.test(code) && !/^(?:sk|pk|key)[_-]/.test(code) ? code : '';
}
