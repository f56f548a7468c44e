/** Types of the plan. */
import type { Estimate } from '../events.ts';
import type { ModelLimits } from '../model.ts';
import type { Price } from '../request.ts';
import type { LatencyFigures } from '../schedule/types.ts';
import type { TreeNode } from './mergeTree.ts';

export interface PlanChunk {
  /** Estimate in `o200k_base`. */
  readonly tokens: number;
  /** Strength of the boundary before it. */
  readonly priority: number;
  /** Its note is known already. */
  readonly cached: boolean;
}

export interface PlanInput {
  readonly chunks: readonly PlanChunk[];
  /** Prompt tokens around the text, a call. */
  readonly overheadTokens: number;
  /** Name and context tokens, a chunk. */
  readonly perChunkOverheadTokens: number;
  readonly mapLimits: ModelLimits;
  readonly reduceLimits: ModelLimits;
  readonly lanes: number;
  readonly mapLatency: LatencyFigures;
  readonly reduceLatency: LatencyFigures;
  /** Rate budget, where known. */
  readonly tokensPerMinute?: number;
  readonly length: 'brief' | 'standard' | 'detailed';
  /** Text tokens of a call; 0: planned. */
  readonly chunkTokens: number;
  readonly mapPrice?: Price;
  readonly price?: Price;
  /** Calls are asked for at the slower tier, at half the price. */
  readonly flex?: true;
  /** False where the one-call strategy is excluded. */
  readonly singleAllowed: boolean;
  /** Most notes are cached: keep chunks even where one call would do. */
  readonly preferChunks: boolean;
  /** Default 1.4. */
  readonly tokensPerWord?: number;
  /** Possible underestimate; default 1.1. */
  readonly margin?: number;
}

/** Words to ask for, and the answer's token limit. */
export interface StageBudget {
  readonly words: number;
  readonly maxTokens: number;
}

export interface Plan {
  readonly strategy: 'single' | 'map-reduce';
  /** Chunk indexes, in order of start; without cached ones. */
  readonly packs: readonly (readonly number[])[];
  /** Budget of a whole pack's notes. */
  readonly map: StageBudget;
  readonly collapse: StageBudget;
  /** Undefined for one call or no chunk. */
  readonly tree: TreeNode | undefined;
  readonly reduce: StageBudget & {
    /** Note tokens of a merge, in the model's own. */
    readonly maxInput: number;
    /** Note tokens above which the last call merges once more, in the model's own. */
    readonly room: number;
  };
  readonly estimate: Estimate;
  /** Largest prompt plus answer, one value for local servers. */
  readonly runWindow: number;
}

/** A plan in slices of work. */
export type Steps<T> = Generator<undefined, T, undefined>;
