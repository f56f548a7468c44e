/** Points that the reader of a file format found. */
import type { FormatFacts, Words } from '../source.ts';
import type { Point } from './types.ts';
import { cite, toCodeSpan, escapeText } from './view.ts';

/** Points of at least this weight become paragraphs. */
const headline = 9;

/** Returns the points of a format's reader. */
export function tellFormat({ points }: FormatFacts, part: number): Point[] {
  return points.map(({ section, words, line, endLine, weight }) => ({
    section,
    text: toMarkdown(words),
    cite: [cite(part, line, endLine)],
    weight,
    ...(section === '' && weight >= headline ? { plain: true } : {}),
  }));
}

const toMarkdown = (words: Words): string =>
  words.map((word) => (typeof word === 'string' ? escapeText(word) : toCodeSpan(word.code))).join('');
