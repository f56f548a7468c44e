/**
 * A real VS Code without a desktop: its server with a Node extension host, its window in a headless browser.
 *   await using host = await startHost({ folder, settings: { 'precis.provider': 'offline' } });
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Frame, Page } from 'playwright-core';
import { startBrowser } from './browser.ts';
import { environmentLacks, makeLessExtension, type Lack } from './less.ts';
import { removeFolder, temporaryFolder } from './processes.ts';
import { startServer, writeSettings, type Server } from './server.ts';
import { until, type Ask } from './wait.ts';
import * as drive from './window.ts';

export const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '');

export type Theme = 'dark' | 'light' | 'hc-dark' | 'hc-light';
const themes: Readonly<Record<Theme, string>> = {
  dark: 'Dark Modern',
  light: 'Light Modern',
  'hc-dark': 'Default High Contrast',
  'hc-light': 'Default High Contrast Light',
};

const themeFiles: Readonly<Record<Theme, string>> = {
  dark: 'dark_modern',
  light: 'light_modern',
  'hc-dark': 'hc_black',
  'hc-light': 'hc_light',
};

export interface HostOptions {
  /**
   * development: loaded from its folder, as F5 does; no toasts are shown.
   * installed: as a user has it. Default.
   */
  readonly mode?: 'development' | 'installed';
  /** Folder of the extension under test; null: it is installed in `home` already. Default: the repository. */
  readonly extension?: string | null;
  /** What the host does not have, for an installed extension. Default: PRECIS_HOST_LACKS. */
  readonly lacks?: readonly Lack[];
  /** Other extensions, as if installed. */
  readonly alongside?: readonly string[];
  /** JavaScript file whose `run()` the extension host calls; development only. */
  readonly suite?: string;
  /** Workspace folder; null: none. Default: a fresh empty one. */
  readonly folder?: string | null;
  /** A file to open at start. */
  readonly file?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** false: the folder is not trusted, and nobody is asked. */
  readonly trusted?: boolean;
  readonly theme?: Theme;
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly locale?: string;
  readonly reducedMotion?: boolean;
  readonly scale?: number;
  /** Keeps data, secrets and the window's memory there, for a second start. With it, `port` makes the window remember. */
  readonly home?: string;
  readonly port?: number;
}

export interface Host extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly server: Server;
  readonly folder: string | undefined;
  /** Messages of the page's console at error level, as they came. */
  readonly consoleErrors: readonly string[];
  runCommand(title: string, limitMs?: number): Promise<void>;
  openFile(name: string): Promise<void>;
  /** Waits for the panel's page. */
  panel(limitMs?: number): Promise<Frame>;
  /** Changes machine settings; the window follows by itself. undefined takes one away. */
  setSettings(changes: Readonly<Record<string, unknown>>): void;
  /** Changes settings and asks, as `until` does; writes them again, because a window misses a change while its file watcher starts. */
  setSettingsUntil<T>(what: string, changes: Readonly<Record<string, unknown>>, ask: Ask<T>): Promise<T>;
  setTheme(theme: Theme): Promise<void>;
  reload(): Promise<void>;
  /** Ends the extension host as a crash would. VS Code offers to start it anew. */
  killExtensionHost(): Promise<void>;
  screenshot(path: string): Promise<string>;
  close(): Promise<void>;
}

const calm: Readonly<Record<string, unknown>> = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'telemetry.telemetryLevel': 'off',
  'extensions.ignoreRecommendations': true,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'chat.commandCenter.enabled': false,
  'chat.setupFromDialog': false,
  'git.openRepositoryInParentFolders': 'never',
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
  'editor.accessibilitySupport': 'off',
  'editor.minimap.enabled': false,
};

export function extensionId(): string {
  return 'precis.precis';
}

/** The extension to install: the repository, or a copy that finds less in its host. */
function ownExtension(options: HostOptions, home: string): string[] {
  if (options.extension === null) return [];
  const missing = options.lacks ?? environmentLacks();
  if (options.extension !== undefined || missing.length === 0) return [options.extension ?? root];
  const copy = join(home, 'less');
  makeLessExtension(root, copy, missing);
  return [copy];
}

