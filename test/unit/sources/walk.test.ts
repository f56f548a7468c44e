import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noRules } from '../../../src/sources/ignoreRules.ts';
import { createLocalTree } from '../../../src/sources/localTree.ts';
import { walk, type FileTree, type Walked } from '../../../src/sources/walk.ts';
import { memoryTree, type Files } from '../../support/memoryTree.ts';

const breathe = (): Promise<void> => Promise.resolve();
const run = (tree: FileTree, entries = 10_000): Promise<Walked> =>
  walk(tree, noRules, { entries }, breathe, new AbortController().signal);

async function checkWalk(files: Files, expected: Readonly<Record<string, string>>): Promise<void> {
  const { candidates } = await run(memoryTree(files));
  assert.deepEqual(
    Object.fromEntries(candidates.map((file) => [file.path, file.picked ? 'read' : file.reason])),
    expected,
  );
}

describe('walking a folder', () => {
  describe('what is read', testRules);
  describe('limits', testLimits);
  describe('special files', testSpecial);
});

function testRules(): void {
  it('reads what people wrote, leaves out the rest, and says why of each', async () => {
    await checkWalk(
      {
        'README.md': 'Hello',
        'src/main.ts': 'export {};',
        'src/gen/api.pb.go': 'package x',
        'node_modules/a/index.js': 'x',
        '.git/config': 'x',
        'package-lock.json': '{}',
        '.env': 'A=1',
        'logo.png': 'x',
        'empty.txt': '',
        LICENSE: 'MIT',
        blob: new Uint8Array([1, 0, 2, 0, 0, 0, 5, 9, 0, 0]),
      },
      {
        '.env': 'secret',
        '.git/': 'history',
        LICENSE: 'read',
        'README.md': 'read',
        blob: 'binary',
        'empty.txt': 'empty',
        'logo.png': 'image',
        'node_modules/': 'vendored',
        'package-lock.json': 'lock',
        'src/gen/api.pb.go': 'generated',
        'src/main.ts': 'read',
      },
    );
  });

  it('keeps to every kind of ignore file, nested ones too', async () => {
    await checkWalk(
      {
        '.gitignore': 'tmp/\n*.local\n',
        '.aiignore': 'private.md\n',
        '.cursorignore': 'cursor.md\n',
        '.precisignore': 'ours.md\n',
        'lib/.aiexclude': 'inner.md\n',
        'tmp/a.ts': 'x',
        'a.local': 'x',
        'private.md': 'x',
        'cursor.md': 'x',
        'ours.md': 'x',
        'lib/inner.md': 'x',
        'inner.md': 'x',
      },
      {
        '.aiignore': 'read',
        '.cursorignore': 'read',
        '.gitignore': 'read',
        '.precisignore': 'read',
        'a.local': 'ignored',
        'cursor.md': 'ignored',
        'inner.md': 'read',
        'lib/.aiexclude': 'read',
        'lib/inner.md': 'ignored',
        'ours.md': 'ignored',
        'private.md': 'ignored',
        'tmp/': 'ignored',
      },
    );
  });

  it('follows no link out of the folder, and opens nothing behind it', async () => {
    const tree = memoryTree({
      'in.txt': { link: 'file', inside: true },
      'out.txt': { link: 'file', inside: false },
      circle: { link: 'folder', inside: true },
      id_rsa: { link: 'file', inside: false },
    });
    const { candidates } = await run(tree);
    assert.deepEqual(
      candidates.map((file) => [file.path, file.reason]),
      [
        ['circle/', 'outside'],
        ['id_rsa', 'secret'],
        ['in.txt', undefined],
        ['out.txt', 'outside'],
      ],
    );
    assert.ok(!tree.read.includes('out.txt'));
  });
}

