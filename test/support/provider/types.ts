/** What the simulated provider's parts agree on. */
import type { Fault } from './faults.ts';
import type { LatencyOptions } from './latency.ts';
import type { RateOptions } from './limits.ts';
import type { ReaderOptions } from './reader.ts';
import type { Certificate } from './tls.ts';
import type { BatchOptions } from './batch/options.ts';
import type { BatchRow } from './batch/store.ts';

export type WireId = 'chat' | 'responses' | 'messages' | 'ollama' | 'batch' | 'other';

/** Which vendor the server plays: it decides the endpoints, the headers and the words of errors. `cloud` has all of the three vendors' wires. */
export type Flavour =
  'cloud' | 'openai' | 'anthropic' | 'gemini' | 'compatible' | 'ollama' | 'lmstudio' | 'llamacpp' | 'vllm';

export type GuessedStage = 'map' | 'collapse' | 'reduce' | 'ask' | 'unknown';

/** A request for an answer, the same whatever wire it came by. */
export interface Asked {
  readonly wire: WireId;
  readonly model: string;
  readonly system: string;
  readonly user: string;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  /** Infinity where none was given. */
  readonly maxTokens: number;
  readonly stop: readonly string[];
  readonly body: Readonly<Record<string, unknown>>;
}

/** An answer that a wire can put into its own words. */
export interface Answer {
  readonly text: string;
  readonly reasoning: string;
  readonly finish: 'stop' | 'length' | 'content-filter' | 'refused' | 'window';
  /** The stop sequence that was met. */
  readonly stopped?: string;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly cacheWriteTokens: number;
  /** Reasoning included. */
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  /** False: the server reports no counts. */
  readonly usage: boolean;
}

/** The frames of one streamed answer; each string is written as it is. */
export interface StreamFrames {
  readonly contentType: string;
  open(): string;
  text(piece: string): string;
  reasoning(piece: string): string;
  close(): string;
  /** The mark after the last event, where the wire has one. */
  readonly done: string;
  readonly keepAlive: string;
  readonly broken: string;
  error(message: string): string;
}

export interface WireError {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Why the server refuses, in no vendor's words. */
export type Refusal =
  | { readonly kind: 'auth' }
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'no-model'; readonly model: string }
  | { readonly kind: 'quota' }
  | { readonly kind: 'too-long'; readonly input: number; readonly output: number; readonly window: number }
  | { readonly kind: 'output-too-large'; readonly asked: number; readonly max: number }
  | {
      readonly kind: 'rate-limit';
      readonly what: 'requests' | 'tokens';
      readonly limit: number;
      readonly waitMs: number | undefined;
    }
  | { readonly kind: 'parameter'; readonly name: string; readonly value?: unknown }
  | { readonly kind: 'filtered' }
  | { readonly kind: 'not-found'; readonly path: string }
  | { readonly kind: 'invalid'; readonly message: string }
  | { readonly kind: 'status'; readonly status: number; readonly message?: string };

export interface Wire {
  readonly id: WireId;
  parse(body: Record<string, unknown>): Asked;
  /** The whole answer as JSON. */
  whole(asked: Asked, answer: Answer): unknown;
  frames(asked: Asked, answer: Answer): StreamFrames;
}

export interface ModelSpec {
  readonly contextWindow: number;
  readonly maxOutputTokens: number;
  /** Hidden tokens that are spent before the answer. */
  readonly reasoningTokens: number;
  /** Parameters that a request is refused for. */
  readonly refuses: readonly string[];
}

