/** Ranks sentences by similarity to the whole text, position and form. */
import type { Yield } from '../ports.ts';
import { detectLanguage, startsDangling, getStopWords } from './language.ts';
import type { Sentence } from './sentences.ts';

/** A sentence with its rank. */
export interface Ranked extends Sentence {
  readonly vector: Vector;
  /** Cosine with the sum of all sentences, adjusted for form. */
  readonly central: number;
  /** `central` plus the gain of its position. */
  readonly score: number;
  /** Whether it begins with a reference to the sentence before it. */
  readonly dangles: boolean;
}

/** In ascending order of term number. */
interface Vector {
  readonly terms: Uint32Array;
  readonly counts: Uint16Array;
  /** Euclidean norm; 0 for a sentence without terms. */
  readonly norm: number;
}

const sliceUnits = 25_000;
const wide = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]/;
const wideRun = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]+/g;
const wordRun = /[\p{L}\p{N}][\p{L}\p{N}_'’-]*/gu;

/** Returns terms in lower case, cut to eight letters; pairs of characters in scripts without spaces. */
export function findTerms(text: string): string[] {
  const terms: string[] = [];
  let rest = text.toLowerCase();
  if (wide.test(rest))
    rest = rest.replace(wideRun, (run) => {
      for (let i = 0; i + 1 < run.length; i++) terms.push(run.slice(i, i + 2));
      return ' ';
    });
  for (const word of rest.match(wordRun) ?? []) {
    const isPossessive = word.endsWith("'s") || word.endsWith('’s');
    const end = Math.min(8, isPossessive ? word.length - 2 : word.length);
    if (end > 1) terms.push(word.slice(0, end));
  }
  return terms;
}

/** Weights of a sentence's position and length for a kind of text. */
export interface Taste {
  /** Gain of the first sentence of the text and of a section. */
  readonly opening: number;
  readonly sectionOpening: number;
  /** For each ten words, up to forty. */
  readonly length: number;
  /** Exponent of length; below 1 it favours long sentences. */
  readonly norm: number;
}

/** Sentences after which the gain of the opening falls to a third. */
const openingSentences = 3;

/** Scores all sentences of a text. */
export async function rank(sentences: readonly Sentence[], taste: Taste, yieldNow: Yield): Promise<Ranked[]> {
  const of = detectLanguage(
    sentences
      .slice(0, 150)
      .map((s) => s.text)
      .join(' '),
  );
  const { vectors, totals } = await countTerms(sentences, getStopWords(of), yieldNow);
  const whole = computeNorm(totals);
  // Long texts spread their content; short ones begin with it.
  const anywhere = Math.min(1, Math.max(0.02, (sentences.length - 40) / 400)) ** taste.opening;
  const ranked: Ranked[] = [];
  let work = 0;
  for (const [i, sentence] of sentences.entries()) {
    const vector = vectors[i] as Vector;
    let dot = 0;
    for (let j = 0; j < vector.terms.length; j++)
      dot += (vector.counts[j] as number) * (totals[vector.terms[j] as number] as number);
    const length = taste.length * Math.min(4, sentence.words / 10);
    const form = rateForm(sentence);
    const central = ((vector.norm === 0 ? 0 : dot / (vector.norm ** taste.norm * whole)) + length) * form;
    const place = anywhere + taste.opening * Math.exp(-sentence.index / openingSentences);
    ranked.push({
      ...sentence,
      vector,
      central,
      score: (0.1 * form + central) * place + taste.sectionOpening * form * Math.exp(-sentence.rank / 2),
      dangles: startsDangling(sentence.text),
    });
    work += sentence.text.length;
    if (work > sliceUnits) {
      work = 0;
      await yieldNow();
    }
  }
  return ranked;
}

async function countTerms(
  sentences: readonly Sentence[],
  stop: ReadonlySet<string>,
  yieldNow: Yield,
): Promise<{ vectors: Vector[]; totals: number[] }> {
  const short = new Set([...stop].map((word) => word.slice(0, 8)));
  const numbers = new Map<string, number>();
  const totals: number[] = [];
  const vectors: Vector[] = [];
  let work = 0;
  for (const { text } of sentences) {
    const found: number[] = [];
    for (const term of findTerms(text)) {
      if (short.has(term)) continue;
      let number = numbers.get(term);
      if (number === undefined) numbers.set(term, (number = totals.push(0) - 1));
      totals[number] = (totals[number] as number) + 1;
      found.push(number);
    }
    vectors.push(toVector(found));
    work += text.length;
    if (work > sliceUnits) {
      work = 0;
      await yieldNow();
    }
  }
  return { vectors, totals };
}

function toVector(found: readonly number[]): Vector {
  const sorted = Uint32Array.from(found).sort();
  const counts = new Uint16Array(sorted.length);
  let size = 0;
  for (const term of sorted) {
    if (size > 0 && sorted[size - 1] === term) counts[size - 1]!++;
    else {
      sorted[size] = term;
      counts[size++] = 1;
    }
  }
  const own = counts.subarray(0, size);
  return { terms: sorted.subarray(0, size), counts: own, norm: computeNorm(own) };
}

const computeNorm = (counts: Iterable<number>): number => {
  let sum = 0;
  for (const count of counts) sum += count * count;
  return Math.sqrt(sum);
};

/** Phrases of a text about itself: "this paper", "we propose". */
const selfReference =
  /\b(?:in th(?:is|e present) (?:paper|article|report|work|study|note|chapter|document|guide)|this (?:paper|article|report|study|document|guide|package|library|module|project|tool|plugin|extension|repository) (?:is|describes|presents|proposes|provides|shows|introduces|reports|explains|contains|addresses|implements|lets|allows|helps|explores|investigates)|we (?:propose|present|introduce|describe|investigate|show that|report)|diese[rs]? (?:arbeit|artikel|bericht|aufsatz|leitfaden|paket)|(?:cet article|ce rapport|ce document|nous (?:proposons|présentons))|(?:este (?:artículo|trabajo|informe|documento)|(?:proponemos|presentamos)))\b/i;

const ended = /[.!?。！？…;][”"»)’'*_`\]]*$/;
/** Whether it ends with a mark of its own. */
export const isEnded = (text: string): boolean => ended.test(text);

/** Rates fragments, formulas, questions and dependent starts lower. */
function rateForm({ text, words, alone }: Sentence): number {
  let factor = words < 5 ? 0.3 : words < 8 ? 0.5 : words > 90 ? 0.4 : 1;
  if (!isEnded(text)) factor *= alone ? 0.8 : 0.5;
  if (/[:：]$/.test(text)) factor *= 0.4;
  if (/(?:…|\.\.\.)["”»)]*$/.test(text)) factor *= 0.2;
  if (/[?？]["”»)]*$/.test(text)) factor *= 0.6;
  if (selfReference.test(text)) factor *= 1.6;
  // A quotation that begins or ends in another sentence.
  if ((text.match(/["“”„]/g)?.length ?? 0) % 2 === 1 || text.split('«').length !== text.split('»').length)
    factor *= 0.7;
  const symbols = text.match(/[{}[\]<>=|\\/$`^_]/g)?.length ?? 0;
  return symbols * 14 > text.length ? factor * 0.4 : factor;
}

/** 0 to 1. */
function computeCosine({ vector: a }: Ranked, { vector: b }: Ranked): number {
  if (a.norm === 0 || b.norm === 0) return 0;
  let dot = 0;
  for (let i = 0, j = 0; i < a.terms.length && j < b.terms.length;) {
    const order = (a.terms[i] as number) - (b.terms[j] as number);
    if (order === 0) dot += (a.counts[i++] as number) * (b.counts[j++] as number);
    else if (order < 0) i++;
    else j++;
  }
  return dot / (a.norm * b.norm);
}

/** Sorts candidates by value, highest first. */
export const byValue = (candidates: readonly Ranked[], value: (sentence: Ranked) => number): Ranked[] =>
  candidates
    .map((one) => ({ one, worth: value(one) }))
    .sort((a, b) => b.worth - a.worth || a.one.index - b.one.index)
    .map(({ one }) => one);

/** Lowers the value of a dependent start if the sentence before it is shown; makes it 0 if it is not. */
const getDanglingFactor = ({ dangles, index }: Ranked, shown: ReadonlySet<number>): number => {
  if (!dangles) return 1;
  return shown.has(index - 1) ? 1 : 0;
};

const maxPool = 400;

/**
 * Takes whole sentences, best first, while they fit `words`, in text order. A sentence loses value by its similarity to those
 * taken (`taken` included) and is dropped above `maxAlike`, a cosine.
 */
export function pick(
  candidates: readonly Ranked[],
  words: number,
  value: (sentence: Ranked) => number,
  taken: readonly Ranked[] = [],
  maxAlike = 0.8,
): Ranked[] {
  const pool = byValue(candidates, value).slice(0, maxPool);
  const shown = new Set(taken.map(({ index }) => index));
  const alike = pool.map((one) => Math.max(0, ...taken.map((other) => computeCosine(one, other))));
  const picked: Ranked[] = [];
  let left = words;
  for (;;) {
    let winner = -1;
    let winning = 0;
    for (const [i, one] of pool.entries()) {
      const near = alike[i] as number;
      if (one.words > left || near > maxAlike) continue;
      const worth = value(one) * (1 - 0.5 * near) * getDanglingFactor(one, shown);
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
    for (const [i, one] of pool.entries()) alike[i] = Math.max(alike[i] as number, computeCosine(one, best));
    alike[winner] = 1;
  }
  return picked.sort((a, b) => a.index - b.index);
}
