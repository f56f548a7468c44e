/** What is done with a summary once it is there, in one window, with a simulated provider. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProvider, type SimulatedProvider } from '../support/provider/index.ts';
import { commandTitle, inVsCode, notifications, quickPick, statusItem, until, type Code } from './harness.ts';
import { clipboard, openBeside, press, report, runInPanel, tabs, titled } from './steps.ts';

const statusId = 'precis.precis.precis.runs';

interface Stage {
  readonly code: Code;
  readonly provider: SimulatedProvider;
}

/** Progress in the panel and in the status bar while it runs; Cancel ends the calls; Run again pays for the rest alone. */
async function cancelAndAgain(stage: Stage): Promise<void> {
  const { code, provider } = stage;
  provider.reset({ latency: { firstTokenMs: 4_000, perOutputTokenMs: 20 } });
  await code.runCommand(commandTitle);
  await code.panelSays('that it runs', ({ phase }) => phase === 'running');
  const item = await until('the item of the status bar', () => statusItem(code.page, statusId));
  assert.match(item.text, /^Précis: \S/);
  assert.match(item.label, /Précis: (?:Read|Merging|reading|Reading|writing|waiting|done)/);
  await until('calls under way', () => provider.openRequests > 0);
  await press(code, 'cancel');
  await until('the end of the calls', () => provider.openRequests === 0);
  await code.panelSays('that it was cancelled', ({ phase }) => phase === 'ended');
  assert.match(await (await code.panel()).locator('.banners').innerText(), /Cancelled/);
  assert.equal(await until('no item', async () => (await statusItem(code.page, statusId)) === undefined), true);
  provider.reset({ latency: {} });
  await press(code, 'runAgain');
  const panel = await code.panelSays('the summary', ({ text, phase }) => phase === 'ended' && text !== '');
  assert.match(panel.text, /FACT-A-0\b/);
  assert.deepEqual(await notifications(code.page), []);
}

async function copyOpenPin({ code }: Stage): Promise<void> {
  const { text } = await code.ended();
  await press(code, 'copy');
  await (await code.panel()).locator('[data-action=copy]').filter({ hasText: 'Copied' }).waitFor();
  const copied = await clipboard(code);
  assert.match(copied, /FACT-A-0\b/);
  assert.match(copied, /\n---\n\n- \[1\] pumps\.md:\d+/);
  const [said] = text.split('\n');
  assert.ok(copied.includes((said ?? '').replace(/^- /, '').replace(/ \[\d+\]$/, '')), 'the words of the panel');
  await runInPanel(code, 'Précis: Open Summary as a Document');
  await until('the document', async () => (await tabs(code)).some((tab) => /Untitled-1/.test(tab)));
  await code.page.keyboard.press('Control+w');
  const discard = code.page.locator('.monaco-dialog-box .monaco-button').filter({ hasText: /Don.t Save/ });
  await discard.click({ timeout: 5_000 }).catch(() => undefined);
}

async function lengthAndQuestion({ code, provider }: Stage): Promise<void> {
  const frame = await code.panel();
  const before = provider.calls.length;
  await frame.locator('select').selectOption('brief');
  await press(code, 'applyLength');
  await until('a call for another length', () => provider.calls.length > before);
  await code.panelSays('the shorter summary', ({ text, phase }) => phase === 'ended' && text !== '');
  assert.match(JSON.stringify(provider.calls.at(-1)?.body), /120 words/);
  await frame.locator('.ask textarea').fill('Which pump is in week 3?');
  await code.page.keyboard.press('Enter');
  const answer = frame.locator('.question').first();
  await answer.locator('.cite').first().waitFor({ timeout: 30_000 });
  assert.match(await answer.innerText(), /Which pump is in week 3\?[\s\S]*\S/);
}

/** An edit: the panel tells what an update costs and sends that; a citation goes to where its lines went. */
async function editAndUpdate({ code, provider }: Stage): Promise<void> {
  await openBeside(code, 'pumps.md');
  await code.page.keyboard.press('Control+Home');
  await code.page.keyboard.type('A new line about valve 77.\n\n\n');
  const frame = await code.panel();
  const update = frame.locator('[data-action=update]');
  await update.waitFor({ timeout: 30_000 });
  assert.match(
    await frame.locator('.banners').innerText(),
    /has changed since.*An update sends about [\d,]+ tokens\./s,
  );
  const cite = frame.locator('article .cite').first();
  const line = Number(/\d+/.exec((await cite.getAttribute('aria-label')) ?? '')?.[0]);
  await cite.click();
  await code.page
    .locator('#status\\.editor\\.selection')
    .filter({ hasText: `Ln ${line + 3},` })
    .waitFor();
  const before = provider.calls.length;
  await update.click();
  await until('a call with what is new', () => provider.calls.length > before);
  const panel = await code.panelSays(
    'what is new',
    ({ text, phase }) => phase === 'ended' && /valve 77|FACT/.test(text),
  );
  assert.equal(panel.error, undefined);
  await update.waitFor({ state: 'detached' });
  // lines that are gone: said, not shown as if nothing had been
  await openBeside(code, 'pumps.md');
  await code.page.keyboard.press('Control+a');
  await code.page.keyboard.type('Nothing of it is left.\n');
  await frame.locator('article .cite').first().click();
  await code.page.locator('.statusbar').filter({ hasText: 'These lines have changed since the summary.' }).waitFor();
  await openBeside(code, 'pumps.md');
  await code.page.keyboard.press('Control+z');
  await code.runCommand('File: Revert File');
}

