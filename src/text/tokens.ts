import type { TokenCounter } from '../engine/ports.ts';
import type { TextWorker } from './textWorker.ts';

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
