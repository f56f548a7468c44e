/** What nobody would want to summarize: each ends in a sentence or in the right result, and the window goes on. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createWriteStream, openSync, closeSync, ftruncateSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { once } from 'node:events';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { PrecisApi, RunEvent, SummaryResult } from '../../src/api.ts';
import { yieldToEventLoop } from '../../src/host/yield.ts';
import { folderSource, planFolder } from '../../src/sources/index.ts';
import { cleanTitle } from '../../src/sources/lines.ts';
import { reasons } from '../../src/sources/reasons.ts';
import { watchPauses } from '../bench/pause.ts';
import { long } from '../support/long.ts';
import { startProvider, type SimulatedProvider } from '../support/provider/index.ts';
import { figure } from './figure.ts';

const million = 1_000_000;
/** Bytes of a file of one line. */
const longLine = (long ? 50 : 8) * million;
const longLineName = `${longLine / million} MB`;
/** The simulated provider runs on the same thread, so its work counts too. */
const longestPauseMs = 200;

let provider: SimulatedProvider;
let api: PrecisApi;
let root = '';
const global = vscode.ConfigurationTarget.Global;
const settings: Readonly<Record<string, string | number>> = {
  'precis.provider': 'openai-compatible',
  'precis.openaiCompatible.model': 'm',
  'precis.confirmAboveTokens': 0,
};

