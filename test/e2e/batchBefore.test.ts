import assert from 'node:assert/strict';
import { facts } from '../support/facts.ts';
import { startProvider, type SimulatedProvider } from '../support/provider/index.ts';
import { findPanel, inVsCode, notifications, quickPick, until, type Code } from './harness.ts';
import { submit } from './batchSteps.ts';

const key = 'sk-test-abcdefghij0123456789';
const command = 'Précis: Summarize in Batch…';
const files = { 'nightly/a.md': facts(6), 'nightly/b.md': facts(5) };
const settings = (provider: SimulatedProvider): Record<string, unknown> => ({
  'precis.provider': 'openai',
  'precis.openai.baseUrl': `${provider.url}/v1`,
  'precis.chunkTokens': 2_000,
  'precis.prices': { 'gpt-6.1-terra': { input: 100, output: 100 } },
});

const posts = ({ journal }: SimulatedProvider): string[] =>
  journal.filter(({ method, path }) => method === 'POST' && !/count|tokens/.test(path)).map(({ path }) => path);

async function withProvider(
  more: Parameters<typeof startProvider>[0],
  extra: Record<string, unknown>,
  test: (code: Code, provider: SimulatedProvider) => Promise<void>,
): Promise<void> {
  const provider = await startProvider({ flavour: 'cloud', batch: { polls: 10_000 }, ...more });
  try {
    const options = { files, settings: { ...settings(provider), ...extra }, env: { OPENAI_API_KEY: key } };
    await inVsCode(options, (code) => test(code, provider));
  } finally {
    await provider.close();
  }
}

/** The ways to summarize that the question offers. */
const ways = (code: Code) => quickPick(code.page).rows.filter({ hasText: /Half price|Now/ });

/** The palette's way: the folder of the window, and all its files. */
async function fromPalette(code: Code): Promise<void> {
  await code.runCommand(command);
  const { rows, input } = quickPick(code.page);
  await rows.filter({ hasText: 'workspace' }).first().click();
  await until('the list of files', async () =>
    /Choose the files to read/.test((await input.getAttribute('placeholder')) ?? ''),
  );
  await until('the question', async () => {
    // a list that is still being filled takes no Enter
    if (/Choose the files/.test((await input.getAttribute('placeholder')) ?? '')) await input.press('Enter');
    return ways(code).first().isVisible();
  });
}

describe('before a batch is sent', function () {
  this.timeout(240_000);

  it('a person who comes through the palette is told both prices and times, and asked', () =>
    withProvider({}, {}, async (code, provider) => {
      await fromPalette(code);
      const text = await ways(code).first().innerText({ timeout: 60_000 });
      const now = await ways(code).nth(1).innerText();
      const [total, live] = [text, now].map((told) => Number(/\$(\d+\.\d+)/.exec(told)?.[1]));
      assert.ok(total! > live! / 2 && total! < live!, `${text} ${now}`);
      assert.match(text, /Half price within a day[^]*requests? · about [\d,]+ tokens · usually hours/);
      assert.match(now, /about \d+ min/);
      const { rows } = quickPick(code.page);
      await rows.filter({ hasText: 'Choose Files' }).click();
      await rows.filter({ hasText: 'a.md' }).first().locator('input[type=checkbox], .monaco-checkbox').first().click();
      await code.page.locator('.quick-input-widget .monaco-button').filter({ hasText: 'OK' }).click();
      const tokens = (told: string): number => Number(/about ([\d,]+) tokens/.exec(told)?.[1]?.replace(',', ''));
      await until('the question about less', async () => {
        const again = tokens(await ways(code).first().innerText({ timeout: 5_000 }));
        return again > 0 && again < 0.7 * tokens(text);
      });
      await code.page.keyboard.press('Escape');
      const panel = await code.ended();
      assert.match(`${panel.error} ${panel.status} ${panel.text}`, /Nothing was sent/);
      assert.deepEqual(posts(provider), []);
    }));

  it('more than the cost limit is not sent: both figures, and a button that opens the setting', () =>
    withProvider({}, { 'precis.maxCostUsd': 0.05 }, async (code, provider) => {
      await submit(code);
      const panel = await code.ended();
      assert.match(panel.error ?? '', /about \$0\.\d+, more than the \$0\.050 that “precis\.maxCostUsd” allows/);
      assert.deepEqual(posts(provider), []);
      const shown = await until('the sentence', async () =>
        (await notifications(code.page)).find(({ text }) => /maxCostUsd/.test(text)),
      );
      assert.ok(shown.buttons.includes('Open Settings'));
      const frame = await findPanel(code.page, 'precis.precis');
      await frame!
        .locator('button')
        .filter({ hasText: /settings/i })
        .first()
        .click();
      await until('the setting', async () =>
        /maxCostUsd|Max Cost Usd/i.test(await code.page.locator('.settings-editor').first().innerText()),
      );
    }));

  it('Cancel in the panel ends it while it is submitted, and leaves nothing at the provider', () =>
    withProvider(
      {
        faults: [{ kind: 'stall-before-headers', path: /\/files$/, at: ({ method }) => method === 'POST', ms: 4_000 }],
      },
      {},
      async (code, provider) => {
        await submit(code);
        await until('the upload', () => posts(provider).some((path) => path.endsWith('/files')));
        const frame = await until('the panel', () => findPanel(code.page, 'precis.precis'));
        assert.match(
          await frame.locator('body').innerText(),
          /read in a batch .* in total. .*now: \$/is,
          'told before',
        );
        await frame.locator('[data-action="cancel"]').click();
        const panel = await code.ended();
        assert.match(`${panel.error} ${panel.status} ${panel.text}`, /was cancelled/);
        await until('what arrived all the same to be taken back', () =>
          provider.journal.some(({ method, path }) => method === 'GET' && path.endsWith('/files')),
        );
        assert.ok(!posts(provider).some((path) => path.endsWith('/batches')));
        await code.runCommand('Précis: Show Batch Jobs');
        await until('no job', async () =>
          /No batch jobs/.test(await code.page.locator('.welcome-view-content:visible').first().innerText()),
        );
        await until('no upload', () => provider.files.length === 0);
      },
    ));
});
