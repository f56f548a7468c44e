import assert from 'node:assert/strict';
import { join } from 'node:path';
import { facts } from '../support/facts.ts';
import { startProvider, type SimulatedProvider } from '../support/provider/index.ts';
import type { Locator } from 'playwright-core';
import { dialog, findPanel, fixtures, inVsCode, until, whenRemembered, type Code } from './harness.ts';
import { submit } from './batchSteps.ts';

const count = 9;
const key = 'sk-test-abcdefghij0123456789';
const usdPerToken = 1e-4;
/** All wires at all moments before a release; each moment once, on one wire or another, in every run. */
const all = process.env['PRECIS_KILL_POINTS'] !== undefined;

const created = /\/batches$|:batchGenerateContent$/;
const polled = /\/batches\/[^/:]+$/;
type Moment = 'submitted' | 'polled' | 'collected' | 'summarizing';
const moments: Readonly<Record<Moment, (provider: SimulatedProvider) => boolean>> = {
  submitted: ({ journal }) => journal.some(({ method, path }) => method === 'POST' && created.test(path)),
  polled: ({ journal }) => journal.some(({ method, path }) => method === 'GET' && polled.test(path)),
  collected: ({ batchRows }) => batchRows.length > 0,
  summarizing: ({ calls }) => calls.some(({ stage }) => stage === 'reduce'),
};

interface Wire {
  readonly provider: string;
  readonly setting: string;
  readonly path: string;
}
const wires: readonly Wire[] = [
  { provider: 'openai', setting: 'openai', path: '/v1' },
  { provider: 'anthropic', setting: 'anthropic', path: '' },
  { provider: 'openai-compatible', setting: 'openaiCompatible', path: '/v1beta/openai' },
];

