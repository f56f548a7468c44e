/** The bench's simulated provider. */
import { benchAnswer } from './answer.ts';
import { serveThread } from './serveThread.ts';

await serveThread(benchAnswer);
