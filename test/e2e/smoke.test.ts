import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandTitle, fixtures, notifications, sharedWindow } from './harness.ts';

describe('a summary without a provider', () => {
  const sample = readFileSync(join(fixtures, 'sample.md'), 'utf8');
  const window = sharedWindow({ files: { 'sample.md': sample, 'empty.md': '' }, open: 'sample.md' });
  before(async () => {
    await window().runCommand(commandTitle);
    await window().ended();
  });

  it('goes from the palette into the panel, with citations and without a notification', async () => {
    const code = window();
    const panel = await code.ended();
    assert.equal(panel.error, undefined);
    assert.ok(panel.text.length > 400, panel.text);
    assert.match(panel.text, /\[1\]/);
    assert.match(panel.text, /Skarholm|lighthouse|light/i);
    assert.deepEqual(await notifications(code.page), []);
  });

  it('opens the cited lines in the editor when a citation is clicked', async () => {
    const code = window();
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
  });

  it('says in a sentence that an empty file has nothing to summarize', async () => {
    const code = window();
    await code.openFile('empty.md');
    await code.runCommand(commandTitle);
    const panel = await code.panelSays('an error', ({ error }) => error !== undefined);
    assert.match(panel.error ?? '', /[.!?]$/);
    assert.equal(panel.text, '');
  });
});
