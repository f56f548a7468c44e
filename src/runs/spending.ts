import type { CallEnd } from '../engine/events.ts';

/** Use of one model. */
export interface Spent {
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** USD of calls with a known price. */
  readonly costUsd: number;
}

/** Totals by `provider model`. */
export type Totals = Readonly<Record<string, Spent>>;

/** One call, or a batch of calls. */
export interface PaidCall {
  readonly provider: string;
  readonly model: string;
  readonly usage: Pick<CallEnd['usage'], 'inputTokens' | 'outputTokens'>;
  /** USD; undefined if unknown. */
  readonly costUsd?: number;
  /** Default 1. */
  readonly calls?: number;
}

const nothing: Spent = { calls: 0, inputTokens: 0, outputTokens: 0, costUsd: 0 };

/** Returns the totals with another call; unchanged if it sent nothing. */
export function addCall(totals: Totals, { provider, model, usage, costUsd = 0, calls = 1 }: PaidCall): Totals {
  const { inputTokens = 0, outputTokens = 0 } = usage;
  if (inputTokens + outputTokens === 0) return totals;
  return addTotals(totals, { [`${provider} ${model}`]: { calls, inputTokens, outputTokens, costUsd } });
}

function addTotals(a: Totals, b: Totals): Totals {
  const sum: Record<string, Spent> = { ...a };
  for (const [key, spent] of Object.entries(b)) {
    const before = sum[key] ?? nothing;
    sum[key] = {
      calls: before.calls + spent.calls,
      inputTokens: before.inputTokens + spent.inputTokens,
      outputTokens: before.outputTokens + spent.outputTokens,
      costUsd: before.costUsd + spent.costUsd,
    };
  }
  return sum;
}

/** USD over all models. */
export const totalUsd = (totals: Totals): number =>
  Object.values(totals).reduce((sum, { costUsd }) => sum + costUsd, 0);

/** The part of VS Code's `Memento` that is used. */
interface SpendingMemento {
  get<T>(key: string): T | undefined;
  update(key: string, value: unknown): PromiseLike<void>;
}

/** Totals by month, such as `2026-11`. */
type Months = Readonly<Record<string, Totals>>;

const stateKey = 'precis.spending';
const maxMonths = 12;

/** Adds up calls when they end; stores the totals of twelve months. */
export class Spending {
  readonly #state: SpendingMemento;
  readonly #now: () => number;
  #session: Totals = {};
  #fresh: Totals = {};

  /** @param now Unix ms */
  constructor(state: SpendingMemento, now: () => number) {
    this.#state = state;
    this.#now = now;
  }

  get session(): Totals {
    return this.#session;
  }

  get month(): Totals {
    return this.months[this.#thisMonth()] ?? {};
  }

  /** Months, oldest first. */
  get months(): Months {
    const kept = this.#state.get<Months>(stateKey) ?? {};
    const month = this.#thisMonth();
    return { ...kept, [month]: addTotals(kept[month] ?? {}, this.#fresh) };
  }

  add(call: PaidCall): void {
    this.#session = addCall(this.#session, call);
    this.#fresh = addCall(this.#fresh, call);
  }

  /** Adds to the stored totals, which other windows also update. */
  save(): void {
    if (Object.keys(this.#fresh).length === 0) return;
    const months = Object.entries(this.months).slice(-maxMonths);
    this.#fresh = {};
    void this.#state.update(stateKey, Object.fromEntries(months));
  }

  #thisMonth(): string {
    return new Date(this.#now()).toISOString().slice(0, 7);
  }
}

/** Formats a CSV table: a row for each month and model, then for this session. */
export function toCsv({ months, session }: Pick<Spending, 'months' | 'session'>): string {
  const rows = [...Object.entries(months), ['session', session] as const].flatMap(([period, totals]) =>
    Object.entries(totals).map(([name, { calls, inputTokens, outputTokens, costUsd }]) => {
      const at = name.indexOf(' ');
      const [provider, model] = [name.slice(0, at), name.slice(at + 1)];
      return [period, provider, model, calls, inputTokens, outputTokens, costUsd.toFixed(6)].map(toCell).join(',');
    }),
  );
  return `${['period,provider,model,calls,input_tokens,output_tokens,usd', ...rows].join('\n')}\n`;
}

/** Quotes a cell if needed; text that a spreadsheet would read as a formula stays text. */
function toCell(value: string | number): string {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
