/** Whether a summary of a folder or of changes still tells of them: watched while its panel is seen, compared when it is shown again. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import * as vscode from 'vscode';
import { runOffline } from '../../src/engine/offline/run.ts';
import type { Prepare } from '../../src/engine/request.ts';
import { realClock } from '../../src/host/clock.ts';
import { hash } from '../../src/host/hash.ts';
import { yieldToEventLoop } from '../../src/host/yield.ts';
import { createActiveRun, type ActiveRun } from '../../src/runs/activeRun.ts';
import { watchFreshness } from '../../src/runs/freshness/stale.ts';
import type { SummaryTarget } from '../../src/runs/target.ts';
import { resolveTarget } from '../../src/runs/resolve.ts';
import { concerns } from '../../src/runs/freshness/staleFiles.ts';
import { mayChange } from '../../src/runs/freshness/watching.ts';
import { createPrepare } from '../../src/text/prepare.ts';
import { until } from '../support/host/wait.ts';

const prepare = createPrepare({ salt: 's', hash, yield: yieldToEventLoop });
const { signal } = new AbortController();
const page = (name: string, n = 7): string =>
  `# ${name}\n\nPump ${n} of ${name} failed after ${n} hours, and was repaired.\n`;

let folder = '';
const uri = (name: string): vscode.Uri => vscode.Uri.file(join(folder, name));
function write(name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

/** A run that has ended a minute ago; its summary is told to be one of several calls, so that what an update sends is told. */
async function ended(recipe: SummaryTarget): Promise<ActiveRun> {
  const run = createActiveRun('r', { target: recipe, title: 't', length: 'brief', language: '' }, () => undefined);
  const fingerprint: [string, number][] = [];
  const watching: Prepare = async (...args) => {
    const prepared = await prepare(...args);
    for (const chunk of prepared.chunks) fingerprint.push([hash(chunk.text).slice(0, 16), chunk.tokens]);
    return prepared;
  };
  const source = await resolveTarget(recipe, signal);
  const options = {
    length: 'brief',
    language: '',
    instructions: '',
    chunkTokens: 0,
    concurrency: 1,
    maxCostUsd: 0,
  } as const;
  const ports = { prepare: watching, signal, yield: yieldToEventLoop, clock: realClock };
  for await (const event of runOffline({ id: 'r', source, options }, ports)) run.event(event);
  run.state.fingerprint = fingerprint;
  run.state.view = { ...run.state.view, strategy: 'map-reduce' };
  run.state.startedAt = Date.now() - 60_000;
  return run;
}

interface Watched {
  readonly run: ActiveRun;
  /** Comparisons so far. */
  readonly looks: () => number;
  /** Holds back the next comparison that reads this, after its reading; calling the result lets it go. */
  hold(text: string): { readonly reached: () => boolean; readonly release: () => void };
  show(visible: boolean): void;
  stale(tokens: (tokens: number | undefined) => boolean): Promise<void>;
}

async function watched(recipe: SummaryTarget, test: (watched: Watched) => Promise<void>): Promise<void> {
  const run = await ended(recipe);
  const visibility = new vscode.EventEmitter<void>();
  let visible = false;
  let looks = 0;
  let held: { readonly text: string; readonly gate: Promise<void>; reached: boolean } | undefined;
  const watching = watchFreshness({
    runs: () => [run],
    prepare: () => {
      looks++;
      return Promise.resolve(async (...args: Parameters<Prepare>) => {
        const prepared = await prepare(...args);
        if (held && !held.reached && prepared.chunks.some(({ text }) => text.includes(held!.text))) {
          held.reached = true;
          await held.gate;
        }
        return prepared;
      });
    },
    hash,
    isVisible: () => visible,
    onVisibility: visibility.event,
  });
  try {
    await test({
      run,
      looks: () => looks,
      hold(text) {
        let release = (): void => undefined;
        const holding = { text, gate: new Promise<void>((done) => (release = done)), reached: false };
        held = holding;
        return { reached: () => holding.reached, release: () => release() };
      },
      show(now) {
        visible = now;
        visibility.fire();
      },
      stale: async (right) => {
        await until(`${run.state.stale?.tokens} tokens to become right`, () => right(run.state.stale?.tokens));
      },
    });
  } finally {
    watching.dispose();
    visibility.dispose();
  }
}

/**
 * Makes a folder, and waits until VS Code's watcher tells of changes in it: a folder that is made within another faster than
 * the watcher follows is never watched.
 */
async function makeWatchedFolder(path: string): Promise<void> {
  const heard = new Set<string>();
  const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(vscode.Uri.file(path), '*'));
  const listening = watcher.onDidCreate(({ fsPath }) => heard.add(fsPath));
  try {
    for (let attempt = 0; heard.size === 0; attempt++) {
      assert.ok(attempt < 20, `${path} is not watched`);
      rmSync(path, { recursive: true, force: true });
      mkdirSync(path, { recursive: true });
      for (let probe = 0; probe < 10 && heard.size === 0; probe++) {
        writeFileSync(join(path, `probe-${probe}`), '');
        await setTimeout(100);
      }
    }
  } finally {
    listening.dispose();
    watcher.dispose();
  }
  for (const name of readdirSync(path)) rmSync(join(path, name));
}

