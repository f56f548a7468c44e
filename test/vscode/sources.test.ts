import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { getPlace } from '../../src/engine/places.ts';
import type { Source } from '../../src/engine/source.ts';
import { yieldToEventLoop } from '../../src/host/yield.ts';
import {
  activeSource,
  changesSource,
  clipboardSource,
  commitSource,
  fileSource,
  folderSource,
  notebookSource,
  planFolder,
  readPart,
  type Outcome,
} from '../../src/sources/index.ts';
import { isSet, readSettings } from '../../src/host/settings.ts';

const signal = new AbortController().signal;
let root = '';
const uri = (...names: string[]): vscode.Uri => vscode.Uri.file(join(root, ...names));

function write(name: string, content: string | Uint8Array): vscode.Uri {
  mkdirSync(join(root, name, '..'), { recursive: true });
  writeFileSync(join(root, name), content);
  return uri(name);
}

function found(outcome: Outcome): Source {
  assert.ok('source' in outcome, 'reason' in outcome ? outcome.reason : '');
  return outcome.source;
}

async function textOf(outcome: Outcome): Promise<string> {
  let out = '';
  for (const { text } of found(outcome).parts) {
    if (typeof text === 'string') out += text;
    else for await (const piece of text()) out += piece;
  }
  return out;
}

async function checkReason(outcome: Promise<Outcome>, reason: RegExp): Promise<void> {
  const result = await outcome;
  assert.ok('reason' in result, 'a source was found');
  assert.match(result.reason, reason);
}

describe('sources in VS Code', () => {
  before(() => {
    const folder = vscode.workspace.workspaceFolders?.[0];
    assert.ok(folder);
    root = join(folder.uri.fsPath, 'sources-under-test');
    mkdirSync(root, { recursive: true });
  });
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    rmSync(root, { recursive: true, force: true });
  });

  describe('documents and files', testFiles);
  describe('folders and notebooks', testFolders);
  describe('clipboard, comparisons and Git', testChanges);
  describe('settings', testSettings);
});

function testFiles(): void {
  it('reads the active document as it stands, saved or not', async () => {
    const document = await vscode.workspace.openTextDocument({
      content: 'Not saved anywhere.\n',
      language: 'markdown',
    });
    await vscode.window.showTextDocument(document);
    assert.equal(await textOf(await activeSource()), 'Not saved anywhere.\n');
    const saved = write('draft.md', 'On the disk.\n');
    const editor = await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(saved));
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), 'In the editor. '));
    assert.equal(await textOf(await activeSource()), 'In the editor. On the disk.\n');
    assert.equal(await textOf(await fileSource(saved)), 'In the editor. On the disk.\n');
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });

  it('reads encodings as their bytes are, and names what is no text', async () => {
    const japanese = Uint8Array.from([
      0x8c, 0xe1, 0x94, 0x79, 0x82, 0xcd, 0x94, 0x4c, 0x82, 0xc5, 0x82, 0xa0, 0x82, 0xe9, 0x81, 0x42,
    ]);
    assert.equal(await textOf(await fileSource(write('sjis.txt', japanese))), '吾輩は猫である。');
    assert.equal(
      await textOf(await fileSource(write('utf16.txt', Buffer.from('\ufeffGrüße\n', 'utf16le')))),
      'Grüße\n',
    );
    assert.equal(
      await textOf(await fileSource(write('latin.txt', Buffer.from('Tür auf, Öl nach.\n', 'latin1')))),
      'Tür auf, Öl nach.\n',
    );
    await checkReason(fileSource(write('a.bin', Uint8Array.of(0, 1, 2, 0, 255, 0))), /Binary file/);
    await checkReason(fileSource(write('empty.txt', '')), /empty/);
    await checkReason(fileSource(write('blank.txt', ' \n\t\n')), /white space/);
    await checkReason(fileSource(uri('missing.txt')), /exist/);
    await checkReason(fileSource(uri('.')), /: Folder$/);
  });

  it('reads through any file system that VS Code has, and says when it does not permit reading', async () => {
    const changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
    const never = (): never => {
      throw vscode.FileSystemError.Unavailable();
    };
    const contents = (uri: vscode.Uri): Uint8Array => {
      if (uri.path === '/closed.txt') throw vscode.FileSystemError.NoPermissions(uri);
      return Buffer.from('Kept far away.\n'.repeat(uri.path === '/large.txt' ? 400_000 : 1));
    };
    const fileSystem: vscode.FileSystemProvider = {
      onDidChangeFile: changed.event,
      watch: () => ({ dispose: () => undefined }),
      stat: (uri) => ({
        type: uri.path === '/' ? vscode.FileType.Directory : vscode.FileType.File,
        ctime: 0,
        mtime: 0,
        size: contents(uri).length,
      }),
      readDirectory: () => [
        ['a.txt', vscode.FileType.File],
        ['link.txt', vscode.FileType.File | vscode.FileType.SymbolicLink],
      ],
      readFile: contents,
      createDirectory: never,
      writeFile: never,
      delete: never,
      rename: never,
    };
    const registered = vscode.workspace.registerFileSystemProvider('far', fileSystem, { isReadonly: true });
    try {
      const far = (path: string): vscode.Uri => vscode.Uri.from({ scheme: 'far', path });
      assert.equal(await textOf(await fileSource(far('/a.txt'))), 'Kept far away.\n');
      assert.equal((await textOf(await fileSource(far('/large.txt')))).length, 400_000 * 15);
      await checkReason(fileSource(far('/closed.txt')), /No permission to read/);
      const plan = await planFolder([far('/')], yieldToEventLoop, signal);
      assert.deepEqual(
        plan.files.map((file) => [file.path, file.picked]),
        [
          ['a.txt', true],
          ['link.txt', false],
        ],
      );
    } finally {
      registered.dispose();
    }
  });

  it('reads a large file in pieces, to where it ended when reading began, and refuses one that was cut meanwhile', async () => {
    const line = 'A line of a long log, number 0000000.\n';
    const large = write('large.log', line.repeat(200_000));
    const outcome = await readPart(large);
    assert.ok('part' in outcome && typeof outcome.part.text === 'function');
    const read = outcome.part.text;
    let length = 0;
    let grown = false;
    for await (const piece of read()) {
      length += piece.length;
      if (!grown) appendFileSync(large.fsPath, 'later\n');
      grown = true;
    }
    assert.equal(length, line.length * 200_000);
    await assert.rejects(async () => {
      for await (const piece of read()) if (piece.length) truncateSync(large.fsPath, 1_000);
    }, /changed while it was read/);
  });

  it('reads given lines, and nothing outside the given root', async () => {
    const file = write('inside/lines.txt', 'one\ntwo\nthree\n');
    assert.equal(await textOf(await fileSource(file, { first: 2, last: 2 }, uri('inside'))), 'two\n');
    symlinkSync(write('outside.txt', 'not for you').fsPath, join(root, 'inside', 'link.txt'));
    await checkReason(
      fileSource(uri('inside', 'link.txt'), undefined, uri('inside')),
      /Link to a file outside the folder/,
    );
  });

  it('names a file that may hold keys', async () => {
    const outcome = await fileSource(write('.env', 'A=1\n'));
    assert.ok('source' in outcome && outcome.source.parts[0]?.keyFile === true);
  });
}

