/** Source text and its chunks. */
import type { LogFacts } from './logFacts.ts';

/** Selects reader, prompt and summary guidance. */
export type Kind =
  'code' | 'log' | 'table' | 'json' | 'diff' | 'markdown' | 'prose' | 'transcript' | 'legal' | 'config';

export interface SourcePart {
  /** Absent for clipboard or API text. */
  readonly uri?: string;
  /** Workspace-relative path or title. */
  readonly title: string;
  readonly languageId?: string;
  /** Usually holds secrets; never sent without asking. */
  readonly keyFile?: boolean;
  /** First line within `uri`, from 1. */
  readonly startLine: number;
  /** UTF-8 bytes, for progress. */
  readonly bytes?: number;
  /** Maximum tokens of a log's digest; absent: by its size. */
  readonly logTokens?: number;
  /** Pieces of large files may split lines. */
  readonly text: string | (() => AsyncIterable<string>);
  /** Line from 1, depth from 0. */
  readonly symbols?: readonly SourceSymbol[];
  /** Diffs only: file lines behind its lines. */
  readonly places?: readonly LinePlace[];
}
/** Applies from `line` (from 1) to the next entry. */
export interface LinePlace {
  readonly line: number;
  /** Absent if in no file. */
  readonly uri?: string;
  /** Line of `uri`, from 1. */
  readonly startLine: number;
  /** Whether later lines advance in `uri`. */
  readonly moves: boolean;
}
/** Lines from 1, inclusive; depth from 0. */
export interface SourceSymbol {
  readonly name: string;
  readonly line: number;
  readonly endLine: number;
  readonly depth: number;
}

/** Everything one run summarizes. */
export interface Source {
  readonly title: string;
  readonly parts: readonly SourcePart[];
  /** Parts left out, each with a reason for the user. */
  readonly skipped: readonly { readonly uri: string; readonly reason: string }[];
  /** `folder`: describes each folder. */
  readonly shape: 'text' | 'folder' | 'changes';
}

/**
 * Unit of citing, caching and diffing; split by nearby content only.
 * Unfolded chunks of a part concatenate to its masked text.
 */
export interface Chunk {
  /** From 0. */
  readonly index: number;
  readonly part: number;
  readonly text: string;
  /** Line in the part's `uri`, from 1, inclusive. */
  readonly startLine: number;
  readonly endLine: number;
  /** Folded or repeated text only: source line of each line of `text`. */
  readonly sourceLines?: readonly number[];
  /** `o200k_base` estimate. */
  readonly tokens: number;
  /** Nearest two headings or enclosing symbol. */
  readonly context: string;
  /** Strength of the boundary before this chunk; higher splits first. */
  readonly priority: number;
  /** Set if part of it repeats an earlier file. */
  readonly repeat?: Repeat;
}
/** Text that an earlier file contains too. */
export interface Repeat {
  readonly lines: number;
  /** Input of notes and keys; names no other file, so keys stay stable. */
  readonly read: string;
  /** Full text; its cached note works too. */
  readonly whole: string;
}

/** Over the fold budget; alone it leaves a run complete. */
export const budgetReason = 'budget';
/** Base64, hex dumps and data URIs. */
export const encodedReason = 'encoded data';

/** Lines neither read nor counted. */
export interface PartGap {
  /** From 1, inclusive; other lines may lie between. */
  readonly startLine: number;
  readonly endLine: number;
  readonly lines: number;
  /** Records; absent if all are missing. */
  readonly count?: number;
  readonly reason: string;
}

/** Text with code spans, which are shown verbatim. */
export type Words = readonly (string | { readonly code: string })[];

/** A fact to show first for a text in a known format. */
export interface FormatPoint {
  /** Heading; '' places it before all headings. */
  readonly section: string;
  readonly words: Words;
  /** Lines from 1, inclusive, counted like those of `Chunk`. */
  readonly line: number;
  readonly endLine?: number;
  /** The most worth are kept; 1 is ordinary. */
  readonly weight: number;
}
export interface FormatFacts {
  readonly points: readonly FormatPoint[];
  /** The kind's offline reader goes on after the points. */
  readonly continues: boolean;
}

/** Part after routing, masking, folding and splitting. */
export interface PreparedPart {
  readonly kind: Kind;
  readonly chunks: readonly Omit<Chunk, 'index' | 'part'>[];
  readonly lines: number;
  /** Covered by counts instead of text. */
  readonly foldedLines: number;
  /** Folded logs only. */
  readonly log?: LogFacts;
  /** Known formats only. */
  readonly format?: FormatFacts;
  /** Lines missing from the chunks, numbered as in `Chunk`. */
  readonly gaps?: readonly PartGap[];
  readonly masked: number;
  /** Control characters made visible. */
  readonly invisible: number;
  /** UTF-16 units of the whole text. */
  readonly length: number;
  /** Counts, ranges or schema computed locally; '' if none. */
  readonly facts: string;
}
