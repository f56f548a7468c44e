/** Tokens that the digest of a log may take, and lines that fill them by value. */
import { estimateTokens } from '../../tokens.ts';
import type { Output } from './lines.ts';
import { put, putVerbatim } from './lines.ts';

const million = 1_000_000;
const small = { least: 4000, share: 0.1, most: 16_000 } as const;
const largest = { tokens: 60_000, units: 100 * million } as const;

/**
 * Tokens of a digest: 10 % of the log's, between 4,000 and 16,000; above 1 MB it grows with the logarithm of the size to 60,000 at
 * 100 MB. @param length UTF-16 units of the log
 */
export function digestBudget(length: number, tokens: number): number {
  const base = Math.min(small.most, Math.max(small.least, small.share * tokens));
  if (length <= million) return Math.round(base);
  const grown = Math.log(Math.min(length, largest.units) / million) / Math.log(largest.units / million);
  return Math.round(base + (largest.tokens - base) * grown);
}

/** A line of a digest. */
export interface DigestLine {
  readonly text: string;
  readonly line: number;
  /** Stands in the source as it stands here. */
  readonly verbatim?: boolean;
}

interface Block {
  readonly section: number;
  readonly order: number;
  readonly lines: readonly DigestLine[];
}

const maxVerbatim = 1500;

/** Takes blocks of lines in the order of their value while they fit, and writes them in the order of the digest. */
export class BudgetFiller {
  readonly #blocks: Block[] = [];
  /** Source lines that stand in the digest word for word. */
  readonly shown = new Set<number>();
  #used = 0;

  readonly budget: number;

  constructor(budget: number) {
    this.budget = budget;
  }

  get left(): number {
    return Math.max(0, this.budget - this.#used);
  }

  /** Adds the block if it fits within `limit` tokens in all and within the budget. */
  add(section: number, order: number, lines: readonly DigestLine[], limit = this.budget): boolean {
    const cost = lines.reduce((sum, { text }) => sum + estimateTokens(text) + 1, 0);
    if (this.#used + cost > Math.min(limit, this.budget)) return false;
    this.#used += cost;
    this.#blocks.push({ section, order, lines });
    for (const { line, verbatim, text } of lines) if (verbatim && text.length <= maxVerbatim) this.shown.add(line);
    return true;
  }

  /** Tokens up to which a pass may fill: a share of what is left. */
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
