/** The question before the first text goes to a host, in a real window. */
import assert from 'node:assert/strict';
import { facts } from '../support/facts.ts';
import { removeFolder, temporaryFolder } from '../support/host/processes.ts';
import { commandTitle, inVsCode, storedRuns, until } from './harness.ts';

/** Price and seconds or words of each way, from the lines of the question. */
const wayLine = (text: string, label: string): RegExpExecArray | null =>
  new RegExp(`^${label}: about \\$(\\d+\\.\\d+), (.+)$`, 'm').exec(text);

describe('the question before the first text goes to a host', function () {
  this.timeout(180_000);

  it('leaves no entry in the history when it is closed, and one when the answer is offline', async () => {
    const home = temporaryFolder('consent');
    const options = {
      home,
      files: { 'a.md': '# A report\n\nThe pump failed twice.\n' },
      open: 'a.md',
      settings: { 'precis.provider': 'auto' },
      env: { OPENAI_API_KEY: 'sk-planted-0123456789abcdef' },
    };
    try {
      await inVsCode(options, async (code) => {
        const box = code.page.locator('.monaco-dialog-box');
        await code.runCommand(commandTitle);
        await box.filter({ hasText: 'api.openai.com' }).waitFor();
        await code.page.keyboard.press('Escape');
        await box.waitFor({ state: 'hidden' });
        await code.page.waitForTimeout(1_000);
        assert.deepEqual(storedRuns(home), []);
        await code.runCommand(commandTitle);
        await box.locator('.monaco-button').filter({ hasText: 'Summarize Offline' }).click();
        await code.ended();
        await until('a record', () => storedRuns(home).length === 1);
      });
    } finally {
      removeFolder(home);
    }
  });

  it('is followed, for a large text, by the three ways with price and time', async () => {
    const options = {
      files: { 'large.md': facts(8) },
      open: 'large.md',
      settings: {
        'precis.provider': 'openai',
        'precis.openai.model': 'gpt-6.1-terra',
        'precis.chunkTokens': 2_000,
        'precis.confirmAboveTokens': 1_000,
        'precis.openai.mapModel': 'same',
        'precis.prices': { 'gpt-6.1-terra': { input: 100, output: 100 } },
      },
      env: { OPENAI_API_KEY: 'sk-planted-0123456789abcdef' },
    };
    await inVsCode(options, async (code) => {
      const box = code.page.locator('.monaco-dialog-box');
      await code.runCommand(commandTitle);
      await box.filter({ hasText: 'api.openai.com' }).locator('.monaco-button').filter({ hasText: /^Send/ }).click();
      await box.filter({ hasText: 'Summarize “large.md”?' }).waitFor();
      const text = await box.innerText();
      const [now, flex, batch] = ['Summarize', 'Slower at Half Price', 'Half Price Within a Day'].map((label) =>
        wayLine(text, label),
      );
      const [usd = 0, flexUsd = 0, batchUsd = 0] = [now, flex, batch].map((line) => Number(line?.[1]));
      assert.ok(Math.abs(flexUsd - usd / 2) < 0.01 && batchUsd >= flexUsd && batchUsd < usd, text);
      assert.match(now?.[2] ?? '', /^about \d+ (s|min)$/);
      assert.match(flex?.[2] ?? '', /or longer, by how busy the provider is/);
      assert.match(batch?.[2] ?? '', /usually hours/);
      const buttons = await box.locator('.monaco-button').allInnerTexts();
      for (const label of ['Summarize', 'Slower at Half Price', 'Half Price Within a Day']) {
        assert.ok(
          buttons.some((button) => button.trim() === label),
          buttons.join(),
        );
      }
      await code.page.keyboard.press('Escape');
      await box.waitFor({ state: 'hidden' });
    });
  });
});
