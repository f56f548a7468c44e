import assert from 'node:assert/strict';
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandTitle, fixtures, inVsCode, notifications } from './harness.ts';

function sampleFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'precis-smoke-'));
  cpSync(join(fixtures, 'sample.md'), join(folder, 'sample.md'));
  return folder;
}

describe('the whole way, offline', () => {
  it('summarizes the open file from the palette into the panel, with citations and without a notification', () =>
    inVsCode({ folder: sampleFolder(), open: 'sample.md' }, async (code) => {
      await code.runCommand(commandTitle);
      const panel = await code.ended();
      assert.equal(panel.error, undefined);
      assert.ok(panel.text.length > 400, panel.text);
      assert.match(panel.text, /\[1\]/);
      assert.match(panel.text, /Skarholm|lighthouse|light/i);
      assert.deepEqual(await notifications(code.page), []);
    }));

  it('opens the cited lines in the editor when a citation is clicked', () =>
    inVsCode({ folder: sampleFolder(), open: 'sample.md' }, async (code) => {
      await code.runCommand(commandTitle);
      await code.ended();
      const frame = await code.panel();
      const cite = frame.locator('button.cite').last();
      const place = (await cite.getAttribute('aria-label')) ?? '';
      const line = /\d+/.exec(place)?.[0] ?? '';
      await cite.click();
      const status = code.page.locator('#status\\.editor\\.selection');
      await status.filter({ hasText: new RegExp(`Ln ${line}\\b|selected`) }).waitFor();
      await code.page
        .locator('.editor-instance .line-numbers')
        .filter({ hasText: new RegExp(`^${line}$`) })
        .first()
        .waitFor();
    }));

  it('says in a sentence that an empty file has nothing to summarize', () =>
    inVsCode({ files: { 'empty.md': '' }, open: 'empty.md' }, async (code) => {
      await code.runCommand(commandTitle);
      const panel = await code.panelSays('an error', ({ error }) => error !== undefined);
      assert.match(panel.error ?? '', /[.!?]$/);
      assert.equal(panel.text, '');
    }));
});
