import { describeError, english, joinSentences, type ErrorText, type Translate } from './messages.ts';

/**
 * The port to a language model: all that the engine knows of a provider.
 * An adapter in `providers/` is three translations (request out, usage in, error in) around one call.
 */

/** Why a call failed. Decisions are made from this alone; `host/errors.ts` has a sentence and a button for each. */
export type ModelErrorKind =
  | 'auth' // key missing, wrong or not allowed
  | 'quota' // credit, or the quota of a day or month, used up: trying again does not help
  | 'rate-limit' // too fast: wait and go on
  | 'overloaded' // the provider is busy (503, 529)
  | 'too-long' // prompt and answer do not fit the window
  | 'refused' // the model declined
  | 'content-filter' // the provider's filter stopped prompt or answer
  | 'no-model' // the model does not exist (any more)
  | 'bad-request' // refused for another reason
  | 'network' // no connection, or it broke
  | 'stalled' // connected, but silent for too long
  | 'cancelled'
  | 'unknown';

/** What a `ModelError` is made of: a code with arguments, or a sentence that needs no translation. */
export interface ModelErrorData extends Partial<ErrorText> {
  readonly kind: ModelErrorKind;
  /** Only for a sentence that is in the user's language already, or another's words; without key, header or text of the document. */
  readonly message?: string;
  /** What the provider asks to wait before the next attempt, ms. */
  readonly retryAfterMs?: number;
  /** HTTP status, where there was one. */
  readonly status?: number;
  /** The provider's id of the request, for a support case. */
  readonly requestId?: string;
  /** `too-long` only: the true limit in tokens, where the provider named it. */
  readonly limitTokens?: number;
  /** Rate-limit state told with the failure. */
  readonly rate?: RateLimits;
  /** `quota` only: when it is renewed, ms since 1970, where the provider named it. */
  readonly resetAt?: number;
  /** The server's own sentence, without keys and long quotes, for the log and for details; never decided from. */
  readonly said?: string;
  readonly cause?: unknown;
}

/** The one error that a `ChatModel` throws. */
export class ModelError extends Error implements ModelErrorData {
  readonly kind: ModelErrorKind;
  /** Undefined where only `message` tells what failed. */
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

