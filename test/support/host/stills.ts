/**
 * npm run pictures -- film: what a person sees from the first start to the history, in four themes and three widths, in
 * out/pictures/film/. Each sheet shows one moment. To be looked at, not compared.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProvider, type SimulatedProvider } from '../provider/index.ts';
import { root, startHost, type Host, type Theme } from './host.ts';
import { readPanel, type PanelText } from './panelPage.ts';
import { commandTitle } from './summarizeFile.ts';
import { until } from './wait.ts';
import { chooseFromSubmenu, findPanel, quickPick, whenEditorShows } from './window.ts';

const themes: readonly Theme[] = ['dark', 'light', 'hc-dark', 'hc-light'];
const target = join(root, 'out', 'pictures', 'film');

/** A moment of the film. */
interface Moment {
  readonly name: string;
  reach(stage: Stage): Promise<void>;
  leave?(stage: Stage): Promise<void>;
}

interface Stage {
  readonly host: Host;
  readonly provider: SimulatedProvider;
}

const panelSays = (host: Host, what: string, test: (panel: PanelText) => boolean): Promise<unknown> =>
  until(what, async () => {
    const frame = await findPanel(host.page, 'precis.precis');
    const panel = await (frame ? readPanel(frame) : undefined);
    return panel !== undefined && test(panel);
  });
const ended = (host: Host): Promise<unknown> =>
  panelSays(host, 'the end of the run', ({ phase, text, error }) => phase === 'ended' && (text !== '' || !!error));

async function press(host: Host, action: string): Promise<void> {
  await (await host.panel()).locator(`[data-action="${action}"]`).first().click();
}

async function open(host: Host, name: string): Promise<void> {
  await host.page.keyboard.press('Control+1');
  await host.openFile(name);
}

async function escape({ host }: Stage): Promise<void> {
  await host.page.keyboard.press('Escape');
  await host.page.keyboard.press('Escape');
}

const slow = { latency: { firstTokenMs: 9_000, perOutputTokenMs: 60 } };

const moments: readonly Moment[] = [
  {
    name: '01-first-start',
    async reach({ host }) {
      await host.runCommand('Welcome: Open Walkthrough...');
      const { rows, input } = quickPick(host.page);
      await input.fill('Précis');
      await rows.filter({ hasText: 'Précis' }).first().click();
      await host.page.locator('.getting-started-step').first().waitFor();
    },
  },
  {
    name: '02-first-summary-offline',
    async reach({ host }) {
      await open(host, 'field-guide.md');
      await host.runCommand(commandTitle);
      await ended(host);
    },
  },
  {
    name: '03-select-provider',
    async reach({ host }) {
      await host.runCommand('Précis: Select Provider');
      await quickPick(host.page).rows.first().waitFor();
    },
    leave: escape,
  },
  {
    name: '04-server-model',
    async reach({ host, provider }) {
      await host.runCommand('Précis: Select Provider');
      const { rows, input } = quickPick(host.page);
      await input.fill('OpenAI-compatible server');
      await rows.filter({ hasText: 'OpenAI-compatible server' }).first().click();
      await host.page.locator('.quick-input-title').filter({ hasText: 'Set Up', visible: true }).waitFor();
      await input.fill(`${provider.url}/v1`);
      await host.page.keyboard.press('Enter');
      await rows.filter({ hasText: 'gpt-5.2' }).first().waitFor();
    },
    async leave({ host, provider }) {
      await escape({ host, provider });
      host.setSettings({
        'precis.provider': 'openai-compatible',
        'precis.openaiCompatible.baseUrl': `${provider.url}/v1`,
        'precis.openaiCompatible.model': 'gpt-5.2',
        'precis.contextWindow': 8_000,
      });
    },
  },
  {
    name: '05-reading',
    async reach({ host, provider }) {
      provider.reset(slow);
      await open(host, 'field-guide.md');
      await host.runCommand(commandTitle);
      await panelSays(host, 'a running summary', ({ phase }) => phase === 'running');
    },
    async leave({ provider }) {
      provider.reset({ latency: {} });
    },
  },
  { name: '06-done', reach: ({ host }) => ended(host).then(() => undefined) },
  {
    name: '07-ask',
    async reach({ host }) {
      const frame = await host.panel();
      await frame.locator('.ask textarea').fill('Which figures does it name?');
      await host.page.keyboard.press('Enter');
      await frame.locator('.question .cite').first().waitFor();
      await frame.locator('.question').last().scrollIntoViewIfNeeded();
    },
  },
  {
    name: '08-model',
    async reach({ host }) {
      await press(host, 'model');
      await quickPick(host.page).rows.filter({ hasText: 'Reader' }).first().waitFor();
    },
    leave: escape,
  },
  {
    name: '09-templates',
    async reach({ host }) {
      await open(host, 'field-guide.md');
      await host.runCommand('Précis: Summarize with Template…');
      await quickPick(host.page).rows.filter({ hasText: 'TL;DR' }).first().waitFor();
    },
    leave: escape,
  },
  {
    name: '10-failed',
    async reach({ host, provider }) {
      provider.reset({ faults: [{ kind: 'auth', times: Infinity }] });
      await open(host, 'notes.md');
      await host.runCommand(commandTitle);
      await panelSays(host, 'the failure', ({ error }) => error !== undefined);
    },
    async leave({ provider }) {
      provider.reset({ faults: [], latency: {} });
    },
  },
  {
    name: '11-cancelled',
    async reach({ host, provider }) {
      provider.reset({ ...slow, faults: [] });
      await open(host, 'guide-2.md');
      await host.runCommand(commandTitle);
      await until('calls', () => provider.openRequests > 0);
      await press(host, 'cancel');
      await panelSays(host, 'the end', ({ phase }) => phase === 'ended');
    },
    async leave({ provider }) {
      provider.reset({ latency: {} });
    },
  },
  {
    name: '12-folder',
    async reach({ host }) {
      await host.page.keyboard.press('Control+Shift+e');
      const row = host.page.locator('.explorer-folders-view .monaco-list-row').filter({ hasText: /^src$/ }).first();
      await chooseFromSubmenu(host.page, row, 'Précis', 'Summarize Folder…');
      await panelSays(host, 'the folder', ({ facts, phase }) => phase === 'ended' && /files/.test(facts));
      await (await host.panel()).locator('.outline > summary').click();
    },
  },
  {
    name: '13-history',
    async reach({ host }) {
      await host.runCommand('Précis: Show History');
      await quickPick(host.page).rows.first().waitFor();
    },
    leave: escape,
  },
  {
    name: '14-side-bar',
    async reach({ host }) {
      await host.page.locator('.activitybar .action-label[aria-label^="Précis"]').first().click();
      await host.page.locator('.pane-body .monaco-list-row').first().waitFor();
    },
  },
  {
    name: '15-batch-question',
    async reach({ host, provider }) {
      host.setSettings({
        'precis.provider': 'openai',
        'precis.openai.baseUrl': `${provider.url}/v1`,
        'precis.confirmAboveTokens': 1_000,
      });
      await host.page.keyboard.press('Control+Shift+e');
      const row = host.page.locator('.explorer-folders-view .monaco-list-row').filter({ hasText: /^src$/ }).first();
      await chooseFromSubmenu(host.page, row, 'Précis', 'Summarize in Batch…');
      await batchWay(host).waitFor();
    },
  },
  {
    name: '16-batch-waiting',
    async reach({ host }) {
      await batchWay(host).click();
      await panelSays(host, 'the batch', ({ text, status }) => /batch/i.test(`${text} ${status}`));
      await host.runCommand('Précis: Show Batch Jobs');
      await host.page.waitForTimeout(2_000);
    },
  },
];

