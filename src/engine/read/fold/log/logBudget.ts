import { estimateTokens } from '../../../tokens.ts';
import type { Output } from '../lines.ts';
import { put, putVerbatim } from '../lines.ts';

const million = 1_000_000;
const small = { least: 4000, share: 0.1, most: 16_000 } as const;
const largest = { tokens: 60_000, units: 100 * million } as const;

/**
 * Returns tokens: 10 % of the log within 4,000 to 16,000; above 1 MB logarithmic up to 60,000 at 100 MB.
 * @param length UTF-16 units
 */
export function getDigestBudget(length: number, tokens: number): number {
  const base = Math.min(small.most, Math.max(small.least, small.share * tokens));
  if (length <= million) return Math.round(base);
  const grown = Math.log(Math.min(length, largest.units) / million) / Math.log(largest.units / million);
  return Math.round(base + (largest.tokens - base) * grown);
}

/** A line of a digest. */
export interface DigestLine {
  readonly text: string;
  readonly line: number;
  /** Whether the line is quoted from the source unchanged. */
  readonly verbatim?: boolean;
}

interface Block {
  readonly section: number;
  readonly order: number;
  readonly lines: readonly DigestLine[];
}

const maxVerbatim = 1500;

/** Takes blocks by value while they fit; writes them in text order. */
export class BudgetFiller {
  readonly #blocks: Block[] = [];
  /** Source lines shown verbatim. */
  readonly shown = new Set<number>();
  #used = 0;

  readonly budget: number;

  constructor(budget: number) {
    this.budget = budget;
  }

  get left(): number {
    return Math.max(0, this.budget - this.#used);
  }

  add(section: number, order: number, lines: readonly DigestLine[], limit = this.budget): boolean {
    const cost = lines.reduce((sum, { text }) => sum + estimateTokens(text) + 1, 0);
    if (this.#used + cost > Math.min(limit, this.budget)) return false;
    this.#used += cost;
    this.#blocks.push({ section, order, lines });
    for (const { line, verbatim, text } of lines) if (verbatim && text.length <= maxVerbatim) this.shown.add(line);
    return true;
  }

  /** Tokens up to which a pass may fill, if it gets this share of the remaining budget. */
  limit(share: number): number {
    return this.#used + this.left * share;
  }

  write(output: Output, titles: readonly string[]): void {
    let open = -1;
    const ordered = this.#blocks.map((block, i) => ({ block, i }));
    ordered.sort((a, b) => a.block.section - b.block.section || a.block.order - b.block.order || a.i - b.i);
    for (const { block } of ordered) {
      const title = titles[block.section] ?? '';
      if (block.section !== open && title !== '') put(output, title, block.lines[0]?.line ?? 1);
      open = block.section;
      for (const { text, line, verbatim } of block.lines) {
        if (verbatim) putVerbatim(output, text, line, maxVerbatim);
        else put(output, text, line);
      }
    }
  }
}
