import type { Yield } from '../../ports.ts';
import type { LogFacts } from '../../logFacts.ts';
import type { Kind, PartGap } from '../../source.ts';

/** A folded line is exactly accounted for. */
export interface FoldResult {
  /** Text that is read in place of the source. */
  readonly text: string;
  /** Source line, from 1, of each line of `text`, without an empty last one. */
  readonly sourceLines: readonly number[];
  /** Lines accounted for but not held; without `gaps`. */
  readonly foldedLines: number;
  /** Lines of the source. */
  readonly lines: number;
  /** Exact facts; '' for none. */
  readonly facts: string;
  /** UTF-16 units of the source. */
  readonly length: number;
  /** Neither held nor counted. Lines from 1. */
  readonly gaps?: readonly PartGap[];
  /** Facts of a log, from which `text` is written. */
  readonly log?: LogFacts;
}

/**
 * Pieces may be cut anywhere and are read once. Undefined where folding is not worth it.
 * Lines end at `
 * `; `\r` belongs to the line.
 */
export type Fold = (
  kind: Kind,
  pieces: AsyncIterable<string> | string,
  yieldNow: Yield,
  /** Maximum tokens of a log's digest. */
  logTokens?: number,
) => Promise<FoldResult | undefined>;
