/** The question before the first text goes to a host, in a real window. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { removeFolder, temporaryFolder } from '../support/host/processes.ts';
import { commandTitle, inVsCode, until } from './harness.ts';

/** Stored summaries below a profile. */
const records = (home: string): string[] =>
  readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /precis\.precis.*[\\/]runs[\\/][^\\/]+\.json$/.test(file),
  );

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
        assert.deepEqual(records(home), []);
        await code.runCommand(commandTitle);
        await box.locator('.monaco-button').filter({ hasText: 'Summarize Offline' }).click();
        await code.ended();
        await until('a record', () => Promise.resolve(records(home).length === 1));
      });
    } finally {
      removeFolder(home);
    }
  });
});
