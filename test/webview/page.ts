/** The panel's page in a real browser, with a host that only listens: built, under the panel's own policy, in a theme's real colours. */
import { readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { createPageHtml } from '../../src/panel/html.ts';
import type { FromPanel, ToPanel } from '../../src/shared/protocol.ts';
import { installation } from '../support/host/installation.ts';

const origin = 'http://panel.test';
const file = (path: string): string => new URL(path, import.meta.url).pathname;

/** Colours as VS Code 1.139 hands them to a webview in its four default themes. */
const themes = JSON.parse(readFileSync(file('themes.json'), 'utf8')) as Record<
  Theme,
  { readonly body: string; readonly vars: Readonly<Record<string, string>> }
>;
export type Theme = 'dark' | 'light' | 'hc-dark' | 'hc-light';

export interface PanelPageOptions {
  readonly theme?: Theme;
  readonly width?: number;
  readonly height?: number;
  readonly zoom?: number;
  readonly reducedMotion?: boolean;
  readonly forcedColors?: boolean;
  /** What an earlier page saved. */
  readonly saved?: unknown;
}

export interface PanelPage extends AsyncDisposable {
  readonly page: Page;
  /** Messages from the page, as they came. */
  readonly sent: FromPanel[];
  /** What the page saved last. */
  saved(): Promise<unknown>;
  /** Addresses that the page asked for besides its own two files. */
  readonly requests: string[];
  /** Errors and complaints of the page. */
  readonly complaints: string[];
  send(...messages: readonly ToPanel[]): Promise<void>;
  /** Sends what need not fit the protocol. */
  sendRaw(...messages: readonly unknown[]): Promise<void>;
  /** Waits until all that was sent is on the page. */
  settled(): Promise<void>;
}

let built: Promise<{ readonly script: string; readonly style: string }> | undefined;
let launched: Promise<Browser> | undefined;

function bundle(): Promise<{ readonly script: string; readonly style: string }> {
  built ??= build({
    entryPoints: [file('../../src/webview/main.ts')],
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    outdir: '/',
    write: false,
  }).then(({ outputFiles }) => {
    const text = (end: string): string => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
    return { script: text('.js'), style: text('.css') };
  });
  return built;
}

function browser(): Promise<Browser> {
  launched ??= installation().then(({ chromium: program }) =>
    chromium.launch({
      executablePath: program.path,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-dev-shm-usage'],
      env: { ...process.env, ...program.env } as Record<string, string>,
    }),
  );
  return launched;
}

export async function closeBrowser(): Promise<void> {
  await (await launched)?.close();
  launched = undefined;
}

/** Opens the page; it has said `ready` when this resolves. */
export async function openPanelPage(options: PanelPageOptions = {}): Promise<PanelPage> {
  const context = await newContext(options);
  const page = await context.newPage();
  const sent: FromPanel[] = [];
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.exposeFunction('fromPanel', (message: FromPanel) => void sent.push(message));
  await serve(page, requests);
  await page.addInitScript(fakeHost, { theme: themes[options.theme ?? 'dark'], saved: options.saved });
  await page.goto(`${origin}/`);
  await page.waitForFunction(() => 'ready' in window);
  const sendRaw = (...messages: readonly unknown[]): Promise<void> =>
    page.evaluate((all) => all.forEach((message) => window.postMessage(message, '*')), messages);
  return {
    page,
    sent,
    requests,
    complaints,
    send: sendRaw,
    sendRaw,
    saved: () => page.evaluate(() => (window as unknown as { saved: unknown }).saved),
    settled: () => page.evaluate(twoFrames),
    [Symbol.asyncDispose]: () => context.close(),
  };
}

async function newContext(options: PanelPageOptions): Promise<BrowserContext> {
  const { width = 720, height = 900, zoom = 1 } = options;
  return (await browser()).newContext({
    viewport: { width: Math.round(width / zoom), height: Math.round(height / zoom) },
    deviceScaleFactor: zoom,
    reducedMotion: options.reducedMotion === true ? 'reduce' : 'no-preference',
    forcedColors: options.forcedColors === true ? 'active' : 'none',
  });
}

async function serve(page: Page, requests: string[]): Promise<void> {
  const { script, style } = await bundle();
  const html = createPageHtml({
    script: `${origin}/main.js`,
    style: `${origin}/main.css`,
    cspSource: origin,
    nonce: 'abc',
    locale: 'en',
    title: 'Précis',
  });
  const files: Readonly<Record<string, { readonly body: string; readonly contentType: string }>> = {
    '/': { body: html, contentType: 'text/html' },
    '/main.js': { body: script, contentType: 'text/javascript' },
    '/main.css': { body: style, contentType: 'text/css' },
    '/favicon.ico': { body: '', contentType: 'image/x-icon' },
  };
  await page.route('**/*', async (route) => {
    const url = new URL(route.request().url());
    const found = url.origin === origin ? files[url.pathname] : undefined;
    if (found !== undefined) return route.fulfill(found);
    requests.push(url.href);
    return route.abort();
  });
}

/** Runs in the page: what VS Code gives to every webview. */
function fakeHost(given: {
  readonly theme: { readonly body: string; readonly vars: Readonly<Record<string, string>> };
  readonly saved: unknown;
}): void {
  const scope = window as unknown as Record<string, unknown>;
  scope['saved'] = given.saved;
  scope['acquireVsCodeApi'] = () => ({
    postMessage(message: { readonly type: string }) {
      if (message.type === 'ready') scope['ready'] = true;
      // Messages cross to the extension as JSON.
      (scope['fromPanel'] as (value: unknown) => void)(JSON.parse(JSON.stringify(message)));
    },
    getState: () => scope['saved'],
    setState: (state: unknown) => {
      scope['saved'] = state;
    },
  });
  const dress = (): void => {
    for (const [name, value] of Object.entries(given.theme.vars)) {
      document.documentElement.style.setProperty(name, value);
    }
    document.documentElement.style.background = 'var(--vscode-editor-background)';
    document.body.className = given.theme.body;
  };
  document.addEventListener('DOMContentLoaded', dress);
}

/** Runs in the page. */
async function twoFrames(): Promise<void> {
  for (let frame = 0; frame < 3; frame++) await new Promise((next) => requestAnimationFrame(next));
}
