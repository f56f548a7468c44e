/** The bench's handle on the simulated provider's thread. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { JournalEntry, LatencyOptions, RateOptions } from '../support/provider/index.ts';

export type Call = Omit<JournalEntry, 'headers' | 'body'>;

export interface ServerOptions {
  readonly latency?: LatencyOptions;
  readonly rate?: RateOptions;
  readonly contextWindow?: number;
  readonly slots?: number;
}

export interface Server {
  readonly url: string;
  /** Forgets all calls; what is not named goes back to its default. */
  reset(options: ServerOptions): Promise<void>;
  calls(): Promise<{ calls: Call[]; peak: number }>;
  close(): Promise<void>;
}

export async function startServer(thread = new URL('./providerThread.ts', import.meta.url)): Promise<Server> {
  const worker = new Worker(thread);
  const [{ url }] = (await once(worker, 'message')) as [{ url: string }];
  const waiting = new Map<number, (reply: { calls: Call[]; peak: number }) => void>();
  let next = 0;
  worker.on('message', (reply: { id: number; calls: Call[]; peak: number }) => {
    waiting.get(reply.id)?.(reply);
    waiting.delete(reply.id);
  });
  const ask = (type: string, options?: object): Promise<{ calls: Call[]; peak: number }> =>
    new Promise((resolve) => {
      const id = next++;
      waiting.set(id, resolve);
      worker.postMessage({ id, type, options });
    });
  return {
    url,
    reset: async (options) => {
      const all = {
        latency: options.latency ?? {},
        rate: options.rate ?? {},
        contextWindow: options.contextWindow ?? 128_000,
        slots: options.slots,
      };
      await ask('reset', all);
    },
    calls: () => ask('calls'),
    close: async () => {
      const ended = once(worker, 'exit');
      worker.postMessage({ id: -1, type: 'close' });
      await ended;
    },
  };
}
