import type { PreparedPart } from '../source.ts';
import type { Wording } from './phrases.ts';

/** A prepared part. */
export interface OfflinePart {
  /** A workspace-relative path or a title. */
  readonly title: string;
  readonly uri?: string;
  readonly languageId?: string;
  readonly prepared: PreparedPart;
}
/** What an offline summary is made from. */
export interface OfflineInput {
  readonly parts: readonly OfflinePart[];
  readonly length: 'brief' | 'standard' | 'detailed';
  /** Wording of the summary's own phrases; quotes stay unchanged. English if absent. */
  readonly wording?: Wording;
  /** Question to answer with passages; absent for a summary. */
  readonly question?: string;
}
/** Lines of a part. */
export interface Cite {
  readonly part: number;
  /** Lines from 1, inclusive; at most 20. */
  readonly startLine: number;
  readonly endLine: number;
}
/** A piece of the summary: text with its line breaks, then the marks of what it cites. */
export interface OfflinePiece {
  readonly text: string;
  readonly cite?: readonly Cite[];
}
/** Pieces in order of display. */
export type OfflineSummary = readonly OfflinePiece[];

/** A line of the summary with its weight. */
export interface Point {
  /** Heading above the point; '' places it before all headings. */
  readonly section: string;
  readonly text: string;
  readonly cite?: readonly Cite[];
  /** Decides which points stay if there is no room for all; 1 is ordinary. */
  readonly weight: number;
  /** Whether it is a paragraph rather than a list item. */
  readonly plain?: boolean;
  /** Whether it continues the paragraph or list item of the previous point. */
  readonly flows?: boolean;
  readonly depth?: number;
}

/** Maximum words for each length. */
export const wordBudget = { brief: 95, standard: 285, detailed: 760 } as const;
/** Maximum share of the text's words for each length. */
export const shareOfText = { brief: 0.2, standard: 0.35, detailed: 0.6 } as const;
