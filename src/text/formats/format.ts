/** A known format: one file in this folder and one line in the table of `index.ts`. */
import type { FormatLine, FormatReading, FormatSample } from '../../engine/read/format.ts';
import { plainWords } from '../../engine/read/format.ts';
import type { FormatPoint, Words } from '../../engine/source.ts';

/** A reader of the table in `index.ts`. */
export interface Format {
  readonly id: string;
  /** Recognizes the format by content; the name is a hint. */
  accepts(sample: FormatSample): boolean;
  /** Undefined if some of the text has another form; its kind's reader reads it then. */
  read(text: string): Promise<FormatReading | undefined> | FormatReading | undefined;
}

/** Creates a point; `line` from 1. */
export const point = (words: Words, line: number, about: Partial<FormatPoint> = {}): FormatPoint => ({
  section: '',
  words,
  line,
  weight: 1,
  ...about,
});

/** Joins items of a list with `words`. */
export const listed = (items: readonly Words[]): Words =>
  items.flatMap((item, i) => (i === 0 ? item : [', ', ...item]));

/** Returns a count with its noun. */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;

/** Writes points as lines of a digest, each section under its heading. */
export function pointLines(points: readonly FormatPoint[]): FormatLine[] {
  let section = '';
  return points.flatMap((one) => {
    const title = one.section !== section && one.section !== '' ? [{ text: `${one.section}:`, line: one.line }] : [];
    section = one.section;
    return [...title, { text: `${section === '' ? '' : '- '}${plainWords(one.words)}`, line: one.line }];
  });
}

/** Quotes source lines `from` to `to`, from 1, inclusive. */
export const sourceLines = (lines: readonly string[], from: number, to: number): FormatLine[] =>
  lines.slice(from - 1, to).map((text, i) => ({ text, line: from + i, verbatim: true }));

/** Splits a text into lines, without an empty last one. */
export function splitLines(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Formats seconds in a suitable unit: `850 ms`, `12.3 s`, `2 min 5 s`. */
export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${whole % 60} s`;
}
