/** How long the page's thread was busy without a pause: processor time, so that a loaded machine does not change it. */
import type { Page } from 'playwright-core';

export interface Busy {
  /** Processor time of each task of the page's main thread, ms, longest first. */
  readonly tasks: readonly number[];
  readonly seconds: number;
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly tdur?: number;
}

/** Tasks of the page while `action` runs. */
export async function busyDuring(page: Page, action: () => Promise<unknown>): Promise<Busy> {
  const browser = page.context().browser();
  if (browser === null) throw new Error('the page has no browser of its own');
  await browser.startTracing(page, { categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline'] });
  const start = performance.now();
  await action();
  const seconds = (performance.now() - start) / 1000;
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const thread = mainThread(traceEvents);
  const tasks = traceEvents
    .filter((event) => threadOf(event) === thread && event.ph === 'X' && event.name === 'RunTask')
    .map(({ tdur = 0 }) => tdur / 1000)
    .sort((one, other) => other - one);
  if (tasks.length === 0) throw new Error('the trace holds no tasks of the page');
  return { tasks, seconds };
}

/** The thread that runs the page's animation frames. */
function mainThread(events: readonly TraceEvent[]): string {
  const counts = new Map<string, number>();
  for (const event of events) {
    if (event.name !== 'FireAnimationFrame') continue;
    counts.set(threadOf(event), (counts.get(threadOf(event)) ?? 0) + 1);
  }
  return [...counts].sort(([, one], [, other]) => other - one)[0]?.[0] ?? '';
}

function threadOf({ pid, tid }: TraceEvent): string {
  return `${pid} ${tid}`;
}
