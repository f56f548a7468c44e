/** How often a run may ask again: retries and hedges out of one purse, so that trouble never multiplies the work. */

export interface RunBudget {
  started(): void;
  /** Takes a retry, or tells that none is left. */
  retry(): boolean;
  readonly mayRetry: boolean;
  mayHedge(): boolean;
  hedge(): void;
}

export function createBudget(): RunBudget {
  let calls = 0;
  let retries = 0;
  let hedges = 0;
  const most = (): number => Math.max(3, Math.floor(calls * 0.2));
  return {
    started() {
      calls += 1;
    },
    retry() {
      if (retries >= most()) return false;
      retries += 1;
      return true;
    },
    get mayRetry() {
      return retries < most();
    },
    mayHedge: () => hedges < Math.max(calls >= 5 ? 1 : 0, Math.floor(calls * 0.1)) && retries + hedges < most(),
    hedge() {
      hedges += 1;
    },
  };
}

/** Budgets by run; the oldest are forgotten. */
export function createBudgets(): (run: string) => RunBudget {
  const budgets = new Map<string, RunBudget>();
  return (run) => {
    const known = budgets.get(run);
    const budget = known ?? createBudget();
    budgets.delete(run);
    budgets.set(run, budget);
    const [oldest] = budgets.keys();
    if (budgets.size > 64 && oldest !== undefined) budgets.delete(oldest);
    return budget;
  };
}
