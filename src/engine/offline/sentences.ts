/** Sentences of a text with their lines. */
import type { Yield } from '../ports.ts';
import { detectLanguage, isWrongCut } from './language.ts';
import type { Line } from './view.ts';
import { countWords } from './view.ts';

/** Lines count from 1. */
export interface Sentence {
  readonly text: string;
  readonly startLine: number;
  readonly endLine: number;
  /** Position among all sentences. */
  readonly index: number;
  /** As given by the caller. */
  readonly section: number;
  /** Position in its section. */
  readonly rank: number;
  /** UTF-16 units before it. */
  readonly offset: number;
  readonly words: number;
  /** Whether it is the only sentence of its paragraph and no list item; it then needs no full stop. */
  readonly alone: boolean;
}

/** A paragraph. */
export interface Block {
  readonly section: number;
  readonly lines: readonly Line[];
}

/** Maximum characters to segment; longer texts are sampled in whole, evenly spaced blocks. */
const maxSegmented = 1_500_000;
const sliceUnits = 25_000;
const maxBlock = 20_000;

/** Removes Markdown marks from a line of prose. */
export const toPlain = (text: string): string =>
  text
    .replace(/!\[[^[\]]*\](?:\([^()]*\)|\[[^[\]]*\])/g, '')
    .replace(/\[([^[\]]*)\](?:\([^()]*\)|\[[^[\]]*\])/g, '$1')
    .replace(/<\/?[A-Za-z][^<>]{0,200}>/g, '')
    .replace(/<!--[^<>]*-->/g, '')
    .replace(/^\s*(?:[-*+]|\d{1,3}[.)])\s+/, '')
    .replace(/^\s*>\s?/, '')
    .replace(/\*\*(?=\S)((?:(?!\*\*).)+)(?<=\S)\*\*/g, '$1')
    .replace(/__(?=\S)((?:(?!__).)+)(?<=\S)__/g, '$1')
    .replace(/(?<![\w*])[*_](\S(?:[^*_]*\S)?)[*_](?![\w*])/g, '$1')
    .replace(/&nbsp;/g, ' ');

/** @param language of the text, such as `de` or `pt-BR`; '' to detect it */
export async function splitSentences(blocks: readonly Block[], language: string, yieldNow: Yield): Promise<Sentence[]> {
  const of = language || detectLanguage(takeSample(blocks));
  const segmenter = new Intl.Segmenter(findLocale(of), { granularity: 'sentence' });
  const total = blocks.reduce((sum, block) => sum + countUnits(block), 0);
  const step = Math.max(1, total / maxSegmented);
  const found: Sentence[] = [];
  const ranks = new Map<number, number>();
  let due = 0;
  let work = 0;
  let offset = 0;
  // A block may be one line of many megabytes, so it is cut before sampling.
  for (const [i, part] of blocks.flatMap(cutBlock).entries()) {
    const units = countUnits(part);
    offset += units;
    if (i < due) continue;
    due = Math.max(due + step, i + 1 - 1e-9);
    addSentences(part, segmenter, of, found, ranks, offset - units);
    work += units;
    if (work > sliceUnits) {
      work = 0;
      await yieldNow();
    }
  }
  return found;
}

function takeSample(blocks: readonly Block[]): string {
  let sample = '';
  for (const { lines } of blocks) {
    for (const line of lines) sample += `${line.text.slice(0, 10_000)}\n`;
    if (sample.length > 10_000) break;
  }
  return sample;
}

const countUnits = (block: Block): number => block.lines.reduce((sum, line) => sum + line.text.length + 1, 0);

function cutBlock(block: Block): Block[] {
  if (countUnits(block) <= maxBlock) return [block];
  const parts: Block[] = [];
  for (const line of block.lines) {
    for (let at = 0; at < line.text.length; at += maxBlock)
      parts.push({ section: block.section, lines: [{ text: line.text.slice(at, at + maxBlock), line: line.line }] });
  }
  return parts;
}

function findLocale(language: string): string | undefined {
  try {
    return language === '' ? undefined : Intl.getCanonicalLocales(language)[0];
  } catch {
    return undefined;
  }
}

const endsWide = /[\u3040-\u30ff\u3400-\u9fff\u3000-\u303f\uff00-\uffef]$/;

function addSentences(
  block: Block,
  segmenter: Intl.Segmenter,
  language: string,
  found: Sentence[],
  ranks: Map<number, number>,
  offset: number,
): void {
  let text = '';
  const starts: number[] = [];
  for (const line of block.lines) {
    if (text !== '' && !endsWide.test(text.slice(-1))) text += ' ';
    starts.push(text.length);
    text += toPlain(line.text).trim();
  }
  let at = 0;
  const lineAt = (position: number): number => {
    while (at + 1 < starts.length && (starts[at + 1] as number) <= position) at++;
    return (block.lines[at] as Line).line;
  };
  const pieces = cuts(text, segmenter, language);
  const alone = pieces.length === 1 && !/^\s*(?:[-*+]|\d{1,3}[.)])\s/.test(block.lines[0]?.text ?? '');
  for (const [from, to] of pieces) {
    const sentence = text.slice(from, to).trim();
    if (sentence.length < 8) continue;
    const rank = ranks.get(block.section) ?? 0;
    ranks.set(block.section, rank + 1);
    const startLine = lineAt(from);
    const endLine = lineAt(from + text.slice(from, to).trimEnd().length - 1);
    const words = countWords(sentence);
    found.push({
      text: sentence,
      startLine,
      endLine,
      index: found.length,
      section: block.section,
      rank,
      offset: offset + from,
      words,
      alone,
    });
  }
}

/** A full stop without a space, from a lost line break: `was seen.Later it`. */
const glued = /(?:^|\s)\p{Ll}[\p{Ll}-]{3,40}[.!?]["”»]?(?=\p{Lu}[\p{L}'’-]{0,30}\s)/gu;

const gluedHint = /[\p{Ll}.!?][.!?]["”»]?\p{Lu}/u;

function* splitGlued(segments: Iterable<Intl.SegmentData>): Iterable<{ segment: string; index: number }> {
  for (const { segment, index } of segments) {
    let from = 0;
    if (gluedHint.test(segment) && !segment.includes('`'))
      for (const found of segment.matchAll(glued)) {
        const to = found.index + found[0].length;
        yield { segment: segment.slice(from, to), index: index + from };
        from = to;
      }
    yield { segment: segment.slice(from), index: index + from };
  }
}

/** Returns the start and end of each sentence. */
export function cuts(text: string, segmenter: Intl.Segmenter, language: string): [number, number][] {
  const pieces: [number, number][] = [];
  for (const { segment: whole, index: start } of splitGlued(segmenter.segment(text))) {
    // French has a space before a closing quote; the quote belongs to the sentence before it.
    const closing = pieces.length === 0 ? 0 : (/^[»”›]+\s*/.exec(whole)?.[0].length ?? 0);
    const segment = whole.slice(closing);
    const index = start + closing;
    if (closing > 0) (pieces[pieces.length - 1] as [number, number])[1] = index;
    if (segment === '') continue;
    const last = pieces[pieces.length - 1];
    const before = last ? text.slice(last[0], last[1]) : '';
    // A full stop inside `code` ends no sentence.
    const inCode = before.includes('`') && before.length < 600 && before.split('`').length % 2 === 0;
    if (last && (inCode || isWrongCut(before.slice(-60), segment.slice(0, 60), language)))
      last[1] = index + segment.length;
    else pieces.push([index, index + segment.length]);
  }
  return pieces;
}
