/**
 * What end-to-end tests use: a real VS Code with Précis installed as a user has it, a folder to work in, and its panel.
 *   it('…', () => inVsCode({ files: { 'a.md': '# A\n' } }, async (code) => { … }));
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root, startHost, type Host, type HostOptions } from '../support/host/host.ts';
import { readPanel, type PanelText } from '../support/host/panelPage.ts';
import { removeFolder, temporaryFolder } from '../support/host/processes.ts';
import { until } from '../support/host/wait.ts';
import { findPanel, whenEditorShows } from '../support/host/window.ts';

export { root } from '../support/host/host.ts';
export { until } from '../support/host/wait.ts';
export * from '../support/host/window.ts';
export { commandTitle } from '../support/host/summarizeFile.ts';
export { readPanel, type PanelText } from '../support/host/panelPage.ts';

export const fixtures = join(root, 'test', 'fixtures');

export interface CodeOptions extends HostOptions {
  /** Files of the workspace by relative path. */
  readonly files?: Readonly<Record<string, string>>;
  /** One of them, to be open. */
  readonly open?: string;
}

export interface Code extends Host {
  readonly workspace: string;
  /** Waits until the panel shows a run that has ended, and gives what it says. */
  ended(limitMs?: number): Promise<PanelText>;
  /** Waits for this of the panel. */
  panelSays(what: string, test: (panel: PanelText) => boolean, limitMs?: number): Promise<PanelText>;
}

/** Stored summaries below a profile. A panel shows the end of a run a moment before it is stored. */
export function storedRuns(home: string): { readonly running: boolean }[] {
  return readdirSync(home, { recursive: true, encoding: 'utf8' })
    .filter((file) => /precis\.precis.*[\\/]runs[\\/][^\\/]+\.json$/.test(file))
    .map((file) => JSON.parse(readFileSync(join(home, file), 'utf8')) as { running: boolean });
}

/** Starts VS Code, runs the test in it, and ends it whatever happens; a picture is kept of what a failed test saw. */
export async function inVsCode(options: CodeOptions, test: (code: Code) => Promise<void>): Promise<void> {
  const home = options.home ?? temporaryFolder('e2e');
  const workspace = typeof options.folder === 'string' ? options.folder : join(home, 'workspace');
  for (const [name, text] of Object.entries(options.files ?? {})) {
    mkdirSync(dirname(join(workspace, name)), { recursive: true });
    writeFileSync(join(workspace, name), text);
  }
  const settings = { 'precis.provider': 'offline', ...options.settings };
  const opened = options.open ? { file: join(workspace, options.open) } : {};
  try {
    await using host = await startHost({
      ...options,
      ...opened,
      home,
      folder: options.folder === null ? null : workspace,
      settings,
    });
    try {
      if (options.open) await whenEditorShows(host.page, options.open.split('/').at(-1) ?? '');
      await test(withPanel(host, workspace));
    } catch (error) {
      await pictureFailure(host);
      throw error;
    }
  } finally {
    if (!options.home) removeFolder(home);
  }
}

async function pictureFailure(host: Host): Promise<void> {
  const picture = join(root, 'out', 'pictures', `failed-${Date.now()}.png`);
  mkdirSync(dirname(picture), { recursive: true });
  await host.screenshot(picture).then(
    () => console.error(`What the failed test saw: ${picture}`),
    () => undefined,
  );
}

/** One window for all tests of a block: started before the first, ended after the last. The result gives it. */
export function sharedWindow(options: CodeOptions): () => Code {
  let code: Code | undefined;
  let end = (): void => undefined;
  let ended: Promise<void> | undefined;
  before(async () => {
    await new Promise<void>((ready, fail) => {
      ended = inVsCode(options, (opened) => {
        code = opened;
        ready();
        return new Promise((done) => (end = done));
      });
      ended.catch(fail);
    });
  });
  afterEach(async function () {
    if (code && this.currentTest?.state === 'failed') await pictureFailure(code);
  });
  after(async () => {
    end();
    await ended;
  });
  return () => {
    if (!code) throw new Error('The window has not started.');
    return code;
  };
}

function withPanel(host: Host, workspace: string): Code {
  const panelSays: Code['panelSays'] = (what, test, limitMs) =>
    until(
      what,
      async () => {
        const frame = await findPanel(host.page, 'precis.precis');
        const panel = await (frame ? readPanel(frame) : undefined);
        return panel && test(panel) ? panel : false;
      },
      limitMs,
    );
  return {
    ...host,
    workspace,
    panelSays,
    ended: (limitMs) => panelSays('the end of the run', (panel) => panel.phase === 'ended', limitMs),
  };
}