function files(): Record<string, string> {
  const sections = facts(count).split(/(?=^## )/m);
  const third = count / 3;
  return Object.fromEntries(
    [0, 1, 2].map((n) => [`nightly/day${n}.md`, sections.slice(n * third, (n + 1) * third).join('')]),
  );
}

/** The requests of the batch at half their price, what was asked live at the whole of it. */
function checkHalfPrice(said: string, provider: SimulatedProvider): void {
  // one that a window's end cut off brought no answer, and counts in no summary
  const reduce = provider.calls.filter(({ stage }) => stage === 'reduce').at(-1);
  const live = reduce ? (reduce.promptTokens + reduce.outputTokens) * usdPerToken : 0;
  const batch = Number(/\$(\d+\.\d+)/.exec(said)?.[1]) - live;
  const tokens = provider.batchRows.reduce((sum, row) => sum + row.inputTokens + row.outputTokens, 0);
  const half = (tokens * usdPerToken) / 2;
  assert.ok(Math.abs(batch - half) <= half / 10, `${said}: ${batch.toFixed(3)} instead of ${half.toFixed(3)}`);
}

async function check(wire: Wire, moment: Moment, how: 'reload' | 'kill'): Promise<void> {
  const provider = await startProvider({
    flavour: 'cloud',
    batch: { polls: 2 },
    latency: { firstTokenMs: 300, perOutputTokenMs: 1 },
  });
  const settings = {
    'precis.provider': wire.provider,
    [`precis.${wire.setting}.baseUrl`]: `${provider.url}${wire.path}`,
    'precis.openaiCompatible.model': 'test-model',
    'precis.chunkTokens': 2_000,
    'precis.confirmAboveTokens': 0,
    'precis.prices': Object.fromEntries(
      ['test-model', 'gpt-6.1-terra', 'claude-sonnet-5-5'].map((name) => [
        name,
        { input: usdPerToken * 1e6, output: usdPerToken * 1e6 },
      ]),
    ),
  };
  const env = { OPENAI_API_KEY: key, ANTHROPIC_API_KEY: key };
  try {
    await inVsCode({ files: files(), settings, env }, async (code) => {
      await submit(code);
      await until(moment, () => Promise.resolve(moments[moment](provider)));
      // the window must not start another one, which would still hold the workspace's storage when the next comes
      if (how === 'kill') await Promise.all([code.killExtensionHost(), code.page.goto('about:blank')]);
      await code.reload();
      // what a window shows is remembered every few seconds only: a panel that is younger does not come back by itself
      await code.runCommand('Précis: Show Last Summary');
      const panel = await code.panelSays('the whole summary', ({ text, phase }) => phase === 'ended' && text !== '');
      for (let n = 0; n < count; n++) assert.match(panel.text, new RegExp(`FACT-${n}\\b`));
      const ids = provider.batchRows.map(({ customId }) => customId);
      assert.ok(ids.length > 0);
      assert.equal(new Set(ids).size, ids.length, 'each row is billed once');
      const live = provider.calls.filter(({ stage }) => stage === 'map');
      assert.deepEqual(live, [], 'and none again live');
      checkHalfPrice(panel.facts, provider);
      await until('nothing to be left at the provider', () => Promise.resolve(provider.files.length === 0));
      // OpenAI's own can only be left to end
      const left = provider.batches.filter(({ vendor, state }) => vendor !== 'openai' || state !== 'done');
      assert.deepEqual(left, []);
    });
  } finally {
    await provider.close();
  }
}

/** Rows of the view of batch jobs, where it is shown. */
const jobRows = (code: Code): Locator =>
  code.page.locator('.pane').filter({ hasText: 'Batch Jobs' }).locator('.monaco-list-row');

const polls = ({ journal }: SimulatedProvider): number =>
  journal.filter(({ method, path }) => method === 'GET' && polled.test(path)).length;

describe('the view of batch jobs', function () {
  this.timeout(400_000);
  it('comes by itself with the first job, picks it up after a reload, and deletes it at the provider too', async () => {
    const provider = await startProvider({ flavour: 'cloud', batch: { polls: 10_000 } });
    const settings = {
      'precis.provider': 'openai',
      'precis.openai.baseUrl': `${provider.url}/v1`,
      'precis.chunkTokens': 2_000,
    };
    try {
      await inVsCode({ files: files(), settings, env: { OPENAI_API_KEY: key } }, async (code) => {
        await submit(code);
        await until('the first poll', () => moments.polled(provider));
        assert.equal(provider.files.length, 1);
        const row = jobRows(code).filter({ hasText: 'nightly' }).first();
        await until('the job in the view', async () =>
          /under way.*requests.*min.*about \$/.test(await row.innerText()),
        );
        assert.match((await row.getAttribute('aria-label')) ?? '', /^nightly, under way, 0 of \d+ requests/);
        await code.runCommand('View: Close All Editors');
        // VS Code in a browser writes what a window shows every few seconds
        await whenRemembered(code.page, 'workbench.sidebar.activeviewletid');
        const before = polls(provider);
        await code.reload();
        await until('a poll of the next window, which nothing but the view woke', () =>
          Promise.resolve(polls(provider) > before),
        );
        await code.runCommand('Précis: Show Batch Jobs');
        await until('the focus in the view', async () => (await row.count()) > 0);
        await row.hover();
        await row.locator('.action-label.codicon-trash').click();
        await dialog(code.page).button('Delete').click();
        await until('nothing at the provider', () => provider.files.length === 0);
        await until('the view to be empty', async () =>
          /No batch jobs/.test(await code.page.locator('.welcome-view-content:visible').first().innerText()),
        );
      });
    } finally {
      await provider.close();
    }
  });

  it('is not needed: whatever activates the extension picks the jobs up', async () => {
    const provider = await startProvider({ flavour: 'cloud', batch: { polls: 10_000 } });
    const settings = { 'precis.provider': 'openai', 'precis.openai.baseUrl': `${provider.url}/v1` };
    const options = { files: files(), settings, env: { OPENAI_API_KEY: key } };
    try {
      await inVsCode({ ...options, alongside: [join(fixtures, 'example-extension')] }, async (code) => {
        await submit(code);
        await until('the first poll', () => moments.polled(provider));
        await code.runCommand('View: Close All Editors');
        await code.runCommand('View: Show Explorer');
        await whenRemembered(code.page, 'precis.openBatchJobs');
        await whenRemembered(code.page, 'workbench.sidebar.activeviewletid', 'gone');
        await whenRemembered(code.page, 'mainThreadWebview-precis.summary', 'gone');
        const before = polls(provider);
        await code.reload();
        // it depends on this one, and without an open document asks nothing of it
        await code.runCommand('Précis Example: Outline This Document');
        await until('a poll of the next window', () => Promise.resolve(polls(provider) > before));
        assert.ok(!(await findPanel(code.page, 'precis.precis')), 'no panel has woken it');
        assert.ok(!(await jobRows(code).first().isVisible()), 'nor has the view');
      });
    } finally {
      await provider.close();
    }
  });
});

describe('a folder in batch', function () {
  this.timeout(all ? 1_200_000 : 400_000);
  let turn = 0;
  for (const moment of Object.keys(moments) as Moment[]) {
    for (const how of ['kill', 'reload'] as const) {
      const chosen = all ? wires : [wires[turn++ % wires.length]!];
      for (const wire of chosen) {
        it(`outlives a ${how} when it is ${moment}, on the wire of ${wire.provider}`, () => check(wire, moment, how));
      }
    }
  }
});
