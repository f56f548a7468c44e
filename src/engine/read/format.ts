/** Contract with the readers of single formats (`text/formats`). Pure. */
import type { FormatFacts, FormatPoint, Kind, PartGap, Words } from '../source.ts';

/** Result of reading a whole text in a known format. */
export interface FormatReading {
  /** Decides the prompt and the offline reader. */
  readonly kind: Kind;
  /** Lines that are read in place of the source; absent: the source itself. */
  readonly lines?: readonly FormatLine[];
  /** Validated figures, failures and losses. */
  readonly points: readonly FormatPoint[];
  /** The kind's offline reader goes on after the points. */
  readonly continues?: boolean;
  /** Lines that `lines` neither holds nor counts. */
  readonly gaps?: readonly PartGap[];
  /** Lines that are counted instead of held; absent: all that no line holds word for word. */
  readonly foldedLines?: number;
}

export interface FormatLine {
  readonly text: string;
  /** Line of the source, from 1. */
  readonly line: number;
  /** The source line word for word. */
  readonly verbatim?: boolean;
}

export interface FormatSample {
  readonly title: string;
  readonly languageId?: string;
  /** The beginning of the text. */
  readonly text: string;
}

/** Reads a text whose beginning was recognized; undefined where the rest is not of the format. */
export type ReadFormat = (text: string) => Promise<FormatReading | undefined>;

/** Recognizes a format by its beginning. */
export type FindFormat = (sample: FormatSample) => ReadFormat | undefined;

/** Words as the model reads them. */
export const plainWords = (words: Words): string =>
  words.map((word) => (typeof word === 'string' ? word : word.code)).join('');

/** Masks each piece of text; undefined where the masker changed the number of lines. */
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
