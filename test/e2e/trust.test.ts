/** What a panel does not do by itself, and what it keeps: menus, lengths, reruns, progress, folders. One window, a simulated provider. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProvider, type SimulatedProvider } from '../support/provider/index.ts';
import {
  chooseEntry,
  commandTitle,
  dialog,
  menuTitles,
  quickPick,
  sharedWindow,
  statusItem,
  until,
  type Code,
} from './harness.ts';
import { explorerRow, openBeside, press, report, tabs, titled } from './steps.ts';

const statusId = 'precis.precis.precis.runs';
const latency = { firstTokenMs: 2_500, perOutputTokenMs: 10 };

const tab = (code: Code, name: string) => code.page.locator('.tabs-container .tab').filter({ hasText: name }).first();

async function summarize(code: Code, name: string): Promise<void> {
  await openBeside(code, name);
  await code.runCommand(commandTitle);
  await titled(code, name);
}

async function whenSummarized(code: Code, name: string): Promise<string> {
  await summarize(code, name);
  return (await code.panelSays('the summary', ({ text, phase }) => phase === 'ended' && text !== '')).text;
}

/** Rows of the history for a file, newest first. */
async function historyOf(code: Code, name: string): Promise<string[]> {
  await code.runCommand('Précis: Show History');
  const { rows, input } = quickPick(code.page);
  await rows.first().waitFor();
  await input.fill(name);
  // the list follows what is typed a moment later
  const texts = await until('what was found', async () => {
    const all = await rows.allInnerTexts();
    await code.page.waitForTimeout(300);
    const isSame = JSON.stringify(all) === JSON.stringify(await rows.allInnerTexts());
    return isSame && all.every((text) => text.includes(name)) && all;
  });
  await code.page.keyboard.press('Escape');
  return texts.filter((text) => text.includes(name));
}

/** Runs in the page: the end of the last answer is in view, above the box for questions. */
const isAtEnd = `(() => {
  const scroller = document.querySelector('.scroller');
  const last = document.querySelector('.question:last-child').getBoundingClientRect();
  const ask = document.querySelector('.ask').getBoundingClientRect();
  const atEnd = scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 2;
  return atEnd && last.bottom <= ask.top + 1 && ask.bottom <= window.innerHeight + 1;
})()`;

async function openWalkthrough(code: Code): Promise<void> {
  await code.runCommand('Welcome: Open Walkthrough...');
  const { rows, input } = quickPick(code.page);
  await input.fill('Précis');
  await rows.filter({ hasText: 'Précis' }).first().click();
}

/** A picture of one dot. */
const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

