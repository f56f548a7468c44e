import assert from 'node:assert/strict';
import type { RunEvent } from '../../src/engine/events.ts';
import { createFrames } from '../../src/panel/outbox.ts';
import type { ToPanel } from '../../src/shared/protocol.ts';
import { closeBrowser, openPanelPage } from './page.ts';
import { busyDuring, type Busy } from './trace.ts';
import { citation, info, init, markdown, plan, result, viewOf } from './samples.ts';

/** 20,000 tokens, about 80,000 characters: every kind of block, and one list and one code block that are long. */
function longSummary(): string {
  const list = Array.from(
    { length: 150 },
    (_, n) => `- finding ${n}: oil use fell by ${n} % in \`year_${n}\` [${(n % 8) + 1}]\n`,
  );
  const code = Array.from({ length: 120 }, (_, n) => `const night${n} = lit(${n}) && "shown at sunset"; // ${n}\n`);
  const parts: string[] = [];
  for (let section = 0; parts.join('').length < 66_000; section++)
    parts.push(`# Part ${section}\n\n`, ...markdown, '\n');
  return [...parts, '\n', ...list, '\n```ts\n', ...code, '```\n\nThe end.\n'].join('');
}

/** 4-token events, as many a frame as come in `ms` at about 2,000 tokens a second. */
function messages(text: string): ToPanel[] {
  const events: RunEvent[] = text.match(/[\s\S]{1,16}/g)!.map((piece) => ({ type: 'delta', text: piece }));
  const run = { id: info.runId, view: () => viewOf([]), info: () => info };
  const result: ToPanel[] = [];
  for (let at = 0; at < events.length; at += 18) {
    result.push(
      ...createFrames(
        run,
        events.slice(at, at + 18).map((event) => ({ type: 'event' as const, event })),
      ),
    );
  }
  return result;
}

/** Runs in the page: one message every 34 ms, as the extension posts them. */
async function play(all: readonly unknown[]): Promise<void> {
  for (const message of all) {
    window.postMessage(message, '*');
    await new Promise((next) => setTimeout(next, 34));
  }
}

function told({ tasks, seconds }: Busy): string {
  const longest = tasks.slice(0, 3).map((ms) => ms.toFixed(1));
  const busy = tasks.reduce((sum, ms) => sum + ms, 0) / 1000;
  return `longest tasks ${longest.join(', ')} ms; busy ${busy.toFixed(2)} s of ${seconds.toFixed(1)} s`;
}

/** The aim is 50 ms, and the figure is printed; a busy machine may not decide a test, so what fails is several times that. */
const stuckMs = 200;

describe('Speed of the page', function () {
  this.timeout(120_000);
  after(closeBrowser);
  const text = longSummary();
  const cites = Array.from({ length: 8 }, (_, n): RunEvent => citation(n + 1, n));
  const end: RunEvent = { type: 'end', result: result({ markdown: text }) };

  it('renders 20,000 tokens in 4-token events at 60 frames a second, with no task over 50 ms', async () => {
    await using panel = await openPanelPage();
    await panel.send(init, { type: 'view', view: viewOf([plan(400), ...cites]), info });
    await panel.settled();
    const all = [...messages(text), { type: 'events', runId: info.runId, events: [end] }];
    const busy = await busyDuring(panel.page, async () => {
      await panel.page.evaluate(play, all);
      await panel.page.waitForSelector('[data-phase="done"]');
    });
    console.log(`      ${all.length} messages, ${told(busy)}`);
    assert.ok((await panel.page.locator('article h1').count()) > 10);
    assert.ok(busy.tasks[0]! < stuckMs, told(busy));
  });

  it('catches up with 20,000 tokens at once in tasks under 50 ms', async () => {
    await using panel = await openPanelPage();
    await panel.send(init);
    await panel.settled();
    const view = viewOf([plan(400), ...cites, { type: 'delta', text }, end]);
    const busy = await busyDuring(panel.page, async () => {
      await panel.page.evaluate(play, [{ type: 'view', view, info }]);
      await panel.page.waitForSelector('[data-phase="done"]');
    });
    console.log(`      ${told(busy)}`);
    assert.ok(busy.tasks[0]! < stuckMs, told(busy));
  });
});