function testFolders(): void {
  it('plans a folder by its ignore files and the settings, and reads what was picked', async () => {
    write('tree/.gitignore', '*.tmp\n');
    write('tree/a.md', 'Alpha\n');
    write('tree/sub/b.ts', 'export const b = 1;\n');
    write('tree/sub/c.tmp', 'x');
    write('tree/.env', 'KEY=1\n');
    write('tree/node_modules/x/index.js', 'x');
    write('tree/package-lock.json', '{}');
    const plan = await planFolder([uri('tree')], yieldToEventLoop, signal);
    const told = Object.fromEntries(plan.files.map((file) => [file.path, file.picked]));
    assert.deepEqual(told, {
      '.env': false,
      '.gitignore': true,
      'a.md': true,
      'node_modules/': false,
      'package-lock.json': false,
      'sub/b.ts': true,
      'sub/c.tmp': false,
    });
    const source = found(await folderSource(plan, { signal }));
    assert.deepEqual(
      source.parts.map((part) => part.title),
      ['.gitignore', 'a.md', 'sub/b.ts'],
    );
    assert.equal(source.shape, 'folder');
    assert.equal(source.skipped.length, 4);
    assert.ok(source.skipped.every(({ reason }) => reason.length > 5));
    const all = new Set(plan.files.map((file) => file.uri.toString()));
    const asked = found(await folderSource(plan, { picked: all, signal }));
    assert.ok(!asked.parts.some((part) => part.title === '.env'), 'keys need a yes of their own');
    const confirmed = found(await folderSource(plan, { picked: all, confirmedSecrets: true, signal }));
    assert.ok(confirmed.parts.some((part) => part.title === '.env'));
  });

  it("reads a notebook's cells with their outputs, each at its own address", async () => {
    const cell = new vscode.NotebookCellData(vscode.NotebookCellKind.Code, 'print(40 + 2)', 'python');
    cell.outputs = [
      new vscode.NotebookCellOutput([vscode.NotebookCellOutputItem.text('42')]),
      new vscode.NotebookCellOutput([new vscode.NotebookCellOutputItem(new Uint8Array(5_000), 'image/png')]),
    ];
    const data = new vscode.NotebookData([
      new vscode.NotebookCellData(vscode.NotebookCellKind.Markup, '# Answer', 'markdown'),
      cell,
    ]);
    const notebook = await vscode.workspace.openNotebookDocument('jupyter-notebook', data);
    const source = found(await notebookSource(notebook));
    assert.deepEqual(
      source.parts.map((part) => part.text),
      ['# Answer', 'print(40 + 2)', '42\n(image/png)'],
    );
    assert.ok(source.parts.every((part) => part.uri?.startsWith('vscode-notebook-cell:')));
  });
}

