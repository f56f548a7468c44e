/** Chooses the next call: between runs the least served one; within a run by priority, then age. */

export interface Queued {
  readonly run: string;
  readonly priority: number;
  readonly cost: number;
  /** Whether it is the run's last call, which precedes the work of other runs. */
  readonly last: boolean;
  /** Earliest start, after the back-off of a retry. */
  notBefore: number;
}

interface Run<T> {
  readonly entries: { readonly entry: T; readonly order: number }[];
  served: number;
}

/** Waiting calls of all runs. */
export interface Queue<T extends Queued> {
  readonly size: number;
  add(entry: T): void;
  remove(entry: T): boolean;
  /** Does not remove it. */
  best(now: number): T | undefined;
  /** Removes an entry and counts it as served. */
  take(entry: T): void;
  nextTime(): number | undefined;
  heads(): T[];
  all(): T[];
}

/** Returns an empty queue. */
export function createQueue<T extends Queued>(): Queue<T> {
  const runs = new Map<string, Run<T>>();
  let order = 0;
  let size = 0;

  const find = (entry: T): { run: Run<T>; at: number } | undefined => {
    const run = runs.get(entry.run);
    const at = run?.entries.findIndex((waiting) => waiting.entry === entry) ?? -1;
    return run === undefined || at < 0 ? undefined : { run, at };
  };
  const remove = (entry: T): boolean => {
    const found = find(entry);
    if (found === undefined) return false;
    found.run.entries.splice(found.at, 1);
    size -= 1;
    return true;
  };
  const least = (): number => {
    const served = [...runs.values()].filter((run) => run.entries.length > 0).map((run) => run.served);
    return served.length === 0 ? 0 : Math.min(...served);
  };
  return {
    get size() {
      return size;
    },
    add(entry) {
      let run = runs.get(entry.run);
      if (run === undefined) {
        // A new run starts with the count of the least served one.
        run = { entries: [], served: least() };
        // before adding, because a run without entries is forgotten
        forgetOldest(runs);
        runs.set(entry.run, run);
      } else if (run.entries.length === 0) run.served = Math.max(run.served, least());
      const place = run.entries.findIndex((waiting) => waiting.entry.priority < entry.priority);
      run.entries.splice(place < 0 ? run.entries.length : place, 0, { entry, order: order++ });
      size += 1;
    },
    remove,
    best(now) {
      let found: { entry: T; served: number } | undefined;
      for (const run of runs.values()) {
        const entry = run.entries.find((waiting) => waiting.entry.notBefore <= now)?.entry;
        if (entry === undefined) continue;
        if (found === undefined || before(entry, run.served, found)) found = { entry, served: run.served };
      }
      return found?.entry;
    },
    take(entry) {
      const run = runs.get(entry.run);
      if (remove(entry) && run !== undefined) run.served += entry.cost;
    },
    nextTime() {
      let next: number | undefined;
      for (const entry of all()) next = next === undefined ? entry.notBefore : Math.min(next, entry.notBefore);
      return next;
    },
    heads: () => [...runs.values()].flatMap((run) => run.entries.slice(0, 1).map((waiting) => waiting.entry)),
    all,
  };

  function all(): T[] {
    return [...runs.values()].flatMap((run) => run.entries.map((waiting) => waiting.entry));
  }
}

function before(entry: Queued, served: number, than: { entry: Queued; served: number }): boolean {
  if (entry.last !== than.entry.last) return entry.last;
  return served < than.served;
}

function forgetOldest<T>(runs: Map<string, Run<T>>): void {
  if (runs.size < 64) return;
  for (const [id, run] of runs) {
    if (run.entries.length > 0) continue;
    runs.delete(id);
    return;
  }
}
