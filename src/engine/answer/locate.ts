/** Finds the source lines of a sentence by rare words, numbers and names. */
import type { Chunk } from '../source.ts';

/** Lines that match a sentence. */
export interface LineRange {
  readonly startLine: number;
  readonly endLine: number;
  /** Share of the sentence that the lines contain, 0 to 1. */
  readonly score: number;
  readonly excerpt: string;
}

const maxWindow = 8;
const maxWidth = 20;
const excerptLength = 1200;
const wordPattern = /[\p{L}\p{N}_$]+(?:[.,:/@-][\p{L}\p{N}_$]+)*/gu;
const wide = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;
const wideRun = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]+/gu;

/** Words in lower case with their parts; pairs of characters in CJK. */
export function findTerms(text: string): Set<string> {
  const terms = new Set<string>();
  for (const match of text.normalize('NFKC').matchAll(wordPattern)) {
    const word = match[0].toLowerCase();
    if (wide.test(word)) {
      for (const run of word.match(wideRun) ?? []) {
        if (run.length === 1) terms.add(run);
        for (let i = 0; i + 1 < run.length; i++) terms.add(run.slice(i, i + 2));
      }
      for (const rest of word.split(wideRun)) if (rest.length > 1) terms.add(rest);
      continue;
    }
    if (/^\d[\d.,]*$/.test(word)) {
      terms.add(word.replace(/[.,](?=\d{3}(\D|$))/g, ''));
      continue;
    }
    if (word.length > 1) terms.add(stem(word));
    const inner = word.split(/[.,:/@_$-]+/);
    if (inner.length > 1) for (const piece of inner) if (piece.length > 1) terms.add(stem(piece));
  }
  return terms;
}

function stem(word: string): string {
  return word.length > 5 && /^[a-z]+$/.test(word) ? word.replace(/(?:ies|es|s|ed|ing|ly)$/, '') : word;
}

/** Index of a chunk, built once a run. */
export interface ChunkIndex {
  readonly chunk: Chunk;
  readonly lines: readonly string[];
  readonly terms: readonly Set<string>[];
  readonly frequency: ReadonlyMap<string, number>;
}

/** Longest line, UTF-16 units. */
const lineLimit = 4000;

/** Indexes the terms of a chunk's lines, to find what a sentence cites. */
export function indexChunk(told: Chunk): ChunkIndex {
  const chunk = whereItStands(told);
  const lines = chunk.text.split(/\r\n|\n|\r/);
  if (lines.length > 1 && lines.at(-1) === '') lines.pop();
  const terms = lines.map((line) => findTerms(line.length > lineLimit ? line.slice(0, lineLimit) : line));
  const frequency = new Map<string, number>();
  for (const set of terms) for (const term of set) frequency.set(term, (frequency.get(term) ?? 0) + 1);
  return { chunk, lines, terms, frequency };
}

function whereItStands(chunk: Chunk): Chunk {
  const { repeat, ...rest } = chunk;
  if (!repeat || repeat.read !== repeat.whole) return chunk;
  return { ...rest, text: repeat.whole, sourceLines: undefined };
}

/** Weighs rare terms and figures higher. */
export function weighTerm(term: string, count: number, frequency: number): number {
  const rarity = Math.log(1 + count / frequency);
  if (/\d/.test(term)) return rarity * 2;
  return term.length <= 3 && /^[a-z]+$/.test(term) ? rarity * 0.25 : rarity;
}

/** Returns the best window of up to eight lines; undefined without a match. */
export function locate(index: ChunkIndex, sentence: string): LineRange | undefined {
  const wanted = [...findTerms(sentence)].filter((term) => index.frequency.has(term));
  if (!wanted.length) return undefined;
  const total = index.lines.length;
  const weights = new Map(wanted.map((term) => [term, weighTerm(term, total, index.frequency.get(term)!)]));
  const all = [...findTerms(sentence)].reduce((sum, term) => sum + (weights.get(term) ?? Math.log(1 + total)), 0);
  const hits = index.terms.map((set) => wanted.filter((term) => set.has(term)));
  let best: { from: number; to: number; value: number; score: number } | undefined;
  for (let from = 0; from < total; from++) {
    if (!hits[from]!.length) continue;
    const seen = new Set<string>();
    let sum = 0;
    for (let to = from; to < Math.min(total, from + maxWindow); to++) {
      for (const term of hits[to]!) {
        if (seen.has(term)) continue;
        seen.add(term);
        sum += weights.get(term)!;
      }
      const value = sum * (1 - 0.04 * (to - from));
      if (!best || value > best.value + 1e-9) best = { from, to, value, score: all ? sum / all : 0 };
    }
  }
  return best && toRange(index, best.from, best.to, best.score);
}

/** A fallback. */
export function getHeadRange(index: ChunkIndex): LineRange {
  return toRange(index, 0, Math.min(index.lines.length, maxWidth) - 1, 0);
}

function toRange(index: ChunkIndex, from: number, to: number, score: number): LineRange {
  const { chunk } = index;
  const at = (i: number): number => chunk.sourceLines?.[i] ?? Math.min(chunk.startLine + i, chunk.endLine);
  const numbers: number[] = [];
  for (let i = from; i <= Math.max(from, to); i++) numbers.push(at(i));
  const startLine = Math.min(...numbers);
  // neighbouring lines of a digest may be far apart in the source
  const endLine = Math.min(Math.max(...numbers), startLine + maxWidth - 1);
  const text = index.lines.slice(from, to + 1).join('\n');
  return {
    startLine,
    endLine,
    score,
    excerpt: text.length > excerptLength ? text.slice(0, excerptLength) + '…' : text,
  };
}
