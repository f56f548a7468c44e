import type { Kind, SourceSymbol } from '../../source.ts';

/** What is known of a text besides its characters. */
export interface Hints {
  readonly kind: Kind;
  /** VS Code's language id, else the one of the file name; absent for plain text. */
  readonly languageId?: string;
  readonly title: string;
  /** The title's extension in lower case without the dot; '' if none. */
  readonly extension: string;
  /** The first 2,000 characters. */
  readonly head: string;
  /** Definitions by line of this text, from 0. */
  readonly symbols?: readonly SourceSymbol[];
}

/** Receives what a line reader finds. Lines count from 0. */
export interface Findings {
  /** Sets the strength of a cut before a line; see `rank`. */
  setRank(line: number, rank: number): void;
  rankOf(line: number): number;
  /** Names a section with its level, from 0. It ends at the next one of the same or a lower level; '' ends it without another. */
  mark(line: number, level: number, title: string): void;
}

/** Reads lines in order; `end` excludes the line break. */
export type LineReader = (text: string, start: number, end: number, line: number) => void;

/** Finds the places where one form of text may be cut. */
export interface Splitter {
  readonly id: string;
  accepts(hints: Hints): boolean;
  open(hints: Hints, findings: Findings): LineReader;
}

/** Strengths of cuts, equal for all splitters. */
export const rank = {
  /** Inside a string, a comment, a statement, a record. */
  never: 0,
  line: 1,
  /** After the end of a sentence or a statement. */
  sentence: 2,
  /** A blank line, or something similar one level down. */
  blank: 3,
  paragraph: 4,
  /** A definition or section three levels down, a record, a hunk. */
  small: 5,
  middle: 6,
  large: 7,
  /** A file, a chapter. */
  top: 8,
} as const;

/** Returns enough of a line to recognize its role. */
export function readHead(text: string, start: number, end: number, most = 400): string {
  return text.slice(start, Math.min(end, start + most));
}

/** Whether it has white space alone; `end` is exclusive. */
export function isBlank(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code !== 32 && code !== 9 && code !== 13 && code !== 12) return false;
  }
  return true;
}

/** Returns columns; a tab reaches the next multiple of 4. */
export function measureIndent(text: string, start: number, end: number): number {
  let width = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === 32) width++;
    else if (code === 9) width += 4 - (width % 4);
    else break;
  }
  return width;
}

/** Shortens a title for display beside a chunk. */
export function shorten(title: string, most = 120): string {
  const clean = title.replace(/\s+/g, ' ').trim();
  if (clean.length <= most) return clean;
  const cut = clean.charCodeAt(most - 2);
  return `${clean.slice(0, cut >= 0xd800 && cut < 0xdc00 ? most - 2 : most - 1)}…`;
}
