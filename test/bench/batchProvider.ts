/** The simulated provider in a process of its own, so that nothing of it counts as the subject's memory; ends with its parent. */
import { startProvider } from '../support/provider/index.ts';
import { benchAnswer } from './answer.ts';

const provider = await startProvider({
  flavour: 'cloud',
  keepBodies: false,
  contextWindow: 128_000,
  batch: { polls: 2 },
  answer: (asked) => benchAnswer(asked.system, asked.user),
});
process.once('disconnect', () => process.exit(0));
process.send?.({ url: provider.url });
