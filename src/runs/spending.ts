/** What summaries have cost in this session and this month, by provider and model. */
import type { SummaryUsage } from '../engine/events.ts';

export interface Spent {
  readonly runs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** USD of the runs whose price was known. */
  readonly costUsd: number;
}

/** By `provider model`. */
export type Totals = Readonly<Record<string, Spent>>;

export interface EndedRun {
  readonly provider: string;
  readonly model: string;
  readonly usage?: Pick<SummaryUsage, 'inputTokens' | 'outputTokens' | 'costUsd'>;
}

/** The totals with one more run; the same where it sent nothing. */
export function addRun(totals: Totals, { provider, model, usage }: EndedRun): Totals {
  if (usage === undefined || usage.inputTokens + usage.outputTokens === 0) return totals;
  const key = `${provider} ${model}`;
  const before = totals[key] ?? { runs: 0, inputTokens: 0, outputTokens: 0, costUsd: 0 };
  const after = {
    runs: before.runs + 1,
    inputTokens: before.inputTokens + usage.inputTokens,
    outputTokens: before.outputTokens + usage.outputTokens,
    costUsd: before.costUsd + (usage.costUsd ?? 0),
  };
  return { ...totals, [key]: after };
}

/** USD over all models. */
export const totalUsd = (totals: Totals): number =>
  Object.values(totals).reduce((sum, { costUsd }) => sum + costUsd, 0);

/** The part of VS Code's `Memento` that is used. */
interface SpendingMemento {
  get<T>(key: string): T | undefined;
  update(key: string, value: unknown): PromiseLike<void>;
}

interface Month {
  /** `2026-11` */
  readonly month: string;
  readonly totals: Totals;
}

const stateKey = 'precis.spending';

/** Adds up ended runs; the month's totals are kept between sessions and begin anew with each month. */
export class Spending {
  readonly #state: SpendingMemento;
  readonly #now: () => number;
  #session: Totals = {};

  /** @param now ms since 1970 */
  constructor(state: SpendingMemento, now: () => number) {
    this.#state = state;
    this.#now = now;
  }

  get session(): Totals {
    return this.#session;
  }

  get month(): Totals {
    const kept = this.#state.get<Month>(stateKey);
    return kept?.month === this.#thisMonth() ? kept.totals : {};
  }

  add(run: EndedRun): void {
    this.#session = addRun(this.#session, run);
    const month = this.month;
    const totals = addRun(month, run);
    if (totals !== month) void this.#state.update(stateKey, { month: this.#thisMonth(), totals } satisfies Month);
  }

  #thisMonth(): string {
    return new Date(this.#now()).toISOString().slice(0, 7);
  }
}
