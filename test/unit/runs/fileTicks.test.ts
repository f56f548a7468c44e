import assert from 'node:assert/strict';
import { isSame, createRows, settled, findTicks, type Row } from '../../../src/runs/fileTicks.ts';
import type { PlannedFile } from '../../../src/sources/index.ts';

/** `-`: left out unless ticked; `!`: may hold keys, and left out. */
function tree(...paths: readonly string[]): { rows: Row[]; show: (ticked: ReadonlySet<Row>) => string[] } {
  const files = paths.map((marked): PlannedFile => {
    const path = marked.replace(/^[-!]/, '');
    const uri = { toString: () => `file:///w/${path}` } as PlannedFile['uri'];
    return { uri, path, bytes: 10, tokens: 3, picked: path === marked, sensitive: marked.startsWith('!') };
  });
  const rows = createRows(files);
  const name = (row: Row): string => (row.kind === 'folder' ? `${row.path}/` : row.path);
  return { rows, show: (ticked) => rows.filter((row) => ticked.has(row)).map(name) };
}

describe('ticking files and folders', () => {
  const paths = ['README.md', 'src/a.ts', 'src/a-b.ts', '-src/gen/x.ts', '!src/.env', 'src/in/b.ts', '-node_modules/'];
  const { rows, show } = tree(...paths);
  const row = (name: string): Row => rows.find(({ kind, path }) => (kind === 'folder' ? `${path}/` : path) === name)!;
  const start = findTicks(rows, undefined);
  const after = (before: ReadonlySet<Row>, ...changed: readonly string[]): Set<Row> => {
    const now = new Set(before);
    for (const name of changed) if (!now.delete(row(name))) now.add(row(name));
    return settled(rows, before, now);
  };

  it('shows a folder before its files, and these before its folders', () => {
    assert.deepEqual(show(new Set(rows)), [
      'README.md',
      'src/',
      'src/a.ts',
      'src/a-b.ts',
      'src/.env',
      'src/gen/',
      'src/gen/x.ts',
      'src/in/',
      'src/in/b.ts',
    ]);
  });
  it('begins with what is read unless somebody says otherwise, or with what was chosen before', () => {
    assert.deepEqual(show(start), ['README.md', 'src/', 'src/a.ts', 'src/a-b.ts', 'src/in/', 'src/in/b.ts']);
    assert.deepEqual(show(findTicks(rows, new Set(['file:///w/src/in/b.ts', 'file:///w/gone']))), [
      'src/in/',
      'src/in/b.ts',
    ]);
  });
  it('a folder unticks all that lies in it, and ticks what is usual', () => {
    const none = after(start, 'src/');
    assert.deepEqual(show(none), ['README.md']);
    assert.deepEqual(show(after(none, 'src/')), show(start));
    assert.deepEqual(show(after(start, 'src/in/')), ['README.md', 'src/a.ts', 'src/a-b.ts']);
  });
  it('a folder of files that are left out ticks them, but none that may hold keys', () => {
    assert.ok(show(after(start, 'src/gen/')).includes('src/gen/x.ts'));
    const keys = tree('!keys/.env', '!keys/id.pem');
    const folder = keys.rows[0]!;
    assert.deepEqual(keys.show(settled(keys.rows, new Set(), new Set([folder]))), []);
  });
  it('a folder is ticked when all that it ticks is', () => {
    const some = after(start, 'src/a.ts');
    assert.deepEqual(show(some), ['README.md', 'src/a-b.ts', 'src/in/', 'src/in/b.ts']);
    assert.deepEqual(show(after(some, 'src/a.ts')), show(start));
  });
  it('all at once, nothing at once', () => {
    assert.deepEqual(show(settled(rows, start, new Set())), []);
    assert.deepEqual(show(settled(rows, start, new Set(rows))), show(new Set(rows)));
  });
  it('comes to rest: of its own result it gives the same', () => {
    let state = start;
    for (const name of ['src/', 'src/in/b.ts', 'README.md', 'src/gen/', 'src/', 'src/.env']) {
      const next = after(state, name);
      assert.ok(isSame(settled(rows, state, next), next) || isSame(settled(rows, next, next), next), name);
      assert.ok(isSame(settled(rows, next, next), next), name);
      state = next;
    }
  });
});
