import assert from 'node:assert/strict';
import { join } from 'node:path';
import { fixtures, inVsCode, until } from './harness.ts';

describe('the chat view', () => {
  it('answers @precis /file with the model chosen there, links to lines, and opens the panel', () =>
    inVsCode(
      {
        files: { 'pumps.md': 'The pump in hall 4 failed at six in the morning.\n\nNobody was hurt.\n' },
        open: 'pumps.md',
        alongside: [join(fixtures, 'model-provider')],
      },
      async (code) => {
        const { page } = code;
        const cursor = page.locator('#status\\.editor\\.selection');
        await page.locator('.editor-instance .view-line').first().click();
        await page.keyboard.press('Control+End');
        await cursor.filter({ hasText: 'Ln 4' }).waitFor();
        await code.runCommand('Chat: Open Chat');
        const answers = page.locator('.interactive-response');
        const ask = async (text: string): Promise<void> => {
          await page.locator('.interactive-input-part .monaco-editor').first().click();
          await page.keyboard.press('Control+a');
          await page.keyboard.type(text, { delay: 15 });
          await page.keyboard.press('Enter');
        };
        // VS Code asks extensions for their models with the first request, which may come too early for them.
        await until('an answer with a model', async () => {
          await ask('@precis /file ');
          return until('an answer', async () => {
            const text = await answers.last().innerText({ timeout: 2_000 });
            return /unavailable|Open the Panel/.exec(text)?.[0];
          }).then((end) => end === 'Open the Panel');
        });
        const last = answers.last();
        assert.match(await last.innerText(), /pump in hall 4[^]*Open the Panel/);
        await last.locator('.chat-inline-anchor-widget').filter({ hasText: 'pumps.md:1' }).first().click();
        await cursor.filter({ hasText: /Ln 1\b|selected/ }).waitFor();
        await last.getByText('Open the Panel').click();
        const panel = await code.ended();
        assert.match(panel.text, /pump in hall 4/);
        assert.match(panel.facts, /answers/);
      },
    ));
});
