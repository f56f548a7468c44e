/** Input of a run: options and ports, which do not change during the run. */
import type { ChatModel, Effort } from './model.ts';
import type { Translate } from './messages.ts';
import type { AnswerCache, Clock, Fence, Hash, TokenCounter, Yield } from './ports.ts';
import type { Scheduler } from './schedule/types.ts';
import type { PreparedPart, Source, SourcePart } from './source.ts';
import type { PlanReady } from './events.ts';

/** Settings of a run. */
export interface RunOptions {
  readonly length: 'brief' | 'standard' | 'detailed';
  /** Language of the summary; '' for the text's language. */
  readonly language: string;
  readonly instructions: string;
  readonly question?: string;
  /** Text tokens; 0 lets the plan choose. */
  readonly chunkTokens: number;
  readonly concurrency: number;
  /** 0 for none. */
  readonly maxCostUsd: number;
  readonly price?: Price;
  readonly mapPrice?: Price;
  /** Effort of the final call, default `low`; map calls use the model's minimum. */
  readonly effort?: Effort;
  readonly flex?: true;
  /** Whether to ignore measured figures, so that a batch's answers are found again. */
  readonly batched?: boolean;
  /** Cost of the batch that this run completes. */
  readonly spent?: Spent;
}
/** Use of earlier calls. */
export interface Spent {
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
  /** USD; undefined if a price is unknown. */
  readonly costUsd?: number;
}
/** Price of a model. */
export interface Price {
  /** USD per million tokens. */
  readonly input: number;
  readonly output: number;
  readonly cachedInput?: number;
}

/** Prepares a part, here or in a worker. */
export type Prepare = (
  part: SourcePart,
  signal: AbortSignal,
  onProgress: (length: number) => void,
) => Promise<PreparedPart>;

/** What a run needs from outside. */
export interface RunPorts {
  readonly model: ChatModel;
  readonly mapModel: ChatModel;
  readonly scheduler: Scheduler;
  readonly mapScheduler: Scheduler;
  /** Cache of answers; stores nothing if caching is off. */
  readonly cache: AnswerCache;
  readonly prepare: Prepare;
  readonly tokens: TokenCounter;
  readonly clock: Clock;
  readonly hash: Hash;
  readonly fence: Fence;
  readonly yield: Yield;
  readonly signal: AbortSignal;
  /** Absent: English. */
  readonly translate?: Translate;
  /** False cancels. */
  readonly confirm?: (estimate: PlanReady) => Promise<boolean>;
  /** Asks about a cost limit without a known price; absent: the run is refused. */
  readonly confirmUnpriced?: (estimate: PlanReady) => Promise<boolean>;
}

/** What to summarize. */
export interface RunRequest {
  readonly id: string;
  readonly source: Source;
  readonly options: RunOptions;
}
