/**
 * Takes an answer apart by its marks `[n]`. A model that marks badly costs quality of citation only, never content:
 * every line of the answer ends up under some part.
 */

import { findCodeSpans } from './codeSpans.ts';
import { anyMarks, marksIn, plainMarks } from './citationMarks.ts';
import type { Nearest } from './nearest.ts';
import { unwrapper } from './unwrap.ts';
import { hasWords } from '../words.ts';

export interface Point {
  /** One line of Markdown without marks and bullet. */
  readonly text: string;
  /** Parts that it draws on, as named in the request, from 1; at least one. */
  readonly parts: readonly number[];
  /** It had no mark of its own: the nearest before it was taken, what holds its words, or the first part. */
  readonly approximate: boolean;
}

export interface TakenApart {
  readonly points: readonly Point[];
  /** Marks that name no part of the request. */
  readonly invented: number;
  /** The model said that there is nothing to note. */
  readonly none: boolean;
}

const bullet = /^\s*(?:[-*+•]|\d{1,3}[.)])\s+/;

/** @param nearest finds the part of a point where the answer names none at all */
export function takeApart(answer: string, parts: number, nearest?: Nearest): TakenApart {
  const points: Point[] = [];
  let invented = 0;
  let last: number[] | undefined;
  let inCode = false;
  const whole = unwrapper();
  const trimmed = (whole.push(answer) + whole.end()).trim();
  // marks of other kinds count where the model writes no plain ones
  const marks = trimmed.search(plainMarks) >= 0 ? plainMarks : anyMarks;
  if (/^\W*NONE\W*$/i.test(trimmed)) return { points: [], invented: 0, none: true };
  const add = (text: string, marks: readonly number[] | undefined): void => {
    const clean = text.replace(/(?<!\s)\s+([.,;:!?])/g, '$1').trim();
    if (!hasWords(clean)) return;
    points.push({ text: clean, parts: marks ?? last ?? [1], approximate: marks === undefined });
  };
  for (const line of trimmed.split('\n')) {
    if (/^\s*(```|~~~)/.test(line)) {
      inCode = !inCode;
      continue;
    }
    if (inCode) {
      if (line.trim()) add(line, undefined);
      continue;
    }
    const body = line.replace(bullet, '').replace(/^\s*#{1,6}\s+/, '');
    const pieces = piecesOf(body, marks);
    const leading = pieces[0]?.text.trim() === '' && pieces.length > 1;
    const closing = pieces.at(-1)!;
    // `[2] text` and a line of `[2]` alone name what follows them; `text [2]` names what stands before
    if (leading && pieces.length === 2 && closing.marks === undefined) {
      const { valid, bad } = sift(pieces[0]!.marks ?? [], parts);
      invented += bad;
      if (valid.length) last = valid;
      if (closing.text.trim()) add(closing.text, valid.length ? valid : undefined);
      continue;
    }
    for (const piece of pieces) {
      const { valid, bad } = sift(piece.marks ?? [], parts);
      invented += bad;
      if (valid.length) last = valid;
      add(piece.text, valid.length ? valid : undefined);
    }
  }
  const unnamed = nearest !== undefined && parts > 1 && points.every(({ approximate }) => approximate);
  return { points: unnamed ? points.map((point) => found(point, nearest)) : points, invented, none: false };
}

function found(point: Point, nearest: Nearest): Point {
  const part = nearest(point.text);
  return part === undefined ? point : { ...point, parts: [part + 1] };
}

function sift(marks: readonly number[], parts: number): { valid: number[]; bad: number } {
  const valid = [...new Set(marks.filter((n) => n >= 1 && n <= parts))];
  return { valid, bad: marks.filter((n) => n < 1 || n > parts).length };
}

/** Texts of a line, each with the run of marks that closes it; marks inside code are text. */
function piecesOf(line: string, marks: RegExp): { text: string; marks?: number[] }[] {
  const code = findCodeSpans(line);
  const pieces: { text: string; marks?: number[] }[] = [];
  let from = 0;
  let open: { text: string; marks?: number[] } | undefined;
  for (const match of line.matchAll(marks)) {
    if (code.some(({ start, end }) => match.index >= start && match.index < end)) continue;
    const between = line.slice(from, match.index);
    const numbers = marksIn(match[0]);
    // adjacent marks, also `[1], [2]` and `[1] and [2]`, close the same text
    if (open && /^[\s,;.]*(?:(?:and|und|et|y|e)\s*)?$/.test(between)) open.marks = [...(open.marks ?? []), ...numbers];
    else {
      open = { text: between.replace(/^[\s.,;:]+(?=\S)/, ''), marks: numbers };
      pieces.push(open);
    }
    from = match.index + match[0].length;
  }
  const rest = line.slice(from);
  if (!pieces.length || hasWords(rest)) pieces.push({ text: pieces.length ? rest.replace(/^[\s.,;:–—-]+/, '') : rest });
  return pieces;
}
