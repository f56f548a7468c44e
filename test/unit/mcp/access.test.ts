import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveAllowedPath, readLines } from '../../../src/mcp/access.ts';

describe('what an agent may read', () => {
  let base: string;
  let root: string;
  before(async () => {
    base = await realpath(await mkdtemp(join(tmpdir(), 'precis-mcp-')));
    root = join(base, 'root');
    await mkdir(join(root, 'inner'), { recursive: true });
    await writeFile(join(base, 'outside.txt'), 'x');
    await writeFile(join(root, 'a.txt'), 'one\ntwo\nthree\n');
    await writeFile(join(root, '.env'), 'KEY=1');
    await writeFile(join(root, 'inner', 'hidden.txt'), 'x');
    await writeFile(join(root, '.aiignore'), 'inner/hidden.txt\n');
    await symlink(join(base, 'outside.txt'), join(root, 'link.txt'));
    await symlink(join(root, '.env'), join(root, 'notes.txt'));
  });
  after(() => rm(base, { recursive: true }));

  it('are files below a root, by relative and absolute path', async () => {
    assert.equal(await resolveAllowedPath('a.txt', [root]), join(root, 'a.txt'));
    assert.equal(await resolveAllowedPath(join(root, 'a.txt'), [join(base, 'other'), root]), join(root, 'a.txt'));
  });

  it('is nothing outside, also not through a link or ..', async () => {
    for (const name of ['../outside.txt', 'link.txt', join(base, 'outside.txt'), '/etc/hostname']) {
      await assert.rejects(resolveAllowedPath(name, [root]), /outside the folders that are open/, name);
    }
  });

  it('is no key file, whatever its link is called', async () => {
    for (const name of ['.env', 'notes.txt'])
      await assert.rejects(resolveAllowedPath(name, [root]), /keys or passwords/, name);
  });

  it('is nothing that an ignore file for agents hides', async () => {
    for (const name of ['.aiignore', '.aiexclude', '.cursorignore', '.precisignore']) {
      const folder = await mkdtemp(join(root, 'own-'));
      await writeFile(join(folder, 'hidden.txt'), 'x');
      await writeFile(join(folder, name), 'hidden.txt\n');
      await assert.rejects(resolveAllowedPath('hidden.txt', [folder]), /ignore file/, name);
    }
    await assert.rejects(resolveAllowedPath('inner/hidden.txt', [root]), /ignore file/);
  });

  it('says that a path does not exist', () =>
    assert.rejects(resolveAllowedPath('b.txt', [root]), /b\.txt does not exist/));

  it('are lines of a range', async () => {
    assert.equal(await readLines(join(root, 'a.txt'), 2, 9), 'two\nthree');
    assert.equal(await readLines(join(root, 'a.txt'), 7, 9), '');
    await assert.rejects(readLines(root, 1, 2), /is not a file/);
  });
});