/** Address of a window with these things open. */
export function pageAddress(options: HostOptions, port: number, folder: string | undefined): string {
  const remote = (path: string): string =>
    `vscode-remote://127.0.0.1:${port}${encodeURI(resolve(path).replaceAll('\\', '/'))}`;
  const payload: [string, string][] = [];
  if (options.mode === 'development') payload.push(['extensionDevelopmentPath', remote(options.extension ?? root)]);
  if (options.suite) payload.push(['extensionTestsPath', remote(options.suite)]);
  if (options.file) payload.push(['openFile', remote(options.file)]);
  const query = new URLSearchParams();
  if (folder) query.set('folder', folder);
  else query.set('ew', 'true');
  if (payload.length > 0) query.set('payload', JSON.stringify(payload));
  return `http://127.0.0.1:${port}/?${query.toString()}`;
}

export async function startHost(options: HostOptions = {}): Promise<Host> {
  const home = options.home ?? temporaryFolder('host');
  const folder = options.folder === null ? undefined : (options.folder ?? join(home, 'workspace'));
  if (folder) mkdirSync(folder, { recursive: true });
  let settings: Record<string, unknown> = {
    ...calm,
    'workbench.colorTheme': themes[options.theme ?? 'dark'],
    ...options.settings,
  };
  const development = options.mode === 'development';
  const server = await startServer({
    home,
    development,
    installed: [...(development ? [] : ownExtension(options, home)), ...(options.alongside ?? [])],
    settings,
    env: options.env ?? {},
    trusted: options.trusted ?? true,
    port: options.port ?? 0,
  });
  const opened = await startBrowser({
    profile: join(home, 'profile'),
    viewport: options.viewport ?? { width: 1400, height: 900 },
    ...(options.locale ? { locale: options.locale } : {}),
    ...(options.reducedMotion ? { reducedMotion: true } : {}),
    ...(options.scale ? { scale: options.scale } : {}),
  }).catch(async (error: unknown) => {
    await server.close();
    throw error;
  });
  const { page, context } = opened;
  const consoleErrors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') consoleErrors.push(message.text());
  });
  const shown: HostOptions = { ...options, mode: options.mode ?? 'installed' };
  const url = pageAddress(shown, server.port, folder);
  const close = async (): Promise<void> => {
    await context.close().catch(() => undefined);
    await server.close();
    if (!options.home) removeFolder(home);
  };
  try {
    await page.goto(url, { waitUntil: 'commit', timeout: 60_000 });
    // The machine's settings, which say to ask nobody, may come after the window has asked.
    if (options.trusted === false) void drive.declineTrust(page).catch(() => undefined);
    if (!options.suite) await drive.whenDrawn(page);
  } catch (error) {
    await close();
    throw error;
  }
  const setSettings = (changes: Readonly<Record<string, unknown>>): void => {
    settings = { ...settings, ...changes };
    writeSettings(home, settings);
  };
  const setSettingsUntil: Host['setSettingsUntil'] = (what, changes, ask) => {
    let writtenAt = -Infinity;
    return until(what, () => {
      if (performance.now() - writtenAt > 3_000) {
        setSettings(changes);
        writtenAt = performance.now();
      }
      return ask();
    });
  };
  return {
    page,
    context,
    server,
    folder,
    consoleErrors,
    runCommand: (title, limitMs) => drive.runCommand(page, title, limitMs),
    openFile: (name) => drive.openFile(page, name),
    panel: (limitMs) => drive.whenPanel(page, extensionId(), limitMs),
    setSettings,
    setSettingsUntil,
    setTheme: async (theme) => {
      const mark = `.monaco-workbench.vscode-theme-defaults-themes-${themeFiles[theme]}-json`;
      const shows = async (): Promise<boolean> => (await page.locator(mark).count()) > 0;
      await setSettingsUntil(`the theme ${themes[theme]}`, { 'workbench.colorTheme': themes[theme] }, shows);
    },
    reload: async () => {
      // A window that is told to open a file does not bring back what it had open.
      await page.goto(pageAddress({ ...shown, file: undefined }, server.port, folder), { waitUntil: 'commit' });
      await drive.whenDrawn(page);
    },
    killExtensionHost: async () => {
      const ids = server.extensionHosts();
      if (ids.length === 0) throw new Error('No extension host is running');
      for (const id of ids) process.kill(id, 'SIGKILL');
      await until('the end of the extension host', () => !server.extensionHosts().some((id) => ids.includes(id)));
    },
    screenshot: async (path) => {
      await page.screenshot({ path, animations: 'disabled' });
      return path;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
