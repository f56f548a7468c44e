/** Classifies the errors that servers report. */
import type { ModelErrorKind } from '../../engine/model.ts';
import { findWaitMs, resetMs } from './rateLimits.ts';

/** Facts from the body of a failed response. */
export interface ServerWords {
  readonly message: string;
  /** Codes and types, separated by spaces. */
  readonly code: string;
  readonly param?: string;
  /** Window in a field of its own, tokens. */
  readonly limit?: number;
  /** Status in the body, the only one of errors in streams and from gateways. */
  readonly status?: number;
  /** Gemini's `retryDelay`, or another wait in a field. */
  readonly wait?: string;
  /** Gemini's names of the quotas that were exceeded. */
  readonly quotas: readonly string[];
  /** Headers of the provider behind a gateway (OpenRouter). */
  readonly headers?: Readonly<Record<string, unknown>>;
}

const tooLong =
  /context[ _-]?(?:length|window|size|limit)|prompt is too long|prompt too long|too (?:long|large) for model|input (?:is )?too long|exceeds? (?:the )?(?:maximum|model'?s) (?:number of )?(?:input )?tokens|maximum number of tokens|too many (?:input )?tokens|exceed_context|context the overflows|(?:request|prompt) (?:is )?too large|string_above_max_length|reduce the length|maximum prompt length|max_prompt_tokens_exceeded|`max_new_tokens` must be <=|must have less than \d+ tokens/i;
const filtered =
  /content[ _-]?(?:filter|policy|management)|responsibleaipolicy|safety|prohibited_content|moderation|flagged/i;
/** The account has no credit left. */
const spent =
  /insufficient[ _-]?(?:quota|balance|credit|funds)|credit balance|exceeded your (?:current|monthly|daily) quota|out of credits|spend(?:ing)?[ _-]limit|budget[ _-](?:has been )?exceeded|(?:crossed|exceeded|over) (?:the )?budget|usage[ _-]limits?\b|can only afford/i;
/** The account is empty, or payment would raise the limit. */
const aboutMoney = /billing|more credits|payment/i;
/** Limits of a day, week or month. */
const period =
  /per[-_ ]?(?:day|week|month)\b|\b(?:daily|weekly|monthly)\b|\((?:RPD|TPD)\)|resets? (?:at midnight|tomorrow)/i;
const periodQuota = /per(?:day|week|month)/i;
// LiteLLM cannot look up an unknown key without a database: “No connected db.”
const wrongKey =
  /no connected db|invalid[ _-]?api[ _-]?key|api[ _-]?key (?:not valid|is invalid|expired)|incorrect api key|authentication|unauthorized|permission_error/i;
const noModel =
  /model[ _-]?not[ _-]?(?:found|exist)|models?\b(?:(?!models?\b).){0,120}(?:not found|does not exist|not exist|is not (?:a valid|available|supported)|no longer|deprecated|retired|decommissioned)|(?:unknown|invalid|no such) model|not a valid model|not_found_error.{0,20}model|try pulling it|DeploymentNotFound|no models? loaded|model (?:is )?unloaded|must be verified|verify your organi[sz]ation/is;
const busy =
  /overloaded|model (?:has )?(?:crashed|reloaded)|channel error|server_?(?:is )?busy|capacity|unavailable|insufficient_system_resource|loading model|still loading/i;
const noMemory = /(?:more system|out of|not enough|insufficient) memory/i;
const fast = /rate[ _-]?limit|too many requests|requests per (?:minute|day)|resource_exhausted|throttl/i;
/** Failed access of the gateway itself, which another key would not change. */
const upstream = /litellm\.|\b\w+Exception - |upstream|provider returned error/i;

/** Whether a gateway was itself refused by the server behind it. */
export function isUpstream(words: ServerWords): boolean {
  return upstream.test(words.message);
}

/** Whether a quota is renewed with the next period. */
export function isPeriod({ code, message, quotas }: ServerWords): boolean {
  return period.test(`${code} ${message}`) || quotas.some((id) => periodQuota.test(id));
}

/** Whether the model needs more memory. */
export function isMemory(words: ServerWords): boolean {
  return noMemory.test(words.message);
}

/** Maximum length to examine, UTF-16 units. */
const maxMessage = 4000;

/** JSON in any vendor's shape, or text. */
export function readServerWords(body: unknown): ServerWords {
  const first: unknown = Array.isArray(body) ? body[0] : body;
  const outer = (first ?? {}) as Readonly<Record<string, unknown>>;
  const told = typeof outer === 'object' ? (outer['error'] ?? outer['detail'] ?? outer) : outer;
  const inner: unknown = Array.isArray(told) ? told[0] : told;
  if (typeof inner !== 'object' || inner === null) {
    const code = typeof outer === 'object' && typeof outer['code'] === 'string' ? outer['code'] : '';
    const message = typeof inner === 'string' ? inner : '';
    return { message: message.slice(0, maxMessage), code, quotas: [] };
  }
  const error = inner as Readonly<Record<string, unknown>>;
  const codes = [error['code'], error['type'], error['status'], error['error_code']].filter(
    (code) => typeof code === 'string',
  );
  const message = [error['message'], error['msg'], error['error'], error['detail']].find(
    (value) => typeof value === 'string',
  );
  const place: unknown = Array.isArray(error['loc']) ? error['loc'].at(-1) : undefined;
  const param = error['param'] ?? place;
  const metadata = (error['metadata'] ?? {}) as { raw?: unknown; headers?: unknown };
  const nested = typeof metadata.raw === 'string' ? ` ${metadata.raw}` : '';
  const limit = [error['n_ctx'], error['max_context_length'], error['context_length']].find(
    (value) => typeof value === 'number',
  );
  return {
    message: `${typeof message === 'string' ? message : ''}${nested}`.slice(0, maxMessage),
    code: codes.join(' '),
    param: typeof param === 'string' ? param : undefined,
    limit,
    status: findStatus(error['code']) ?? findStatus(error['status']),
    wait: findDelay(error['details']),
    quotas: findQuotas(error['details']),
    ...(typeof metadata.headers === 'object' && metadata.headers !== null
      ? { headers: metadata.headers as Readonly<Record<string, unknown>> }
      : {}),
  };
}

/** Wait in ms; undefined if not named. */
export function waitIn(words: ServerWords): number | undefined {
  return resetMs(words.wait ?? null, 0) ?? findWaitMs(words.message);
}

function listRows(details: unknown): readonly unknown[] {
  return Array.isArray(details) ? details.slice(0, 50) : [];
}

function findDelay(details: unknown): string | undefined {
  const delays = listRows(details).map((row) => (row as { retryDelay?: unknown } | null)?.retryDelay);
  return delays.find((delay): delay is string => typeof delay === 'string');
}

function findQuotas(details: unknown): readonly string[] {
  return listRows(details).flatMap((row) =>
    listRows((row as { violations?: unknown } | null)?.violations).flatMap((violation) => {
      const id = (violation as { quotaId?: unknown } | null)?.quotaId;
      return typeof id === 'string' ? [id] : [];
    }),
  );
}

function findStatus(code: unknown): number | undefined {
  const status = typeof code === 'string' && /^[45]\d\d$/.test(code) ? Number(code) : code;
  return typeof status === 'number' && status >= 400 && status <= 599 ? status : undefined;
}

/** Longest wait of a rate limit; a daily quota with a short wait is one, ms. */
const maxWaitMs = 300_000;

function classifyLimit(words: ServerWords): ModelErrorKind {
  const { message, code, quotas } = words;
  const said = `${code} ${message}`;
  if (/request too large/i.test(said)) return 'too-long';
  if (quotas.length > 0) return quotas.some((id) => periodQuota.test(id)) ? 'quota' : 'rate-limit';
  if (period.test(said)) {
    const wait = waitIn(words);
    return wait !== undefined && wait <= maxWaitMs ? 'rate-limit' : 'quota';
  }
  // Gemini uses the same words for a limit per minute
  if (spent.test(said) && !/resource_exhausted/i.test(code)) return 'quota';
  return aboutMoney.test(said) && !fast.test(said) ? 'quota' : 'rate-limit';
}

/** The words decide before the status, which gateways choose badly. */
export function classifyError(status: number | undefined, words: ServerWords): ModelErrorKind {
  const { message, code } = words;
  const said = `${code} ${message}`;
  const limited =
    /too many requests|quota exceeded|rate[ _-]?limit(?:ed|[ _-]?(?:exceeded|reached|error))|RateLimitError/i.test(
      said,
    );
  switch (status) {
    case 401:
      return spent.test(said) ? 'quota' : 'auth';
    case 402:
      return 'quota';
    case 403:
      if (spent.test(said) || aboutMoney.test(said)) return 'quota';
      if (filtered.test(said)) return 'content-filter';
      return /model[_-]not[_-]found|must be verified|verify your organi[sz]ation/i.test(said) ? 'no-model' : 'auth';
    case 404:
    case 410:
      return noModel.test(said) || /\bmodels?\b/i.test(said) ? 'no-model' : 'bad-request';
    case 408:
      return 'overloaded';
    case 413:
      return 'too-long';
    case 429:
      return classifyLimit(words);
    default:
      break;
  }
  if (limited && (status === undefined || status >= 400)) return classifyLimit(words);
  if (status === undefined) {
    // LM Studio answers unknown paths with status 200
    if (/unexpected endpoint/i.test(said)) return 'bad-request';
    return classifyText(said) ?? (fast.test(said) ? 'rate-limit' : busy.test(said) ? 'overloaded' : 'unknown');
  }
  if (status >= 500) return classifyFailure(status, said);
  const passing = /model (?:has )?(?:crashed|reloaded)|channel error/i.test(said);
  return passing ? 'overloaded' : (classifyText(said) ?? (fast.test(said) ? 'rate-limit' : 'bad-request'));
}

function classifyText(said: string): ModelErrorKind | undefined {
  if (tooLong.test(said)) return 'too-long';
  if (spent.test(said) || aboutMoney.test(said)) return 'quota';
  if (noModel.test(said)) return 'no-model';
  if (wrongKey.test(said)) return 'auth';
  return filtered.test(said) ? 'content-filter' : undefined;
}

function classifyFailure(status: number, said: string): ModelErrorKind {
  if (noMemory.test(said) || status === 501) return 'bad-request';
  if (tooLong.test(said)) return 'too-long';
  if (spent.test(said)) return 'quota';
  return status === 500 && !busy.test(said) ? 'unknown' : 'overloaded';
}

/** Smallest plausible window. */
const minLimit = 256;
const maxLimit = 100_000_000;

/** Limit in an overflow error, tokens; undefined if implausible. */
export function findLimit(message: string): number | undefined {
  const patterns = [
    /tokens\s*>\s*([\d,]{3,})\s*(?:token\s*)?maximum/i, // Anthropic's prompt
    /exceed context limit:[^>:]*>\s*([\d,]{3,})/i, // Anthropic's prompt and answer
    /maximum (?:context|model|prompt)[ _-]?length[^\d]{0,40}([\d,]{3,})/i, // OpenAI, vLLM, DeepSeek
    /context (?:length|window|size)[^\d]{0,60}?([\d,]{3,})/i, // LM Studio, llama.cpp, newer vLLM
    /(?<![\d,])([\d,]{3,}) (?:maximum )?context (?:length|window)/i, // Mistral
    /maximum number of (?:input )?tokens[^\d]{0,30}([\d,]{3,})/i, // Gemini
    /max(?:imum)? input tokens\s?[=:]?\s?([\d,]{3,})/i, // LiteLLM
    /must be <= ([\d,]{3,})/i, // TGI, Together
    /max size: ([\d,]{3,}) tokens/i, // GitHub Models
    /\blimit(?: is| of)?[: ]+([\d,]{3,})/i, // Cerebras, Copilot; a bucket smaller than the request
  ];
  for (const pattern of patterns) {
    const found = pattern.exec(message)?.[1];
    const tokens = found === undefined ? 0 : Number(found.replaceAll(',', ''));
    if (tokens >= minLimit && tokens <= maxLimit) return tokens;
  }
  return undefined;
}
