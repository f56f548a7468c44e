/** Polls for what another process does. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves once `isDone`; the test's own time limit ends it otherwise. */
export async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await sleep(5);
}
