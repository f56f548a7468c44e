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

/** The command line at work: a real terminal runs the build's own program against a server with a model's pace. */
async function terminal(workspace: string): Promise<void> {
  const bin = join(workspace, '..', 'bin');
  mkdirSync(bin, { recursive: true });
  const program = join(root, 'dist', 'cli.js');
  writeFileSync(join(bin, 'precis'), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`, { mode: 0o755 });
  const provider = await startProvider({
    flavour: 'compatible',
    contextWindow: 16_384,
    latency: { firstTokenMs: 500, perOutputTokenMs: 7, jitter: 0.35, seed: 4 },
    reader: { facts: /\d[\d,.]* (?:crowns|litres|nautical miles|ships|hours|degrees)/, maxPointWords: 34 },
  });
  try {
    await using host = await startHost({
      viewport: { width: 1000, height: 520 },
      folder: workspace,
      settings: {
        ...windowSettings,
        'workbench.editor.showTabs': 'none',
        'terminal.integrated.tabs.enabled': false,
        'terminal.integrated.shellIntegration.enabled': false,
        'terminal.integrated.stickyScroll.enabled': false,
        'terminal.integrated.fontSize': 14,
        'terminal.integrated.defaultLocation': 'editor',
        'terminal.integrated.env.linux': {
          PATH: `${bin}:${process.env['PATH'] ?? ''}`,
          PRECIS_HOME: join(workspace, '..', 'precis'),
          PRECIS_PROVIDER: 'openai-compatible',
          PRECIS_BASE_URL: `${provider.url}/v1`,
          PRECIS_MODEL: 'simulated',
        },
        'terminal.integrated.profiles.linux': {
          plain: { path: 'bash', args: ['--norc', '--noprofile', '-i'], env: { PS1: '$ ' } },
        },
        'terminal.integrated.defaultProfile.linux': 'plain',
      },
    });
    const { page } = host;
    await page.keyboard.press('Control+b');
    await host.runCommand('Terminal: Create New Terminal');
    await page.locator('.terminal-wrapper .xterm-screen').first().waitFor();
    await page.waitForTimeout(2_000);
    const typed = async (line: string, seconds: number): Promise<void> => {
      await page.keyboard.type(line, { delay: 40 });
      await page.waitForTimeout(300);
      await page.keyboard.press('Enter');
      await page.waitForTimeout(seconds * 1_000);
    };
    const scene = async (): Promise<void> => {
      await typed('precis field-guide.md --length brief', 9);
      await page.keyboard.press('Control+l');
      await typed('precis server.log --provider offline --length brief', 5);
    };
    const shots = await film(page, scene(), 150);
    const file = join(folder, 'terminal.webp');
    writeFileSync(file, await movie(page, shots, 0.7, 4_000));
    said(file);
    if (statSync(file).size > mostBytes) throw new Error(`It is larger than ${mostBytes / 1e6} MB`);
  } finally {
    await provider.close();
  }
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
    terminal: () => terminal(workspace),
  };
  const looks: typeof all = { film: () => takeFilm(workspace) };
  for (const name of chosen.length ? chosen : Object.keys(all)) await { ...all, ...looks }[name]?.();
} finally {
  removeFolder(home);
}
process.exit(0);
