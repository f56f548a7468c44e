/** Sentences of a text with their lines, and how central each is. */
import type { Yield } from '../ports.ts';
import type { Line } from './view.ts';

export interface Sentence {
  readonly text: string;
  readonly startLine: number;
  readonly endLine: number;
  /** Position among all sentences. */
  readonly index: number;
  /** Which section, as the caller numbers them. */
  readonly section: number;
  /** Position in its section. */
  readonly rank: number;
  score: number;
  terms: readonly string[];
}

export interface Block {
  readonly section: number;
  readonly lines: readonly Line[];
}

/** Most units that are segmented; of a longer text whole blocks are taken at even distances. */
const segmentedMost = 1_500_000;
const sliceUnits = 25_000;
const blockMost = 20_000;

/** Takes Markdown's marks off a line of prose. */
export const plainOf = (text: string): string =>
  text
    .replace(/!\[[^[\]]*\]\([^()]*\)/g, '')
    .replace(/\[([^[\]]*)\]\([^()]*\)/g, '$1')
    .replace(/<\/?[A-Za-z][^<>]{0,200}>/g, '')
    .replace(/^\s*(?:[-*+]|\d{1,3}[.)])\s+/, '')
    .replace(/^\s*>\s?/, '')
    .replace(/\*\*(?=\S)((?:(?!\*\*).)+)(?<=\S)\*\*/g, '$1')
    .replace(/__(?=\S)((?:(?!__).)+)(?<=\S)__/g, '$1')
    .replace(/(?<![\w*])[*_](\S(?:[^*_]*\S)?)[*_](?![\w*])/g, '$1');

export async function sentencesOf(blocks: readonly Block[], language: string, yieldNow: Yield): Promise<Sentence[]> {
  const segmenter = new Intl.Segmenter(localeOf(language), { granularity: 'sentence' });
  const total = blocks.reduce((sum, block) => sum + unitsOf(block), 0);
  const step = Math.max(1, total / segmentedMost);
  const found: Sentence[] = [];
  const ranks = new Map<number, number>();
  let due = 0;
  let work = 0;
  // A block may be a line of many megabytes: it is sampled like many blocks.
  for (const [i, part] of blocks.flatMap(cutBlock).entries()) {
    if (i < due) continue;
    due += step;
    due = Math.max(due, i + 1 - 1e-9);
    addSentences(part, segmenter, found, ranks);
    work += unitsOf(part);
    if (work > sliceUnits) {
      work = 0;
      await yieldNow();
    }
  }
  return found;
}

const unitsOf = (block: Block): number => block.lines.reduce((sum, line) => sum + line.text.length + 1, 0);

function cutBlock(block: Block): Block[] {
  if (unitsOf(block) <= blockMost) return [block];
  const parts: Block[] = [];
  for (const line of block.lines) {
    for (let at = 0; at < line.text.length; at += blockMost)
      parts.push({ section: block.section, lines: [{ text: line.text.slice(at, at + blockMost), line: line.line }] });
  }
  return parts;
}

function localeOf(language: string): string | undefined {
  try {
    return language === '' ? undefined : Intl.getCanonicalLocales(language)[0];
  } catch {
    return undefined;
  }
}

function addSentences(block: Block, segmenter: Intl.Segmenter, found: Sentence[], ranks: Map<number, number>): void {
  let text = '';
  const starts: number[] = [];
  for (const line of block.lines) {
    const plain = plainOf(line.text).trim();
    const wide = /[\u3040-\u30ff\u3400-\u9fff\u3000-\u303f\uff00-\uffef]$/.test(text);
    if (text !== '' && !wide) text += ' ';
    starts.push(text.length);
    text += plain;
  }
  let at = 0;
  const lineOf = (offset: number): number => {
    while (at + 1 < starts.length && (starts[at + 1] as number) <= offset) at++;
    return (block.lines[at] as Line).line;
  };
  for (const { segment, index } of segmenter.segment(text)) {
    const sentence = segment.trim();
    if (sentence.length < 8) continue;
    const startLine = lineOf(index);
    const endLine = lineOf(index + segment.trimEnd().length - 1);
    const rank = ranks.get(block.section) ?? 0;
    ranks.set(block.section, rank + 1);
    found.push({
      text: sentence,
      startLine,
      endLine,
      index: found.length,
      section: block.section,
      rank,
      score: 0,
      terms: [],
    });
  }
}

