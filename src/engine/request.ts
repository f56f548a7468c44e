/** Input of a run: frozen options and ports. */
import type { ChatModel, Effort } from './model.ts';
import type { Translate } from './messages.ts';
import type { AnswerCache, Clock, Fence, Hash, TokenCounter, Yield } from './ports.ts';
import type { Scheduler } from './schedule/types.ts';
import type { PreparedPart, Source, SourcePart } from './source.ts';
import type { PlanReady } from './events.ts';

export interface RunOptions {
  readonly length: 'brief' | 'standard' | 'detailed';
  /** '' : language of the text. */
  readonly language: string;
  readonly instructions: string;
  readonly question?: string;
  /** Maximum text tokens per call; 0: planned. */
  readonly chunkTokens: number;
  readonly concurrency: number;
  /** USD; 0: unlimited. */
  readonly maxCostUsd: number;
  readonly price?: Price;
  readonly mapPrice?: Price;
  /** Effort of the final call, default `low`; map calls use the model's minimum. */
  readonly effort?: Effort;
  /** Requests the provider's slower tier at half price. */
  readonly flex?: true;
  /** Ignores measured figures, so batch results are found again. */
  readonly batched?: boolean;
  /** Spending of the batch this run completes. */
  readonly spent?: Spent;
}
export interface Spent {
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
  /** USD; undefined if a price is unknown. */
  readonly costUsd?: number;
}
export interface Price {
  /** USD per million tokens. */
  readonly input: number;
  readonly output: number;
  readonly cachedInput?: number;
}

/** Runs here or in a worker. */
export type Prepare = (
  part: SourcePart,
  signal: AbortSignal,
  onProgress: (length: number) => void,
) => Promise<PreparedPart>;

export interface RunPorts {
  readonly model: ChatModel;
  readonly mapModel: ChatModel;
  readonly scheduler: Scheduler;
  readonly mapScheduler: Scheduler;
  /** Stores nothing if caching is off. */
  readonly cache: AnswerCache;
  readonly prepare: Prepare;
  readonly tokens: TokenCounter;
  readonly clock: Clock;
  readonly hash: Hash;
  readonly fence: Fence;
  readonly yield: Yield;
  readonly signal: AbortSignal;
  /** English by default. */
  readonly translate?: Translate;
  /** False cancels the run. */
  readonly confirm?: (estimate: PlanReady) => Promise<boolean>;
  /** Cost limit without a known price; absent: refused. */
  readonly confirmUnpriced?: (estimate: PlanReady) => Promise<boolean>;
}

/** Request for `run` in run.ts. */
export interface RunRequest {
  readonly id: string;
  readonly source: Source;
  readonly options: RunOptions;
}
