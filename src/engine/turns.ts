/** Work of a run that many wait for at the same moment is done one after the other, with the thread's turn before each. */
import type { RunContext } from './context.ts';

const last = new WeakMap<RunContext, Promise<void>>();

/** Resolves when it is the caller's turn. */
export function turnOf(context: RunContext): Promise<void> {
  const turn = (last.get(context) ?? Promise.resolve()).then(() => context.ports.yield());
  last.set(context, turn);
  return turn;
}
