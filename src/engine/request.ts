/** What a run is started with: one frozen snapshot of options, and the ports. */
import type { ChatModel, Effort } from './model.ts';
import type { Translate } from './messages.ts';
import type { AnswerCache, Clock, Fence, Hash, TokenCounter, Yield } from './ports.ts';
import type { Scheduler } from './schedule/types.ts';
import type { PreparedPart, Source, SourcePart } from './source.ts';
import type { PlanReady } from './events.ts';

export interface RunOptions {
  readonly length: 'brief' | 'standard' | 'detailed';
  /** '' : the language of the text. */
  readonly language: string;
  readonly instructions: string;
  /** A question to answer instead of a summary. */
  readonly question?: string;
  /** Most tokens of text that one call packs; 0: planned. */
  readonly chunkTokens: number;
  readonly concurrency: number;
  /** USD; 0: none. */
  readonly maxCostUsd: number;
  readonly price?: Price;
  readonly mapPrice?: Price;
  /** Effort of the call that writes; default `low`. Parts are read at the least that their model offers. */
  readonly effort?: Effort;
  /** Calls are asked for at the provider's slower tier, at half the price. */
  readonly flex?: true;
  /** Planned as a batch is, in parts and by nothing that was measured: what a batch brought is found again, however long it took. */
  readonly batched?: boolean;
  /** Paid for before, by a batch that this run finishes: part of what it tells. */
  readonly spent?: Spent;
}
export interface Spent {
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
  /** USD; left out where the price is not known. */
  readonly costUsd?: number;
}
export interface Price {
  /** USD per million tokens. */
  readonly input: number;
  readonly output: number;
  readonly cachedInput?: number;
}

/** Route, mask, fold and split of one part, wherever it runs (in slices on this thread, or in a worker). */
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
  /** A cache that keeps nothing where the setting is off. */
  readonly cache: AnswerCache;
  readonly prepare: Prepare;
  readonly tokens: TokenCounter;
  readonly clock: Clock;
  readonly hash: Hash;
  readonly fence: Fence;
  readonly yield: Yield;
  readonly signal: AbortSignal;
  /** The language of what the engine itself writes into the summary; English where it is left out. */
  readonly translate?: Translate;
  /** Asked once with the estimate, before the first call; false ends the run as cancelled. */
  readonly confirm?: (estimate: PlanReady) => Promise<boolean>;
  /** Asked once when a cost limit is set and no price is known; absent: the run is refused. */
  readonly confirmUnpriced?: (estimate: PlanReady) => Promise<boolean>;
}

/** `run(request): AsyncIterable<RunEvent>`; see run.ts. */
export interface RunRequest {
  readonly id: string;
  readonly source: Source;
  readonly options: RunOptions;
}
