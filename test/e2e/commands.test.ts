/** Everywhere a hand goes to begin: menus, keys, the palette, and the link of an empty panel. Offline, in one window. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  chooseEntry,
  chooseFromMenu,
  chooseFromSubmenu,
  commandTitle,
  inVsCode,
  notifications,
  paletteOffers,
  quickPick,
  until,
  type Code,
} from './harness.ts';
import { explorerRow, openBeside, report, repository, tabs, titled } from './steps.ts';
import { temporaryFolder } from '../support/host/processes.ts';

const notebook = JSON.stringify({
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: 'python3', display_name: 'Python 3', language: 'python' } },
  cells: [
    { cell_type: 'markdown', id: 'a', metadata: {}, source: ['# Pump study\n', 'Pump 7 failed after 11 hours.\n'] },
    {
      cell_type: 'code',
      id: 'b',
      metadata: {},
      execution_count: 1,
      source: ['print(42)'],
      outputs: [{ output_type: 'stream', name: 'stdout', text: ['the result is 42 pumps in hall 3\n'] }],
    },
  ],
});

function workspace(): string {
  const folder = temporaryFolder('hands');
  repository(folder, {
    'pumps.md': report('A', 30),
    'valves.md': report('B', 20),
    'lib/fans.md': report('C', 10),
    'lib/motors.md': report('D', 10),
    'lib/picture.bin': '\0\u0001\0\u0002'.repeat(40),
    'lib/package-lock.json': '{}\n',
    'study.ipynb': notebook,
  });
  writeFileSync(join(folder, 'pumps.md'), report('A', 30).replace('pump 4003 in hall 3', 'pump 4003 in hall 30'));
  return folder;
}

async function emptyPanel(code: Code): Promise<void> {
  assert.ok(!(await paletteOffers(code.page, 'Précis: Summarize Selection')), 'nothing is selected');
  assert.ok(!(await paletteOffers(code.page, 'Précis: Summarize Terminal Selection')));
  assert.ok(!(await paletteOffers(code.page, 'Précis: Keep Summary')), 'there is no summary yet');
  await code.runCommand('Précis: Show Last Summary');
  const link = (await code.panel()).locator('[data-action=summarizeFile]');
  await link.click();
  assert.equal(await titled(code, 'pumps.md'), 'pumps.md');
  const panel = await code.ended();
  assert.match(panel.text, /pump 4\d{3}/);
  assert.match(panel.facts, /^121 lines · Offline \(no model\)/);
  assert.deepEqual(await tabs(code), ['pumps.md', 'Précis: pumps.md, Editor Group 2']);
}

async function keys(code: Code): Promise<void> {
  await openBeside(code, 'valves.md');
  await code.page.keyboard.press('Control+Alt+Shift+p');
  await titled(code, 'valves.md');
  assert.match((await code.ended()).facts, /^81 lines/);
}

async function selections(code: Code): Promise<void> {
  await openBeside(code, 'valves.md');
  const { keyboard } = code.page;
  await keyboard.press('Control+Home');
  for (let line = 0; line < 4; line++) await keyboard.press('ArrowDown');
  await keyboard.press('Control+d');
  await keyboard.press('Control+d');
  await keyboard.press('Control+d');
  const status = code.page.locator('#status\\.editor\\.selection');
  await status.filter({ hasText: '3 selections' }).waitFor();
  await keyboard.press('Shift+End');
  await keyboard.press('Control+Alt+Shift+p');
  assert.equal(await titled(code, 'selections'), 'valves.md: 3 selections');
  const { text, facts } = await code.ended();
  assert.match(text, /FACT-B-0[\s\S]*FACT-B-1[\s\S]*FACT-B-2/);
  assert.doesNotMatch(text, /FACT-B-3/);
  assert.match(facts, /^3 lines · Offline \(no model\)/);
}

async function explorer(code: Code): Promise<void> {
  await chooseFromSubmenu(code.page, explorerRow(code, 'lib'), 'Précis', 'Summarize Folder…');
  await titled(code, 'lib');
  const folder = await code.ended();
  assert.match(folder.text, /fans\.md[\s\S]*motors\.md/);
  assert.match(folder.facts, /2 files/);
  const skipped = (await code.panel()).locator('.skipped');
  assert.equal(await skipped.locator('summary').innerText(), '2 files skipped');
  await skipped.locator('summary').click();
  const reasons = await skipped.locator('li').allInnerTexts();
  assert.match(reasons.join('\n'), /package-lock\.json: \S+/);
  assert.match(reasons.join('\n'), /picture\.bin: \S+/);
  await chooseFromSubmenu(code.page, explorerRow(code, 'valves.md'), 'Précis', 'Summarize File');
  await titled(code, 'valves.md');
  await code.page.keyboard.press('Control+1');
  await explorerRow(code, 'valves.md').click();
  await explorerRow(code, 'pumps.md').click({ modifiers: ['Control'] });
  await chooseFromSubmenu(code.page, explorerRow(code, 'pumps.md'), 'Précis', 'Summarize Folder…');
  await titled(code, '2 items');
  assert.match((await code.ended()).facts, /202 lines · 2 files/);
}

async function chooser(code: Code): Promise<void> {
  await code.runCommand('Précis: Summarize Folder…');
  const { rows, input } = quickPick(code.page);
  await rows.first().click();
  const list = code.page.locator('.quick-input-widget .quick-input-title');
  await list.filter({ hasText: 'left out' }).waitFor();
  const before = await list.innerText();
  assert.match(before, /: 5 files, about [\d,]+ tokens; 2 left out/);
  const names = await rows.allInnerTexts();
  assert.ok(
    names.some((row) => /fans\.md[\s\S]*\d+ B · \d+ tokens/.test(row)),
    names.join('\n'),
  );
  await input.fill('motors');
  await rows.filter({ hasText: 'motors.md' }).click();
  await list.filter({ hasText: ': 4 files' }).waitFor();
  await input.fill('');
  await code.page.keyboard.press('Enter');
  const { facts, text } = await code.panelSays('the folder', (panel) => /4 files/.test(panel.facts));
  assert.match(facts, /4 files/);
  assert.doesNotMatch(text, /motors\.md/);
}

async function sourceControl(code: Code): Promise<void> {
  const { page } = code;
  await page.keyboard.press('Control+Shift+g');
  await until('the changes in the menu of source control', async () => {
    await page.keyboard.press('Escape');
    await page
      .locator('.scm-view [aria-label="More Actions..."], [aria-label="More Actions..."]')
      .filter({ visible: true })
      .first()
      .click({ timeout: 5_000 });
    await chooseEntry(page, 'Précis', true);
    await chooseEntry(page, 'Summarize Changes');
    return true;
  });
  await titled(code, 'Changes');
  const { text } = await code.ended();
  assert.match(text, /1 line added, 1 line removed/);
  assert.match(text, /FACT-A-3 says that pump 4003 in hall/);
  await chooseFromMenu(page, page.locator('.scm-view .resource-group').first(), 'Summarize Changes');
  await page.locator('.scm-view .monaco-list-row').filter({ hasText: 'pumps.md' }).first().click();
  await page.locator('.monaco-diff-editor').first().waitFor();
  await code.runCommand(commandTitle);
  assert.equal(await titled(code, 'Changes in'), 'Changes in pumps.md');
  assert.match((await code.ended()).text, /1 line added, 1 line removed/);
}

async function notebooks(code: Code): Promise<void> {
  const { page } = code;
  await page.keyboard.press('Control+Shift+e');
  await explorerRow(code, 'study.ipynb').dblclick();
  await page.locator('.tabs-container .tab.active').filter({ hasText: 'study.ipynb' }).first().waitFor();
  await page.locator('.notebook-editor').first().waitFor();
  await code.runCommand(commandTitle);
  await titled(code, 'study.ipynb');
  const { text, facts } = await code.ended();
  assert.match(text, /Pump 7 failed[\s\S]*42 pumps in hall 3/);
  assert.doesNotMatch(facts, /files/);
}

async function terminal(code: Code): Promise<void> {
  const { page } = code;
  await code.runCommand('Terminal: Create New Terminal');
  const screen = page.locator('.terminal-wrapper .xterm-screen').first();
  await screen.waitFor();
  const kept = 'what lay on the clipboard';
  await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(kept)})`);
  await until('lines in the terminal', async () => {
    await page.keyboard.type('clear; seq -f "pump %g failed in hall 3" 1 9\n');
    await page.waitForTimeout(1_500);
    const box = (await screen.boundingBox())!;
    await page.mouse.move(box.x + 2, box.y + 5);
    await page.mouse.down();
    await page.mouse.move(box.x + 300, box.y + 130, { steps: 5 });
    await page.mouse.up();
    await page.mouse.click(box.x + 40, box.y + 60, { button: 'right' });
    await chooseEntry(page, 'Précis', true);
    await chooseEntry(page, 'Summarize Terminal Selection');
    return true;
  });
  await titled(code, 'Terminal');
  assert.match((await code.ended()).text, /pump \S+ failed in hall 3/);
  assert.equal(await page.evaluate<string>('navigator.clipboard.readText()'), kept);
}

async function titleMenu(code: Code): Promise<void> {
  const { page } = code;
  await openBeside(code, 'pumps.md');
  await chooseFromSubmenu(
    page,
    page.locator('.tabs-container .tab').filter({ hasText: 'pumps.md' }).first(),
    'Précis',
    'Summarize File',
  );
  assert.match(await titled(code, 'pumps.md'), /pumps\.md$/);
}

/** Its line at the top would take the mouse from the text. */
const settings = { 'terminal.integrated.stickyScroll.enabled': false };

describe('hands in a window of VS Code', function () {
  // one start serves many steps: a busy machine takes its time
  this.timeout(600_000);

  it('begin a summary from wherever they are', () =>
    inVsCode({ folder: workspace(), open: 'pumps.md', settings }, async (code) => {
      for (const step of [
        emptyPanel,
        keys,
        selections,
        explorer,
        titleMenu,
        chooser,
        sourceControl,
        notebooks,
        terminal,
      ]) {
        const from = performance.now();
        // a file that is opened goes to the column that was active last
        await code.page.keyboard.press('Control+1');
        await step(code).catch((error: unknown) => {
          throw new Error(`${step.name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
        });
        if (process.env['PRECIS_TEST_TIMES'])
          console.log(`      ${step.name} ${Math.round(performance.now() - from)} ms`);
      }
      await code.runCommand('Précis: Clear Cache');
      const [told] = await until('what was cleared', async () => {
        const toasts = await notifications(code.page);
        return toasts.length > 0 && toasts;
      });
      assert.match(told?.text ?? '', /^Cleared 0 cached answers \(0 kB\)\.$/);
    }));
});
