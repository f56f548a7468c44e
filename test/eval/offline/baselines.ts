/** The methods people would use instead: the first words, TextRank, LexRank and LSA, each as its paper or the package `sumy` has it. */
import { wordsOf } from './rouge.ts';

export type Baseline = 'lead' | 'textrank' | 'lexrank' | 'lsa';
export const baselines: readonly Baseline[] = ['lead', 'textrank', 'lexrank', 'lsa'];

/** Longest text that is ranked: the comparison of all pairs of sentences is quadratic. */
const maxSentences = 2000;

/** The text without headings, code fences, tables and rules. */
export const proseOf = (text: string): string =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s*(?:#|```|\||[-=*_]{3,})/.test(line))
    .join(' ');

interface Ranked {
  readonly words: readonly string[];
  readonly terms: ReadonlyMap<string, number>;
}

/** One ranking of a text's sentences for each method, to be cut at any number of words. */
export function rankAll(text: string): Record<Baseline, (words: number) => string[]> {
  const prose = proseOf(text);
  const sentences = splitSentences(prose);
  const all = wordsOf(prose);
  const inOrder = (scores: readonly number[]) => (most: number) => {
    const ranked = sentences.map((_, i) => i).sort((a, b) => scores[b]! - scores[a]! || a - b);
    const taken: number[] = [];
    for (let count = 0, i = 0; count < most && i < ranked.length; i++) {
      taken.push(ranked[i]!);
      count += sentences[ranked[i]!]!.words.length;
    }
    return taken
      .sort((a, b) => a - b)
      .flatMap((i) => sentences[i]!.words)
      .slice(0, most);
  };
  return {
    lead: (most) => all.slice(0, most),
    textrank: inOrder(walk(sentences.length, sharedWords(sentences))),
    lexrank: inOrder(walk(sentences.length, cosines(sentences))),
    lsa: inOrder(latent(sentences)),
  };
}

function splitSentences(prose: string): Ranked[] {
  const found: Ranked[] = [];
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'sentence' }).segment(prose)) {
    const words = wordsOf(segment);
    if (words.length === 0 || found.length === maxSentences) continue;
    const terms = new Map<string, number>();
    for (const word of words) if (word.length > 3) terms.set(word, (terms.get(word) ?? 0) + 1);
    found.push({ words, terms });
  }
  return found;
}

type Edges = readonly ReadonlyMap<number, number>[];

/** Pairs of sentences with a term in common. */
function* pairs(sentences: readonly Ranked[]): Generator<[number, number]> {
  for (let a = 0; a < sentences.length; a++) for (let b = a + 1; b < sentences.length; b++) yield [a, b];
}

function connect(sentences: readonly Ranked[], similarity: (a: number, b: number) => number): Edges {
  const edges = sentences.map(() => new Map<number, number>());
  for (const [a, b] of pairs(sentences)) {
    const value = similarity(a, b);
    if (value <= 0) continue;
    edges[a]!.set(b, value);
    edges[b]!.set(a, value);
  }
  return edges;
}

/** Mihalcea & Tarau 2004: shared words by the logarithms of both lengths. */
function sharedWords(sentences: readonly Ranked[]): Edges {
  return connect(sentences, (a, b) => {
    const [x, y] = [sentences[a]!, sentences[b]!];
    const [small, large] = x.terms.size < y.terms.size ? [x, y] : [y, x];
    let shared = 0;
    for (const term of small.terms.keys()) if (large.terms.has(term)) shared++;
    return shared === 0 ? 0 : shared / Math.max(0.1, Math.log(x.words.length) + Math.log(y.words.length));
  });
}

/** Erkan & Radev 2004: cosine of TF-IDF, threshold 0.1, edges of weight 1. */
function cosines(sentences: readonly Ranked[]): Edges {
  const frequency = new Map<string, number>();
  for (const { terms } of sentences)
    for (const term of terms.keys()) frequency.set(term, (frequency.get(term) ?? 0) + 1);
  const weigh = (term: string, count: number): number =>
    count * Math.log(sentences.length / (frequency.get(term) ?? 1) + 1e-9);
  const vectors = sentences.map(({ terms }) => new Map([...terms].map(([term, n]) => [term, weigh(term, n)])));
  const norms = vectors.map((vector) => Math.hypot(...vector.values()) || 1);
  return connect(sentences, (a, b) => {
    const [small, large] =
      vectors[a]!.size < vectors[b]!.size ? [vectors[a]!, vectors[b]!] : [vectors[b]!, vectors[a]!];
    let dot = 0;
    for (const [term, weight] of small) dot += weight * (large.get(term) ?? 0);
    return dot / (norms[a]! * norms[b]!) > 0.1 ? 1 : 0;
  });
}

/** PageRank with damping 0.85. */
function walk(n: number, edges: Edges): number[] {
  const sums = edges.map((edge) => [...edge.values()].reduce((sum, weight) => sum + weight, 0));
  let rank = new Array<number>(n).fill(1 / n);
  for (let round = 0; round < 30; round++) {
    const next = new Array<number>(n).fill(0.15 / n);
    edges.forEach((edge, from) => {
      for (const [to, weight] of edge) next[to]! += (0.85 * rank[from]! * weight) / sums[from]!;
    });
    rank = next;
  }
  return rank;
}

/**
 * Steinberger & Ježek 2004 with all dimensions, as `sumy` has it: a sentence's rank, the root of the sum of σ²v² over the
 * dimensions, is then the norm of its column of smoothed term frequencies.
 */
function latent(sentences: readonly Ranked[]): number[] {
  const vocabulary = new Set(sentences.flatMap(({ terms }) => [...terms.keys()])).size;
  return sentences.map(({ terms }) => {
    const most = Math.max(1, ...terms.values());
    let sum = (vocabulary - terms.size) * 0.4 ** 2;
    for (const count of terms.values()) sum += (0.4 + (0.6 * count) / most) ** 2;
    return Math.sqrt(sum);
  });
}
