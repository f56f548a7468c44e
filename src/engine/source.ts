/** What is summarized, and what it is cut into. */
import type { LogFacts } from './logFacts.ts';

/** What the content is; decides how it is read, asked about and shaped. */
export type Kind =
  'code' | 'log' | 'table' | 'json' | 'diff' | 'markdown' | 'prose' | 'transcript' | 'legal' | 'config';

/** One text of a source: a file, a selection, a diff. */
export interface SourcePart {
  /** Where its lines are; absent for a text without a home (clipboard, API). */
  readonly uri?: string;
  /** For people and prompts: a workspace-relative path or a title. */
  readonly title: string;
  readonly languageId?: string;
  /** Its path, or the path of what a link led to, is that of a file that usually holds keys: no destination gets it unasked. */
  readonly keyFile?: boolean;
  /** Line of `uri` on which the text starts, from 1. */
  readonly startLine: number;
  /** Size in UTF-8 bytes where known (large files), for progress. */
  readonly bytes?: number;
  /** The whole text, or a reader of its pieces for what is too large to hold (any cut is allowed, also within a line). */
  readonly text: string | (() => AsyncIterable<string>);
  /** Definitions from VS Code's document symbols, where it has them: line from 1, depth from 0. */
  readonly symbols?: readonly SourceSymbol[];
  /** For a text that tells of others (a diff): which lines of which file its lines stand for, in order. */
  readonly places?: readonly LinePlace[];
}
/** Holds from `line` of the part (from 1) up to the next entry. */
export interface LinePlace {
  readonly line: number;
  /** Absent: these lines are in no file. */
  readonly uri?: string;
  /** The line of `uri` that `line` stands for, from 1. */
  readonly startLine: number;
  /** Each further line stands for the next of `uri`; else all stand for the same. */
  readonly moves: boolean;
}
export interface SourceSymbol {
  readonly name: string;
  readonly line: number;
  readonly endLine: number;
  readonly depth: number;
}

export interface Source {
  readonly title: string;
  readonly parts: readonly SourcePart[];
  /** What was pointed at but is not read, with the reason in a person's words. */
  readonly skipped: readonly { readonly uri: string; readonly reason: string }[];
  /** `folder`: the summary tells what each folder is for. */
  readonly shape: 'text' | 'folder' | 'changes';
}

/**
 * A unit of meaning: small, cut by the text's own structure and nearby content alone.
 * It is cited, cached, compared after an edit and named in a gap. The chunks of a part that is not folded join to its masked text.
 */
export interface Chunk {
  /** Position in the run, from 0. */
  readonly index: number;
  /** Which `SourcePart`. */
  readonly part: number;
  readonly text: string;
  /** Lines of the part's uri, from 1, inclusive. */
  readonly startLine: number;
  readonly endLine: number;
  /** Folded text, and text with a repeat, only: for each line of `text`, the source line it stands for (the first of them). */
  readonly sourceLines?: readonly number[];
  /** Estimated tokens (o200k). */
  readonly tokens: number;
  /** Nearest two headings, or the enclosing symbol; beside the text, never inside it. */
  readonly context: string;
  /** Strength of the boundary before this chunk (structure rank, then hash): higher cuts first. */
  readonly priority: number;
  /** Set where some of it stands in an earlier file too: `text` tells that in one line. */
  readonly repeat?: Repeat;
}
export interface Repeat {
  /** Lines that are told in one. */
  readonly lines: number;
  /** What notes are taken from and kept by: it names no other file, so that a file that comes or goes changes no note. */
  readonly read: string;
  /** All of the chunk. A note that was taken from it serves too. */
  readonly whole: string;
}

/** Reason of a gap: lines whose form or passage did not fit the budget of a fold. Alone it leaves a run complete. */
export const budgetReason = 'budget';
/** Reason of a gap: base64, hex dumps and data URIs, which a note with their size stands for. */
export const encodedReason = 'encoded data';

/** Lines of a part that were prepared but that no model reads, nor a count tells exactly. */
export interface PartGap {
  /** First and last line, from 1; others may stand between them. */
  readonly startLine: number;
  readonly endLine: number;
  /** Lines that are missing. */
  readonly lines: number;
  /** Records that are missing; absent: the lines are all of the range. */
  readonly count?: number;
  readonly reason: string;
}

/** A text after route, mask, fold and split. */
export interface PreparedPart {
  readonly kind: Kind;
  readonly chunks: readonly Omit<Chunk, 'index' | 'part'>[];
  /** Lines of the part. */
  readonly lines: number;
  /** Lines that the chunks account for exactly without holding them. */
  readonly foldedLines: number;
  /** Of a log that was folded. Lines from 1 within the part. */
  readonly log?: LogFacts;
  /** What the chunks do not hold; absent: nothing. Lines as in `Chunk`. */
  readonly gaps?: readonly PartGap[];
  /** Secrets that were masked. */
  readonly masked: number;
  /** Invisible or bidirectional control characters that were found and made visible. */
  readonly invisible: number;
  /** UTF-16 units of the whole text. */
  readonly length: number;
  /** What was computed exactly and locally (counts, ranges, schema), told in the summary's own data; '' where nothing was. */
  readonly facts: string;
}