const batchWay = (host: Host) => quickPick(host.page).rows.filter({ hasText: 'Half price' }).first();

/** Takes the film; `names` limits it to some moments' sheets, though all are reached. */
export async function takeFilm(workspace: string): Promise<void> {
  mkdirSync(target, { recursive: true });
  writeFileSync(join(workspace, 'notes.md'), '# Notes\n\n- The pump failed at six.\n'.repeat(12));
  writeFileSync(join(workspace, 'guide-2.md'), readFileSync(join(workspace, 'field-guide.md'), 'utf8').repeat(2));
  const provider = await startProvider({
    flavour: 'cloud',
    models: { 'gpt-5.2': {}, 'gpt-5.2-mini': {} },
    batch: { polls: 10_000 },
  });
  try {
    await using host = await startHost({
      viewport: { width: 1200, height: 760 },
      folder: workspace,
      file: join(workspace, 'field-guide.md'),
      env: { OPENAI_API_KEY: 'sk-film-0123456789abcdef' },
      settings: {
        'precis.provider': 'offline',
        'precis.openai.model': 'gpt-5.2',
        'editor.wordWrap': 'on',
        'precis.concurrency': 2,
      },
    });
    await whenEditorShows(host.page, 'field-guide.md');
    for (const moment of moments) {
      const stage = { host, provider };
      try {
        await moment.reach(stage);
        await sheet(host, moment.name);
      } catch (error) {
        console.error(`${moment.name}: ${String(error).slice(0, 300)}`);
        await host.screenshot(join(target, `${moment.name}-missed.png`));
      }
      await moment.leave?.(stage);
    }
    await widths(host);
  } finally {
    await provider.close();
  }
}

/** The panel alone at 300 px, 1,000 px and at 200 %. */
async function widths(host: Host): Promise<void> {
  await open(host, 'field-guide.md');
  await host.runCommand(commandTitle);
  await ended(host);
  await (await host.panel()).locator('#title').click();
  host.setSettings({ 'workbench.activityBar.location': 'hidden', 'workbench.sideBar.visible': false });
  await host.page.keyboard.press('Control+b');
  await host.runCommand('View: Close Other Editor Groups').catch(() => undefined);
  await host.runCommand('View: Close Editors in Other Groups').catch(() => undefined);
  for (const [name, width, height] of [
    ['300px', 300, 760],
    ['1000px', 1_000, 760],
    ['200-percent', 600, 380],
  ] as const) {
    await host.page.setViewportSize({ width, height });
    await host.page.waitForTimeout(800);
    await host.setTheme('dark');
    await host.screenshot(join(target, `17-${name}.png`));
  }
}

/** One picture a theme, side by side. */
async function sheet(host: Host, name: string): Promise<void> {
  const shots: string[] = [];
  for (const theme of themes) {
    await host.setTheme(theme);
    await host.page.waitForTimeout(250);
    shots.push((await host.page.screenshot()).toString('base64'));
  }
  const page = await host.context.newPage();
  try {
    await page.setViewportSize({ width: 2_000, height: 1_270 });
    const images = shots.map((shot) => `<img src="data:image/png;base64,${shot}">`).join('');
    await page.setContent(
      `<style>body{margin:0;display:grid;grid-template-columns:1fr 1fr;gap:4px}img{width:100%}</style>${images}`,
    );
    await page.screenshot({ path: join(target, `${name}.png`) });
  } finally {
    await page.close();
  }
  console.log(join(target, `${name}.png`));
}
