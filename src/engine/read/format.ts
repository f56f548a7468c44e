/** Contract with the readers of file formats (`text/formats`). */
import type { FormatFacts, FormatPoint, Kind, PartGap, Words } from '../source.ts';

/** Result of reading a whole text in a known format. */
export interface FormatReading {
  /** Kind of the text; decides prompt and offline reader. */
  readonly kind: Kind;
  /** Lines that are read instead of the source; absent to read the source. */
  readonly lines?: readonly FormatLine[];
  /** Validated figures, failures and losses to show first. */
  readonly points: readonly FormatPoint[];
  /** Whether the kind's offline reader continues after the points. */
  readonly continues?: boolean;
  /** Lines that are neither in `lines` nor counted. */
  readonly gaps?: readonly PartGap[];
  /** Number of lines counted instead of quoted; absent if that is every line without a verbatim one. */
  readonly foldedLines?: number;
}

/** A line of a format's text. */
export interface FormatLine {
  readonly text: string;
  /** Line of the source, from 1. */
  readonly line: number;
  readonly verbatim?: boolean;
}

/** What a format is recognized by. */
export interface FormatSample {
  readonly title: string;
  readonly languageId?: string;
  readonly text: string;
}

/** Reads a text whose start was recognized; undefined if the rest has another format. */
export type ReadFormat = (text: string) => Promise<FormatReading | undefined>;

/** Recognizes a format by the start of a text. */
export type FindFormat = (sample: FormatSample) => ReadFormat | undefined;

/** Formats words for the model. */
export const plainWords = (words: Words): string =>
  words.map((word) => (typeof word === 'string' ? word : word.code)).join('');

/** Masks secrets in each text; undefined if the masker changed the number of lines. */
export async function maskReading(
  reading: FormatReading,
  mask: (text: string) => Promise<string>,
): Promise<{ readonly lines?: readonly FormatLine[]; readonly facts: FormatFacts } | undefined> {
  const words = reading.points.flatMap((point) =>
    point.words.map((word) => (typeof word === 'string' ? word : word.code)),
  );
  const maskedWords = await maskTexts(words, mask);
  const maskedLines =
    reading.lines &&
    (await maskTexts(
      reading.lines.map(({ text }) => text),
      mask,
    ));
  if (!maskedWords || (reading.lines && !maskedLines)) return undefined;
  let next = 0;
  const points = reading.points.map((point) => ({
    ...point,
    words: point.words.map((word) => {
      const text = maskedWords[next++]!;
      return typeof word === 'string' ? text : { code: text };
    }),
  }));
  const lines = reading.lines?.map((line, i) => ({ ...line, text: maskedLines![i]! }));
  return { ...(lines ? { lines } : {}), facts: { points, continues: reading.continues ?? false } };
}

async function maskTexts(
  texts: readonly string[],
  mask: (text: string) => Promise<string>,
): Promise<readonly string[] | undefined> {
  if (texts.length === 0) return [];
  const masked = (await mask(texts.map((text) => text.replaceAll('\n', ' ')).join('\n'))).split('\n');
  return masked.length === texts.length ? masked : undefined;
}
