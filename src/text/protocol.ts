/** What the two threads say to each other while a part is prepared. The worker pulls: no more of the text is under way than it can take. */
import type { PreparedPart, SourcePart } from '../engine/source.ts';

export interface PrepareInput {
  readonly part: Omit<SourcePart, 'text' | 'places'>;
  /** Makes the names of masked secrets: see `secretNamer`. */
  readonly salt: string;
}

/** Each reading of the text has a number: the engine may read it more than once. */
export type FromJob =
  | { readonly type: 'pull'; readonly reading: number }
  | { readonly type: 'stop'; readonly reading: number }
  | { readonly type: 'progress'; readonly length: number }
  /** Some of the result, in order, before the rest of it. */
  | { readonly type: 'chunks'; readonly chunks: PreparedPart['chunks'] };

export type ToJob =
  | { readonly type: 'piece'; readonly reading: number; readonly piece: string }
  | { readonly type: 'end'; readonly reading: number }
  /** The text cannot be read on; the reason stays on the other side. */
  | { readonly type: 'broken'; readonly reading: number };

/** The result without its chunks, which came before. */
export type PrepareOutput = Omit<PreparedPart, 'chunks'>;

export const pieceLength = 64 * 1024;
export const chunksAtOnce = 256;