const uriOf = (name: string): vscode.Uri => vscode.Uri.file(join(root, name));
async function write(name: string, content: string | Uint8Array): Promise<vscode.Uri> {
  await writeFile(join(root, name), content);
  return uriOf(name);
}
async function fill(name: string, bytes: number, pieceOf: (at: number) => string): Promise<vscode.Uri> {
  const file = createWriteStream(join(root, name));
  for (let at = 0, written = 0; written < bytes; at++) {
    const piece = pieceOf(at);
    written += piece.length;
    if (!file.write(piece)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
  return uriOf(name);
}

interface Ended {
  readonly result?: SummaryResult;
  readonly sentence?: string;
  readonly ms: number;
}
/** Runs something to its end; the thread is free meanwhile. */
async function ended(work: () => PromiseLike<SummaryResult>): Promise<Ended> {
  const pauses = watchPauses();
  const from = performance.now();
  const what = await Promise.resolve(work()).then(
    (result) => ({ result }),
    (error: unknown) => ({ sentence: error instanceof Error ? error.message : String(error) }),
  );
  const ms = performance.now() - from;
  const pause = pauses.stop();
  figure(
    `${Math.round(ms)} ms, longest pause ${Math.round(pause)} ms${'sentence' in what ? `: ${what.sentence}` : ''}`,
  );
  assert.ok(pause < longestPauseMs, `the thread was held for ${Math.round(pause)} ms`);
  return { ...what, ms };
}
const summarizeFile = (uri: vscode.Uri): Promise<Ended> =>
  ended(() => vscode.commands.executeCommand<SummaryResult>('precis.summarizeFile', uri));
const summarizeItems = (...uris: readonly vscode.Uri[]): Promise<Ended> =>
  ended(() => vscode.commands.executeCommand<SummaryResult>('precis.summarizeFolder', uris[0], uris));

/** The command ends without a result, and the API with the sentence that the panel shows. */
async function checkFile(uri: vscode.Uri, about: RegExp): Promise<Ended> {
  assert.equal((await summarizeFile(uri)).result, undefined);
  const told = await ended(() => api.summarize({ uri }));
  checkSentence(told, about);
  return told;
}
/** The same of several items, whose sentence no API tells. */
async function checkItems(uris: readonly vscode.Uri[], about: RegExp): Promise<void> {
  assert.equal((await summarizeItems(...uris)).result, undefined);
  assert.equal(provider.calls.length, 0);
  const { signal } = new AbortController();
  const outcome = await folderSource(await planFolder(uris, yieldToEventLoop, signal), { signal });
  assert.match('reason' in outcome ? outcome.reason : 'a source was found', about);
}

/** A person can read it, a reason behind the file's name or sentences, and nothing was sent. */
function checkSentence({ sentence, result }: Ended, about: RegExp, calls = 0): void {
  assert.ok(sentence !== undefined, `a summary was made: ${result?.markdown.slice(0, 200)}`);
  assert.match(sentence, about);
  const isLabel = Object.values(reasons).some((reason) => sentence.endsWith(`: ${reason}`));
  assert.match(sentence, isLabel ? /^\S[^\n]*$/ : /^\S[^\n]*[.!?]$/, 'a reason or sentences, on one line');
  assert.doesNotMatch(sentence, /\[object|undefined|\bat \S+ \(|\bE[A-Z]{3,}\b|Error:/);
  assert.equal(provider.calls.length, calls, 'calls of the provider');
}
function checkRead({ sentence, result }: Ended, facts: RegExp): SummaryResult {
  assert.ok(result, sentence);
  assert.equal(result.status, 'complete');
  assert.match(result.markdown, facts);
  return result;
}

describe('bad input', function () {
  this.timeout(180_000);

  before(async () => {
    provider = await startProvider({ flavour: 'compatible' });
    api = await vscode.extensions.getExtension<PrecisApi>('precis.precis')!.activate();
    const configuration = vscode.workspace.getConfiguration();
    await configuration.update('precis.openaiCompatible.baseUrl', `${provider.url}/v1`, global);
    for (const [name, value] of Object.entries(settings)) await configuration.update(name, value, global);
    root = join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, 'bad-input');
    mkdirSync(root, { recursive: true });
    // The first use loads modules.
    await api.summarize({ text: 'The pump is driven by steam.\n' }, { cache: false });
  });
  beforeEach(() => provider.reset());
  afterEach('another command is answered right after', async () => {
    const { markdown } = await api.summarize(
      { text: 'The lamp burns 42 litres of oil in a night of December.\n' },
      { provider: 'offline' },
    );
    assert.match(markdown, /lamp/);
  });
  after(async () => {
    const configuration = vscode.workspace.getConfiguration();
    for (const name of [...Object.keys(settings), 'precis.openaiCompatible.baseUrl'])
      await configuration.update(name, undefined, global);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await provider.close();
    rmSync(root, { recursive: true, force: true });
  });

  describe('with nothing to read', testNothing);
  describe('that is large', testLarge);
  describe('that changes', testChanges);
  describe('that is no ordinary file', testSpecial);
  describe('with an odd name', testNames);
  describe('that is no good text', testBrokenText);
  // The bound itself is held by test/unit/sources/walk.test.ts.
  if (long) describe('of too many files', testCount);
});

function testNothing(): void {
  for (const [name, content] of [
    ['nothing', ''],
    ['spaces and line ends', ' \t\r\n\f \n'],
    ['spaces of all kinds', '\u00a0\u1680\u2000\u2003\u2009\u2028\u2029\u202f\u205f\u3000\n'],
    ['characters that are never shown', '\u200b\u200c\u2060\u00ad\u3164\ufe0f\u2800\n'],
    ['a mark of the byte order', '\ufeff'],
  ] as const)
    it(`reports a file that holds ${name}`, async () => {
      const uri = await write('nothing.txt', content);
      await checkFile(uri, /nothing\.txt: .*(?:empty|white space)/);
      const document = await vscode.workspace.openTextDocument({ content });
      await checkFile(document.uri, /empty|white space/);
    });

  it('rejects an empty text of the API', async () => {
    for (const text of ['', '\u2003\n', '\u200b\u200b'])
      checkSentence(await ended(() => api.summarize({ text })), /no text/);
  });

  it('reports 20 MB of white space', async () => {
    const uri = await fill('wide.txt', 20 * million, () => ' \n\t\u3000'.repeat(20_000));
    await checkFile(uri, /no text|white space/);
  });

  it('reports a sparse file of 1 GB as binary, at once', async () => {
    for (const name of ['sparse.txt', 'sparse.log']) {
      const file = openSync(join(root, name), 'w');
      ftruncateSync(file, 1_024 * million);
      closeSync(file);
      const told = await checkFile(uriOf(name), /Binary file/);
      assert.ok(told.ms < 10_000, `${Math.round(told.ms)} ms`);
    }
    await checkItems([uriOf('sparse.txt'), uriOf('sparse.log')], /no text/);
  });
}

function testLarge(): void {
  it('reports 1 GB of prose as too long, at once', async () => {
    const line = `${'The harbour was opened by the council in the winter of that year. '.repeat(60)}\n`;
    const file = openSync(join(root, 'book.txt'), 'w');
    closeSync(file);
    await writeFile(join(root, 'book.txt'), line.repeat(200));
    await truncate(join(root, 'book.txt'), 1_024 * million);
    const told = await checkFile(uriOf('book.txt'), /too long/);
    assert.ok(told.ms < 10_000, `${Math.round(told.ms)} ms`);
  });

  // large.test.ts reads one of 100 MB.
  if (long)
    it('reads a log of 1 GB', async function () {
      this.timeout(600_000);
      let line = 0;
      const uri = await fill('huge.log', 1_024 * million, (at) => {
        let piece = '';
        for (let i = 0; i < 5_000; i++) {
          const time = new Date(1_790_000_000_000 + line++ * 37).toISOString();
          piece +=
            at === 100 && i === 7
              ? `${time} ERROR [store] FACT-1 journal of volume 7001 is torn\n`
              : `${time} INFO [http] GET /api/items/${(line * 7919) % 90_000} 200 in ${(line * 31) % 400} ms\n`;
        }
        return piece;
      });
      const result = checkRead(await summarizeFile(uri), /FACT-1\b/);
      assert.equal(result.coverage.lines, line);
      assert.ok(result.usage.inputTokens <= 200_000, `${result.usage.inputTokens} tokens`);
      await rm(uri.fsPath);
    });

  const planted = 'The FACT-1 says that pump 2013 failed.';
  for (const [name, piece] of [
    ['prose.txt', 'The old harbour followed the quiet river of the late district until the winter. '],
    ['site.min.js', 'function a(b,c){return b?c(b.d):[e,"f"]};var g={h:function(i){return i+1}};'],
  ] as const)
    it(`reads one line of ${longLineName}, or reports it: ${name}`, async () => {
      const uri = await fill(name, longLine, (at) =>
        at === 60 ? `/* ${planted} */ ` : piece.repeat(1_000).replace('a', String(at)),
      );
      const told = await ended(() => api.summarize({ uri }, { provider: 'offline' }));
      assert.ok(told.result?.markdown || told.sentence, 'silence');
      if (told.sentence) checkSentence(told, /long|large|[Mm]inified/);
      else assert.equal(told.result?.coverage.lines, 1);
    });

  it(`reads one line of ${longLineName}: data.json`, async () => {
    const uri = await fill('data.json', longLine, (at) =>
      at === 0
        ? '[{"id":0}'
        : Array.from({ length: 500 }, (_, i) => `,{"id":${at * 500 + i},"kind":"${i % 7 ? 'a' : 'b'}"}`).join(''),
    );
    await writeFile(uri.fsPath, ']\n', { flag: 'a' });
    const told = await summarizeFile(uri);
    const result = checkRead(told, /\S/);
    assert.ok(result.usage.inputTokens < 200_000, `${result.usage.inputTokens} tokens`);
  });
}

function testChanges(): void {
  const line = 'A line of a long text about the harbour, number 0000000.\n';
  /** What happens to the file when its beginning was read. */
  async function whileRead(name: string, change: (path: string) => Promise<void>): Promise<Ended> {
    const uri = await write(name, line.repeat(400_000));
    let changed: Promise<void> | undefined;
    const told = await ended(() =>
      api.summarize({ uri }, { cache: false }, undefined, (event: RunEvent) => {
        if (event.type === 'read') changed ??= change(uri.fsPath);
      }),
    );
    assert.ok(changed, 'it was changed while it was read');
    await changed;
    return told;
  }

  it('reports a file that is cut while it is read', async () => {
    checkSentence(await whileRead('cut.txt', (path) => truncate(path, 1_000)), /changed while it was read/);
  });
  it('reports a file that is replaced by a longer one while it is read', async () => {
    const told = await whileRead('anew.txt', (path) => writeFile(path, 'Another text.\n'.repeat(2 * million)));
    checkSentence(told, /changed while it was read/);
  });
  it('reports a file that is deleted before it is read', async () => {
    const uri = await write('gone.txt', line);
    const told = [summarizeFile(uri), ended(() => api.summarize({ uri }))] as const;
    rmSync(uri.fsPath);
    assert.equal((await told[0]).result, undefined);
    checkSentence(await told[1], /gone\.txt: .*No longer exists/);
  });
  it('ends when a file is deleted while it is read', async () => {
    const told = await whileRead('unlinked.txt', (path) => rm(path));
    if (told.sentence) assert.match(told.sentence, /exist|changed/);
    else assert.ok(told.result!.markdown);
  });
}

function testSpecial(): void {
  it('reports pipes, sockets, devices and circular links without waiting for them', async function () {
    if (process.platform === 'win32') this.skip();
    execFileSync('mkfifo', [join(root, 'pipe.txt')]);
    symlinkSync(join(root, 'pipe.txt'), join(root, 'to-pipe.txt'));
    symlinkSync('/dev/zero', join(root, 'device.txt'));
    symlinkSync(join(root, 'circle-b.txt'), join(root, 'circle-a.txt'));
    symlinkSync(join(root, 'circle-a.txt'), join(root, 'circle-b.txt'));
    const { createServer } = await import('node:net');
    const server = createServer().listen(join(root, 'socket.txt'));
    await once(server, 'listening');
    for (const name of ['pipe.txt', 'to-pipe.txt', 'device.txt', 'socket.txt', 'circle-a.txt'])
      await checkFile(uriOf(name), /Special file|No longer exists|Can’t be read/);
    server.close();
    await checkItems(['pipe.txt', 'device.txt', 'circle-a.txt'].map(uriOf), /no text/);
  });

  it('reads a folder with pipes named like ignore files and with circular links', async function () {
    if (process.platform === 'win32') this.skip();
    mkdirSync(join(root, 'odd', 'inner'), { recursive: true });
    for (const name of ['odd/.gitignore', 'odd/inner/.precisignore', 'odd/stream.md'])
      execFileSync('mkfifo', [join(root, name)]);
    symlinkSync(join(root, 'odd'), join(root, 'odd', 'inner', 'above'));
    symlinkSync('/etc/passwd', join(root, 'odd', 'out.md'));
    await write('odd/inner/a.md', 'The FACT-1 says that pump 2013 failed.\n');
    const told = await ended(() =>
      vscode.commands.executeCommand<SummaryResult>('precis.summarizeFolder', uriOf('odd')),
    );
    const result = checkRead(told, /FACT-1\b/);
    const skipped = result.coverage.filesSkipped!.map(({ uri, reason }) => `${uri.split('/').pop()}: ${reason}`);
    assert.ok(
      skipped.some((one) => /^out\.md: .*outside the folder/.test(one)),
      skipped.join('\n'),
    );
    assert.ok(
      skipped.some((one) => /^stream\.md: Special file/.test(one)),
      skipped.join('\n'),
    );
    assert.doesNotMatch(JSON.stringify(provider.calls.map(({ body }) => body)), /root:x:0/);
    const inner = await ended(() =>
      vscode.commands.executeCommand<SummaryResult>('precis.summarizeFolder', uriOf('odd/inner')),
    );
    checkRead(inner, /FACT-1\b/);
  });

  it('reports a file that may not be read', async function () {
    const uri = await write('closed.txt', 'Not for you.\n');
    execFileSync('chmod', ['000', uri.fsPath]);
    if (process.getuid?.() === 0) this.skip();
    await checkFile(uri, /No permission/);
  });

  it('reports a file whose reading fails', async function () {
    if (process.platform !== 'linux') this.skip();
    symlinkSync('/proc/self/mem', join(root, 'memory.txt'));
    await checkFile(uriOf('memory.txt'), /Can’t be read|empty/);
  });

  it('reports a file in place of a folder, and a name that is too long', async () => {
    await write('plain.txt', 'Plain.\n');
    await checkFile(uriOf('plain.txt/below.txt'), /No longer exists|Can’t be read/);
    await checkFile(uriOf(`${'n'.repeat(300)}.txt`), /No longer exists|Can’t be read/);
  });
}

function testNames(): void {
  for (const name of [
    'two\nlines.md',
    'turned\u202egpj.md',
    'escape\u001b[31m\u0007.md',
    'tab\tand\rreturn.md',
    'CON.md',
    'nul',
    'space .md ',
    '[n] ```.md',
    '%2e%2e%2f.md',
  ])
    it(`reads ${JSON.stringify(name)} under a safe name`, async function () {
      if (process.platform === 'win32') this.skip();
      const uri = await write(name, 'The FACT-1 says that pump 2013 failed.\n');
      const result = checkRead(await summarizeFile(uri), /FACT-1\b/);
      assert.equal(result.citations[0]!.uri, uri.toString());
      const sent = JSON.stringify(provider.calls.map(({ body }) => body));
      if (cleanTitle(name) !== name) assert.ok(!sent.includes(JSON.stringify(name).slice(1, -1)), sent);
      assert.doesNotMatch(sent, /\u202e|\\u202e|\\u001b|\\u0007/);
      const titles = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ label }) => label));
      assert.doesNotMatch(titles.join('|'), /[\n\r\u001b\u0007\u202e]/);
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    });
}

