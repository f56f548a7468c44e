/** Source text and its chunks. */
import type { LogFacts } from './logFacts.ts';
import type { TableFacts } from './tableFacts.ts';

/** Kind of a text; selects reader, prompt and guidance. */
export type Kind =
  'code' | 'log' | 'table' | 'json' | 'diff' | 'markdown' | 'prose' | 'transcript' | 'legal' | 'config';

/** A file or text of a source. */
export interface SourcePart {
  /** Absent for clipboard or API text. */
  readonly uri?: string;
  /** Workspace-relative path or title. */
  readonly title: string;
  readonly languageId?: string;
  /** Whether the file usually holds secrets; never sent without asking. */
  readonly keyFile?: boolean;
  /** First line within `uri`, from 1. */
  readonly startLine: number;
  /** UTF-8 bytes, for progress. */
  readonly bytes?: number;
  /** Maximum tokens of a log's digest; absent: by its size. */
  readonly logTokens?: number;
  /** A function yields pieces of a large file, which may end within a line. */
  readonly text: string | (() => AsyncIterable<string>);
  /** Line from 1, depth from 0. */
  readonly symbols?: readonly SourceSymbol[];
  /** Lines of files behind the lines of a diff; diffs only. */
  readonly places?: readonly LinePlace[];
}
/** Applies from `line` (from 1) to the next entry. */
export interface LinePlace {
  readonly line: number;
  /** Absent if the line belongs to no file. */
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
  /** `folder` also describes each subfolder. */
  readonly shape: 'text' | 'folder' | 'changes';
}

/**
 * Unit of citation, caching and diffing, split by nearby content only. Unfolded chunks of a part concatenate to its masked
 * text.
 */
export interface Chunk {
  /** From 0. */
  readonly index: number;
  readonly part: number;
  readonly text: string;
  /** Line in the part's `uri`, from 1, inclusive. */
  readonly startLine: number;
  readonly endLine: number;
  /** Source line of each line of `text`; folded or repeated text only. */
  readonly sourceLines?: readonly number[];
  /** `o200k_base` estimate. */
  readonly tokens: number;
  /** The two nearest headings, or the enclosing symbol. */
  readonly context: string;
  /** Strength of the boundary before this chunk; higher splits first. */
  readonly priority: number;
  /** Set if a part of it repeats an earlier file. */
  readonly repeat?: Repeat;
}
/** Text that an earlier file contains too. */
export interface Repeat {
  readonly lines: number;
  /** Text for notes and cache keys; names no other file, so keys stay stable. */
  readonly read: string;
  /** Full text, whose cached note is usable too. */
  readonly whole: string;
}

/** Reason of gaps beyond the fold budget, which leave a run complete. */
export const budgetReason = 'budget';
/** Reason of gaps for base64, hex dumps and data URIs. */
export const encodedReason = 'encoded data';

/** Lines neither read nor counted. */
export interface PartGap {
  /** Lines from 1, inclusive; other lines may lie between. */
  readonly startLine: number;
  readonly endLine: number;
  readonly lines: number;
  /** Absent if all are missing. */
  readonly count?: number;
  readonly reason: string;
}

/** Text with code spans, whose content is shown verbatim. */
export type Words = readonly (string | { readonly code: string })[];

/** A fact to show first about a text in a known format. */
export interface FormatPoint {
  /** Heading; '' places it before all headings. */
  readonly section: string;
  readonly words: Words;
  /** Lines from 1, inclusive, counted like those of `Chunk`. */
  readonly line: number;
  readonly endLine?: number;
  /** 1 is ordinary. */
  readonly weight: number;
}
/** Points of a format's reader. */
export interface FormatFacts {
  readonly points: readonly FormatPoint[];
  /** Whether the kind's offline reader continues after the points. */
  readonly continues: boolean;
}

/** A part after it was masked, folded and split. */
export interface PreparedPart {
  readonly kind: Kind;
  readonly chunks: readonly Omit<Chunk, 'index' | 'part'>[];
  readonly lines: number;
  readonly foldedLines: number;
  /** Folded logs only. */
  readonly log?: LogFacts;
  /** Folded tables and JSON records only. */
  readonly table?: TableFacts;
  /** Known formats only. */
  readonly format?: FormatFacts;
  /** Lines missing from the chunks, numbered as in `Chunk`. */
  readonly gaps?: readonly PartGap[];
  readonly masked: number;
  readonly invisible: number;
  /** UTF-16 units. */
  readonly length: number;
  /** Counts, ranges or schema that were computed locally; '' if none. */
  readonly facts: string;
}
