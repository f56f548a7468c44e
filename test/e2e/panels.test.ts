/** One panel that follows, until it is locked; open editors, excluded files and the icon of the title bar. One window, offline. */
import assert from 'node:assert/strict';
import { commandTitle, quickPick, sharedWindow, until, type Code } from './harness.ts';
import { openBeside, report, runInPanel, tabs, titled } from './steps.ts';

const panels = async (code: Code): Promise<string[]> => (await tabs(code)).filter((tab) => tab.startsWith('Précis: '));

async function summarize(code: Code, name: string): Promise<void> {
  await openBeside(code, name);
  await code.runCommand(commandTitle);
  await titled(code, name);
  await code.panelSays('a summary', ({ text, phase }) => phase === 'ended' && text !== '');
}

describe('panels', function () {
  this.timeout(240_000);
  const window = sharedWindow({
    files: {
      'pumps.md': report('A', 20),
      'valves.md': report('B', 20),
      'src/one.md': report('C', 5),
      'src/generated/two.md': report('D', 5),
    },
    open: 'pumps.md',
    settings: { 'precis.exclude': ['**/generated/**'] },
  });

  it('follow: a new run reuses the one that is not locked, which is named by its file', async () => {
    const code = window();
    await summarize(code, 'pumps.md');
    await summarize(code, 'valves.md');
    assert.equal((await panels(code)).length, 1);
    assert.match((await panels(code))[0] ?? '', /^Précis: valves\.md/);
    await runInPanel(code, 'Précis: Lock Panel');
    await summarize(code, 'pumps.md');
    assert.equal((await panels(code)).length, 2, 'a locked panel stays');
    await summarize(code, 'valves.md');
    assert.equal((await panels(code)).length, 2, 'the other one follows');
  });

  it('show a summary of the open editors', async () => {
    const code = window();
    await openBeside(code, 'valves.md');
    await code.runCommand('Précis: Summarize Open Editors');
    await code.panelSays('both files', ({ facts, phase }) => phase === 'ended' && /2 files/.test(facts));
  });

  it('leave out what precis.exclude names', async () => {
    const code = window();
    await code.page.keyboard.press('Control+1');
    await code.runCommand('Précis: Summarize Folder…');
    const { rows } = quickPick(code.page);
    await rows.first().click();
    const title = code.page.locator('.quick-input-widget .quick-input-title');
    await title.filter({ hasText: /workspace: 3 files.*1 left out/ }).waitFor();
    assert.match(await rows.filter({ hasText: 'two.md' }).first().innerText(), /precis\.exclude/);
    await code.page.keyboard.press('Escape');
  });

  it('are offered by an icon in the title bar of a text, which a setting hides', async () => {
    const code = window();
    await openBeside(code, 'pumps.md');
    const icon = code.page.locator('.editor-group-container.active .editor-actions [aria-label^="Summarize File"]');
    await icon.first().waitFor();
    code.setSettings({ 'precis.editor.showTitleIcon': false });
    await until('no icon', async () => (await icon.count()) === 0);
    code.setSettings({ 'precis.editor.showTitleIcon': undefined });
  });
});
