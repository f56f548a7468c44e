/** Work of a run that is due all at once is begun one after the other, and no more of it than can be on its way soon. */
import pLimit, { type LimitFunction } from 'p-limit';
import type { RunContext } from './context.ts';

/** What waits for a lane is written out already; more of it would only be held. */
const perLane = 2;

const limits = new WeakMap<RunContext, LimitFunction>();
const last = new WeakMap<RunContext, Promise<void>>();

/** Does the work when it is its turn. */
export function inTurn<T>(context: RunContext, work: () => Promise<T>): Promise<T> {
  let limit = limits.get(context);
  if (!limit) limits.set(context, (limit = pLimit(perLane * Math.max(1, context.options.concurrency))));
  return limit(async () => {
    await turnOf(context);
    if (context.signal.aborted) throw context.signal.reason;
    return work();
  });
}

/** After other work of the thread, and after those that came before. */
function turnOf(context: RunContext): Promise<void> {
  const turn = (last.get(context) ?? Promise.resolve()).then(() => context.ports.yield());
  last.set(context, turn);
  return turn;
}
