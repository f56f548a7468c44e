import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { packed, placed } from '../../../../src/engine/stages/packed.ts';
import { prepareSource } from '../../../../src/engine/read/prepareSource.ts';
import { createPack } from '../../../../src/text/pack.ts';
import type { PreparedPart, Source, SourcePart } from '../../../../src/engine/source.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const draft = (text: string): PreparedPart['chunks'][number] => ({
  text,
  startLine: 3,
  endLine: 9,
  tokens: 7,
  context: 'A › B',
  priority: 5,
});
const prepared = (text: string): PreparedPart => ({
  kind: 'prose',
  chunks: [draft(text), draft('end')],
  lines: 1,
  foldedLines: 0,
  masked: 0,
  invisible: 0,
  length: text.length,
  facts: '',
});

describe('packed texts', () => {
  it('come back as they were, whatever they hold', () => {
    const pack = createPack();
    for (const text of [
      '',
      'plain',
      '\ufeffwith a mark',
      '語 é 🎉',
      'half a pair \ud83d',
      '\udf89',
      'x'.repeat(5_000_000),
    ])
      assert.equal(pack(text)(), text);
  });

  it('are no longer in the heap of the script', () => {
    const pack = createPack();
    collect();
    const before = process.memoryUsage().heapUsed;
    const read = Array.from({ length: 1_000 }, (_, i) => pack(`${i} ${'x'.repeat(20_000)}`));
    collect();
    assert.ok(process.memoryUsage().heapUsed - before < 5_000_000);
    assert.equal(read[999]!().length, 20_004);
  });

  it('are compressed meanwhile, and read as before', async () => {
    const texts = Array.from({ length: 2_000 }, (_, i) => `${i} é ${`the ${i % 7}th lamp `.repeat(400)}`);
    const length = texts.reduce((sum, text) => sum + text.length, 0);
    collect();
    const before = process.memoryUsage().arrayBuffers;
    const pack = createPack();
    const read = texts.map((text) => pack(text));
    const held = (): number => {
      collect();
      return process.memoryUsage().arrayBuffers - before;
    };
    assert.ok(held() > length / 2);
    while (held() > length / 4) await new Promise(setImmediate);
    for (const at of [1_999, 0, 1, 700, 1_500, 300, 1_000, 701]) assert.equal(read[at]!(), texts[at]);
    assert.deepEqual(
      read.map((one) => one()),
      texts,
    );
  });

  it('stay with their chunk when it gets its place', () => {
    const place = { part: 2, index: 40, priority: 99 };
    const chunk = placed(packed({ ...draft('語'), sourceLines: [4, 6] }, createPack()), place);
    const { part, index, priority, text, startLine, endLine, sourceLines, tokens, context } = chunk;
    assert.deepEqual(
      { part, index, priority, text, startLine, endLine, sourceLines, tokens, context },
      { ...draft('語'), sourceLines: [4, 6], ...place },
    );
  });

  it('make no difference to the chunks of a source', async () => {
    const source = (bytes: number): Source => ({
      title: 'folder',
      parts: ['one é', 'two', 'three \ud83d'].map((title): SourcePart => ({ title, startLine: 1, bytes, text: read })),
      skipped: [],
      shape: 'folder',
    });
    const chunksOf = async (bytes: number): Promise<unknown[]> => {
      const ports = {
        prepare: (part: SourcePart) => Promise.resolve(prepared(part.title)),
        signal: new AbortController().signal,
        yield: () => Promise.resolve(),
        pack: createPack(),
      };
      const { chunks } = await prepareSource(source(bytes), ports, () => undefined);
      return chunks.map(({ index, part, text, startLine, endLine, tokens, context, priority }) => [
        index,
        part,
        text,
        startLine,
        endLine,
        tokens,
        context,
        priority,
      ]);
    };
    assert.deepEqual(await chunksOf(20_000_000), await chunksOf(100));
  });
});

async function* read(): AsyncGenerator<string> {
  yield 'not read here';
}