export interface ProviderOptions {
  readonly flavour?: Flavour;
  readonly port?: number;
  /** HTTPS with this certificate; `selfSigned()` makes one that nobody trusts. */
  readonly tls?: Certificate;
  /** Asked for when given; else every key is right. */
  readonly apiKey?: string;
  /** `x-api-key`: an older gateway that knows neither Bearer nor the version of 2026-10-21. */
  readonly anthropicAuth?: 'both' | 'x-api-key';
  /** Models that exist, with what differs from the server's own; absent: every name is a model. */
  readonly models?: Readonly<Record<string, Partial<ModelSpec>>>;
  /** Names that are listed, where they are not those that exist. */
  readonly lists?: readonly string[];
  readonly contextWindow?: number;
  readonly maxOutputTokens?: number;
  readonly reasoningTokens?: number;
  readonly refuses?: readonly string[];
  /** Ollama's own window when a request names none. */
  readonly defaultNumCtx?: number;
  /** Tokens of the model for one of the plain estimate. */
  readonly tokenFactor?: number;
  /** Prompts are cached by the vendor's rules. */
  readonly promptCache?: boolean;
  readonly latency?: LatencyOptions;
  readonly rate?: RateOptions;
  /** Requests that are worked on at once; more wait in order of arrival. Default: all. */
  readonly slots?: number;
  readonly faults?: readonly Fault[];
  readonly reader?: ReaderOptions;
  readonly batch?: BatchOptions;
  /** Answers instead of the reader. */
  readonly answer?: (asked: Asked, entry: JournalEntry) => string | Promise<string>;
  readonly stageOf?: (asked: Asked) => GuessedStage;
  /** False: bodies are not kept in the journal (long benches). */
  readonly keepBodies?: boolean;
}

export interface JournalEntry {
  /** From 1, over all requests. */
  readonly number: number;
  readonly wire: WireId;
  readonly method: string;
  readonly path: string;
  /** Names in lower case; the key's headers are left out. */
  readonly headers: Readonly<Record<string, string>>;
  readonly credential: 'bearer' | 'x-api-key' | 'none' | 'other';
  /** Parsed JSON, else text; undefined when bodies are not kept. */
  body: unknown;
  stage: GuessedStage;
  model: string;
  /** ms of `performance.now()`. */
  readonly startedAt: number;
  /** First byte of an answer's text. */
  firstTextAt?: number;
  endedAt?: number;
  status?: number;
  promptTokens: number;
  /** Of the prompt's, read from the provider's cache. */
  cachedTokens: number;
  /** Of the prompt's, written to the provider's cache. */
  cacheWriteTokens: number;
  outputTokens: number;
  /** Of the answer's, as many as were sent; hidden ones included. */
  writtenTokens: number;
  /** The prompt was read, and is billed, whatever becomes of the answer. */
  isAccepted?: true;
  /** Asked for, and answered, at the flex tier. */
  isFlex?: true;
  finish?: Answer['finish'];
  /** The client went away before the answer was whole. */
  clientClosed: boolean;
  /** Name of the fault that was played. */
  fault?: string;
}

export interface SimulatedProvider {
  /** Origin without a path or slash at its end. */
  readonly url: string;
  readonly port: number;
  /** All requests since the start or the last `reset`, in order of arrival. */
  readonly journal: readonly JournalEntry[];
  /** Of these, the ones that asked for an answer. */
  readonly calls: readonly JournalEntry[];
  /** Rows of batches that were answered, and so billed. */
  readonly batchRows: readonly BatchRow[];
  /** What lies on the server: uploads, and results of batches. */
  readonly files: readonly {
    readonly id: string;
    readonly filename: string;
    readonly purpose: string;
    readonly expiresAt: number | undefined;
  }[];
  /** Batch jobs that the server still knows. */
  readonly batches: readonly {
    readonly id: string;
    readonly vendor: 'openai' | 'anthropic' | 'gemini';
    readonly state: string;
  }[];
  readonly openRequests: number;
  /** Most requests for an answer that were open at the same time. */
  readonly peakRequests: number;
  /** Forgets journal, faults' counts, rate budgets and batch jobs; new options replace the ones named. */
  reset(options?: Partial<ProviderOptions>): void;
  close(): Promise<void>;
}
