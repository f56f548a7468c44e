/** One window through a reload, a selection, changed settings and a crash, in this order. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  chooseFromSubmenu,
  commandTitle,
  storedRuns,
  fixtures,
  sharedWindow,
  until,
  whenRemembered,
  type Code,
} from './harness.ts';

const selection = (code: Code) => code.page.locator('#status\\.editor\\.selection');

/** Selects from the top with the keyboard, and checks where that ended. */
async function selectLines(code: Code, count: number): Promise<void> {
  await code.page.locator('.editor-group-container.active .view-line').first().click();
  await code.page.keyboard.press('Control+Home');
  for (let line = 0; line < count; line += 1) await code.page.keyboard.press('Shift+ArrowDown');
  await selection(code).filter({ hasText: 'selected' }).waitFor();
}

describe('a window of VS Code', () => {
  const sample = readFileSync(join(fixtures, 'sample.md'), 'utf8');
  const window = sharedWindow({ files: { 'sample.md': sample }, open: 'sample.md' });

  it('brings the panel back with its summary after a reload', async () => {
    const code = window();
    await code.runCommand(commandTitle);
    const { text } = await code.ended();
    await until('the stored summary', () => storedRuns(dirname(code.workspace)).some(({ running }) => !running));
    await whenRemembered(code.page, 'runId');
    await code.reload();
    const restored = await code.panelSays('the summary', (panel) => panel.text !== '' && panel.phase === 'ended');
    assert.equal(restored.text, text);
  });

  it('summarizes a selection from its context menu', async () => {
    const code = window();
    await code.openFile('sample.md');
    await selectLines(code, 14);
    const line = code.page.locator('.editor-group-container.active .view-line').nth(2);
    await chooseFromSubmenu(code.page, line, 'Précis', 'Summarize Selection', { x: 20, y: 8 });
    // the panel that follows still shows the file's summary when the command starts
    const panel = await code.panelSays(
      'the summary of the selection',
      ({ phase, facts }) => phase === 'ended' && !facts.includes('535 lines'),
    );
    assert.equal(panel.error, undefined);
    assert.match(panel.text, /\S/);
  });

  it('sends the next run where the settings say by then, without a reload', async () => {
    const code = window();
    await code.openFile('sample.md');
    const unreachable = {
      'precis.provider': 'openai-compatible',
      'precis.openaiCompatible.baseUrl': 'http://127.0.0.1:9/v1',
      'precis.openaiCompatible.model': 'none',
      'precis.maxRetries': 0,
    };
    await code.setSettingsUntil('the run that cannot reach its server', unreachable, async () => {
      await code.runCommand(commandTitle);
      const { error } = await code.ended();
      return error?.includes('127.0.0.1:9');
    });
    code.setSettings({ 'precis.provider': 'offline' });
    await until('the run that needs none', async () => {
      await code.runCommand(commandTitle);
      const panel = await code.ended();
      return panel.error === undefined && panel.text !== '';
    });
  });

  it('works again after its extension host was killed', async () => {
    const code = window();
    await code.openFile('sample.md');
    const before = code.server.extensionHosts();
    await code.killExtensionHost();
    await until('a new extension host', () => code.server.extensionHosts().some((id) => !before.includes(id)));
    await code.runCommand(commandTitle);
    const panel = await code.panelSays('a summary', ({ text, phase }) => phase === 'ended' && text !== '');
    assert.equal(panel.error, undefined);
  });
});
