/** Merge calls: cache lookup and events. */
import { kindOf, type RunContext } from './context.ts';
import type { Stage } from '../model.ts';
import type { CallResult } from '../schedule/types.ts';

/** Returns the cached value or produces it; undefined is not cached. */
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

/** Reported like a call, so progress adds up. */
function fromCache(context: RunContext, stage: 'collapse' | 'reduce', value: string): string {
  context.ledger.cached();
  const call = context.nextCall();
  context.emit({ type: 'call-start', call, stage, chunks: [] });
  context.emit({ type: 'call-end', call, stage, outcome: 'cached', ms: 0, attempts: 0, usage: {} });
  return value;
}

/** Emits one start and one end. */
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
    failed(error) {
      start();
      const cancelled = context.signal.aborted || kindOf(error) === 'cancelled';
      const outcome = cancelled ? 'cancelled' : 'failed';
      context.emit({ type: 'call-end', call, stage, outcome, ms: 0, attempts: 1, usage: {} });
      return cancelled;
    },
  };
}
