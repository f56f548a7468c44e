import type { PreparedPart } from '../source.ts';
import type { Wording } from './phrases.ts';

export interface OfflinePart {
  /** A workspace-relative path or a title. */
  readonly title: string;
  readonly uri?: string;
  readonly languageId?: string;
  readonly prepared: PreparedPart;
}
export interface OfflineInput {
  readonly parts: readonly OfflinePart[];
  readonly length: 'brief' | 'standard' | 'detailed';
  /** Wording of the summary's own phrases; quotes stay as they are. Absent: English. */
  readonly wording?: Wording;
  /** Passages that answer are looked for instead of a summary. */
  readonly question?: string;
}
export interface Cite {
  /** Position in `parts`. */
  readonly part: number;
  /** Lines from 1, inclusive; at most 20. */
  readonly startLine: number;
  readonly endLine: number;
}
/** A piece of the summary: its text (line breaks included, where it needs them), then the marks of what it cites. */
export interface OfflinePiece {
  readonly text: string;
  readonly cite?: readonly Cite[];
}
export type OfflineSummary = readonly OfflinePiece[];

/** What a reader of one kind of content found: a line of the summary, with how much it is worth. */
export interface Point {
  /** Heading above the point; '' places it before all headings. */
  readonly section: string;
  readonly text: string;
  readonly cite?: readonly Cite[];
  /** The most worth are kept when there is no room for all; 1 is ordinary. */
  readonly weight: number;
  /** A paragraph rather than a list item. */
  readonly plain?: boolean;
  /** Goes on in the paragraph or list item of the point before it. */
  readonly flows?: boolean;
  /** Depth in a list, from 0. */
  readonly depth?: number;
}

/** Words that each length may have. */
export const wordBudget = { brief: 95, standard: 285, detailed: 760 } as const;
/** The most of a text's words that each length may have. */
export const shareOfText = { brief: 0.2, standard: 0.35, detailed: 0.6 } as const;