function testChanges(): void {
  it('reads the clipboard, and says when it is empty', async () => {
    await vscode.env.clipboard.writeText('A line that was copied.');
    assert.equal(await textOf(await clipboardSource()), 'A line that was copied.');
    await vscode.env.clipboard.writeText('');
    await checkReason(clipboardSource(), /no text/);
  });

  it('reads what an open comparison changes', async () => {
    const [before, after] = [write('before.txt', 'one\ntwo\nthree\n'), write('after.txt', 'one\n2\nthree\n')];
    await vscode.commands.executeCommand('vscode.diff', before, after, 'compared');
    const source = found(await activeSource());
    assert.equal(source.shape, 'changes');
    assert.match(source.parts[0]!.text as string, /^@@ -1,3 \+1,3 @@\n one\n-two\n\+2\n three$/m);
  });

  it('reads the working tree with its new files, what is staged, a commit and a range', async () => {
    const folder = join(root, 'repository');
    mkdirSync(folder);
    const git = (...args: string[]): string =>
      execFileSync(
        'git',
        ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', '-c', 'commit.gpgsign=false', ...args],
        { cwd: folder, encoding: 'utf8' },
      ).trim();
    git('init', '-q', '-b', 'main');
    write('repository/a.txt', 'one\n');
    git('add', '.');
    git('commit', '-qm', 'First');
    write('repository/a.txt', 'one\ntwo\n');
    git('commit', '-qam', 'Second');
    write('repository/a.txt', 'one\ntwo\nthree\n');
    git('add', 'a.txt');
    write('repository/a.txt', 'one\ntwo\nthree\nfour\n');
    write('repository/new.txt', 'fresh\n');
    write('repository/.env', 'KEY=1\n');
    const place = uri('repository');
    const api = (await vscode.extensions.getExtension('vscode.git')!.activate()).getAPI(1);
    const repository = await api.openRepository(place);
    await repository.status();

    const all = await changesSource('all', place);
    const text = await textOf(all);
    for (const line of ['+three', '+four', '+fresh']) assert.ok(text.includes(`\n${line}\n`), line);
    assert.ok(!text.includes('KEY=1'));
    assert.equal(found(all).skipped.length, 1);
    const staged = await textOf(await changesSource('staged', place));
    assert.ok(staged.includes('+three') && !staged.includes('+four'));
    assert.match(await textOf(await commitSource('HEAD', place)), /^\+two$/m);
    assert.match(await textOf(await commitSource('HEAD~1', place)), /^\+one$/m);
    assert.match(await textOf(await commitSource('HEAD~1..HEAD', place)), /^\+two$/m);
    await checkReason(commitSource('no-such-name', place), /no-such-name/);

    const line = text.split('\n').indexOf('+four') + 1;
    const inFile = getPlace(found(all).parts[0], { startLine: line, endLine: line });
    assert.deepEqual(inFile, { uri: uri('repository/a.txt').toString(), startLine: 4, endLine: 4 });
    const before = found(await commitSource('HEAD~1', place));
    const then = before.parts[0]!.places!.find((one) => one.moves)!;
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(then.uri!, true));
    assert.equal(document.getText(), 'one\n', 'the file as it was in that commit');
  });
}

function testSettings(): void {
  it('takes a frozen snapshot of the settings, and knows which of them somebody chose', async () => {
    const problems: string[] = [];
    await vscode.workspace.getConfiguration().update('precis.provider', 'offline', vscode.ConfigurationTarget.Global);
    const settings = readSettings(undefined, (sentence) => problems.push(sentence));
    assert.ok(Object.isFrozen(settings));
    assert.equal(settings['precis.concurrency'], 8);
    assert.equal(settings['precis.provider'], 'offline');
    assert.deepEqual([isSet('precis.provider'), isSet('precis.concurrency'), problems], [true, false, []]);
    const configuration = vscode.workspace.getConfiguration();
    await configuration.update('precis.concurrency', 5_000, vscode.ConfigurationTarget.Global);
    try {
      assert.equal(readSettings(undefined, (sentence) => problems.push(sentence))['precis.concurrency'], 64);
      assert.equal(isSet('precis.concurrency'), true);
      assert.equal(problems.length, 1);
    } finally {
      await configuration.update('precis.concurrency', undefined, vscode.ConfigurationTarget.Global);
    }
  });
}
