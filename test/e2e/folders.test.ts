/** The tree of what a folder's summary would read: shown before it is sent, where files and folders are unticked. */
import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { startProvider, type SimulatedProvider } from '../support/provider/index.ts';
import { chooseFromSubmenu, dialog, inVsCode, quickPick, until, type Code } from './harness.ts';
import { explorerRow, report } from './steps.ts';

const files = {
  'depot/README.md': report('R', 3),
  'depot/app/one.md': report('A', 40),
  'depot/app/two.md': report('B', 40),
  'depot/old/three.md': report('C', 40),
};

const app = /2 files · /;
const old = /1 file · /;

/** The box of the first row that says this. */
const box = (code: Code, name: string | RegExp): Locator =>
  quickPick(code.page).rows.filter({ hasText: name }).first().locator('input[type=checkbox], .monaco-checkbox').first();

async function ticked(code: Code, name: string | RegExp): Promise<boolean> {
  const found = box(code, name);
  return (await found.getAttribute('aria-checked')) === 'true' || (await found.isChecked().catch(() => false));
}

describe('the tree of a folder', function () {
  this.timeout(240_000);
  let provider: SimulatedProvider;
  before(async () => (provider = await startProvider({ flavour: 'compatible' })));
  after(() => provider.close());

  it('opens from the question above the limit, ticks whole folders, and the run goes on with what stayed', async () => {
    const settings = {
      'precis.provider': 'openai-compatible',
      'precis.openaiCompatible.baseUrl': `${provider.url}/v1`,
      'precis.openaiCompatible.model': 'test-model',
      'precis.confirmAboveTokens': 2_000,
    };
    await inVsCode({ files, settings }, async (code) => {
      await chooseFromSubmenu(code.page, explorerRow(code, 'depot'), 'Précis', 'Summarize Folder…');
      const question = dialog(code.page);
      await question.text.waitFor();
      await question.button('Choose Files').click();
      const title = code.page.locator('.quick-input-title');
      await title.filter({ hasText: /4 files, about/ }).waitFor();
      // closed, it asks again; nothing was sent
      await code.page.keyboard.press('Escape');
      await question.button('Choose Files').click();
      await title.filter({ hasText: /4 files, about/ }).waitFor();
      assert.deepEqual([await ticked(code, old), await ticked(code, 'three.md')], [true, true]);
      await box(code, old).click();
      await title.filter({ hasText: /3 files, about .*1 left out/ }).waitFor();
      await until('the file of the unticked folder to be unticked', async () => !(await ticked(code, 'three.md')));
      await box(code, app).click();
      await title.filter({ hasText: /1 file, about .*3 left out/ }).waitFor();
      await box(code, 'two.md').click();
      await title.filter({ hasText: /2 files, about .*2 left out/ }).waitFor();
      assert.equal(provider.calls.length, 0);
      await code.page.locator('.quick-input-widget .monaco-button').filter({ hasText: 'OK' }).click();
      await until('the question about less, or the summary', async () => {
        const again = question.button('Summarize');
        if (await again.isVisible()) await again.click();
        return provider.calls.length > 0;
      });
      const panel = await code.ended();
      assert.match(panel.text, /FACT-R-2/);
      assert.match(panel.text, /FACT-B-39/);
      const sent = provider.calls.map((call) => JSON.stringify(call.body)).join('\n');
      assert.doesNotMatch(sent, /FACT-A-|FACT-C-/);
    });
  });
});
