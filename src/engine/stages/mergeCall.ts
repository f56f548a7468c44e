import type { RunContext } from './context.ts';

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

/** Reports a cached merge like a call, so that progress adds up. */
function fromCache(context: RunContext, stage: 'collapse' | 'reduce', value: string): string {
  context.ledger.cached();
  const call = context.nextCall();
  context.emit({ type: 'call-start', call, stage, chunks: [] });
  context.emit({ type: 'call-end', call, stage, outcome: 'cached', ms: 0, attempts: 0, usage: {} });
  return value;
}
