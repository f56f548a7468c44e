/** A simulated provider on a thread of its own, so that its work is no pause of the thread that is measured. */
import { parentPort } from 'node:worker_threads';
import { startProvider, type ProviderOptions } from '../support/provider/index.ts';

/** Serves the worker's parent until it asks to close. */
export async function serveThread(answer: (system: string, user: string) => string): Promise<void> {
  if (parentPort === null) throw new Error('runs as a worker');
  const port = parentPort;
  const provider = await startProvider({ keepBodies: false, answer: ({ system, user }) => answer(system, user) });
  port.on('message', (message: { id: number; type: 'reset' | 'calls' | 'close'; options?: ProviderOptions }) => {
    if (message.type === 'reset') provider.reset(message.options);
    if (message.type === 'close') {
      void provider.close().then(() => process.exit(0));
      return;
    }
    const calls = message.type === 'calls' ? provider.calls.map(({ headers: _, body: __, ...call }) => call) : [];
    port.postMessage({ id: message.id, calls, peak: provider.peakRequests });
  });
  port.postMessage({ url: provider.url });
}
