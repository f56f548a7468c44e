import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { streamBytes, pieceBytes } from '../../../src/sources/bytes.ts';

describe('bytes of files', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'precis-bytes-'))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function checkRead(value: number, length: number, most: number): Promise<void> {
    const path = join(folder, String(value));
    writeFileSync(path, new Uint8Array(length).fill(value));
    const handle = await open(path);
    try {
      const sizes: number[] = [];
      for await (const piece of streamBytes(handle, most)) {
        await new Promise(setImmediate);
        assert.ok(piece.every((byte) => byte === value));
        sizes.push(piece.length);
      }
      assert.equal(
        sizes.reduce((sum, size) => sum + size, 0),
        Math.min(length, most),
      );
      assert.ok(sizes.every((size) => size <= pieceBytes));
    } finally {
      await handle.close();
    }
  }

  it('are each file’s own, however many are read at the same time and one after the other', async () => {
    for (let round = 0; round < 2; round++)
      await Promise.all(Array.from({ length: 40 }, (_, i) => checkRead(i + 1, 150_000 + i, Infinity)));
  });

  it('end where they are told to, and with the file', async () => {
    await checkRead(50, 10, 4);
    await checkRead(51, 2 * pieceBytes, pieceBytes + 1);
    await checkRead(52, 0, 100);
  });
});
