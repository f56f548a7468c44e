/**
 * Ten walks through the first ten minutes, each from an empty profile (PRECIS_LONG=1): no step may end in an error, a
 * notification of failure or a panel without a way on.
 */
import assert from 'node:assert/strict';
import { long } from '../support/long.ts';
import { startProvider, type SimulatedProvider } from '../support/provider/index.ts';
import {
  chooseFromSubmenu,
  commandTitle,
  inVsCode,
  notifications,
  quickPick,
  until,
  type Code,
  type CodeOptions,
  type PanelText,
} from './harness.ts';
import { explorerRow, openBeside, press, report, runInPanel, titled } from './steps.ts';

const files = { 'pumps.md': report('A', 30), 'src/one.md': report('B', 8), 'src/two.md': report('C', 8) };
const key = 'sk-right-0123456789abcdef';

const summary = (code: Code): Promise<PanelText> =>
  code.panelSays('a summary', ({ text, phase }) => phase === 'ended' && text !== '');

async function summarize(code: Code, name = 'pumps.md'): Promise<PanelText> {
  await openBeside(code, name);
  await code.runCommand(commandTitle);
  await titled(code, name);
  return summary(code);
}

async function clean(code: Code): Promise<void> {
  const failures = (await notifications(code.page)).filter(({ severity }) => severity !== 'info');
  assert.deepEqual(failures, []);
  const own = code.consoleErrors.filter((line) => /precis/i.test(line));
  assert.deepEqual(own, []);
}

interface Walk {
  readonly title: string;
  readonly options?: CodeOptions;
  readonly settings?: (provider: SimulatedProvider) => Readonly<Record<string, unknown>>;
  go(code: Code, provider: SimulatedProvider): Promise<void>;
}

const compatible = (provider: SimulatedProvider): Readonly<Record<string, unknown>> => ({
  'precis.provider': 'openai-compatible',
  'precis.openaiCompatible.baseUrl': `${provider.url}/v1`,
  'precis.openaiCompatible.model': 'small-model',
});

