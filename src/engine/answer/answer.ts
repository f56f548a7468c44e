/** Parses an answer by its marks `[n]`. A wrong mark never drops a line. */

import { findCodeSpans } from './codeSpans.ts';
import { anyMarks, findMarks, plainMarks } from './citationMarks.ts';
import type { Nearest } from './nearest.ts';
import { createUnwrapper } from './unwrap.ts';
import { hasWords } from '../words.ts';

/** One point of a note. */
export interface Point {
  /** Markdown without marks and list bullet. */
  readonly text: string;
  /** Numbers of the cited parts, from 1; at least one. */
  readonly parts: readonly number[];
  /** Whether the point had no mark and was assigned to the most similar part. */
  readonly approximate: boolean;
}

interface TakenApart {
  readonly points: readonly Point[];
  readonly invented: number;
  readonly none: boolean;
}

/** Mark of a list item, with the space after it. */
export const listMark = /^\s*(?:[-*+•]|\d{1,3}[.)])\s+/;

/** @param nearest finds the part for a point without a mark */
export function takeApart(answer: string, parts: number, nearest?: Nearest): TakenApart {
  const points: Point[] = [];
  let invented = 0;
  let last: number[] | undefined;
  let inCode = false;
  const whole = createUnwrapper();
  const trimmed = (whole.push(answer) + whole.end()).trim();
  // other forms of marks count only if the answer has no plain ones
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
    const body = line.replace(listMark, '').replace(/^\s*#{1,6}\s+/, '');
    const pieces = splitAtMarks(body, marks);
    const leading = pieces[0]?.text.trim() === '' && pieces.length > 1;
    const closing = pieces.at(-1)!;
    // a leading mark belongs to the text after it, a closing one to the text before it
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

function splitAtMarks(line: string, marks: RegExp): { text: string; marks?: number[] }[] {
  const code = findCodeSpans(line);
  const pieces: { text: string; marks?: number[] }[] = [];
  let from = 0;
  let open: { text: string; marks?: number[] } | undefined;
  for (const match of line.matchAll(marks)) {
    if (code.some(({ start, end }) => match.index >= start && match.index < end)) continue;
    const between = line.slice(from, match.index);
    const numbers = findMarks(match[0]);
    // adjacent marks close the same text
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
