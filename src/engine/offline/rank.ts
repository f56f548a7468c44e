/** How much each sentence says of its text, and which are taken: nearness to the whole, place, and room. */
import type { Yield } from '../ports.ts';
import { detectLanguage, startsDangling, stopWordsOf } from './language.ts';
import type { Sentence } from './sentences.ts';

export interface Ranked extends Sentence {
  readonly vector: ReadonlyMap<string, number>;
  /** Length of `vector`. */
  readonly norm: number;
  /** Cosine with the sum of all vectors, and what its form adds or takes. */
  readonly central: number;
  /** `central` with what its place in the text adds. */
  readonly score: number;
  /** Its start needs the sentence before it. */
  readonly dangles: boolean;
}

const sliceUnits = 25_000;
const wideRun = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]+/g;
const wordRun = /[\p{L}\p{N}][\p{L}\p{N}_'’-]*/gu;

/** Words in lower case, long ones by their first eight letters; of scripts without spaces, pairs of characters. */
export function termsOf(text: string): string[] {
  const terms: string[] = [];
  const rest = text.replace(wideRun, (run) => {
    for (let i = 0; i + 1 < run.length; i++) terms.push(run.slice(i, i + 2));
    return ' ';
  });
  for (const word of rest.match(wordRun) ?? []) {
    const lower = word.toLowerCase().replace(/['’]s$/, '');
    if (lower.length > 1) terms.push(lower.slice(0, 8));
  }
  return terms;
}

/** What a kind of text values: the place in it, long sentences. */
export interface Taste {
  /** What the first sentence of the text gains, and what the first of its section. */
  readonly opening: number;
  readonly sectionOpening: number;
  /** Gain of a sentence for each ten words, up to forty. */
  readonly length: number;
  /** Power of a sentence's own length in the cosine: below 1, long sentences gain. */
  readonly norm: number;
}

/** Scores all sentences of a text. */
export async function rank(sentences: readonly Sentence[], taste: Taste, yieldNow: Yield): Promise<Ranked[]> {
  const of = detectLanguage(
    sentences
      .slice(0, 150)
      .map((s) => s.text)
      .join(' '),
  );
  const stop = stopWordsOf(of);
  const short = new Set([...stop].map((word) => word.slice(0, 8)));
  const total = new Map<string, number>();
  const vectors: Map<string, number>[] = [];
  let work = 0;
  for (const { text } of sentences) {
    const vector = new Map<string, number>();
    for (const term of termsOf(text)) {
      if (short.has(term)) continue;
      vector.set(term, (vector.get(term) ?? 0) + 1);
      total.set(term, (total.get(term) ?? 0) + 1);
    }
    vectors.push(vector);
    work += text.length;
    if (work > sliceUnits) {
      work = 0;
      await yieldNow();
    }
  }
  const whole = normOf(total);
  // The shorter a text, the more its opening says of it.
  const opening = taste.opening * Math.min(1.5, Math.max(0.7, Math.sqrt(40 / Math.max(1, sentences.length))));
  const ranked: Ranked[] = [];
  for (const [i, sentence] of sentences.entries()) {
    const vector = vectors[i] as Map<string, number>;
    const norm = normOf(vector);
    let dot = 0;
    for (const [term, weight] of vector) dot += weight * (total.get(term) as number);
    const length = taste.length * Math.min(4, sentence.words / 10);
    const central = ((norm === 0 ? 0 : dot / (norm ** taste.norm * whole)) + length) * formOf(sentence);
    const place = opening * Math.exp(-sentence.index / 8) + taste.sectionOpening * Math.exp(-sentence.rank / 2);
    ranked.push({
      ...sentence,
      vector,
      norm,
      central,
      score: central + place * formOf(sentence),
      dangles: startsDangling(sentence.text),
    });
    work += vector.size * 8;
    if (work > sliceUnits) {
      work = 0;
      await yieldNow();
    }
  }
  return ranked;
}

const normOf = (vector: ReadonlyMap<string, number>): number => {
  let sum = 0;
  for (const weight of vector.values()) sum += weight * weight;
  return Math.sqrt(sum);
};

/** What the text says of itself: "this paper", "we propose". */
const selfReference =
  /\b(?:in th(?:is|e present) (?:paper|article|report|work|study|note|chapter|document|guide)|this (?:paper|article|report|study|document|guide|package|library|module|project|tool|plugin|extension|repository) (?:is|describes|presents|proposes|provides|shows|introduces|reports|explains|contains|addresses|implements|lets|allows|helps|explores|investigates)|we (?:propose|present|introduce|describe|investigate|show that|report)|diese[rs]? (?:arbeit|artikel|bericht|aufsatz|leitfaden|paket)|(?:cet article|ce rapport|ce document|nous (?:proposons|présentons))|(?:este (?:artículo|trabajo|informe|documento)|(?:proponemos|presentamos)))\b/i;

const ended = /[.!?。！？…;][”"»)’'*_`\]]*$/;
export const isEnded = (text: string): boolean => ended.test(text);

/** Factor for the form of a sentence: fragments, formulas, questions and starts that need the sentence before count for less. */
function formOf({ text, words, alone }: Sentence): number {
  let factor = words < 5 ? 0.3 : words < 8 ? 0.5 : words > 70 ? 0.3 : words > 50 ? 0.7 : 1;
  if (!isEnded(text)) factor *= alone ? 0.8 : 0.5;
  if (/[:：]$/.test(text)) factor *= 0.4;
  if (/(?:…|\.\.\.)["”»)]*$/.test(text)) factor *= 0.2;
  if (/[?？]["”»)]*$/.test(text)) factor *= 0.6;
  if (selfReference.test(text)) factor *= 1.6;
  // A quotation that begins or ends elsewhere.
  if ((text.match(/["“”„]/g)?.length ?? 0) % 2 === 1 || text.split('«').length !== text.split('»').length)
    factor *= 0.7;
  const symbols = text.match(/[{}[\]<>=|\\/$`^_]/g)?.length ?? 0;
  return symbols * 14 > text.length ? factor * 0.4 : factor;
}

/** Cosine of two sentences, 0 to 1. */
export function likeness(a: Ranked, b: Ranked): number {
  if (a.norm === 0 || b.norm === 0) return 0;
  const [small, large] = a.vector.size < b.vector.size ? [a, b] : [b, a];
  let dot = 0;
  for (const [term, weight] of small.vector) dot += weight * (large.vector.get(term) ?? 0);
  return dot / (a.norm * b.norm);
}

/** Most candidates that are compared with each other. */
const maxPool = 400;

/**
 * Takes whole sentences, best first, while they fit `words`; each like one already taken (`taken` included) loses by how alike
 * they are, and is out above `maxAlike` (a cosine). Comes back in the order of the text.
 */
export function pick(
  candidates: readonly Ranked[],
  words: number,
  value: (sentence: Ranked) => number,
  taken: readonly Ranked[] = [],
  maxAlike = 0.8,
): Ranked[] {
  const pool = [...candidates].sort((a, b) => value(b) - value(a) || a.index - b.index).slice(0, maxPool);
  const shown = new Set(taken.map(({ index }) => index));
  const alike = pool.map((one) => Math.max(0, ...taken.map((other) => likeness(one, other))));
  const picked: Ranked[] = [];
  let left = words;
  for (;;) {
    let winner = -1;
    let winning = 0;
    for (const [i, one] of pool.entries()) {
      const near = alike[i] as number;
      if (one.words > left || near > maxAlike) continue;
      const worth = value(one) * (1 - 0.5 * near) * (one.dangles && !shown.has(one.index - 1) ? 0.25 : 1);
      if (worth > winning) {
        winner = i;
        winning = worth;
      }
    }
    const best = pool[winner];
    if (!best) break;
    picked.push(best);
    shown.add(best.index);
    left -= best.words;
    for (const [i, one] of pool.entries()) alike[i] = Math.max(alike[i] as number, likeness(one, best));
    alike[winner] = 1;
  }
  return picked.sort((a, b) => a.index - b.index);
}
