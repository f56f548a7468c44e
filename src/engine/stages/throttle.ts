import pLimit, { type LimitFunction } from 'p-limit';
import type { RunContext } from './context.ts';

/** Queued work holds rendered prompts. */
const perLane = 2;

const limits = new WeakMap<RunContext, LimitFunction>();
const last = new WeakMap<RunContext, Promise<void>>();

/** Starts simultaneous work one by one. */
export function yieldBetween<T>(context: RunContext, work: () => Promise<T>): Promise<T> {
  let limit = limits.get(context);
  if (!limit) limits.set(context, (limit = pLimit(perLane * Math.max(1, context.options.concurrency))));
  return limit(async () => {
    await waitForTurn(context);
    if (context.signal.aborted) throw context.signal.reason;
    return work();
  });
}

/** Yields to the thread, after earlier callers. */
function waitForTurn(context: RunContext): Promise<void> {
  const turn = (last.get(context) ?? Promise.resolve()).then(() => context.ports.yield());
  last.set(context, turn);
  return turn;
}
