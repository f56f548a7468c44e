/** Types of the plan: what it is made from, and what it says. */
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
  /** Tokens of the prompt around the text, a call. */
  readonly overheadTokens: number;
  /** Tokens of a chunk's name and context in a prompt, a chunk. */
  readonly perChunkOverheadTokens: number;
  readonly mapLimits: ModelLimits;
  readonly reduceLimits: ModelLimits;
  readonly lanes: number;
  readonly mapLatency: LatencyFigures;
  readonly reduceLatency: LatencyFigures;
  /** Rate budget, where known. */
  readonly tokensPerMinute?: number;
  readonly length: 'brief' | 'standard' | 'detailed';
  /** Most tokens of text in one call; 0: planned. */
  readonly chunkTokens: number;
  readonly mapPrice?: Price;
  readonly price?: Price;
  /** Calls are asked for at the slower tier, at half the price. */
  readonly flex?: true;
  /** False where the one-call strategy is excluded. */
  readonly singleAllowed: boolean;
  /** Most notes are cached: stay in chunks, even where one call would do. */
  readonly preferChunks: boolean;
  /** Tokens of a word of the summary's language; default 1.4. */
  readonly tokensPerWord?: number;
  /** Factor that prompt estimates may be too low by; default 1.1. */
  readonly margin?: number;
}

/** Words to ask for, and the most tokens of the answer, well above them. */
export interface StageBudget {
  readonly words: number;
  readonly maxTokens: number;
}

export interface Plan {
  readonly strategy: 'single' | 'map-reduce';
  /** Indexes of chunks that are read together, in the order of start; cached ones are in none. */
  readonly packs: readonly (readonly number[])[];
  /** Budget of a whole pack's notes. */
  readonly map: StageBudget;
  readonly collapse: StageBudget;
  /** The merges; undefined for one call or no chunk. */
  readonly tree: TreeNode | undefined;
  readonly reduce: StageBudget & {
    /** Most tokens of notes that a reduce or a collapse reads, in the model's own tokens. */
    readonly maxInput: number;
    /** Most tokens of notes that the last call takes before they are merged once more, in the model's own tokens. */
    readonly room: number;
  };
  readonly estimate: Estimate;
  /** Most tokens of prompt and answer of any call, one value for a server that loads its model by it. */
  readonly runWindow: number;
}

/** A plan in slices of work: the caller may do other things between two of them. */
export type Steps<T> = Generator<undefined, T, undefined>;
