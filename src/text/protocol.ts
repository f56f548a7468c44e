/** Messages between threads while a part is prepared; the worker requests the text. */
import type { PreparedPart, SourcePart } from '../engine/source.ts';

/** Input of the worker's job. */
export interface PrepareInput {
  readonly part: Omit<SourcePart, 'text' | 'places'>;
  /** See `createSecretNamer`. */
  readonly salt: string;
}

/** Readings have numbers, because the text may be read twice. */
export type FromJob =
  | { readonly type: 'pull'; readonly reading: number }
  | { readonly type: 'stop'; readonly reading: number }
  | { readonly type: 'progress'; readonly length: number }
  /** Part of the result, in order. */
  | { readonly type: 'chunks'; readonly chunks: PreparedPart['chunks'] };

/** Text of a part, sent in pieces. */
export type ToJob =
  | { readonly type: 'piece'; readonly reading: number; readonly piece: string }
  | { readonly type: 'end'; readonly reading: number }
  /** Reading failed; the other side keeps the reason. */
  | { readonly type: 'broken'; readonly reading: number };

/** The rest of the result. */
export type PrepareOutput = Omit<PreparedPart, 'chunks'>;

/** Characters of a piece. */
export const pieceLength = 64 * 1024;
/** Chunks of a message back. */
export const chunksAtOnce = 256;