function testBrokenText(): void {
  it('reads bytes that are no UTF-8', async () => {
    const uri = await write(
      'broken.md',
      Buffer.concat([
        Buffer.from('The FACT-1 says that pump 2013 failed.\n\n'),
        Buffer.from('The harbour was opened by the council in winter. '.repeat(200)),
        Buffer.of(0xff, 0xc3, 0x28, 0xf0, 0x9f, 0x0a),
        Buffer.from('The FACT-2 says that pump 2026 failed.\n'),
      ]),
    );
    checkRead(await summarizeFile(uri), /FACT-1\b[^]*FACT-2\b/);
  });

  it('never sends unpaired surrogates', async () => {
    const text = 'The FACT-1 \ud83d says \ude00 that \ud83d\ude00 pump 2013 failed. \udc00';
    const document = await vscode.workspace.openTextDocument({ language: 'markdown', content: text });
    checkRead(await summarizeFile(document.uri), /FACT-1\b/);
    checkRead(await ended(() => api.summarize({ text }, { cache: false })), /FACT-1\b/);
    const sent = JSON.stringify(provider.calls.map(({ body }) => body));
    assert.ok(provider.calls.length >= 2 && sent.includes('\ud83d\ude00'));
    assert.doesNotMatch(sent, /\\ud[89a-f][0-9a-f]{2}/);
  });
}

