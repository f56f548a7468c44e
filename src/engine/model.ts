import { describeError, english, joinSentences, type ErrorText, type Translate } from './messages.ts';

/** Kinds of failure. Decisions depend on the kind alone; `host/errors.ts` adds message and button. */
export type ModelErrorKind =
  | 'auth' // key missing, invalid or not allowed
  | 'quota' // credit or daily/monthly quota used up; retrying does not help
  | 'rate-limit' // too fast: wait, then continue
  | 'overloaded' // provider busy (503, 529)
  | 'too-long' // prompt plus answer exceed the window
  | 'refused' // declined by the model
  | 'content-filter' // prompt or answer blocked by the provider's filter
  | 'no-model' // unknown or retired model
  | 'bad-request' // rejected for another reason
  | 'network' // no connection, or it broke
  | 'stalled' // connected but silent for too long
  | 'cancelled'
  | 'unknown';

/** An error code with arguments, or a sentence that needs no translation. */
export interface ModelErrorData extends Partial<ErrorText> {
  readonly kind: ModelErrorKind;
  /** Localized or quoted text, without keys, headers or document text. */
  readonly message?: string;
  readonly retryAfterMs?: number;
  readonly status?: number;
  /** The provider's id of the request, for its support. */
  readonly requestId?: string;
  /** Limit that the server reported; `too-long` only. */
  readonly limitTokens?: number;
  readonly rate?: RateLimits;
  /** Time when the quota is renewed, Unix ms; `quota` only. */
  readonly resetAt?: number;
  /** The server's message without keys, for logs and details only. */
  readonly said?: string;
  readonly cause?: unknown;
}

/** The only error a `ChatModel` throws. */
export class ModelError extends Error implements ModelErrorData {
  readonly kind: ModelErrorKind;
  /** Undefined if only `message` is set. */
  readonly code?: ErrorText['code'];
  readonly args?: ErrorText['args'];
  readonly detail?: string;
  readonly retryAfterMs?: number;
  readonly status?: number;
  readonly requestId?: string;
  readonly limitTokens?: number;
  readonly rate?: RateLimits;
  readonly resetAt?: number;
  readonly said?: string;

  /** The code defaults to the kind. */
  constructor(data: ModelErrorData) {
    const code = data.code ?? (data.message === undefined ? data.kind : undefined);
    super(describeFailure({ ...data, code }), data.cause === undefined ? undefined : { cause: data.cause });
    this.name = 'ModelError';
    this.kind = data.kind;
    this.code = code;
    this.args = data.args;
    this.detail = data.detail;
    this.retryAfterMs = data.retryAfterMs;
    this.status = data.status;
    this.requestId = data.requestId;
    this.limitTokens = data.limitTokens;
    this.rate = data.rate;
    this.resetAt = data.resetAt;
    this.said = data.said;
  }

  static is(value: unknown, kind?: ModelErrorKind): value is ModelError {
    return value instanceof ModelError && (kind === undefined || value.kind === kind);
  }
}

/** Longest wait, ms. A longer one ends the run. */
export const maxWaitMs = 300_000;

/** Describes a failure, with the requested wait if it exceeds `maxWaitMs`. */
export function describeFailure(error: ModelErrorData, translate: Translate = english): string {
  const { code, args, detail, retryAfterMs = 0 } = error;
  const sentence = code === undefined ? (error.message ?? '') : describeError({ code, args, detail }, translate);
  if (code === undefined || retryAfterMs <= maxWaitMs) return sentence;
  return joinSentences(
    sentence,
    describeError({ code: 'long-wait', args: [Math.ceil(retryAfterMs / 60_000)] }, translate),
  );
}

/** Kinds worth retrying. */
export const retryableKinds: ReadonlySet<ModelErrorKind> = new Set([
  'rate-limit',
  'overloaded',
  'network',
  'stalled',
  'unknown',
]);

/** Kinds that block every call until the user acts. */
export const permanentKinds: ReadonlySet<ModelErrorKind> = new Set(['auth', 'quota', 'no-model']);

/** Rate limits as reported; unknown values are omitted. Times are ms from now. */
export interface RateLimits {
  readonly requestsLimit?: number;
  readonly requestsRemaining?: number;
  readonly requestsResetMs?: number;
  readonly tokensLimit?: number;
  readonly tokensRemaining?: number;
  readonly tokensResetMs?: number;
}

/** Unknown counts are undefined, never 0. */
export interface Usage {
  /** Includes cached tokens. */
  readonly inputTokens?: number;
  readonly cachedInputTokens?: number;
  readonly cacheWriteTokens?: number;
  /** Includes hidden reasoning. */
  readonly outputTokens?: number;
  readonly reasoningTokens?: number;
  /** Whether the answer came from the slower tier at half price. */
  readonly flex?: true;
  /** Estimated: the server's counts are missing or implausible. */
  readonly estimated?: true;
  /** USD reported by the server. */
  readonly costUsd?: number;
}

