/** Limits the retries and hedges of a run. */

/** Minimum retries of a run; larger runs get one per call. */
const minRetries = 10;
/** Of calls. */
const hedgeShare = 0.2;

interface RunBudget {
  started(): void;
  /** False if none is left. */
  retry(): boolean;
  readonly mayRetry: boolean;
  /** @param last the run's last call, which has one hedge reserved */
  mayHedge(last: boolean): boolean;
  hedge(): void;
}

function createBudget(): RunBudget {
  let calls = 0;
  let retries = 0;
  let hedges = 0;
  const most = (): number => Math.max(minRetries, calls);
  const mostHedges = (): number => Math.max(calls >= 6 ? 3 : calls >= 3 ? 2 : 1, Math.ceil(calls * hedgeShare));
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
    mayHedge: (last) => hedges < mostHedges() + (last ? 1 : 0),
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
