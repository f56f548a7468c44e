/** What is done with a finished summary beyond copying: saved, pinned, told in another language, compared with an older one. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProvider, type SimulatedProvider } from '../support/provider/index.ts';
import { commandTitle, inVsCode, paletteOffers, quickPick, until, type Code } from './harness.ts';
import { openBeside, press, report, runInPanel, tabs, titled } from './steps.ts';

interface Stage {
  readonly code: Code;
  readonly provider: SimulatedProvider;
}

const panels = async (code: Code): Promise<number> =>
  (await tabs(code)).filter((tab) => tab.startsWith('Précis: pumps.md')).length;

async function summarize({ code }: Stage): Promise<void> {
  await openBeside(code, 'pumps.md');
  await code.runCommand(commandTitle);
  await titled(code, 'pumps.md');
  await code.panelSays('the summary', ({ text, phase }) => phase === 'ended' && text !== '');
}

async function save({ code }: Stage): Promise<void> {
  await runInPanel(code, 'Précis: Save Summary as Markdown…');
  const { input } = quickPick(code.page);
  await until('the name that is offered', async () => /pumps\.md\.summary\.md$/.test(await input.inputValue()));
  await code.page.keyboard.press('Enter');
  const file = join(code.workspace, 'pumps.md.summary.md');
  const text = await until('the file', () => existsSync(file) && readFileSync(file, 'utf8'));
  assert.match(text, /FACT-A-0\b[\s\S]*\n- \[1\] pumps\.md:\d+/);
}

async function language({ code, provider }: Stage): Promise<void> {
  const before = provider.calls.length;
  await press(code, 'language');
  const { input, rows } = quickPick(code.page);
  await rows.first().waitFor();
  await input.fill('Portug');
  await rows.first().click();
  await until('a call in that language', () => provider.calls.length > before);
  await code.panelSays('the summary', ({ text, phase }) => phase === 'ended' && text !== '');
  assert.match(JSON.stringify(provider.calls.at(-1)?.body), /language: Portuguese/);
  assert.match(await (await code.panel()).locator('[data-action=language]').innerText(), /Portug/);
}

/** A pinned summary keeps its panel: the same text gets another; unpinned, it is used again. */
async function pin(stage: Stage): Promise<void> {
  const { code } = stage;
  await runInPanel(code, 'Précis: Keep Summary');
  await until('the way back', () => paletteOffers(code.page, 'Précis: Stop Keeping Summary'));
  await summarize(stage);
  await until('a second panel', async () => (await panels(code)) === 2);
  await summarize(stage);
  assert.equal(await panels(code), 2, 'the one that is not pinned is used again');
}

async function compare({ code }: Stage): Promise<void> {
  await code.runCommand('Précis: Show History');
  const { rows, input } = quickPick(code.page);
  await rows.first().waitFor();
  await input.fill('pumps');
  await rows.first().hover();
  await rows.first().locator('.codicon-diff').first().click();
  await until('the comparison', async () => (await tabs(code)).some((tab) => / ↔ /.test(tab)));
}

describe('a finished summary', function () {
  this.timeout(400_000);
  it('is saved, told in another language, pinned, and compared with the one before', async () => {
    const provider = await startProvider({ flavour: 'cloud' });
    const settings = {
      'precis.provider': 'openai-compatible',
      'precis.openaiCompatible.baseUrl': `${provider.url}/v1`,
      'precis.openaiCompatible.model': 'some-model',
      'files.simpleDialog.enable': true,
    };
    try {
      await inVsCode({ files: { 'pumps.md': report('A', 30) }, open: 'pumps.md', settings }, async (code) => {
        for (const step of [summarize, save, language, pin, compare]) {
          await step({ code, provider }).catch((error: unknown) => {
            throw new Error(`${step.name}: ${error instanceof Error ? error.message : String(error)}`, {
              cause: error,
            });
          });
        }
      });
    } finally {
      await provider.close();
    }
  });
});