/** Limits in the model's own tokens. */
export interface ModelLimits {
  readonly contextWindow: number;
  readonly maxOutputTokens: number;
  /** Input above which calls cost more or quality falls. */
  readonly softMaxInputTokens?: number;
  /** `cheap` reads up to 12,000 tokens a call, `strong` or unknown 24,000. */
  readonly tier: 'strong' | 'cheap';
  /** Whether the model reasons; hidden reasoning counts as output. */
  readonly reasoning: boolean;
  /** Model tokens per `o200k_base` token. */
  readonly tokenFactor: number;
  /** Whether `tokenFactor` comes from reported usage. */
  readonly tokenFactorLearned?: boolean;
  /** USD per million tokens as reported; 0 for recognized local servers. */
  readonly listPrice?: { readonly input: number; readonly output: number; readonly cachedInput?: number };
  /** Whether the server is local: two concurrent calls by default, and more time for the first token. */
  readonly loopback: boolean;
  /** Reported rather than guessed. */
  readonly known: boolean;
  /** Whether input that is written to the provider's cache costs more than other input. */
  readonly billsCacheWrites?: true;
  readonly windowLearned?: boolean;
  /** Small models get shorter requests. */
  readonly parameters?: number;
  /** Concurrent requests. */
  readonly slots?: number;
  /** Whether the server can report how much of a prompt it has read. */
  readonly reportsReading?: true;
}

/** Reasoning effort; `none` is the model's minimum. */
export type Effort = 'none' | 'low' | 'medium' | 'high';

/** Purpose of a call. */
export type Stage = 'map' | 'collapse' | 'reduce' | 'ask';

/** Rendered request, the same for every provider. */
export interface ModelCall {
  readonly stage: Stage;
  /** Static part, placed first for prompt caches. */
  readonly system: string;
  /** Fenced text, then the instructions. */
  readonly user: string;
  /** Maximum visible output; adapters add room for reasoning. */
  readonly maxTokens: number;
  /** Stop sequence; never part of a real answer. */
  readonly stop?: string;
  readonly effort: Effort;
  /** `varied` is for the retry of an unusable answer. */
  readonly sampling?: 'varied';
  /** Estimated input. A much lower reported count means that the server truncated the prompt. */
  readonly inputTokens: number;
  /** Whether the text will be sent again, so that caching pays off. */
  readonly reusable: boolean;
  /** Length of the prefix of `user` that is sent again, UTF-16 units; `reusable` only. */
  readonly reusableLength?: number;
  /** Tokens of the run's largest call, so that a local server loads the model once. */
  readonly runWindow?: number;
}

/** `repeated` means stopped in a loop; the text before it is kept. */
export type FinishReason = 'stop' | 'length' | 'content-filter' | 'refused' | 'too-long' | 'repeated';

/** The response's head arrived. */
export interface ModelOpen {
  readonly type: 'open';
  readonly rate?: RateLimits;
  readonly requestId?: string;
}
interface ModelText {
  readonly type: 'text';
  readonly text: string;
}
/** Activity without visible text. */
interface ModelPulse {
  readonly type: 'pulse';
  /** Whether only the connection is alive; the model may not be working. */
  readonly keepAlive?: true;
  /** Counts of the prompt, if the server reports them before the answer. */
  readonly usage?: Usage;
  /** Share of the prompt that the server has read, 0 to 1. */
  readonly readShare?: number;
}
/** Voids earlier text, which was reasoning without a tag. */
interface ModelRetract {
  readonly type: 'retract';
}
/** End of an answer; always the last event. */
export interface ModelFinish {
  readonly type: 'finish';
  readonly reason: FinishReason;
  /** Provider's own finish reason. */
  readonly raw: string;
  /**
   * What cut the answer. `asked`: the call's limit; `server`: a lower limit, so a higher one is useless; `runaway`: far longer
   * than asked.
   */
  readonly cutBy?: 'asked' | 'server' | 'runaway';
  readonly usage: Usage;
  readonly model?: string;
}
/** Stream grammar: `open`, any `text` and `pulse`, at most one `retract`, exactly one `finish`; or throws `ModelError`. */
export type ModelEvent = ModelOpen | ModelText | ModelPulse | ModelRetract | ModelFinish;

/** A model of one account. The engine reaches providers only through this interface. */
export interface ChatModel {
  /** Id as in the setting `precis.provider`. */
  readonly provider: string;
  readonly model: string;
  /** '' if none. */
  readonly host: string;
  /** Provider, host and hashed key. Each account has its own scheduler. */
  readonly account: string;
  readonly flex?: true;
  /** Returns the limits; may query the server. Called once a run. */
  limits(signal: AbortSignal): Promise<ModelLimits>;
  /**
   * Streams one answer without retries.
   * @throws ModelError `network` if the stream ends without a finish reason, `cancelled` on abort
   */
  stream(call: ModelCall, signal: AbortSignal): AsyncIterable<ModelEvent>;
}
