/** ROUGE-1, ROUGE-2 and ROUGE-L as F1 in percent, against the best of several references; words are runs of letters and digits, in lower case. */
export type Rouge = readonly [one: number, two: number, longest: number];

export const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

const f1 = (hits: number, a: number, b: number): number => (hits === 0 ? 0 : (200 * hits) / (a + b));

function countGrams(words: readonly string[], size: number): Map<string, number> {
  const grams = new Map<string, number>();
  for (let at = 0; at + size <= words.length; at++) {
    const gram = words.slice(at, at + size).join(' ');
    grams.set(gram, (grams.get(gram) ?? 0) + 1);
  }
  return grams;
}

function overlap(a: readonly string[], b: readonly string[], size: number): number {
  const theirs = countGrams(b, size);
  let hits = 0;
  for (const [gram, count] of countGrams(a, size)) hits += Math.min(count, theirs.get(gram) ?? 0);
  return f1(hits, Math.max(0, a.length - size + 1), Math.max(0, b.length - size + 1));
}

function longestCommon(a: readonly string[], b: readonly string[]): number {
  let row = new Uint32Array(b.length + 1);
  for (const word of a) {
    const next = new Uint32Array(b.length + 1);
    for (let at = 1; at <= b.length; at++)
      next[at] = word === b[at - 1] ? row[at - 1]! + 1 : Math.max(row[at]!, next[at - 1]!);
    row = next;
  }
  return f1(row[b.length]!, a.length, b.length);
}

/** Each measure is the best over `references`; 0 where nothing is shared. */
export function rouge(references: readonly (readonly string[])[], words: readonly string[]): Rouge {
  const best = (measure: (reference: readonly string[]) => number): number => Math.max(...references.map(measure));
  return [best((r) => overlap(r, words, 1)), best((r) => overlap(r, words, 2)), best((r) => longestCommon(r, words))];
}

/** Mean of `values` and its 95 % interval by 1,000 bootstrap samples of a fixed seed. */
export function meanWithInterval(values: readonly number[]): { mean: number; low: number; high: number } {
  const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
  let seed = 12345;
  const draw = (): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return values[Math.floor((seed / 2 ** 32) * values.length)]!;
  };
  const means = Array.from({ length: 1000 }, () => mean(values.map(draw))).sort((a, b) => a - b);
  return { mean: mean(values), low: means[25]!, high: means[974]! };
}
