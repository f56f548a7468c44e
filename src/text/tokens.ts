/** Token counts: an estimate at once, the exact number from the worker. */
import type { TokenCounter } from '../engine/ports.ts';
import { estimateTokens } from '../engine/tokens.ts';
import type { TextWorker } from './textWorker.ts';

export function createTokenCounter(worker: TextWorker): TokenCounter {
  return {
    estimate: estimateTokens,
    async count(texts, signal) {
      if (texts.length === 0) {
        return [];
      }
      const counts = await worker.run('count', texts, signal);
      return counts as number[];
    },
  };
}
