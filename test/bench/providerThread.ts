/** The simulated provider on a thread of its own, so that its work is no pause of the thread that is measured. */
import { parentPort } from 'node:worker_threads';
import { startProvider, type ProviderOptions } from '../support/provider/index.ts';
import { benchAnswer } from './answer.ts';

if (parentPort === null) throw new Error('runs as a worker');
const port = parentPort;
const provider = await startProvider({ keepBodies: false, answer: (asked) => benchAnswer(asked.system, asked.user) });
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
