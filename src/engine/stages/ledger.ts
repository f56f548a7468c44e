import { ModelError, type Usage } from '../model.ts';
import { computeUsd } from '../plan/cost.ts';
import type { Price, Spent } from '../request.ts';

type Payer = 'map' | 'reduce';

interface LedgerOptions {
  /** 0 for none. */
  readonly limitUsd: number;
  readonly price?: Price;
  readonly mapPrice?: Price;
  /** USD reserved for the final call. */
  readonly keepForReduceUsd: number;
  readonly spent?: Spent;
}

const nothingSpent: Spent = { calls: 0, inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, costUsd: 0 };

/** Spending and cost limit of one run. */
export class Ledger {
  calls: number;
  cachedCalls = 0;
  retries = 0;
  inputTokens: number;
  outputTokens: number;
  cachedInputTokens: number;
  /** USD as charged, else by list price; undefined if unknown. */
  costUsd: number | undefined;
  /** Whether some counts are estimates. */
  estimated = false;
  readonly #options: LedgerOptions;
  #reserved = 0;
  #charged = { usd: 0, tokens: 0 };

  constructor(options: LedgerOptions) {
    const spent = options.spent ?? nothingSpent;
    this.#options = options;
    this.calls = spent.calls;
    this.inputTokens = spent.inputTokens;
    this.outputTokens = spent.outputTokens;
    this.cachedInputTokens = spent.cachedInputTokens;
    this.costUsd = spent.costUsd;
  }

  /**
   * Counts an answer.
   * @param attempts that it took
   */
  count(attempts: number): void {
    this.calls += 1;
    this.retries += Math.max(0, attempts - 1);
  }

  /**
   * Adds the cost of an attempt.
   * @returns USD; undefined if unknown
   */
  spend(payer: Payer, usage: Usage): number | undefined {
    this.inputTokens += usage.inputTokens ?? 0;
    this.outputTokens += usage.outputTokens ?? 0;
    this.cachedInputTokens += usage.cachedInputTokens ?? 0;
    if (usage.estimated) this.estimated = true;
    if (usage.costUsd !== undefined) {
      this.#charged.usd += usage.costUsd;
      this.#charged.tokens += (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0);
    }
    const price = this.#priceOf(payer);
    const cost = usage.costUsd ?? (price && computeUsd(price, usage));
    this.costUsd = cost === undefined || this.costUsd === undefined ? undefined : this.costUsd + cost;
    return cost;
  }

  cached(calls = 1): void {
    this.cachedCalls += calls;
  }

  /**
   * @param cacheWriteTokens input that the call may write to the provider's cache
   * @returns false if the limit forbids the call
   */
  reserve(payer: Payer, inputTokens: number, maxOutputTokens: number, cacheWriteTokens = 0): boolean {
    const { limitUsd, keepForReduceUsd } = this.#options;
    if (limitUsd === 0) return true;
    const worst = this.worstCase(payer, inputTokens, maxOutputTokens, cacheWriteTokens);
    const committed = Math.max(this.#reserved, this.costUsd ?? 0, this.#charged.usd);
    const kept = payer === 'map' ? keepForReduceUsd : 0;
    if (committed >= limitUsd || committed + (worst ?? 0) + kept > limitUsd) return false;
    this.#reserved = committed + (worst ?? 0);
    return true;
  }

  /** Maximum USD by list price or charges; undefined if unknown. */
  worstCase(payer: Payer, inputTokens: number, outputTokens: number, cacheWriteTokens = 0): number | undefined {
    const price = this.#priceOf(payer);
    if (price) return computeUsd(price, { inputTokens, outputTokens, cacheWriteTokens });
    const { usd, tokens } = this.#charged;
    return tokens > 0 ? (usd / tokens) * (inputTokens + outputTokens) : undefined;
  }

  #priceOf(payer: Payer): Price | undefined {
    return payer === 'map' ? this.#options.mapPrice : this.#options.price;
  }
}

/** @param neededUsd estimated cost, if known */
export function limitTooLow(limitUsd: number, neededUsd: number | undefined): ModelError {
  if (neededUsd === undefined) return new ModelError({ kind: 'bad-request', code: 'cost-limit', args: [limitUsd] });
  return new ModelError({ kind: 'bad-request', code: 'cost-limit-needs', args: [limitUsd, formatDollars(neededUsd)] });
}

function formatDollars(usd: number): string {
  const digits = Math.max(2, 1 - Math.floor(Math.log10(Math.max(usd, 1e-9))));
  return (Math.ceil(usd * 10 ** digits) / 10 ** digits).toFixed(digits);
}
