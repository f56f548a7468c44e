/** Reads a text as its format's reader does, for tests. */
import { createWording } from '../../src/engine/offline/phrases.ts';
import { summarizeOffline } from '../../src/engine/offline/index.ts';
import { plainWords } from '../../src/engine/read/format.ts';
import { fold } from '../../src/engine/read/fold/index.ts';
import { prepare } from '../../src/engine/read/prepare.ts';
import type { PreparedPart } from '../../src/engine/source.ts';
import { createCleaner } from '../../src/engine/text.ts';
import { findFormat } from '../../src/text/formats/index.ts';

const atOnce = (): Promise<void> => Promise.resolve();

export interface Read {
  readonly prepared: PreparedPart;
  /** Points of the reader; undefined where no reader took the text. */
  readonly points: readonly string[] | undefined;
  /** What a model reads. */
  readonly text: string;
  /** The offline summary without marks. */
  readonly offline: string;
}

export async function readText(title: string, source: string): Promise<Read> {
  const cleaner = createCleaner();
  const text = cleaner.push(source) + cleaner.end();
  const part = { title, startLine: 1, text };
  const prepared = await prepare(part, { fold, findFormat, yield: atOnce }, new AbortController().signal);
  const pieces = await summarizeOffline(
    { parts: [{ title, prepared }], length: 'detailed', wording: createWording() },
    atOnce,
  );
  return {
    prepared,
    points: prepared.format?.points.map(({ words }) => plainWords(words)),
    text: prepared.chunks.map((chunk) => chunk.text).join(''),
    offline: pieces.map((piece) => piece.text).join(''),
  };
}