describe('a panel that can be trusted', function () {
  this.timeout(300_000);
  let provider: SimulatedProvider;
  before(async () => {
    provider = await startProvider({ flavour: 'cloud' });
    Object.assign(settings, { 'precis.openaiCompatible.baseUrl': `${provider.url}/v1` });
  });
  after(() => provider.close());
  const settings: Record<string, unknown> = {
    'precis.provider': 'openai-compatible',
    'precis.openaiCompatible.model': 'some-model',
    'precis.maxRetries': 0,
    'files.hotExit': 'off',
  };
  const window = sharedWindow({
    files: {
      'pumps.md': report('A', 60),
      'valves.md': report('B', 240),
      'motors.md': report('C', 40),
      'src/one.ts': `${'// one\n'.repeat(30)}export const FACT_ONE = 1;\n`,
      'src/two.ts': `${'// two\n'.repeat(30)}export const FACT_TWO = 2;\n`,
      'src/three.md': report('D', 400),
    },
    open: 'pumps.md',
    settings,
  });

  it('offers no summary of itself, of a picture or of the welcome page', async () => {
    const code = window();
    await whenSummarized(code, 'pumps.md');
    assert.ok((await menuTitles(code.page, tab(code, 'pumps.md'))).includes('Précis'), 'a text has the menu');
    await tab(code, 'Précis: pumps.md').click();
    const own = await menuTitles(code.page, tab(code, 'Précis: pumps.md'));
    assert.ok(own.length > 0 && !own.some((title) => /Précis|Summarize/.test(title)), own.join());
    await tab(code, 'Précis: pumps.md').click();
    const group = code.page.locator('.editor-group-container').filter({ has: tab(code, 'Précis: pumps.md') });
    const actions = group.locator('.editor-actions .action-label');
    await actions.first().waitFor();
    const labels = await actions.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label') ?? ''));
    assert.ok(labels.length > 0 && !labels.some((label) => /Summarize File/.test(label)), labels.join());
    writeFileSync(join(code.workspace, 'dot.png'), Buffer.from(dot, 'base64'));
    await code.page.keyboard.press('Control+1');
    for (const title of ['dot.png', 'Welcome']) {
      if (title === 'dot.png') {
        await code.page.keyboard.press('Control+Shift+e');
        await explorerRow(code, title).dblclick();
      } else await openWalkthrough(code);
      await tab(code, title).waitFor();
      const titles = await menuTitles(code.page, tab(code, title));
      assert.ok(titles.length > 0 && !titles.includes('Précis'), `${title}: ${titles.join()}`);
    }
  });

  it('asks what another length costs, at a key of the list, and keeps the older version', async () => {
    const code = window();
    await whenSummarized(code, 'motors.md');
    const calls = provider.calls.length;
    const frame = await code.panel();
    await frame.locator('select').focus();
    await code.page.keyboard.press('ArrowDown');
    const offer = frame.locator('.offer');
    await offer.waitFor();
    assert.match(await offer.innerText(), /Detailed: sends about [\d,]+ tokens.*(?:price not known|about \$)/s);
    await code.page.waitForTimeout(500);
    assert.equal(provider.calls.length, calls, 'nothing was sent');
    await code.page.keyboard.press('Enter');
    await until('a call for another length', () => provider.calls.length > calls);
    await code.panelSays('the longer summary', ({ text, phase }) => phase === 'ended' && text !== '');
    assert.equal((await historyOf(code, 'motors.md')).length, 2);
  });

  it('keeps the summary of before when a rerun fails or is cancelled, and no empty entry', async () => {
    const code = window();
    const text = await whenSummarized(code, 'motors.md');
    const entries = (await historyOf(code, 'motors.md')).length;
    await code.runCommand('Précis: Clear Cache');
    provider.reset({ faults: [{ kind: 'auth', times: Infinity }] });
    await press(code, 'runAgain');
    const failed = await code.panelSays('the failure', ({ error }) => error !== undefined);
    assert.equal(failed.text, text, 'the words of before');
    const frame = await code.panel();
    assert.match(await frame.locator('.banners').innerText(), /No new summary was made\. This is the previous one\./);
    const dimmed = await frame.evaluate<string>(
      "getComputedStyle(document.querySelector('article .previous, .previous')).opacity",
    );
    assert.ok(Number(dimmed) < 1, 'it is dimmed');
    provider.reset({ latency, faults: [] });
    await press(code, 'runAgain');
    await until('calls under way', () => provider.openRequests > 0);
    await press(code, 'cancel');
    await code.panelSays('that it was cancelled', ({ phase, text: now }) => phase === 'ended' && now === text);
    provider.reset({ latency: {}, faults: [] });
    assert.equal((await historyOf(code, 'motors.md')).length, entries);
    await press(code, 'resume');
    await code.panelSays('the new summary', ({ text: now, phase, error }) => phase === 'ended' && now !== '' && !error);
  });

  it('tells one progress, in lines, in the panel and in the status bar', async () => {
    const code = window();
    code.setSettings({ 'precis.chunkTokens': 1_500, 'precis.concurrency': 1 });
    provider.reset({ latency, faults: [] });
    await summarize(code, 'valves.md');
    const told = await until('both', async () => {
      const phase = await (await code.panel()).locator('.phase').innerText({ timeout: 2_000 });
      const item = await statusItem(code.page, statusId);
      const [panel, bar] = [phase, item?.text ?? ''].map((text) => /Read [\d,]+ of [\d,]+ lines/.exec(text)?.[0]);
      return panel !== undefined && panel === bar && !panel.startsWith('Read 0 ') && panel;
    });
    assert.match(told, /of 9\d\d lines$/, 'the goal is the lines of the file');
    await press(code, 'cancel');
    code.setSettings({ 'precis.chunkTokens': undefined, 'precis.concurrency': undefined });
    provider.reset({ latency: {}, faults: [] });
  });

  it('waits for an answer without a clock', async () => {
    const code = window();
    code.setSettings({ 'precis.confirmAboveTokens': 10 });
    const calls = provider.calls.length;
    await openBeside(code, 'pumps.md');
    await code.runCommand('Précis: Clear Cache');
    await code.runCommand(commandTitle);
    await dialog(code.page).text.waitFor();
    await titled(code, 'pumps.md');
    const line = (await code.panel()).locator('.progress-line');
    await code.page.waitForTimeout(1_500);
    assert.equal((await line.locator('.progress-text').innerText()).trim(), 'Waiting for your answer');
    await code.page.keyboard.press('Escape');
    await code.panelSays('the end', ({ phase }) => phase === 'ended');
    assert.equal(provider.calls.length, calls);
    code.setSettings({ 'precis.confirmAboveTokens': undefined });
  });

  it('lists a folder by file, lines only where a file has several sections', async () => {
    const code = window();
    code.setSettings({ 'precis.chunkTokens': 1_500 });
    await code.page.keyboard.press('Control+Shift+e');
    const row = code.page.locator('.explorer-folders-view .monaco-list-row').filter({ hasText: /^src$/ }).first();
    await until('the folder’s menu', async () => {
      await row.click({ button: 'right', timeout: 5_000 });
      await chooseEntry(code.page, 'Précis', true);
      await chooseEntry(code.page, 'Summarize Folder…');
      return true;
    });
    await titled(code, 'src');
    await code.panelSays('the summary', ({ text, phase }) => phase === 'ended' && text !== '');
    const frame = await code.panel();
    await frame.locator('.outline > summary').click();
    const files = await frame.locator('.outline .section-file, .outline .section-lines.file').allTextContents();
    assert.ok(
      ['one.ts', 'two.ts', 'three.md'].every((name) => files.some((file) => file.includes(name))),
      files.join(),
    );
    assert.match(await frame.locator('.quiet-rows > summary').innerText(), /2 without notes/);
    const spans = await frame.locator('.outline .section-lines:not(.file)').allInnerTexts();
    assert.ok(spans.length > 1 && new Set(spans).size === spans.length, spans.join());
    code.setSettings({ 'precis.chunkTokens': undefined });
  });

  it('scrolls to the last line of an answer, above the box for questions', async () => {
    const code = window();
    await whenSummarized(code, 'pumps.md');
    const frame = await code.panel();
    await frame.locator('.ask textarea').fill('Which pumps failed, week by week?');
    await code.page.keyboard.press('Enter');
    const answer = frame.locator('.question').last();
    await answer.locator('.cite').first().waitFor({ timeout: 30_000 });
    const box = (await (await frame.frameElement()).boundingBox())!;
    await code.page.mouse.move(box.x + box.width / 2, box.y + box.height / 3);
    await until('the last line', async () => {
      await code.page.mouse.wheel(0, 4_000);
      return frame.evaluate<boolean>(isAtEnd);
    });
    assert.equal((await tabs(code)).filter((name) => name.startsWith('Précis: pumps.md')).length, 1);
  });
});