/** Two at once: the status bar tells the sum, and its list leads to them; nobody is told of a run that is seen. */
async function twoAtOnce({ code, provider }: Stage): Promise<void> {
  provider.reset({ latency: { firstTokenMs: 5_000, perOutputTokenMs: 20 } });
  await openBeside(code, 'valves.md');
  await code.runCommand(commandTitle);
  await titled(code, 'valves.md');
  await openBeside(code, 'motors.md');
  await code.runCommand(commandTitle);
  await titled(code, 'motors.md');
  await until('both in the status bar', async () =>
    /2 summaries, \d+\s?% read/.test((await statusItem(code.page, statusId))?.text ?? ''),
  );
  const [told] = await until('the one that nobody sees', async () => {
    const toasts = await notifications(code.page);
    return toasts.length === 1 && toasts;
  });
  assert.match(told?.text ?? '', /valves\.md/);
  assert.deepEqual(told?.buttons, ['Cancel']);
  await code.page.locator(`.statusbar-item[id="${statusId}"] a`).first().click();
  const { rows } = quickPick(code.page);
  await rows.first().waitFor();
  const listed = (await rows.allInnerTexts()).join('\n');
  assert.match(listed, /valves\.md/);
  assert.match(listed, /motors\.md/);
  await rows.filter({ hasText: 'valves.md' }).first().click();
  await titled(code, 'valves.md');
  await press(code, 'cancel');
  await code.runCommand('Précis: Show Running Summaries');
  await rows.filter({ hasText: 'motors.md' }).first().click();
  await titled(code, 'motors.md');
  await press(code, 'cancel');
  await until('quiet', async () => (await statusItem(code.page, statusId)) === undefined);
  assert.deepEqual(await until('no toast', async () => (await notifications(code.page)).length === 0 && []), []);
  provider.reset({ latency: {} });
}

async function history({ code }: Stage): Promise<void> {
  await code.runCommand('Précis: Show History');
  const { rows, input } = quickPick(code.page);
  await rows.first().waitFor();
  await input.fill('pumps');
  await until(
    'what was searched',
    async () => (await rows.count()) > 0 && (await rows.filter({ hasText: 'valves.md' }).count()) === 0,
  );
  const count = await rows.count();
  await rows.first().hover();
  await rows.first().locator('[aria-label="Delete this summary"], .codicon-trash').first().click();
  await input.fill('pumps');
  await until('one less', async () => (await rows.count()) === count - 1);
  await code.page.keyboard.press('Escape');
}

async function insert({ code }: Stage): Promise<void> {
  await openBeside(code, 'adder.ts');
  await code.runCommand(commandTitle);
  await titled(code, 'adder.ts');
  await code.panelSays('a summary', ({ text, phase }) => phase === 'ended' && text !== '');
  await runInPanel(code, 'Précis: Insert Summary as a Comment');
  const file = join(code.workspace, 'adder.ts');
  await openBeside(code, 'adder.ts');
  await code.page.keyboard.press('Control+s');
  const text = await until('the comment', () => {
    const now = readFileSync(file, 'utf8');
    return now.startsWith('// ') && now;
  });
  assert.match(text, /^(?:\/\/[^\n]*\n)+export function add/);
  assert.doesNotMatch(text, /\[\d+\]/);
}

describe('hands on a summary', function () {
  // one start serves many steps: a busy machine takes its time
  this.timeout(600_000);

  it('cancel, go on, change, ask, follow, update, and find it again', async () => {
    const provider = await startProvider({ flavour: 'cloud' });
    try {
      await inVsCode(
        {
          files: {
            'pumps.md': report('A', 30),
            'valves.md': report('B', 30),
            'motors.md': report('C', 30),
            'adder.ts': 'export function add(a: number, b: number): number {\n  // FACT-S-0 adds\n  return a + b;\n}\n',
          },
          open: 'pumps.md',
          settings: {
            'precis.provider': 'openai-compatible',
            'precis.openaiCompatible.baseUrl': `${provider.url}/v1`,
            'precis.openaiCompatible.model': 'some-model',
            'files.hotExit': 'off',
          },
        },
        async (code) => {
          for (const step of [
            cancelAndAgain,
            copyOpenPin,
            lengthAndQuestion,
            editAndUpdate,
            twoAtOnce,
            history,
            insert,
          ]) {
            const from = performance.now();
            await code.page.keyboard.press('Control+1');
            await step({ code, provider }).catch((error: unknown) => {
              throw new Error(`${step.name}: ${error instanceof Error ? error.message : String(error)}`, {
                cause: error,
              });
            });
            if (process.env['PRECIS_TEST_TIMES'])
              console.log(`      ${step.name} ${Math.round(performance.now() - from)} ms`);
          }
        },
      );
    } finally {
      await provider.close();
    }
  });
});
