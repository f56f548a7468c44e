/** Line ranges and safe titles. */
import { findByPatterns } from '../text/secrets/secretPatterns.ts';

/** Lines from 1, inclusive, with line ends. */
export function takeLines(text: string, first: number, last: number): string {
  let start = 0;
  for (let line = 1; line < first; line++) {
    const end = text.indexOf('\n', start);
    if (end < 0) return '';
    start = end + 1;
  }
  let stop = start;
  for (let line = first; line <= last; line++) {
    const end = text.indexOf('\n', stop);
    if (end < 0) return text.slice(start);
    stop = end + 1;
  }
  return text.slice(start, stop);
}

/** Takes lines from pieces; stops after the last line. */
export async function* takeLinePieces(
  pieces: AsyncIterable<string>,
  first: number,
  last: number,
): AsyncGenerator<string> {
  let line = 1;
  for await (const piece of pieces) {
    let from = 0;
    while (line < first && from < piece.length) {
      const end = piece.indexOf('\n', from);
      if (end < 0) from = piece.length;
      else {
        from = end + 1;
        line++;
      }
    }
    if (line < first) continue;
    let to = from;
    while (line <= last && to < piece.length) {
      const end = piece.indexOf('\n', to);
      if (end < 0) to = piece.length;
      else {
        to = end + 1;
        line++;
      }
    }
    if (to > from) yield piece.slice(from, to);
    if (line > last) return;
  }
}

/** Removes line ends, escapes and direction marks from a name. */
export function cleanTitle(name: string): string {
  const shown = name.replace(
    /[\p{Cc}\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff]/gu,
    '\ufffd',
  );
  return hideSecrets(shown.length > 200 ? `${shown.slice(0, 99)}…${shown.slice(-100)}` : shown);
}

/** Masks keys in names, because titles are part of prompts. */
function hideSecrets(name: string): string {
  let out = name;
  for (const { start, end } of findByPatterns(name)) out = out.replace(name.slice(start, end), '‹secret›');
  return out;
}

/** A leading hyphen would make it an option, which may write files. */
export function isRevision(name: string): boolean {
  const ends = name.split(/\.{2,3}/);
  return name !== '' && ends.length <= 2 && ends.every((end) => !/^[\s-]|[\p{Cc}]/u.test(end));
}
