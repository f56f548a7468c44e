/** Calls of merges: looked for in the cache first, and told as events, whatever comes of them. */
import { kindOf, type RunContext } from './context.ts';
import type { Stage } from '../model.ts';
import type { CallResult } from '../schedule/types.ts';

/** What the cache has under this key, else what is produced; undefined is not kept. */
export async function kept(
  context: RunContext,
  namespace: 'collapse' | 'reduce',
  key: string,
  produce: () => Promise<string | undefined>,
): Promise<string | undefined> {
  for (;;) {
    const claim = (await context.cache.claim(namespace, [key]))[0]!;
    if (claim.state === 'hit') return fromCache(context, namespace, claim.value);
    if (claim.state === 'theirs') {
      const value = await claim.wait(context.signal);
      if (value === undefined) continue;
      return fromCache(context, namespace, value);
    }
    let value: string | undefined;
    try {
      value = await produce();
    } finally {
      await claim.settle(value);
    }
    return value;
  }
}

/** A call that was not needed is told like one, so that progress adds up. */
function fromCache(context: RunContext, stage: 'collapse' | 'reduce', value: string): string {
  context.ledger.cached();
  const call = context.nextCall();
  context.emit({ type: 'call-start', call, stage, chunks: [] });
  context.emit({ type: 'call-end', call, stage, outcome: 'cached', ms: 0, attempts: 0, usage: {} });
  return value;
}

/** One call of a merge as its events: one start, one end, whatever comes of it. */
export function tellCall(
  context: RunContext,
  stage: Stage,
  chunks: readonly number[],
): { start(): void; done(result: CallResult): void; failed(error: unknown): boolean } {
  const call = context.nextCall();
  let started = false;
  const start = (): void => {
    if (!started) context.emit({ type: 'call-start', call, stage, chunks });
    started = true;
  };
  return {
    start,
    done({ usage, attempts, ms }) {
      start();
      context.ledger.add('reduce', usage, attempts);
      context.emit({ type: 'call-end', call, stage, outcome: 'done', ms, attempts, usage });
    },
    /** Whether it was cancelled rather than failed. */
    failed(error) {
      start();
      const cancelled = context.signal.aborted || kindOf(error) === 'cancelled';
      const outcome = cancelled ? 'cancelled' : 'failed';
      context.emit({ type: 'call-end', call, stage, outcome, ms: 0, attempts: 1, usage: {} });
      return cancelled;
    },
  };
}
