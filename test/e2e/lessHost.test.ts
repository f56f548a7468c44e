/** Editors built on VS Code that lack something: what depends on it is absent, the rest works. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandTitle, fixtures, inVsCode, notifications, quickPick, until, type Code } from './harness.ts';
import type { Lack } from '../support/host/less.ts';

const sample = readFileSync(join(fixtures, 'sample.md'), 'utf8');

function inLessHost(lacks: readonly Lack[], test: (code: Code) => Promise<void>): Promise<void> {
  const env = { OPENAI_API_KEY: 'sk-environment-0123456789', ANTHROPIC_API_KEY: undefined };
  return inVsCode({ lacks, files: { 'sample.md': sample }, open: 'sample.md', env }, test);
}

/** A summary is made, and nothing is reported as broken. */
async function checkSummary(code: Code): Promise<void> {
  await code.runCommand(commandTitle);
  const panel = await code.ended();
  assert.equal(panel.error, undefined);
  assert.match(panel.text, /\[1\]/);
  assert.deepEqual(await notifications(code.page), []);
}

async function providerRows(code: Code): Promise<string[]> {
  await code.runCommand('Précis: Select Provider');
  const { rows } = quickPick(code.page);
  await rows.filter({ hasText: 'Automatic' }).first().waitFor();
  const texts = await rows.allInnerTexts();
  await code.page.keyboard.press('Escape');
  return texts.map((text) => text.replace(/\s+/g, ' ').trim());
}

describe('a host that lacks something', () => {
  it('chat and tools: summaries are made', () => inLessHost(['chat'], checkSummary));

  it('language models: summaries are made, and set-up offers what is there', () =>
    inLessHost(['models'], async (code) => {
      await checkSummary(code);
      const rows = await providerRows(code);
      assert.match(rows[0] ?? '', /^Automatic/);
      assert.match(rows[1] ?? '', /^Offline/);
      assert.ok(!rows.some((row) => /language models/.test(row)), rows.join('\n'));
    }));

  it('a key ring: summaries are made, the environment’s key is found, and a new key is refused in a sentence', () =>
    inLessHost(['keys'], async (code) => {
      await checkSummary(code);
      const rows = await providerRows(code);
      assert.ok(
        rows.some((row) => /^OpenAI\s*key from the environment/.test(row)),
        rows.join('\n'),
      );
      const { input, rows: choices } = quickPick(code.page);
      const address = { 'precis.openai.baseUrl': 'http://127.0.0.1:9/v1' };
      await code.setSettingsUntil('the changed address', address, async () => {
        // an open list does not follow
        await code.runCommand('Précis: Set API Key');
        await choices.filter({ hasText: 'Anthropic' }).first().waitFor();
        const changed = choices.filter({ hasText: '127.0.0.1:9' });
        if ((await changed.count()) > 0) return true;
        await code.page.keyboard.press('Escape');
        return false;
      });
      await choices.filter({ hasText: '127.0.0.1:9' }).first().click();
      await code.page.locator('.quick-input-title').filter({ hasText: 'API key for OpenAI' }).waitFor();
      await input.fill('sk-new-0123456789');
      await code.page.keyboard.press('Enter');
      const ask = code.page.locator('.notification-list-item .monaco-button').filter({ hasText: 'Store Anyway' });
      await ask.first().click();
      await until('the refusal', async () =>
        (await notifications(code.page)).some(({ text }) =>
          /secret storage could not keep the key\. Set the environment variable OPENAI_API_KEY/.test(text),
        ),
      );
    }));
});
