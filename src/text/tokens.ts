import type { TokenCounter } from '../engine/ports.ts';
import type { TextWorker } from './textWorker.ts';

/** Counts in the worker, in `o200k_base`. */
export function createTokenCounter(worker: TextWorker): TokenCounter {
  return {
    async count(texts, signal) {
      if (texts.length === 0) {
        return [];
      }
      const counts = await worker.run('count', texts, signal);
      return counts as number[];
    },
  };
}
