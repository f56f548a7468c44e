import assert from 'node:assert/strict';
import { fold } from '../../../../src/engine/read/fold/index.ts';
import { prepare } from '../../../../src/engine/read/prepare.ts';
import { nameUnread, prepareSource } from '../../../../src/engine/read/prepareSource.ts';
import type { Source, SourcePart } from '../../../../src/engine/source.ts';

const yieldAtOnce = async (): Promise<void> => {};
const signal = new AbortController().signal;
const ports = {
  signal,
  yield: yieldAtOnce,
  prepare: (part: SourcePart) => prepare(part, { fold, yield: yieldAtOnce }, signal),
};
const broken = async function* (): AsyncGenerator<string> {
  yield 'a';
  throw new Error('the disk is gone');
};
const source = (...texts: SourcePart['text'][]): Source => ({
  title: 'folder',
  shape: 'folder',
  skipped: [],
  parts: texts.map((text, i) => ({ title: `${i}.txt`, uri: `file:///${i}.txt`, startLine: 1, text })),
});

describe('prepareSource', () => {
  it('leaves out and names a file of several that cannot be read', async () => {
    const all = source('The first file.\n', broken, 'The third file.\n');
    const { parts, chunks, unread } = await prepareSource(all, ports, () => {});
    assert.deepEqual(unread, [1]);
    assert.deepEqual(
      chunks.map((chunk) => chunk.part),
      [0, 2],
    );
    assert.equal(parts.length, 3);
    assert.deepEqual(nameUnread(all, unread).skipped, [{ uri: 'file:///1.txt', reason: 'Can’t be read' }]);
  });

  it('rejects with the error of the only file', async () => {
    await assert.rejects(
      prepareSource(source(broken), ports, () => {}),
      /the disk is gone/,
    );
  });

  it('reads JSON of any depth', async () => {
    const deep = [
      `${'['.repeat(16_000)}${']'.repeat(16_000)}`,
      `[${'{"a":'.repeat(16_000)}1${'}'.repeat(16_000)}${',{"a":1}'.repeat(3_000)}]`,
    ];
    for (const text of deep) {
      const part: SourcePart = { title: 'deep.json', startLine: 1, text };
      assert.ok((await ports.prepare(part)).chunks.length > 0);
    }
  });
});
