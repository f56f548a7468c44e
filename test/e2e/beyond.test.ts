/** Summaries beyond the panel's text: files, commits, chat, comments, the history, the model's button. One window. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeFolder, temporaryFolder } from '../support/host/processes.ts';
import { startProvider, type SimulatedProvider } from '../support/provider/index.ts';
import {
  clickNotification,
  commandTitle,
  dialog,
  inVsCode,
  notifications,
  paletteOffers,
  quickPick,
  sharedWindow,
  until,
  type Code,
} from './harness.ts';
import { commitOnBranch, openBeside, press, report, repository, runInPanel, tabs, titled } from './steps.ts';

const licence = '#!/usr/bin/env node\n// Copyright 2020 A. Person\n// SPDX-License-Identifier: MIT\n\n';
const code = `${licence}${'export const FACT_S = 1;\n'.repeat(30)}`;
const files = { 'pumps.md': report('A', 40), 'adder.ts': code, 'notes.txt': report('N', 30) };

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);

async function summarize(window: Code, name: string): Promise<string> {
  await openBeside(window, name);
  await window.runCommand(commandTitle);
  await titled(window, name);
  return (await window.panelSays('the summary', ({ text, phase }) => phase === 'ended' && text !== '')).text;
}

describe('beyond the panel', function () {
  this.timeout(300_000);
  let provider: SimulatedProvider;
  const settings: Record<string, unknown> = {
    'precis.provider': 'openai-compatible',
    'precis.openaiCompatible.model': 'gpt-5.2',
    'precis.maxRetries': 0,
    'files.hotExit': 'off',
    'files.simpleDialog.enable': true,
    'editor.rulers': [60],
  };
  before(async () => {
    provider = await startProvider({ flavour: 'cloud', models: { 'gpt-5.2': {}, 'gpt-5.2-mini': {} } });
    Object.assign(settings, { 'precis.openaiCompatible.baseUrl': `${provider.url}/v1` });
  });
  after(() => provider.close());
  const window = sharedWindow({ files, open: 'pumps.md', settings });

  it('a saved summary opens in the panel again, with marks that open their lines', async () => {
    const host = window();
    await summarize(host, 'pumps.md');
    await runInPanel(host, 'Précis: Save Summary as Markdown…');
    const { input } = quickPick(host.page);
    await until('the name that is offered', async () => /pumps\.md\.summary\.md$/.test(await input.inputValue()));
    await host.page.keyboard.press('Enter');
    const file = join(host.workspace, 'pumps.md.summary.md');
    await until('the file', () => existsSync(file));
    await summarize(host, 'notes.txt');
    await openBeside(host, 'pumps.md.summary.md');
    await host.runCommand('Précis: Open Saved Summary in Panel');
    const panel = await host.panelSays('the saved summary', ({ text }) => text.includes('FACT-A-39'));
    assert.match(panel.facts, /gpt-5\.2/);
    const frame = await host.panel();
    assert.equal(await frame.locator('.ask').isVisible(), false, 'there is no text to ask');
    await frame.locator('article .cite').nth(2).click();
    await host.page.locator('.tabs-container .tab.active').filter({ hasText: 'pumps.md' }).first().waitFor();
    await host.page.locator('#status\\.editor\\.selection').filter({ hasText: 'Ln 13,' }).waitFor();
  });

  it('the model is a button with the price of this text, the reader, the provider and offline', async () => {
    const host = window();
    await summarize(host, 'pumps.md');
    await press(host, 'model');
    const { rows } = quickPick(host.page);
    await rows.filter({ hasText: 'Summarize Offline' }).first().waitFor();
    const offered = (await rows.allInnerTexts()).join('\n');
    assert.match(offered, /gpt-5\.2[\s\S]*this text: about \$0\.0/);
    assert.match(offered, /Reader[\s\S]*Provider[\s\S]*127\.0\.0\.1/);
    await rows.filter({ hasText: 'Summarize Offline' }).first().click();
    await host.panelSays('the offline summary', ({ facts, phase }) => phase === 'ended' && /Offline/.test(facts));
    const line = (await host.panel()).locator('.offline-line');
    assert.match(await line.innerText(), /Questions need one\..*Choose a Model…/s);
  });

  it('suggests questions without a call, and asks the one that is clicked', async () => {
    const host = window();
    await summarize(host, 'notes.txt');
    const calls = provider.calls.length;
    const frame = await host.panel();
    const suggestion = frame.locator('[data-action=suggest]').first();
    const question = await suggestion.innerText();
    assert.equal(provider.calls.length, calls);
    await suggestion.click();
    await frame.locator('.question h2').filter({ hasText: question }).waitFor();
    await until('a call', () => provider.calls.length > calls);
    await until(
      'another suggestion',
      async () => !(await frame.locator('.suggestions').innerText()).includes(question),
    );
  });

  it('a comment stands below the licence, within the ruler, and does not make its summary stale', async () => {
    const host = window();
    await summarize(host, 'adder.ts');
    await runInPanel(host, 'Précis: Insert Summary as a Comment');
    await openBeside(host, 'adder.ts');
    await host.page.keyboard.press('Control+s');
    const file = join(host.workspace, 'adder.ts');
    const text = await until('the comment', () => {
      const now = readFileSync(file, 'utf8');
      return now !== code && now;
    });
    assert.ok(text.startsWith(`${licence}// `), text.slice(0, 200));
    const comment = text.slice(licence.length, text.indexOf('export')).trim().split('\n');
    assert.ok(
      comment.every((line) => line.length <= 60 && line.startsWith('//')),
      comment.join('\n'),
    );
    // a comparison takes 1.5 s after the edit
    await host.page.waitForTimeout(4_000);
    assert.equal(await (await host.panel()).locator('[data-action=update]').count(), 0);
  });

  it('the history is searched in its whole text, and exports what was spent, as the provider counts it', async () => {
    const host = window();
    await summarize(host, 'notes.txt');
    await host.runCommand('Précis: Show History');
    const { rows, input } = quickPick(host.page);
    await rows.first().waitFor();
    await input.fill('pump 4029 failed');
    await until('the summary that says so', async () => {
      const texts = await rows.allInnerTexts();
      return texts.length > 0 && texts.every((row) => /4029/.test(row));
    });
    await host.page.locator('.quick-input-titlebar .action-label[aria-label^="Export Spending"]').click();
    await until('the name that is offered', async () => /precis-spending\.csv$/.test(await input.inputValue()));
    await host.page.keyboard.press('Enter');
    const file = join(host.workspace, 'precis-spending.csv');
    await until('the file', () => existsSync(file) && readFileSync(file, 'utf8') !== '');
    const [head, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
    assert.equal(head, 'period,provider,model,calls,input_tokens,output_tokens,usd');
    const session = lines.find((line) => line.startsWith('session,openai-compatible,gpt-5.2,'))?.split(',') ?? [];
    const calls = provider.calls.filter(({ model }) => model === 'gpt-5.2');
    assert.deepEqual(session.slice(3, 6).map(Number), [
      calls.length,
      sum(calls.map((call) => call.promptTokens)),
      sum(calls.map((call) => call.outputTokens)),
    ]);
    assert.ok(Number(session[6]) > 0);
  });

  it('a line above a summarized file leads to its summary, where the setting is on', async () => {
    const host = window();
    await summarize(host, 'pumps.md');
    const lens = host.page.locator('.codelens-decoration').filter({ hasText: 'Summary of this file' });
    assert.equal(await lens.count(), 0, 'off by default');
    host.setSettings({ 'precis.editor.codeLens': true });
    await openBeside(host, 'pumps.md');
    await lens.first().waitFor({ timeout: 60_000 });
    assert.match(await lens.first().innerText(), /today/);
    host.setSettings({ 'precis.editor.codeLens': undefined });
  });

  it('errors open the very setting', async () => {
    const host = window();
    host.setSettings({ 'precis.maxCostUsd': 0.000001 });
    await openBeside(host, 'pumps.md');
    await host.runCommand('Précis: Clear Cache');
    await host.runCommand(commandTitle);
    const failed = await host.panelSays('the limit', ({ error }) => error !== undefined);
    assert.match(failed.error ?? '', /cost limit/i);
    const frame = await host.panel();
    assert.equal(await frame.locator('[data-action=retry]').count(), 0, 'trying again would fail again');
    await press(host, 'openSettings');
    const editor = host.page.locator('.settings-editor').first();
    await editor.locator('.setting-item').first().waitFor();
    assert.match(await editor.innerText(), /Max Cost Usd/i);
    await host.page.keyboard.press('Escape');
    host.setSettings({ 'precis.maxCostUsd': undefined });
  });

  it('chat goes on with the summary, where there is chat', async () => {
    const host = window();
    await host.page.keyboard.press('Escape');
    await summarize(host, 'pumps.md');
    await (await host.panel()).locator('#title').click();
    if (!(await paletteOffers(host.page, 'Précis: Continue in Chat'))) return;
    await runInPanel(host, 'Précis: Continue in Chat');
    const input = host.page.locator('.interactive-input-part .monaco-editor').first();
    await until('the summary in the chat', async () => /Summary\sof\spumps\.md/.test(await input.innerText()));
  });
});

describe('a summary whose panel was closed', function () {
  this.timeout(240_000);

  it('is told once when it is ready; the history is cleared after a question', async () => {
    const provider = await startProvider({ flavour: 'cloud', latency: { firstTokenMs: 4_000, perOutputTokenMs: 5 } });
    const settings = {
      'precis.provider': 'openai-compatible',
      'precis.openaiCompatible.model': 'some-model',
      'precis.openaiCompatible.baseUrl': `${provider.url}/v1`,
    };
    try {
      await inVsCode({ files: { 'pumps.md': report('A', 6) }, open: 'pumps.md', settings }, async (host) => {
        await host.runCommand(commandTitle);
        await until('a call', () => provider.openRequests > 0);
        const tab = host.page.locator('.tabs-container .tab').filter({ hasText: 'Précis: pumps.md' }).first();
        await tab.click({ button: 'middle' });
        await tab.waitFor({ state: 'detached' });
        const ready = await until('the notice', async () =>
          (await notifications(host.page)).find(({ text }) => text.includes('The summary of pumps.md is ready.')),
        );
        assert.deepEqual(ready.buttons, ['Show']);
        await clickNotification(host.page, 'Show');
        await host.ended();
        await host.runCommand('Précis: Clear History…');
        const box = dialog(host.page);
        await box.text.filter({ hasText: 'Delete 1 summary of this workspace?' }).waitFor();
        await box.button('Cancel').click();
        await host.runCommand('Précis: Clear History…');
        await box.button('Delete Summaries').click();
        await host.runCommand('Précis: Clear History…');
        await until('nothing left', async () =>
          (await notifications(host.page)).some(({ text }) => text.includes('The history is empty.')),
        );
      });
    } finally {
      await provider.close();
    }
  });
});

describe('the commit box', function () {
  this.timeout(300_000);

  it('is filled in the style of the last commits; commits are listed with author and date; a branch is described', async () => {
    const provider = await startProvider({ flavour: 'cloud' });
    const settings = {
      'precis.provider': 'openai-compatible',
      'precis.openaiCompatible.model': 'some-model',
      'precis.openaiCompatible.baseUrl': `${provider.url}/v1`,
    };
    const folder = temporaryFolder('commits');
    try {
      repository(folder, { 'pumps.md': report('A', 6) });
      writeFileSync(join(folder, 'pumps.md'), report('A', 6).replace('FACT-A-3', 'FACT-B-3'));
      await inVsCode({ folder, open: 'pumps.md', settings }, async (host) => {
        await until('the repository', () => paletteOffers(host.page, 'Précis: Write Commit Message'));
        await host.page.keyboard.press('Control+Shift+g');
        const box = host.page.locator('.scm-view .scm-editor, .scm-input').first();
        await box.waitFor();
        await host.runCommand('Précis: Write Commit Message');
        await until('a call', () => provider.calls.length > 0);
        assert.match(JSON.stringify(provider.calls.at(-1)?.body), /Write a Git commit message\. First line/);
        const message = await until('the message', async () => {
          const text = await box.innerText();
          return /FACT/.test(text) && text;
        });
        assert.doesNotMatch(message, /\[\d\]/);
        host.setSettings({ 'precis.scm.commitStyle': 'conventional' });
        // Escape, which opens the palette here, would clear a box that has the focus
        await host.page.locator('.editor-instance .view-line').first().click();
        await host.runCommand('Précis: Write Commit Message');
        await host.page.locator('.monaco-dialog-box .monaco-button').filter({ hasText: 'Replace' }).click();
        await until('the other style', () => /Conventional Commits/.test(JSON.stringify(provider.calls.at(-1)?.body)));
        assert.ok(!(await tabs(host)).some((tab) => tab.startsWith('Précis')), 'no panel opened');
        await host.runCommand('Précis: Summarize Commit or Range…');
        const { rows } = quickPick(host.page);
        await rows.filter({ hasText: 'first' }).first().waitFor();
        assert.match(await rows.filter({ hasText: 'first' }).first().innerText(), /first[\s\S]*T, .*20\d\d/);
        await host.page.keyboard.press('Escape');
        commitOnBranch(folder, { 'lamps.md': report('L', 3) });
        await until('the branch', async () => {
          await host.runCommand('Précis: Describe Pull Request');
          return (await tabs(host)).some((tab) => tab.startsWith('Précis'));
        });
        const description = await host.ended();
        assert.match(
          JSON.stringify(provider.calls.at(-1)?.body),
          /lamps\.md[\s\S]*pull request|pull request[\s\S]*lamps\.md/i,
        );
        assert.match(description.text, /FACT-/);
      });
    } finally {
      await provider.close();
      removeFolder(folder);
    }
  });
});
