import assert from 'node:assert/strict';
import { normalizeLineEnds, normalizePieces } from '../../../src/engine/lineEnds.ts';
import { prepare } from '../../../src/engine/read/prepare.ts';
import { fold } from '../../../src/engine/read/fold/index.ts';
import { decodePieces, detectDecoding } from '../../../src/sources/decoding.ts';

const mixed = 'a\r\nb\rc\n\r\rd\r\n\r\ne\r';
const asOneForm = 'a\nb\nc\n\n\nd\n\ne\n';

async function joined(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

/** What a download writes over itself in a log: lines for the editor, which breaks at a lone `\r`. */
const progress = `start\n${Array.from({ length: 40 }, (_, i) => `download ${i} %\r`).join('')} done\nerror: disk full\n`;

describe('line ends', () => {
  it('are those of the editor: CR LF, LF and a lone CR', () => {
    assert.equal(normalizeLineEnds(mixed), asOneForm);
  });

  it('are the same wherever the pieces are cut', async () => {
    for (let size = 1; size <= mixed.length; size++) {
      const pieces = Array.from({ length: Math.ceil(mixed.length / size) }, (_, i) =>
        mixed.slice(i * size, (i + 1) * size),
      );
      assert.equal(await joined(normalizePieces(pieces)), asOneForm, `pieces of ${size}`);
    }
  });

  it('are normalized where bytes become text, also in UTF-16', async () => {
    const bytes = new TextEncoder().encode(mixed);
    const wide = Uint8Array.from([0xff, 0xfe, ...[...mixed].flatMap((sign) => [sign.charCodeAt(0), 0])]);
    for (const all of [bytes, wide])
      for (const size of [1, 2, 3, 100]) {
        const pieces = Array.from({ length: Math.ceil(all.length / size) }, (_, i) =>
          all.subarray(i * size, (i + 1) * size),
        );
        assert.equal(await joined(decodePieces(pieces, detectDecoding(all, true)!)), asOneForm);
      }
  });

  it('lead a citation of a log with progress marks to the line of the editor', async () => {
    for (const text of [progress, progress.replaceAll('\n', '\r\n')]) {
      const prepared = await prepare(
        { title: 'notes.txt', startLine: 1, text },
        { fold, yield: async () => {} },
        new AbortController().signal,
      );
      assert.equal(prepared.lines, 43);
      const lines = prepared.chunks.flatMap(({ text: own, startLine, sourceLines }) =>
        own.split('\n').map((line, i) => [line, sourceLines?.[i] ?? startLine + i] as const),
      );
      assert.equal(lines.find(([line]) => line.startsWith('error'))?.[1], 43);
    }
  });
});
