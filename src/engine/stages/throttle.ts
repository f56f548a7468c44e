import pLimit, { type LimitFunction } from 'p-limit';
import type { RunContext } from './context.ts';

/** Queued calls for each lane; more would hold rendered prompts in memory. */
const perLane = 2;

const limits = new WeakMap<RunContext, LimitFunction>();
const last = new WeakMap<RunContext, Promise<void>>();

/** Starts work that is due at the same time one by one. */
export function yieldBetween<T>(context: RunContext, work: () => Promise<T>): Promise<T> {
  let limit = limits.get(context);
  if (!limit) limits.set(context, (limit = pLimit(perLane * Math.max(1, context.options.concurrency))));
  return limit(async () => {
    await waitForTurn(context);
    if (context.signal.aborted) throw context.signal.reason;
    return work();
  });
}

function waitForTurn(context: RunContext): Promise<void> {
  const turn = (last.get(context) ?? Promise.resolve()).then(() => context.ports.yield());
  last.set(context, turn);
  return turn;
}
