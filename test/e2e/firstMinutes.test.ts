/** The first minutes of an empty profile: the walkthrough, the question before the first send, and a server set up in steps. */
import assert from 'node:assert/strict';
import { startProvider, type SimulatedProvider } from '../support/provider/index.ts';
import { commandTitle, dialog, notifications, quickPick, sharedWindow, until, type Code } from './harness.ts';
import { openBeside, report, titled } from './steps.ts';

/** The title of the step that is open in the multi-step pick. */
async function step(code: Code, title: RegExp): Promise<ReturnType<typeof quickPick>> {
  await code.page.locator('.quick-input-widget .quick-input-title').filter({ hasText: title, visible: true }).waitFor();
  return quickPick(code.page);
}

describe('the first minutes', function () {
  this.timeout(300_000);
  let provider: SimulatedProvider;
  let local: SimulatedProvider;
  const settings: Record<string, unknown> = { 'precis.provider': 'auto', 'files.hotExit': 'off' };
  before(async () => {
    provider = await startProvider({ flavour: 'openai', apiKey: 'sk-env-0123456789abcdef' });
    local = await startProvider({ flavour: 'cloud', models: { 'small-model': {}, 'large-model': {} } });
    Object.assign(settings, { 'precis.openai.baseUrl': `${provider.url}/v1` });
  });
  after(async () => {
    await provider.close();
    await local.close();
  });
  const window = sharedWindow({
    files: { 'pumps.md': report('A', 20), 'valves.md': report('B', 20), 'motors.md': report('C', 20) },
    settings,
    env: { OPENAI_API_KEY: 'sk-env-0123456789abcdef', ANTHROPIC_API_KEY: undefined },
  });

  const asked = async (code: Code, name: string): Promise<ReturnType<typeof dialog>> => {
    await openBeside(code, name);
    await code.runCommand(commandTitle);
    const box = dialog(code.page);
    await box.text.filter({ hasText: /Send text to 127\.0\.0\.1/ }).waitFor();
    return box;
  };

  it('the walkthrough’s first button lets pick a file, and is ticked off after the fact', async () => {
    const code = window();
    await code.runCommand('Welcome: Open Walkthrough...');
    const { rows, input } = quickPick(code.page);
    await input.fill('Précis');
    await rows.filter({ hasText: 'Précis' }).first().click();
    const steps = code.page.locator('.getting-started-step');
    await steps.first().waitFor();
    const done = () => code.page.locator('.getting-started-step .codicon-getting-started-step-checked:visible').count();
    await steps.first().locator('.monaco-button').first().click();
    await step(code, /Choose a file to summarize/);
    assert.ok((await rows.allInnerTexts()).some((row) => row.includes('Summarize a Sample')));
    await code.page.keyboard.press('Escape');
    await code.page.waitForTimeout(500);
    assert.equal(await done(), 0, 'nothing was summarized');
    await steps.first().locator('.monaco-button').first().click();
    await step(code, /Choose a file to summarize/);
    await rows.filter({ hasText: 'Summarize a Sample' }).first().click();
    const box = dialog(code.page);
    await box.text.waitFor();
    await box.button('Cancel').click();
    assert.equal(await done(), 0, 'cancelled is not done');
  });

  it('Cancel and Escape in the question start nothing and remember nothing', async () => {
    const code = window();
    for (const close of [
      (box: ReturnType<typeof dialog>) => box.button('Cancel').click(),
      () => code.page.keyboard.press('Escape'),
    ]) {
      const box = await asked(code, 'pumps.md');
      await close(box);
      const panel = await code.ended();
      assert.equal(panel.text, '', 'no summary was made');
    }
    assert.deepEqual(provider.calls, []);
  });

  it('Summarize Offline is remembered for the host, and completes the walkthrough’s step', async () => {
    const code = window();
    const box = await asked(code, 'pumps.md');
    await box.button('Summarize Offline').click();
    assert.match(
      (await code.panelSays('a summary', ({ text, phase }) => phase === 'ended' && text !== '')).facts,
      /Offline/,
    );
    await openBeside(code, 'valves.md');
    await code.runCommand(commandTitle);
    await titled(code, 'valves.md');
    const panel = await code.panelSays('a summary', ({ text, phase }) => phase === 'ended' && text !== '');
    assert.match(panel.facts, /Offline/);
    const frame = await code.panel();
    await frame.locator('[data-action=chooseModel]').waitFor();
    assert.match(await frame.locator('.offline-line').innerText(), /Questions need one\..*Choose a Model…/s);
    assert.deepEqual(provider.calls, []);
  });

  it('a server is set up in steps, with a way back, and used', async () => {
    const code = window();
    await code.runCommand('Précis: Select Provider');
    const { rows, input } = quickPick(code.page);
    await rows.first().waitFor();
    await input.fill('OpenAI-compatible server');
    await rows.filter({ hasText: 'OpenAI-compatible server' }).first().click();
    await step(code, /Set Up/);
    await input.fill('not an address');
    const message = code.page.locator('.quick-input-widget .quick-input-message');
    await until('why it is refused', async () => /\S/.test(await message.innerText()));
    await input.fill(`${local.url}/v1`);
    await code.page.keyboard.press('Enter');
    await rows.filter({ hasText: 'small-model' }).first().waitFor();
    await code.page.locator('.quick-input-widget .codicon-quick-input-back').first().click();
    await until('the address again', async () => (await input.inputValue()) === `${local.url}/v1`);
    await code.page.keyboard.press('Enter');
    await rows.filter({ hasText: 'large-model' }).first().click();
    const told = await until('what is used now', async () =>
      (await notifications(code.page)).find(({ text }) => text.includes('Précis now uses large-model at')),
    );
    assert.match(told.text, /127\.0\.0\.1:\d+/);
    assert.ok(local.calls.length > 0, 'a test call');
    await openBeside(code, 'motors.md');
    await code.runCommand(commandTitle);
    await titled(code, 'motors.md');
    const panel = await code.panelSays('a summary', ({ text, phase }) => phase === 'ended' && text !== '');
    assert.match(panel.facts, /large-model/);
  });
});