describe('whether a summary is up to date', function () {
  this.timeout(240_000);
  beforeEach(async () => {
    const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
    assert.ok(root);
    folder = mkdtempSync(join(root, 'fresh-'));
    for (const name of ['', 'in']) await makeWatchedFolder(join(folder, name));
    for (const name of ['a.md', 'in/b.md', 'in/c.md']) write(name, page(name));
    write('.gitignore', '*.tmp\n');
    write('node_modules/x/index.js', 'x');
    write('package-lock.json', '{}');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const items = (): SummaryTarget => ({ kind: 'items', uris: [vscode.Uri.file(folder).toString()] });
  /** The three pages and the ignore file: notes of four chunks, read again. */
  const one = 400 + 4 * 70;

  it('a folder: changed, new and deleted files are told, and their tokens', async () => {
    await watched(items(), async ({ run, looks, show, stale }) => {
      show(true);
      // all files are younger than the run is told to be: compared, none of them is another
      await until('the first comparison', () => looks() > 0 && run.state.fingerprint.length === 4 && !run.state.stale);
      write('in/b.md', page('in/b.md', 8));
      await stale((tokens) => tokens !== undefined && tokens > one + 400 && tokens < one + 500);
      const first = run.state.stale!.tokens;
      write('in/new.md', page('new'));
      await stale((tokens) => tokens !== undefined && tokens > first + 400);
      rmSync(join(folder, 'in/new.md'));
      await stale((tokens) => tokens === first);
      write('in/b.md', page('in/b.md'));
      await stale((tokens) => tokens === undefined);
      rmSync(join(folder, 'a.md'));
      await stale((tokens) => tokens === one - 70);
    });
  });

  it('a folder: a comparison that ends after a newer one changes nothing', async () => {
    await watched(items(), async ({ run, looks, hold, show, stale }) => {
      show(true);
      await until('the first comparison', () => looks() > 0 && !run.state.stale);
      const { reached, release } = hold('Pump 8');
      write('in/b.md', page('in/b.md', 8));
      await until('a comparison of the changed file', reached);
      rmSync(join(folder, 'a.md'));
      await stale((tokens) => tokens !== undefined);
      const newest = run.state.stale?.tokens;
      release();
      await setTimeout(300);
      assert.equal(run.state.stale?.tokens, newest);
    });
  });

  it('a folder: an edit that is not saved counts', async () => {
    await watched(items(), async ({ show, stale }) => {
      show(true);
      const editor = await vscode.window.showTextDocument(uri('a.md'));
      await editor.edit((edit) => edit.insert(new vscode.Position(2, 0), 'Nine valves leak. '));
      await stale((tokens) => tokens !== undefined && tokens > one + 400);
      await editor.edit((edit) => edit.delete(new vscode.Range(2, 0, 2, 'Nine valves leak. '.length)));
      await stale((tokens) => tokens === undefined);
      await editor.document.save();
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    });
  });

  it('a folder: what was left out does not matter, nor what was not chosen', async () => {
    const run = await ended(items());
    const [b, lock, module, fresh] = ['in/b.md', 'package-lock.json', 'node_modules/x/y.js', 'in/new.md'].map((name) =>
      uri(name).toString(),
    );
    const matters = concerns(run);
    assert.deepEqual(
      [b, lock, module, fresh].map((name) => matters(name!)),
      [true, false, false, true],
    );
    const chosen = concerns(await ended({ ...items(), picked: [b!] } as SummaryTarget));
    assert.deepEqual(
      [b, fresh].map((name) => chosen(name!)),
      [true, false],
    );
  });

  it('a hidden panel: nothing is listened to; shown again it is compared', async () => {
    await watched(items(), async ({ run, looks, show, stale }) => {
      show(false);
      write('in/b.md', page('in/b.md', 9));
      write('in/ignored.tmp', 'x');
      assert.equal(looks(), 0);
      show(true);
      await stale((tokens) => tokens !== undefined && tokens > one + 400 && tokens < one + 500);
      assert.equal(run.state.target.kind, 'items');
    });
  });

  it('one chosen file among items is watched too', async () => {
    await watched({ kind: 'items', uris: [uri('a.md'), uri('in/b.md')].map(String) }, async ({ show, stale }) => {
      show(true);
      write('in/c.md', page('in/c.md', 12));
      write('in/b.md', page('in/b.md', 12));
      await stale((tokens) => tokens !== undefined && tokens > 400 + 140 + 400 && tokens < 400 + 140 + 500);
    });
  });

  it('changes: told when the repository looks again, and no commit is', async () => {
    const git = (...args: string[]): void => {
      const as = ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', '-c', 'commit.gpgsign=false'];
      execFileSync('git', [...as, ...args], { cwd: folder, stdio: 'ignore' });
    };
    git('init', '-q', '-b', 'main');
    git('add', '.');
    git('commit', '-qm', 'First');
    write('a.md', page('a.md', 20));
    const api = (await vscode.extensions.getExtension('vscode.git')!.activate()).getAPI(1);
    const repository = await api.openRepository(vscode.Uri.file(folder));
    await repository.status();
    const place = { repository: vscode.Uri.file(folder).toString() };
    const ranges = [undefined, 'main..HEAD', 'HEAD', '1f2e3d4c5b'];
    assert.deepEqual(
      ranges.map((range) => mayChange({ kind: 'changes', ...(range ? { range } : {}) })),
      [true, true, true, false],
    );
    await watched({ kind: 'changes', ...place }, async ({ looks, show, stale }) => {
      show(true);
      await until('a comparison that finds nothing', () => looks() > 0);
      write('a.md', page('a.md', 21));
      await repository.status();
      await stale((tokens) => tokens !== undefined && tokens > 400);
      write('a.md', page('a.md', 20));
      await repository.status();
      await stale((tokens) => tokens === undefined);
    });
  });
});
