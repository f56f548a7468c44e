/** Texts with facts at known lines, prepared once for all runs of a table. */
import type { PreparedPart, Source } from '../../src/engine/source.ts';
import { hash } from '../../src/host/hash.ts';
import { yieldToEventLoop } from '../../src/host/yield.ts';
import { createPrepare } from '../../src/text/prepare.ts';
import { markdown } from '../support/corpus.ts';

export interface Fact {
  readonly name: string;
  readonly line: number;
}
export interface Document {
  readonly source: Source;
  readonly prepared: PreparedPart;
  readonly facts: readonly Fact[];
}

/** `count` facts at even depths; the first and the last line hold one. */
export async function documentWith(size: number, count: number, seed = 5): Promise<Document> {
  const lines = markdown(seed, size)
    .split('\n')
    .filter((line) => line.trim() && !/^\s*(```|~~~|\||#)/.test(line));
  const facts: Fact[] = [];
  for (let i = 0; i < count; i++) {
    const at = Math.round((i * (lines.length - 1)) / Math.max(1, count - 1));
    lines[at] = `${lines[at]} The FACT-${i} says that pump ${2000 + i * 13} failed.`;
    facts.push({ name: `FACT-${i}`, line: at + 1 });
  }
  const part = { uri: 'file:///text.md', title: 'text.md', startLine: 1, text: lines.join('\n') };
  const prepare = createPrepare({ salt: 'test', hash, yield: yieldToEventLoop });
  const prepared = await prepare(part, new AbortController().signal, () => undefined);
  return { source: { title: 'text.md', parts: [part], skipped: [], shape: 'text' }, prepared, facts };
}

export function factsIn(text: string, facts: readonly Fact[]): Fact[] {
  return facts.filter(({ name }) => new RegExp(`${name}\\b`).test(text));
}
