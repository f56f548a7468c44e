/** Providers, models and keys set up in place, and errors whose buttons repair them. One window, a simulated provider. */
import assert from 'node:assert/strict';
import { startProvider, type SimulatedProvider } from '../support/provider/index.ts';
import { clickNotification, commandTitle, inVsCode, notifications, quickPick, until, type Code } from './harness.ts';
import { press, report } from './steps.ts';

const goodKey = 'sk-right-0123456789abcdef';

/** Waits for the input box or quick pick with this title. */
async function asked(code: Code, title: RegExp): Promise<ReturnType<typeof quickPick>> {
  await code.page.locator('.quick-input-widget .quick-input-title').filter({ hasText: title, visible: true }).waitFor();
  return quickPick(code.page);
}

async function typed(code: Code, title: RegExp, text: string): Promise<void> {
  const { input } = await asked(code, title);
  await input.fill(text);
  await code.page.keyboard.press('Enter');
}

/** Without a key: a sentence, and a button that asks for one; a wrong key is not stored; a right one goes on at once. */
async function keys(code: Code, provider: SimulatedProvider): Promise<void> {
  await code.runCommand(commandTitle);
  const failed = await code.panelSays('that a key is missing', ({ error }) => error !== undefined);
  assert.match(failed.error ?? '', /^No API key is set for OpenAI\. Enter a new key or choose another provider\.$/);
  assert.deepEqual(await notifications(code.page), [], 'it is told in the panel alone');
  await press(code, 'setKey');
  await typed(code, /API key for OpenAI/, 'sk-wrong');
  const refused = await until('the refusal', async () =>
    (await notifications(code.page)).find(({ text }) => text.includes('The key was not stored')),
  );
  assert.equal(refused.severity, 'error');
  assert.doesNotMatch(refused.text, /sk-wrong/);
  assert.deepEqual(refused.buttons, ['Try Again']);
  const before = provider.calls.length;
  await clickNotification(code.page, 'Try Again');
  await typed(code, /API key for OpenAI/, goodKey);
  await until('the right key', () =>
    provider.journal.some(({ path, status }) => /models/.test(path) && status === 200),
  );
  await press(code, 'setKey').catch(() => undefined);
  if (await code.page.locator('.quick-input-widget').isVisible()) await code.page.keyboard.press('Escape');
  await code.runCommand(commandTitle);
  const panel = await code.panelSays('the summary', ({ text, phase }) => phase === 'ended' && text !== '');
  assert.equal(panel.error, undefined);
  assert.match(panel.text, /FACT-A-0/);
  assert.ok(provider.calls.length > before);
  for (const call of provider.calls) assert.equal(call.credential, 'bearer');
}

/** A model that does not exist: the button offers those that do, and what was chosen is tried at once. */
async function models(code: Code): Promise<void> {
  code.setSettings({ 'precis.openai.model': 'gone-model' });
  const failed = await until('the error of a model that is gone', async () => {
    await code.runCommand(commandTitle);
    const panel = await code.ended();
    return panel.error ? panel : false;
  });
  assert.match(failed.error ?? '', /gone-model|model/i);
  await press(code, 'selectModel');
  const { rows } = await asked(code, /Select Model – OpenAI/);
  const offered = await rows.allInnerTexts();
  assert.ok(
    offered.some((row) => row.startsWith('sim-large')),
    offered.join('\n'),
  );
  await rows.filter({ hasText: 'sim-large' }).first().click();
  const panel = await code.panelSays('the summary', ({ text, facts }) => text !== '' && facts.includes('sim-large'));
  assert.equal(panel.error, undefined);
}

/** Nothing listens there: the sentence names the place, and Try Again tries again. */
async function unreachable(code: Code): Promise<void> {
  const local = await startProvider({ flavour: 'compatible' });
  try {
    code.setSettings({
      'precis.provider': 'openai-compatible',
      'precis.openaiCompatible.baseUrl': 'http://127.0.0.1:9/v1',
      'precis.openaiCompatible.model': 'some-model',
      'precis.maxRetries': 0,
    });
    const failed = await until('the server that is not there', async () => {
      await code.runCommand(commandTitle);
      const panel = await code.ended();
      return panel.error?.includes('127.0.0.1:9') && panel.error;
    });
    assert.match(failed, /[.!?]$/);
    assert.doesNotMatch(failed, /at \w+ \(|Error:/);
    code.setSettings({ 'precis.openaiCompatible.baseUrl': `${local.url}/v1` });
    const panel = await until('the summary after Try Again', async () => {
      const now = await code.ended();
      if (now.error === undefined) return now.text !== '' && now;
      await press(code, 'retry');
      return false;
    });
    assert.match(panel.text, /FACT-A-0/);
  } finally {
    await local.close();
  }
}

/** The list of providers shows what is there and what is missing, and writes the choice. */
async function providers(code: Code): Promise<void> {
  await code.runCommand('Précis: Select Provider');
  const { rows } = await asked(code, /Choose who writes your summaries/);
  const offered = await rows.allInnerTexts();
  assert.match(offered.join('\n'), /OpenAI\s*key stored/);
  assert.match(offered.join('\n'), /Anthropic\s*no key yet/);
  await rows.filter({ hasText: 'picks key sentences on this machine' }).first().click();
  const panel = await until('a summary without a network', async () => {
    await code.runCommand(commandTitle);
    const now = await code.ended();
    return now.facts.includes('Offline (no model)') && now;
  });
  assert.match(panel.text, /pump/);
  await code.runCommand('Précis: Clear API Key');
  await (await asked(code, /Clear API Key – choose a provider/)).rows.filter({ hasText: 'OpenAI' }).first().click();
  await until('that the key is gone', async () =>
    (await notifications(code.page)).some(({ text }) => /The key for openai was deleted/.test(text)),
  );
}

describe('the providers of a window', () => {
  it('are set up in place, and errors carry the button that repairs them', async () => {
    const provider = await startProvider({
      flavour: 'openai',
      apiKey: goodKey,
      models: { 'sim-large': {}, 'sim-small': {} },
    });
    try {
      await inVsCode(
        {
          files: { 'pumps.md': report('A', 12) },
          open: 'pumps.md',
          settings: {
            'precis.provider': 'openai',
            'precis.openai.baseUrl': `${provider.url}/v1`,
            'precis.openai.model': 'sim-large',
          },
          env: { OPENAI_API_KEY: undefined, ANTHROPIC_API_KEY: undefined },
        },
        async (code) => {
          await keys(code, provider);
          await models(code);
          await unreachable(code);
          await providers(code);
        },
      );
    } finally {
      await provider.close();
    }
  });
});