  /** Without `code` and `message` the code is the kind. */
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

/** Longest wait that a run sits through, ms; a longer one ends it and is named in the error. */
export const maxWaitMs = 300_000;

/** Returns what failed, and the wait that the provider asks for where it is too long to sit through. */
export function describeFailure(error: ModelErrorData, translate: Translate = english): string {
  const { code, args, detail, retryAfterMs = 0 } = error;
  const sentence = code === undefined ? (error.message ?? '') : describeError({ code, args, detail }, translate);
  if (code === undefined || retryAfterMs <= maxWaitMs) return sentence;
  return joinSentences(
    sentence,
    describeError({ code: 'long-wait', args: [Math.ceil(retryAfterMs / 60_000)] }, translate),
  );
}

/** Kinds after which the same call can succeed later. */
export const retryableKinds: ReadonlySet<ModelErrorKind> = new Set([
  'rate-limit',
  'overloaded',
  'network',
  'stalled',
  'unknown',
]);

/** Kinds after which no call of this account can succeed until the user changes something. */
export const permanentKinds: ReadonlySet<ModelErrorKind> = new Set(['auth', 'quota', 'no-model']);

/** Rate-limit state from a response's headers; what a server does not send is left out. Times are ms from now. */
export interface RateLimits {
  readonly requestsLimit?: number;
  readonly requestsRemaining?: number;
  readonly requestsResetMs?: number;
  readonly tokensLimit?: number;
  readonly tokensRemaining?: number;
  readonly tokensResetMs?: number;
}

/** Token counts as the provider reported them, or estimated; unknown is undefined, never 0. */
export interface Usage {
  /** All prompt tokens, cached ones included. */
  readonly inputTokens?: number;
  /** Of these, read from the provider's prompt cache. */
  readonly cachedInputTokens?: number;
  /** Of these, written to the provider's prompt cache. */
  readonly cacheWriteTokens?: number;
  /** All output tokens, hidden reasoning included. */
  readonly outputTokens?: number;
  readonly reasoningTokens?: number;
  /** The server worked at its slower tier: every token at half its price. */
  readonly flex?: true;
  /** The server told no counts, or none that can be true: those for prompt and answer are our own estimate. */
  readonly estimated?: true;
  /** USD that the server says it charged for this answer. */
  readonly costUsd?: number;
}

/** What a model can hold and take. Sizes in its own tokens. */
export interface ModelLimits {
  readonly contextWindow: number;
  readonly maxOutputTokens: number;
  /** Above this a call costs more or reads worse; the plan treats it as a limit. */
  readonly softMaxInputTokens?: number;
  /** `cheap`: packs up to 12,000 tokens; `strong` (also the unknown): 24,000. */
  readonly tier: 'strong' | 'cheap';
  /** Hidden thinking that is paid from the output's room. */
  readonly reasoning: boolean;
  /** Tokens of this model for one of `o200k_base`; the usage that answers report corrects it. */
  readonly tokenFactor: number;
  /** True where `tokenFactor` comes from the counts of this model's own answers. */
  readonly tokenFactorLearned?: boolean;
  /** USD per million tokens as the server tells them, or 0 for a recognized server on this machine; undefined where it tells none. */
  readonly listPrice?: { readonly input: number; readonly output: number; readonly cachedInput?: number };
  /** On this machine: two lanes unless the setting says otherwise, patient with the first token. */
  readonly loopback: boolean;
  /** True where the window was asked from the server or told by the provider, false where it is a guess. */
  readonly known: boolean;
  /** Parameters of the model, where the server tells them: small models are asked for less at once. */
  readonly parameters?: number;
  /** Requests that the server works on at the same time, where it tells that: more would wait in it. */
  readonly slots?: number;
}

/** How much a model may think. `none` is the least that it offers. */
export type Effort = 'none' | 'low' | 'medium' | 'high';

export type Stage = 'map' | 'collapse' | 'reduce' | 'ask';

/** One request, rendered. The same for every provider. */
export interface ModelCall {
  readonly stage: Stage;
  /** Instructions; static first, so that equal prefixes stay equal. */
  readonly system: string;
  /** The fenced text and the ask after it. */
  readonly user: string;
  /** Most tokens of visible answer: a fuse well above the words that were asked for. An adapter adds room for hidden reasoning. */
  readonly maxTokens: number;
  /** An end mark that no honest answer holds; used on wires and models that take stops. */
  readonly stop?: string;
  readonly effort: Effort;
  /** `varied`: an answer to the same text was of no use; words are chosen more freely and repeated less, where the wire knows how. */
  readonly sampling?: 'varied';
  /** Our estimate of the prompt in the model's own tokens: a server that reports far fewer has cut it. */
  readonly inputTokens: number;
  /** The text will come back with another ask (one-call runs, questions): worth a provider's prompt cache. */
  readonly reusable: boolean;
  /** `reusable` only: how much of `user`, in UTF-16 units, comes back unchanged: the text, without the ask after it. */
  readonly reusableLength?: number;
  /** Most tokens of prompt plus answer of any call of this run: one value, so that a local server loads its model once. */
  readonly runWindow?: number;
}

/** `repeated`: the answer went into a loop and was stopped there; its start stands for the whole. */
export type FinishReason = 'stop' | 'length' | 'content-filter' | 'refused' | 'too-long' | 'repeated';

export interface ModelOpen {
  readonly type: 'open';
  readonly rate?: RateLimits;
  readonly requestId?: string;
}
export interface ModelText {
  readonly type: 'text';
  readonly text: string;
}
/** A sign of life without visible text: hidden reasoning, a keep-alive. */
export interface ModelPulse {
  readonly type: 'pulse';
  /** Only the connection lives: nothing tells that the model does anything. */
  readonly keepAlive?: true;
}
/** All text before was hidden reasoning that could not be told from the answer; the answer begins after it. */
export interface ModelRetract {
  readonly type: 'retract';
}
export interface ModelFinish {
  readonly type: 'finish';
  readonly reason: FinishReason;
  /** The provider's own word. */
  readonly raw: string;
  /**
   * `length` only: what ended the answer. `asked`: the tokens that the call allowed; `server`: a limit of the server's below that,
   * so more room changes nothing; `runaway`: it was several times longer than asked and would not have ended.
   */
  readonly cutBy?: 'asked' | 'server' | 'runaway';
  readonly usage: Usage;
  /** Model id as the provider answered it. */
  readonly model?: string;
}
/** The stream's grammar: `open`, then any number of `text` and `pulse`, `retract` at most once among them, then exactly one `finish`; or a `ModelError` is thrown. */
export type ModelEvent = ModelOpen | ModelText | ModelPulse | ModelRetract | ModelFinish;

export interface ChatModel {
  /** Provider id as in the setting `precis.provider`. */
  readonly provider: string;
  readonly model: string;
  /** Host that the text goes to, for people; '' where there is none. */
  readonly host: string;
  /** One scheduler for each: provider, host and key (hashed). */
  readonly account: string;
  /** Asked once a run; may ask the server. */
  limits(signal: AbortSignal): Promise<ModelLimits>;
  /**
   * Streams one answer. Never retries, never resolves without a finish event.
   * A stream that ends without a finish reason throws `network`; abort throws `cancelled`.
   */
  stream(call: ModelCall, signal: AbortSignal): AsyncIterable<ModelEvent>;
}
