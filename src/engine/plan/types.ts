import type { Estimate } from '../events.ts';
import type { ModelLimits } from '../model.ts';
import type { Price } from '../request.ts';
import type { LatencyFigures } from '../schedule/types.ts';
import type { TreeNode } from './mergeTree.ts';

/** A chunk as the plan sees it. */
export interface PlanChunk {
  /** Estimate in `o200k_base`. */
  readonly tokens: number;
  readonly priority: number;
  readonly cached: boolean;
}

/** All that a plan depends on. */
export interface PlanInput {
  readonly chunks: readonly PlanChunk[];
  /** For each call. */
  readonly overheadTokens: number;
  /** Name and context. */
  readonly perChunkOverheadTokens: number;
  readonly mapLimits: ModelLimits;
  readonly reduceLimits: ModelLimits;
  readonly lanes: number;
  readonly mapLatency: LatencyFigures;
  readonly reduceLatency: LatencyFigures;
  /** Rate limit, if known. */
  readonly tokensPerMinute?: number;
  readonly length: 'brief' | 'standard' | 'detailed';
  /** Text tokens; 0 lets the plan choose. */
  readonly chunkTokens: number;
  readonly mapPrice?: Price;
  readonly price?: Price;
  readonly flex?: true;
  readonly singleAllowed: boolean;
  /** Keeps cached chunks even if one call would do. */
  readonly preferChunks: boolean;
  /** Tokens of one word in the summary; default 1.4. */
  readonly tokensPerWord?: number;
  /** Factor for underestimated tokens; default 1.1. */
  readonly margin?: number;
}

/** Words to request, and the answer's token limit. */
export interface StageBudget {
  readonly words: number;
  readonly maxTokens: number;
}

/** Calls of a run. */
export interface Plan {
  readonly strategy: 'single' | 'map-reduce';
  /** Chunk indexes of each pack in start order, without cached chunks. */
  readonly packs: readonly (readonly number[])[];
  /** Budget for the notes of a full pack. */
  readonly map: StageBudget;
  readonly collapse: StageBudget;
  /** Undefined for a single call, or without chunks. */
  readonly tree: TreeNode | undefined;
  readonly reduce: StageBudget & {
    /** Maximum note tokens of a merge, in the model's count. */
    readonly maxInput: number;
    /** Note tokens above which another merge precedes the last call, in the model's count. */
    readonly room: number;
  };
  readonly estimate: Estimate;
  /** Tokens of the largest prompt with its answer, one value for local servers. */
  readonly runWindow: number;
}

/** A plan in slices of work. */
export type Steps<T> = Generator<undefined, T, undefined>;
