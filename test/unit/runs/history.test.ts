import assert from 'node:assert/strict';
import type { Uri } from 'vscode';
import { createRunStore, type RunRecord, type StoreFiles } from '../../../src/runs/history.ts';
import { emptyView } from '../../../src/shared/runView.ts';

const at = (path: string): Uri => ({ path }) as Uri;

/** A folder of files in memory. */
function memory(): StoreFiles & { readonly names: () => string[] } {
  const held = new Map<string, Uint8Array>();
  return {
    names: () => [...held.keys()].sort(),
    readFile: (uri) => {
      const content = held.get(uri.path);
      return content ? Promise.resolve(content) : Promise.reject(new Error('no such file'));
    },
    writeFile: (uri, content) => Promise.resolve(void held.set(uri.path, content)),
    rename: (source, target) => {
      held.set(target.path, held.get(source.path)!);
      return Promise.resolve(void held.delete(source.path));
    },
    delete: (uri) => Promise.resolve(void held.delete(uri.path)),
    readDirectory: (uri) =>
      Promise.resolve([...held.keys()].map((path): [string, number] => [path.slice(uri.path.length + 1), 1])),
    createDirectory: () => Promise.resolve(),
  };
}

const record = (id: string, startedAt: number, more: Partial<RunRecord> = {}): RunRecord => ({
  version: 1,
  id,
  recipe: { kind: 'file', uri: `file:///${id}.md` },
  title: id,
  startedAt,
  savedAt: startedAt,
  length: 'standard',
  language: '',
  pinned: false,
  running: false,
  fingerprint: [],
  view: emptyView,
  questions: [],
  ...more,
});

describe('the history of a workspace', () => {
  for (const [name, folder] of [
    ['on the disk', at('/runs')],
    ['without a folder', undefined],
  ] as const) {
    it(`${name} is deleted but for what is to be kept`, async () => {
      const files = memory();
      const store = createRunStore(folder, files, (base, ...parts) => at([base.path, ...parts].join('/')));
      await store.save(record('old', 1));
      await store.save(record('pinned', 2, { pinned: true }));
      await store.save(record('batch', 3, { batchJob: 'job' }));
      assert.deepEqual(
        (await store.list()).map(({ id }) => id),
        ['batch', 'pinned', 'old'],
      );
      assert.equal(await store.clear(({ batchJob }) => batchJob !== undefined), 2);
      assert.deepEqual(
        (await store.list()).map(({ id }) => id),
        ['batch'],
      );
      if (folder) assert.deepEqual(files.names(), ['/runs/batch.json']);
    });
  }

  const join = (base: Uri, ...parts: string[]): Uri => at([base.path, ...parts].join('/'));

  it('forgets unpinned summaries after the days of the setting', async () => {
    const now = 100 * 86_400_000;
    for (const folder of [at('/runs'), undefined]) {
      const store = createRunStore(folder, memory(), join, { days: () => 90, now: () => now });
      await store.save(record('old', 1));
      await store.save(record('kept', 2, { pinned: true }));
      await store.save(record('new', now - 1));
      assert.deepEqual(
        (await store.list()).map(({ id }) => id),
        ['new', 'kept'],
      );
      assert.equal(await store.load('old'), undefined);
    }
  });

  it('reads the setting of the days once for a list: VS Code takes milliseconds for it', async () => {
    let reads = 0;
    const store = createRunStore(at('/runs'), memory(), join, { days: () => (reads++, 90), now: () => 1_000 });
    for (let n = 0; n < 50; n++) await store.save(record(`run-${n}`, n));
    assert.equal((await store.list()).length, 50);
    assert.equal(reads, 1);
  });

  it('is readable for its owner alone, and sweeps what killed windows left', async () => {
    const files = memory();
    const now = 10 * 3_600_000;
    for (const [name, mtime] of [
      ['old.tmp', 1],
      ['young.tmp', now - 1],
    ] as const)
      times.set(`/runs/${name}`, mtime);
    await files.writeFile(at('/runs/old.tmp'), new Uint8Array());
    await files.writeFile(at('/runs/young.tmp'), new Uint8Array());
    await files.writeFile(at('/runs/before.json'), new Uint8Array());
    const guarded: string[] = [];
    const protect = async ({ path }: Uri): Promise<void> => void guarded.push(path);
    const stat = async ({ path }: Uri): Promise<{ mtime: number }> => ({ mtime: times.get(path) ?? now });
    const store = createRunStore(at('/runs'), { ...files, protect, stat }, join, { days: () => 0, now: () => now });
    await store.save(record('a', 1));
    assert.deepEqual(files.names(), ['/runs/a.json', '/runs/before.json', '/runs/young.tmp']);
    assert.deepEqual(guarded, ['/runs', '/runs/before.json', '/runs/a.tmp']);
  });

  it('takes no path from a record’s name', async () => {
    const files = memory();
    const store = createRunStore(at('/runs'), files, join);
    await store.save(record('../../evil', 1));
    assert.deepEqual(files.names(), ['/runs/evil.json']);
    assert.deepEqual(await store.list(), [], 'its name is not that of its file');
    assert.equal(await store.load('evil'), undefined);
  });
});

const times = new Map<string, number>();