function testCount(): void {
  const entryCount = million;
  it(`reads a virtual folder of ${entryCount} files up to the limit`, async () => {
    const changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
    const never = (): never => {
      throw vscode.FileSystemError.Unavailable();
    };
    const isFolder = (uri: vscode.Uri): boolean => uri.path === '/' || uri.path === '/all';
    const contents = (uri: vscode.Uri): Uint8Array =>
      Buffer.from(uri.path.endsWith('/f7.md') ? 'The FACT-1 says that pump 2013 failed.\n' : '');
    const entries = Array.from({ length: entryCount }, (_, i): [string, vscode.FileType] => [
      `f${i}.md`,
      vscode.FileType.File,
    ]);
    const registered = vscode.workspace.registerFileSystemProvider(
      'endless',
      {
        onDidChangeFile: changed.event,
        watch: () => ({ dispose: () => undefined }),
        stat: (uri) => ({
          type: isFolder(uri) ? vscode.FileType.Directory : vscode.FileType.File,
          ctime: 0,
          mtime: 0,
          size: isFolder(uri) ? 0 : contents(uri).length,
        }),
        readDirectory: () => entries,
        readFile: contents,
        createDirectory: never,
        writeFile: never,
        delete: never,
        rename: never,
      },
      { isReadonly: true },
    );
    try {
      const folder = vscode.Uri.from({ scheme: 'endless', path: '/all' });
      const told = await ended(() => vscode.commands.executeCommand<SummaryResult>('precis.summarizeFolder', folder));
      const result = checkRead(told, /FACT-1\b/);
      assert.ok(result.coverage.filesSkipped!.some(({ reason }) => /too many files/.test(reason)));
    } finally {
      registered.dispose();
    }
  });

  const fileCount = 100_000;
  it(`reads a folder of ${fileCount} files up to the limit`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'precis-many-'));
    try {
      execFileSync('sh', ['-c', `seq 1 ${fileCount} | xargs touch`], { cwd: folder });
      await checkItems([vscode.Uri.file(folder)], /no text/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}
