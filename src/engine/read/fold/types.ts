import type { Yield } from '../../ports.ts';
import type { LogFacts } from '../../logFacts.ts';
import type { TableFacts } from '../../tableFacts.ts';
import type { Kind, PartGap } from '../../source.ts';

/** Result of folding. A folded line is accounted for exactly. */
export interface FoldResult {
  /** Text that is read instead of the source. */
  readonly text: string;
  /** Source line, from 1, of each line of `text`; a final empty line has none. */
  readonly sourceLines: readonly number[];
  /** Number of lines that are counted instead of quoted; excludes `gaps`. */
  readonly foldedLines: number;
  /** Number of source lines. */
  readonly lines: number;
  /** Exact facts; '' if none. */
  readonly facts: string;
  /** UTF-16 units of the source. */
  readonly length: number;
  /** Lines neither quoted nor counted, from 1. */
  readonly gaps?: readonly PartGap[];
  /** Logs only; `text` is written from them. */
  readonly log?: LogFacts;
  /** Tables and JSON records only. */
  readonly table?: TableFacts;
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
  logTokens?: number,
) => Promise<FoldResult | undefined>;