function testLimits(): void {
  it('stops at its limit and says so', async () => {
    const files = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`d${i % 7}/f${i}.txt`, 'x']));
    const { candidates, truncated } = await run(memoryTree(files), 100);
    assert.equal(truncated, true);
    assert.ok(candidates.length <= 100 && candidates.length > 0, String(candidates.length));
  });

  it('goes on when a folder or a file cannot be read', async () => {
    const tree = memoryTree({ 'a/x.txt': 'x', 'b/y.txt': 'y', 'z.txt': 'z' });
    const broken: FileTree = {
      ...tree,
      list: (folder, most) => (folder === 'a' ? Promise.reject(new Error('EACCES')) : tree.list(folder, most)),
      size: (path) => (path === 'z.txt' ? Promise.reject(new Error('EACCES')) : tree.size(path)),
    };
    const { candidates } = await run(broken);
    assert.deepEqual(
      candidates.map((file) => [file.path, file.reason]),
      [
        ['a/', 'unreadable'],
        ['b/y.txt', undefined],
        ['z.txt', 'unreadable'],
      ],
    );
  });

  it('ends when it is cancelled', async () => {
    const controller = new AbortController();
    controller.abort(new Error('stop'));
    await assert.rejects(
      walk(memoryTree({ 'a.txt': 'x' }), noRules, { entries: 10 }, breathe, controller.signal),
      /stop/,
    );
  });

  it('ends in the middle of a folder when it is cancelled', async () => {
    const tree = memoryTree(Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`f${i}.txt`, 'x'])));
    const controller = new AbortController();
    const stop = (): Promise<void> => Promise.resolve(controller.abort(new Error('stop')));
    await assert.rejects(walk(tree, noRules, { entries: 10_000 }, stop, controller.signal), /stop/);
    assert.ok(tree.read.length < 1_000, `${tree.read.length} files were looked at`);
  });

  it('lists no more of a large folder than it looks at, and keeps to its ignore file all the same', async () => {
    const root = mkdtempSync(join(tmpdir(), 'precis-walk-'));
    try {
      for (let i = 0; i < 60; i++) writeFileSync(join(root, `f${i}.txt`), 'x');
      writeFileSync(join(root, '.gitignore'), '*.txt\n');
      assert.equal((await createLocalTree(root).list('', 20)).length, 21);
      const { candidates, truncated } = await run(createLocalTree(root), 20);
      assert.equal(truncated, true);
      assert.ok(candidates.length > 0 && candidates.length <= 20);
      assert.deepEqual(
        candidates.filter(({ path, picked }) => path.endsWith('.txt') && picked),
        [],
      );
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
}

function testSpecial(): void {
  it('waits for no pipe that is named like an ignore file', async function () {
    if (process.platform === 'win32') this.skip();
    const root = mkdtempSync(join(tmpdir(), 'precis-walk-'));
    try {
      execFileSync('mkfifo', [join(root, '.gitignore'), join(root, 'stream.md')]);
      for (let i = 0; i < 10; i++) writeFileSync(join(root, `f${i}.md`), 'x');
      for (const most of [5, 100]) assert.ok((await run(createLocalTree(root), most)).candidates.length > 0);
      assert.deepEqual(
        (await run(createLocalTree(root))).candidates
          .filter(({ reason }) => reason === 'special')
          .map(({ path }) => path),
        ['.gitignore', 'stream.md'],
      );
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });

  it('asks the disk for real links', async function () {
    const root = mkdtempSync(join(tmpdir(), 'precis-walk-'));
    try {
      const { isInside } = await import('../../../src/sources/platform.ts');
      mkdirSync(join(root, 'in/deep'), { recursive: true });
      writeFileSync(join(root, 'in/deep/a.txt'), 'x');
      writeFileSync(join(root, 'secret.txt'), 'x');
      symlinkSync(join(root, 'secret.txt'), join(root, 'in/out.txt'));
      symlinkSync(join(root, 'in/deep/a.txt'), join(root, 'in/same.txt'));
      assert.equal(await isInside(join(root, 'in'), join(root, 'in/same.txt')), true);
      assert.equal(await isInside(join(root, 'in'), join(root, 'in/out.txt')), false);
      assert.equal(await isInside(join(root, 'in'), join(root, 'in/deep/../../secret.txt')), false);
      mkdirSync(join(root, 'in/..data'));
      assert.equal(await isInside(join(root, 'in'), join(root, 'in/..data')), true);
      assert.equal(await isInside(join(root, 'in/..data'), join(root, 'in')), false);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
}
