/** Summaries by template: built in, the folder's after a yes, and none of a folder that is not trusted. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProvider, type SimulatedProvider } from '../support/provider/index.ts';
import { commandTitle, dialog, inVsCode, quickPick, sharedWindow, until, type Code } from './harness.ts';
import { openBeside, press, report, titled } from './steps.ts';

const command = 'Précis: Summarize with Template…';
const template = (sentence: string): string =>
  `---\nname: Only Risks\ndescription: Nothing else\nlength: brief\nprovider: anthropic\nmodel: other\n---\n\n${sentence}\n`;
const files = { 'pumps.md': report('A', 20), '.precis/only-risks.md': template('Tell RISK-MARK and no more.') };

/** Chooses a template for the file in front. */
async function choose(code: Code, name: string): Promise<string> {
  await openBeside(code, 'pumps.md');
  await code.runCommand(command);
  const row = quickPick(code.page).rows.filter({ hasText: name }).first();
  await row.waitFor();
  const told = await row.innerText();
  await row.click();
  return told;
}

const lastBody = (provider: SimulatedProvider): string => JSON.stringify(provider.calls.at(-1)?.body);

describe('a template', function () {
  this.timeout(300_000);
  let provider: SimulatedProvider;
  const settings: Record<string, unknown> = {
    'precis.provider': 'openai-compatible',
    'precis.openaiCompatible.model': 'some-model',
  };
  before(async () => {
    provider = await startProvider({ flavour: 'cloud' });
    Object.assign(settings, { 'precis.openaiCompatible.baseUrl': `${provider.url}/v1` });
  });
  after(() => provider.close());
  const window = sharedWindow({ files, open: 'pumps.md', settings });

  it('of the folder is labelled, and used after a yes at first use and after a change', async () => {
    const code = window();
    assert.match(await choose(code, 'Only Risks'), /from the folder workspace[\s\S]*Nothing else/);
    const box = dialog(code.page);
    await box.text.waitFor();
    assert.match(await box.text.innerText(), /Use the template “Only Risks” of the folder workspace\?[\s\S]*RISK-MARK/);
    await box.button('Cancel').click();
    await code.page.waitForTimeout(500);
    assert.deepEqual(provider.calls, [], 'nothing was sent');
    await choose(code, 'Only Risks');
    await box.button('Use Template').click();
    const panel = await code.panelSays('the summary', ({ text, phase }) => phase === 'ended' && text !== '');
    assert.match(panel.facts, /Only Risks \(template of workspace\).*some-model/);
    assert.match(lastBody(provider), /120 words[\s\S]*user wants: Tell RISK-MARK and no more\./);
    const calls = provider.calls.length;
    writeFileSync(join(code.workspace, '.precis', 'only-risks.md'), template('Tell CHANGED-MARK.'));
    await choose(code, 'Only Risks');
    await box.text.filter({ hasText: 'has changed. Use it?' }).waitFor();
    assert.equal(provider.calls.length, calls);
    await box.button('Use Template').click();
    await until('a call with the change', () => lastBody(provider).includes('CHANGED-MARK'));
    await code.panelSays('the summary', ({ text, phase }) => phase === 'ended' && text !== '');
    await choose(code, 'Only Risks');
    await code.panelSays('the summary', ({ text, phase }) => phase === 'ended' && text !== '');
    assert.equal(await box.text.isVisible(), false, 'asked once');
    await code.runCommand('Précis: Manage Permissions…');
    const { rows } = quickPick(code.page);
    await rows.filter({ hasText: 'only-risks' }).first().waitFor();
    assert.match(
      (await rows.allInnerTexts()).join(),
      /workspace\/\.precis\/only-risks\.md[\s\S]*templates of this folder/i,
    );
    await code.page.keyboard.press('Escape');
  });

  it('that is built in is followed, also when the summary is run again', async () => {
    const code = window();
    await choose(code, 'TL;DR');
    assert.match(await titled(code, 'pumps.md'), /pumps\.md/);
    await code.panelSays('the summary', ({ facts, phase }) => phase === 'ended' && facts.startsWith('TL;DR'));
    assert.match(lastBody(provider), /At most three short sentences/);
    const calls = provider.calls.length;
    await code.runCommand('Précis: Clear Cache');
    await press(code, 'runAgain');
    await until('another call', () => provider.calls.length > calls);
    assert.match(lastBody(provider), /At most three short sentences/);
    await code.panelSays('the summary', ({ text, phase }) => phase === 'ended' && text !== '');
  });

  it('is not needed for instructions by language', async () => {
    const code = window();
    code.setSettings({ '[markdown]': { 'precis.summary.instructions': 'Tell LANGUAGE-MARK.' } });
    await until('a request with them', async () => {
      await openBeside(code, 'pumps.md');
      await code.runCommand(commandTitle);
      await code.panelSays('the summary', ({ text, phase }) => phase === 'ended' && text !== '');
      return /user wants: Tell LANGUAGE-MARK\./.test(lastBody(provider));
    });
    code.setSettings({ '[markdown]': undefined });
  });

  it('is not read with its folder', async () => {
    const code = window();
    await code.runCommand('Précis: Summarize Folder…');
    const { rows } = quickPick(code.page);
    await rows.first().click();
    const list = code.page.locator('.quick-input-widget .quick-input-title');
    await list.filter({ hasText: /workspace: 1 file,/ }).waitFor();
    assert.ok(!(await rows.allInnerTexts()).some((row) => row.includes('risks')));
    await code.page.keyboard.press('Escape');
  });

  it('of a folder that is not trusted is not offered', () =>
    inVsCode({ files, open: 'pumps.md', trusted: false }, async (code) => {
      await openBeside(code, 'pumps.md');
      await code.runCommand(command);
      const { rows } = quickPick(code.page);
      await rows.filter({ hasText: 'TL;DR' }).first().waitFor();
      assert.equal(await rows.filter({ hasText: 'Only Risks' }).count(), 0);
    }));
});