const walks: readonly Walk[] = [
  {
    title: 'an empty window: the sample',
    options: { folder: null },
    settings: () => ({ 'precis.provider': 'auto' }),
    async go(code) {
      await code.runCommand(commandTitle);
      const { rows } = quickPick(code.page);
      await rows.filter({ hasText: 'Summarize a Sample' }).first().click();
      assert.match((await summary(code)).facts, /Offline/);
    },
  },
  {
    title: 'the shortcut, then a citation',
    async go(code) {
      await openBeside(code, 'pumps.md');
      await code.page.locator('.editor-instance .view-line').first().click();
      await code.page.keyboard.press('Control+Alt+Shift+p');
      await summary(code);
      await (await code.panel()).locator('article .cite').first().click();
      await code.page
        .locator('.statusbar')
        .filter({ hasText: /Ln \d+/ })
        .waitFor();
    },
  },
  {
    title: 'a folder from the explorer, then its outline',
    settings: compatible,
    async go(code) {
      await code.page.keyboard.press('Control+Shift+e');
      await chooseFromSubmenu(code.page, explorerRow(code, 'src'), 'Précis', 'Summarize Folder…');
      await code.panelSays('the folder', ({ facts, phase }) => phase === 'ended' && facts.includes('2 files'));
    },
  },
  {
    title: 'a key, then a question',
    settings: (provider) => ({ 'precis.provider': 'openai', 'precis.openai.baseUrl': `${provider.url}/v1` }),
    async go(code) {
      await openBeside(code, 'pumps.md');
      await code.runCommand(commandTitle);
      await code.panelSays('that a key is missing', ({ error }) => error !== undefined);
      await press(code, 'setKey');
      const { input } = quickPick(code.page);
      await input.fill(key);
      await code.page.keyboard.press('Enter');
      await code.panelSays('a summary without another step', ({ text, error }) => text !== '' && !error);
      const frame = await code.panel();
      await frame.locator('.ask textarea').fill('Which pump failed first?');
      await code.page.keyboard.press('Enter');
      await frame.locator('.question .cite').first().waitFor();
    },
  },
  {
    title: 'a server that is not there, then another address',
    settings: () => ({
      'precis.provider': 'openai-compatible',
      'precis.openaiCompatible.baseUrl': 'http://127.0.0.1:9/v1',
      'precis.openaiCompatible.model': 'small-model',
      'precis.maxRetries': 0,
    }),
    async go(code, provider) {
      await openBeside(code, 'pumps.md');
      await code.runCommand(commandTitle);
      await code.panelSays('the failure', ({ error }) => error?.includes('127.0.0.1:9') === true);
      await press(code, 'openSettings');
      const setting = code.page.locator('.settings-editor .setting-item').first();
      await setting.waitFor();
      assert.match(await setting.innerText(), /Base Url/i);
      await code.page.keyboard.press('Escape');
      code.setSettings({ 'precis.openaiCompatible.baseUrl': `${provider.url}/v1` });
      await until('a summary', async () => {
        await press(code, 'retry').catch(() => undefined);
        return code.panelSays('it', ({ text, error }) => text !== '' && !error, 5_000);
      });
    },
  },
  {
    title: 'no server: offline from the error',
    settings: () => ({
      'precis.provider': 'openai-compatible',
      'precis.openaiCompatible.baseUrl': 'http://127.0.0.1:9/v1',
      'precis.openaiCompatible.model': 'small-model',
      'precis.maxRetries': 0,
    }),
    async go(code) {
      await openBeside(code, 'pumps.md');
      await code.runCommand(commandTitle);
      await code.panelSays('the failure', ({ error }) => error !== undefined);
      await press(code, 'offline');
      await code.panelSays('a summary', ({ facts, error }) => /Offline/.test(facts) && !error);
    },
  },
  {
    title: 'a template, then another length',
    settings: compatible,
    async go(code) {
      await openBeside(code, 'pumps.md');
      await code.runCommand('Précis: Summarize with Template…');
      await quickPick(code.page).rows.filter({ hasText: 'Risks' }).first().click();
      await code.panelSays('the template', ({ facts, phase }) => phase === 'ended' && facts.startsWith('Risks'));
      const frame = await code.panel();
      await frame.locator('select').selectOption('detailed');
      await press(code, 'applyLength');
      await code.panelSays('the longer one', ({ facts, phase }) => phase === 'ended' && facts.startsWith('Risks'));
    },
  },
  {
    title: 'cancelled, resumed, kept, found again',
    settings: compatible,
    async go(code, provider) {
      provider.reset({ latency: { firstTokenMs: 5_000, perOutputTokenMs: 10 } });
      await openBeside(code, 'pumps.md');
      await code.runCommand(commandTitle);
      await until('a call', () => provider.openRequests > 0);
      await press(code, 'cancel');
      await code.panelSays('the end', ({ phase }) => phase === 'ended');
      provider.reset({ latency: {} });
      await press(code, 'resume');
      await summary(code);
      await runInPanel(code, 'Précis: Keep Summary');
      await code.runCommand('Précis: Show History');
      await quickPick(code.page).rows.filter({ hasText: 'pumps.md' }).first().click();
      await titled(code, 'pumps.md');
    },
  },
  {
    title: 'the side bar: open, delete, undo',
    async go(code) {
      await summarize(code);
      await code.page.locator('.activitybar .action-label[aria-label^="Précis"]').first().click();
      const row = code.page.locator('.pane-body .monaco-list-row').filter({ hasText: 'pumps.md' }).first();
      await row.waitFor();
      await row.hover();
      await row.locator('.codicon-trash').first().click();
      await until('the way back', async () => (await notifications(code.page))[0]?.buttons.includes('Undo') === true);
      await code.page.locator('.notifications-toasts .monaco-button').filter({ hasText: 'Undo' }).first().click();
      await row.waitFor();
    },
  },
  {
    title: 'another language of the summary, then its text copied',
    settings: compatible,
    async go(code) {
      await summarize(code);
      await press(code, 'language');
      const { rows, input } = quickPick(code.page);
      await input.fill('Spanish');
      await rows.first().click();
      await until('the language', async () =>
        /Spanish/.test(await (await code.panel()).locator('[data-action=language]').innerText()),
      );
      await summary(code);
      await press(code, 'copy');
      await (await code.panel()).locator('[data-action=copy]').filter({ hasText: 'Copied' }).waitFor();
    },
  },
];

if (long)
  describe('walks through the first ten minutes', function () {
    this.timeout(240_000);
    let provider: SimulatedProvider;
    beforeEach(async () => {
      provider = await startProvider({ flavour: 'cloud', models: { 'small-model': {}, 'gpt-6.1-terra': {} } });
    });
    afterEach(() => provider.close());

    for (const { title, options, settings, go } of walks)
      it(title, () =>
        inVsCode(
          {
            ...(options?.folder === null ? {} : { files }),
            ...options,
            settings: settings?.(provider) ?? {},
            env: { OPENAI_API_KEY: undefined, ANTHROPIC_API_KEY: undefined },
          },
          async (code) => {
            await go(code, provider);
            await clean(code);
          },
        ),
      );
  });
