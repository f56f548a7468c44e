import { findTerms, weighTerm } from './locate.ts';

/** Of the sentence's weight. */
const minShare = 0.25;

/** Returns the index of the text that a sentence summarizes; undefined if unclear. */
export type Nearest = (sentence: string) => number | undefined;

/** @param texts read on first use */
export function createNearest(texts: () => Iterable<string>): Nearest {
  let known: { readonly count: number; readonly holders: ReadonlyMap<string, readonly number[]> } | undefined;
  return (sentence) => {
    known ??= index(texts());
    const { count, holders } = known;
    const scores = new Map<number, number>();
    let all = 0;
    for (const term of findTerms(sentence)) {
      const held = holders.get(term) ?? [];
      const weight = weighTerm(term, count, Math.max(1, held.length));
      all += weight;
      for (const i of held) scores.set(i, (scores.get(i) ?? 0) + weight);
    }
    const [best] = [...scores].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
    return best && best[1] >= minShare * all ? best[0] : undefined;
  };
}

function index(texts: Iterable<string>): { count: number; holders: Map<string, number[]> } {
  const holders = new Map<string, number[]>();
  let count = 0;
  for (const text of texts) {
    for (const term of findTerms(text)) {
      const held = holders.get(term);
      if (held) held.push(count);
      else holders.set(term, [count]);
    }
    count++;
  }
  return { count, holders };
}
