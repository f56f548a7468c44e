import type { Yield } from '../../ports.ts';
import type { LogFacts } from '../../logFacts.ts';
import type { Kind, PartGap } from '../../source.ts';

/** A text with what repeats turned into counts. A line counts as folded only if `text` says exactly what it holds. */
export interface FoldResult {
  /** What is read in place of the source. */
  readonly text: string;
  /** For each line of `text` (as `text.split('\n')` has them, without the empty one after a last newline): the first source line it stands for, from 1. */
  readonly sourceLines: readonly number[];
  /** Source lines that `text` does not hold word for word but accounts for exactly; lines of `gaps` are not among them. */
  readonly foldedLines: number;
  /** Lines of the source. */
  readonly lines: number;
  /** What was computed exactly (counts, ranges, schema); '' where nothing was. */
  readonly facts: string;
  /** UTF-16 units of the source. */
  readonly length: number;
  /** What is neither in `text` nor counted exactly by it; absent: nothing. Lines from 1. */
  readonly gaps?: readonly PartGap[];
  /** Of a log: the facts that `text` is written from. */
  readonly log?: LogFacts;
}

/**
 * Folds a text. Pieces may be cut anywhere, also within a line; they are read once and need not be kept.
 * Resolves to undefined where folding is not worth its loss: the caller then reads the text as it is.
 * A line ends at `\n` (a `\r` before it belongs to the line).
 */
export type Fold = (
  kind: Kind,
  pieces: AsyncIterable<string> | string,
  yieldNow: Yield,
) => Promise<FoldResult | undefined>;
