import assert from 'node:assert/strict';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import * as vscode from 'vscode';
import type { PrecisApi, RunEvent } from '../../src/api.ts';
import type { SummaryResult } from '../../src/engine/events.ts';
import { integer, seeded } from '../support/random.ts';
import { startProvider, type SimulatedProvider } from '../support/provider/index.ts';

const megabyte = 1024 * 1024;

/** A log of `bytes` with `count` records that stand in it once. */
async function writeLog(path: string, bytes: number, count: number): Promise<number[]> {
  const random = seeded(21);
  const file = createWriteStream(path);
  const lines: number[] = [];
  let written = 0;
  let line = 0;
  let planted = 0;
  while (written < bytes) {
    let piece = '';
    while (piece.length < 512 * 1024) {
      line++;
      const time = new Date(1_790_000_000_000 + line * 37).toISOString();
      const due = written + piece.length >= ((planted + 0.5) * bytes) / count;
      if (due && planted < count) {
        piece += `${time} ERROR [store] FACT-${planted} journal of volume ${7000 + planted} is torn\n`;
        lines.push(line);
        planted++;
      } else {
        piece += `${time} INFO [http] GET /api/items/${integer(random, 1, 90_000)} 200 in ${integer(random, 1, 400)} ms from 10.0.${integer(random, 0, 255)}.${integer(random, 0, 255)}\n`;
      }
    }
    written += piece.length;
    if (!file.write(piece)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
  return lines;
}

describe('what is large', function () {
  this.timeout(120_000);
  let provider: SimulatedProvider;
  let api: PrecisApi;
  const folder = vscode.workspace.workspaceFolders![0]!.uri;
  before(async () => {
    provider = await startProvider({ flavour: 'compatible', keepBodies: false });
    api = await vscode.extensions.getExtension<PrecisApi>('precis.precis')!.activate();
    await configure({ baseUrl: `${provider.url}/v1`, model: 'm' }, 'openai-compatible');
  });
  after(async () => {
    await configure({ baseUrl: undefined, model: undefined }, undefined);
    await provider.close();
  });

  /** The user's own settings: a text may go to a server on this machine that they name. */
  async function configure(
    server: Readonly<Record<string, string | undefined>>,
    id: string | undefined,
  ): Promise<void> {
    const configuration = vscode.workspace.getConfiguration('precis');
    for (const [name, value] of Object.entries(server))
      await configuration.update(`openaiCompatible.${name}`, value, vscode.ConfigurationTarget.Global);
    await configuration.update('provider', id, vscode.ConfigurationTarget.Global);
  }

  it('a log of 100 MB sends at most 200,000 tokens, and every rare record arrives', async function () {
    const uri = vscode.Uri.joinPath(folder, 'large.log');
    const lines = await writeLog(uri.fsPath, 100 * megabyte, 20);
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const before = process.memoryUsage.rss();
    let peak = 0;
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 50);
    const events: RunEvent[] = [];
    let result: SummaryResult;
    try {
      result = await api.summarize({ uri }, { length: 'detailed' }, undefined, (event) => events.push(event));
    } finally {
      clearInterval(watch);
      delay.disable();
      await vscode.workspace.fs.delete(uri);
    }
    const figures = `${result.usage.inputTokens} tokens, ${Math.round(result.usage.wallMs)} ms, peak ${Math.round(peak / megabyte)} MB from ${Math.round(before / megabyte)}, longest pause ${Math.round(delay.max / 1e6)} ms`;
    this.test!.title += ` (${figures})`;
    const missing = lines.map((_, i) => i).filter((i) => !new RegExp(`FACT-${i}\\b`).test(result.markdown));
    assert.deepEqual([result.status, missing], ['complete', []]);
    assert.ok(result.usage.inputTokens <= 200_000, `${result.usage.inputTokens} tokens`);
    assert.ok(result.coverage.folded > result.coverage.lines * 0.9, 'counted lines are told');
    const wrong = lines.filter((line, i) => {
      const ids = [...(new RegExp(`FACT-${i}\\b[^\\n]*`).exec(result.markdown)?.[0] ?? '').matchAll(/\[(\d+)\]/g)].map(
        (m) => Number(m[1]),
      );
      return !ids.some(
        (id) => result.citations[id - 1]!.startLine <= line && line <= result.citations[id - 1]!.endLine,
      );
    });
    assert.deepEqual(wrong, [], 'each is cited on its own line');
    assert.ok(peak - before < 250 * megabyte, `${Math.round((peak - before) / megabyte)} MB more than before`);
  });

  it('a folder is read by its ignore rules, and tells what it left out', async () => {
    const root = vscode.Uri.joinPath(folder, 'project');
    const write = (path: string, text: string): Thenable<void> =>
      vscode.workspace.fs.writeFile(vscode.Uri.joinPath(root, path), new TextEncoder().encode(text));
    await write('.gitignore', 'ignored/\n');
    await write('README.md', '# Pumps\n\nFACT-1 is that the pumps are driven by steam.\n');
    await write('src/pump.ts', '/** FACT-2 starts a pump. */\nexport function start(): void {}\n');
    await write('ignored/a.md', 'FACT-3 must not be read.\n');
    await write('package-lock.json', '{"FACT-4": true}\n');
    await write('node_modules/x/index.js', '// FACT-5\n');
    await write('.env', 'KEY=FACT-6\n');
    const result = await vscode.commands.executeCommand<SummaryResult>('precis.summarizeFolder', root, [root]);
    assert.match(result.markdown, /FACT-1\b[^]*FACT-2\b|FACT-2\b[^]*FACT-1\b/);
    assert.doesNotMatch(result.markdown, /FACT-[3456]/);
    const skipped = new Map(
      result.coverage.filesSkipped?.map(({ uri, reason }) => [
        uri.slice(root.toString().length + 1).replace(/\/$/, ''),
        reason,
      ]),
    );
    for (const path of ['package-lock.json', 'node_modules', '.env', 'ignored'])
      assert.ok(skipped.get(path), `${path}: ${[...skipped.keys()].join(', ')}`);
    await vscode.workspace.fs.delete(root, { recursive: true });
  });
});