const wideRun = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]+/g;
const wordRun = /[\p{L}\p{N}][\p{L}\p{N}_'’-]*/gu;

/** Words in lower case; of scripts without spaces, pairs of characters. */
export function termsOf(text: string): string[] {
  const terms: string[] = [];
  const rest = text.replace(wideRun, (run) => {
    for (let i = 0; i + 1 < run.length; i++) terms.push(run.slice(i, i + 2));
    return ' ';
  });
  for (const word of rest.match(wordRun) ?? [])
    if (word.length > 1) terms.push(word.length > 5 ? word.toLowerCase().slice(0, 8) : word.toLowerCase());
  return terms;
}

/** Scores each sentence: nearness to the centre of the whole text by TF-IDF, what is told (numbers, names), place and length. */
export async function scoreSentences(sentences: readonly Sentence[], yieldNow: Yield): Promise<Map<string, number>> {
  const frequency = new Map<string, number>();
  let work = 0;
  for (const sentence of sentences) {
    sentence.terms = [...new Set(termsOf(sentence.text))];
    for (const term of sentence.terms) frequency.set(term, (frequency.get(term) ?? 0) + 1);
    work += sentence.text.length;
    if (work > sliceUnits) {
      work = 0;
      await yieldNow();
    }
  }
  const n = sentences.length;
  const weights = new Map<string, number>();
  // A term counts by how often it comes (it is what the text is about), and less when it is everywhere (it is grammar).
  for (const [term, df] of frequency) weights.set(term, df < 2 ? 0 : df * Math.log(n / df + 0.01) ** 2);
  const top = Math.max(1e-9, ...[...weights.values()].sort((a, b) => b - a).slice(0, 1));
  for (const sentence of sentences) {
    let sum = 0;
    for (const term of sentence.terms) sum += Math.sqrt(Math.max(0, weights.get(term) ?? 0) / top);
    sentence.score = (sum / Math.sqrt(sentence.terms.length + 4)) * shapeOf(sentence) * placeOf(sentence, n);
  }
  return weights;
}

function shapeOf(sentence: Sentence): number {
  const { text } = sentence;
  const wide = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/.test(text) ? 2.2 : 1;
  const size = text.length * wide;
  let factor = size < 40 ? 0.35 : size > 420 ? 0.4 : size > 240 ? 0.75 : 1;
  if (!/[.!?。！？…:;」）)"”]$/.test(text)) factor *= 0.6;
  if (/[:：]$/.test(text)) factor *= 0.5;
  if (/\?$|？$/.test(text)) factor *= 0.7;
  if (
    /^(?:for example|for instance|zum beispiel|par exemple|por ejemplo|and|but|or|so|then|this|that|these|those|it|he|she|they|also|however|und|aber|et|mais|y|pero)\b/i.test(
      text,
    )
  )
    factor *= 0.8;
  if (/\d/.test(text)) factor *= 1.12;
  const symbols = text.match(/[{}()[\]<>=|\\/$`]/g)?.length ?? 0;
  return symbols * 8 > text.length ? factor * 0.3 : factor;
}

const placeOf = (sentence: Sentence, n: number): number =>
  (sentence.rank === 0 ? 1.35 : sentence.rank === 1 ? 1.12 : 1) * (sentence.index < Math.max(3, n * 0.02) ? 1.15 : 1);

/** The best that do not repeat each other (maximal marginal relevance), in the order of the text. */
export function pickDiverse(sentences: readonly Sentence[], most: number): Sentence[] {
  const pool = [...sentences].sort((a, b) => b.score - a.score || a.index - b.index).slice(0, Math.max(60, most * 4));
  const picked: Sentence[] = [];
  const best = pool[0]?.score ?? 0;
  while (picked.length < most && pool.length > 0) {
    let winner = 0;
    let winning = Number.NEGATIVE_INFINITY;
    pool.forEach((sentence, i) => {
      const alike = Math.max(0, ...picked.map((other) => overlap(sentence.terms, other.terms)));
      const value = 0.7 * (sentence.score / (best || 1)) - 0.3 * alike - (alike > 0.6 ? 1 : 0);
      if (value > winning) {
        winning = value;
        winner = i;
      }
    });
    if (winning < -0.5) break;
    picked.push(...pool.splice(winner, 1));
  }
  return picked.sort((a, b) => a.index - b.index);
}

function overlap(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return 0;
  const known = new Set(a);
  const shared = b.filter((term) => known.has(term)).length;
  return shared / Math.sqrt(a.length * b.length);
}
