/** npm run pictures: media/readme/ (and with `film` stills of every moment), taken in a real VS Code with the simulated provider: a summary as it streams, and stills. */
import { cpSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { log } from '../corpus.ts';
import { startProvider } from '../provider/index.ts';
import { root, startHost, type Host, type HostOptions, type Theme } from './host.ts';
import { film, movie } from './movie.ts';
import { readPanel } from './panelPage.ts';
import { takeFilm } from './stills.ts';
import { removeFolder, temporaryFolder } from './processes.ts';
import { commandTitle, summarizeFile } from './summarizeFile.ts';
import { until } from './wait.ts';
import { chooseFromSubmenu, findPanel, whenEditorShows } from './window.ts';

const folder = join(root, 'media', 'readme');
mkdirSync(folder, { recursive: true });
const chosen = process.argv.slice(2);
const mostBytes = 1_500_000;

const look: HostOptions = { viewport: { width: 1200, height: 700 }, scale: 1.5 };
const windowSettings = {
  'workbench.activityBar.location': 'hidden',
  'editor.wordWrap': 'on',
  'window.commandCenter': false,
};

function said(file: string): void {
  console.log(`${file} ${Math.round(statSync(file).size / 1000)} KB`);
}

function ended(host: Host): Promise<unknown> {
  return until(
    'the end of the summary',
    async () => {
      const frame = await findPanel(host.page, 'precis.precis');
      const panel = await (frame ? readPanel(frame) : undefined);
      if (panel?.error) throw new Error(panel.error);
      return panel?.phase === 'ended';
    },
    120_000,
  );
}

/** A workspace with what the pictures show. */
function workspaceIn(home: string): string {
  const workspace = join(home, 'lighthouse');
  mkdirSync(join(workspace, 'src'), { recursive: true });
  cpSync(join(root, 'test', 'fixtures', 'sample.md'), join(workspace, 'field-guide.md'));
  writeFileSync(join(workspace, 'server.log'), log(11, 3_000_000));
  for (const name of ['clock.ts', 'random.ts', 'corpus.ts', 'grammar.ts'])
    cpSync(join(root, 'test', 'support', name), join(workspace, 'src', name));
  return workspace;
}

/** A model's pace: a summary of the sample takes some seconds. */
async function streaming(workspace: string): Promise<void> {
  const provider = await startProvider({
    flavour: 'compatible',
    latency: { firstTokenMs: 500, perOutputTokenMs: 7, jitter: 0.35, seed: 4 },
    reader: { facts: /\d[\d,.]* (?:crowns|litres|nautical miles|ships|hours|degrees)/, maxPointWords: 34 },
  });
  try {
    await using host = await startHost({
      viewport: { width: 1100, height: 640 },
      folder: workspace,
      file: join(workspace, 'field-guide.md'),
      settings: {
        ...windowSettings,
        'workbench.sideBar.visible': false,
        'precis.provider': 'openai-compatible',
        'precis.openaiCompatible.baseUrl': `${provider.url}/v1`,
        'precis.openaiCompatible.model': 'simulated',
        'precis.contextWindow': 8000,
        'precis.concurrency': 4,
        'precis.summary.length': 'brief',
      },
    });
    await whenEditorShows(host.page, 'field-guide.md');
    await host.page.keyboard.press('Control+b');
    await host.runCommand(commandTitle);
    const shots = await film(host.page, ended(host), 200);
    const file = join(folder, 'streaming.webp');
    writeFileSync(file, await movie(host.page, shots, 0.6, 4_000));
    said(file);
    if (statSync(file).size > mostBytes) throw new Error(`It is larger than ${mostBytes / 1e6} MB`);
  } finally {
    await provider.close();
  }
}

async function panel(workspace: string, theme: Theme): Promise<void> {
  const screenshot = join(folder, `panel-${theme}.png`);
  const settings = { ...windowSettings, 'precis.provider': 'offline' };
  const file = join(workspace, 'field-guide.md');
  const result = await summarizeFile({ ...look, folder: workspace, file, settings, theme, screenshot });
  if (!result.ok) throw new Error(result.message);
  said(screenshot);
}

async function logFile(workspace: string): Promise<void> {
  const screenshot = join(folder, 'log.png');
  const settings = { ...windowSettings, 'editor.wordWrap': 'off', 'precis.provider': 'offline' };
  const result = await summarizeFile({
    ...look,
    folder: workspace,
    file: join(workspace, 'server.log'),
    settings,
    screenshot,
  });
  if (!result.ok) throw new Error(result.message);
  said(screenshot);
}

async function folderMenu(workspace: string): Promise<void> {
  const settings = { ...windowSettings, 'precis.provider': 'offline' };
  await using host = await startHost({
    ...look,
    folder: workspace,
    file: join(workspace, 'src', 'clock.ts'),
    settings,
  });
  await whenEditorShows(host.page, 'clock.ts');
  await host.page.keyboard.press('Control+Shift+e');
  const row = host.page.locator('.explorer-folders-view .monaco-list-row').filter({ hasText: /^src$/ }).first();
  await row.waitFor();
  await chooseFromSubmenu(host.page, row, 'Précis', 'Summarize Folder');
  await until('the list of files', async () => {
    const pick = host.page.locator('.quick-input-widget:not([style*="display: none"]) .monaco-button').first();
    if (await pick.isVisible()) await pick.click();
    return (await findPanel(host.page, 'precis.precis')) !== undefined;
  });
  await ended(host);
  // this VS Code comes without the server of its TypeScript extension, and says so
  await host.page.addStyleTag({ content: '.notifications-toasts { display: none !important; }' });
  said(await host.screenshot(join(folder, 'folder.png')));
}

const home = temporaryFolder('pictures');
try {
  const workspace = workspaceIn(home);
  const all: Readonly<Record<string, () => Promise<void>>> = {
    streaming: () => streaming(workspace),
    dark: () => panel(workspace, 'dark'),
    light: () => panel(workspace, 'light'),
    log: () => logFile(workspace),
    folder: () => folderMenu(workspace),
  };
  const looks: typeof all = { film: () => takeFilm(workspace) };
  for (const name of chosen.length ? chosen : Object.keys(all)) await { ...all, ...looks }[name]?.();
} finally {
  removeFolder(home);
}
process.exit(0);
