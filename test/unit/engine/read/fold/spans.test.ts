import assert from 'node:assert/strict';
import { findFirstEqual, readLines, getLineText } from '../../../../../src/engine/read/fold/spans.ts';
import { seeded } from '../../../../support/random.ts';

const noPause = (): undefined => undefined;
const read = async (text: string) => (await readLines(text, 100_000, noPause))!;

describe('Lines as places in a text', () => {
  it('are those of the text, and know which are blank', async () => {
    const random = seeded(5);
    for (let round = 0; round < 300; round++) {
      const signs = ['\n', '\n', 'a', 'b', ' ', '\t', '\r', '\u00a0', '\u2003', '\ufeff', '\u200b', '\ud83d', '漢'];
      const text = Array.from({ length: 1 + round }, () => signs[Math.floor(random() * signs.length)]).join('');
      const lines = await read(text);
      const wanted = text.replace(/\n$/, '').split('\n');
      const found = Array.from({ length: lines.count }, (_, line) => getLineText(lines, line));
      assert.deepEqual(found, wanted);
      assert.deepEqual(
        [...lines.blank.subarray(0, lines.count)],
        wanted.map((line) => (line.trim() === '' ? 1 : 0)),
      );
      const first = await findFirstEqual(lines, noPause);
      assert.deepEqual(
        [...first],
        wanted.map((line) => wanted.indexOf(line)),
      );
    }
  });

  it('are told apart also where all have the same hash', async () => {
    const pairs = (which: number) =>
      Array.from({ length: 10 }, (_, bit) => (which & (1 << bit) ? 'Aa' : 'BB')).join('');
    const wanted = Array.from({ length: 2000 }, (_, line) => pairs((line * 7) % 1024));
    const lines = await read(wanted.join('\n'));
    assert.equal(new Set(lines.hashes.subarray(0, lines.count)).size, 1);
    const first = await findFirstEqual(lines, noPause);
    assert.deepEqual(
      [...first],
      wanted.map((line) => wanted.indexOf(line)),
    );
  });

  it('are not read where they are too many', async () => {
    assert.equal(await readLines('a\n'.repeat(11), 10, noPause), undefined);
    assert.equal((await readLines('a\n'.repeat(10), 10, noPause))?.count, 10);
  });
});
