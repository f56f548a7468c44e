/** The browser that shows the window. */
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { installation } from './installation.ts';

export interface BrowserOptions {
  /** Folder of the browser's profile: what a window remembers. */
  readonly profile: string;
  readonly viewport: { readonly width: number; readonly height: number };
  readonly locale?: string;
  readonly reducedMotion?: boolean;
  readonly scale?: number;
}

const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  // A window in the background must go on as one in front.
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
];

export async function startBrowser(options: BrowserOptions): Promise<{ context: BrowserContext; page: Page }> {
  const { chromium: program } = await installation();
  const context = await chromium.launchPersistentContext(options.profile, {
    executablePath: program.path,
    args: quiet,
    headless: true,
    viewport: { ...options.viewport },
    deviceScaleFactor: options.scale ?? 1,
    locale: options.locale ?? 'en-US',
    reducedMotion: options.reducedMotion ? 'reduce' : 'no-preference',
    permissions: ['clipboard-read', 'clipboard-write'],
    env: { ...process.env, ...program.env } as Record<string, string>,
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    timeout: 60_000,
  });
  await context.addInitScript(answerMintKey);
  return { context, page: context.pages()[0] ?? (await context.newPage()) };
}

/** Runs in the page. VS Code's bare server does not keep the half of the key that secrets are sealed with; a product's does. */
function answerMintKey(): void {
  const original = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    const address = typeof input === 'string' ? input : input instanceof URL ? input.href : input.url;
    if (!/\/mint-key$/.test(address)) return original(input, init);
    return Promise.resolve(new Response(new Uint8Array(32).fill(7)));
  };
}
