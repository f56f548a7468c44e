import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Kind } from '../../../../../src/engine/source.ts';
import { largest, smallest } from '../../../../../src/engine/read/split/cut.ts';
import { split, type SplitChunk, type SplitInput } from '../../../../../src/engine/read/split/index.ts';
import { estimateTokens } from '../../../../../src/engine/tokens.ts';
import * as corpus from '../../../../support/corpus.ts';

const atOnce = async () => {};
const kinds: readonly Kind[] = [
  'code',
  'log',
  'table',
  'json',
  'diff',
  'markdown',
  'prose',
  'transcript',
  'legal',
  'config',
];

function cutUp(text: string, kind: Kind, more: Partial<SplitInput> = {}): Promise<SplitChunk[]> {
  return split({ text, kind, title: 'text', ...more }, atOnce);
}

/** All that must hold for every text: nothing lost, sizes, lines, tokens, order of surrogates. */
async function checkLaws(text: string, kind: Kind, more: Partial<SplitInput> = {}): Promise<SplitChunk[]> {
  const chunks = await cutUp(text, kind, more);
  assert.ok(chunks.map((chunk) => chunk.text).join('') === text, `${kind}: joined chunks are not the text`);
  let line = 1;
  for (const [index, chunk] of chunks.entries()) {
    assert.ok(chunk.tokens <= largest, `${kind}: ${chunk.tokens} tokens`);
    assert.ok(chunk.tokens >= smallest || chunks.length === 1, `${kind}: ${chunk.tokens} tokens`);
    assert.equal(chunk.startLine, line);
    const breaks = chunk.text.split('\n').length - 1;
    assert.equal(chunk.endLine, line + breaks - (chunk.text.endsWith('\n') ? 1 : 0));
    line += breaks;
    assert.ok(index === 0 || !/^[\udc00-\udfff]/.test(chunk.text) || !/[\ud800-\udbff]$/.test(chunks[index - 1]!.text));
    assert.ok(chunk.priority >= 0 && chunk.priority < 2 ** 37 && Number.isSafeInteger(chunk.priority));
  }
  return chunks;
}

/** A text built to break splitters: pieces of all kinds, repeated. */
const texts = fc
  .array(
    fc.tuple(
      fc.oneof(
        fc.array(fc.nat(0xffff), { maxLength: 30 }).map((units) => String.fromCharCode(...units)),
        fc.constantFrom(
          '\n',
          '\r\n',
          '\r',
          '\0',
          '\ufeff',
          '\ud83d',
          '\ude00',
          '😀',
          '"',
          "'",
          '`',
          '"""',
          '/*',
          '*/',
          '{',
          '}',
          '```\n',
          '# h\n',
          '@@ -1 +1 @@\n',
          'a,b\n',
          '。',
          '. ',
          'x'.repeat(300),
        ),
      ),
      fc.nat(400),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => pieces.map(([piece, times]) => piece.repeat(times)).join(''));

describe('split', () => {
  it('loses nothing of any text', async function () {
    await fc.assert(
      fc.asyncProperty(texts, fc.constantFrom(...kinds), async (text, kind) => {
        await checkLaws(text, kind);
      }),
      { numRuns: 60, seed: 20261124 },
    );
  });

  it('holds sizes and lines on texts of every kind', async () => {
    const size = 40_000;
    const all: [string, Kind, string?][] = [
      [corpus.prose(1, size), 'prose'],
      [corpus.prose(2, size, false), 'prose'],
      [corpus.markdown(3, size), 'markdown'],
      [corpus.log(4, size), 'log'],
      [corpus.csv(5, size), 'table'],
      [corpus.json(6, size), 'json'],
      [corpus.json(7, size, 0), 'json'],
      [corpus.diff(8, size), 'diff'],
      [corpus.transcript(9, size), 'transcript'],
      [corpus.chinese(10, size), 'prose'],
      ...corpus.codeLanguages.map((id): [string, Kind, string] => [corpus.code(11, size, id), 'code', id]),
    ];
    for (const [text, kind, languageId] of all) {
      const chunks = await checkLaws(text, kind, { languageId });
      assert.ok(chunks.length >= 4);
    }
  });

  it('cuts a line of 200,000 characters that has no sentence', async () => {
    const pick = corpus.picker(1);
    const line = Array.from({ length: 20_000 }, () => pick.random().toString(36).slice(2, 12)).join('');
    assert.ok((await checkLaws(line, 'prose')).length > 20);
    await checkLaws('😀'.repeat(20_000), 'prose');
  });

  it('cuts a long line after its sentences', async () => {
    const chunks = await checkLaws(corpus.prose(3, 40_000, false).replaceAll('\n', ' '), 'prose');
    assert.ok(chunks.length > 3);
    for (const chunk of chunks.slice(0, -1)) assert.match(chunk.text, /\. $/);
    const chinese = await checkLaws(corpus.chinese(3, 20_000).replaceAll('\n', ''), 'prose');
    for (const chunk of chinese.slice(0, -1)) assert.match(chunk.text, /[。！？]$/);
  });

  it('cuts a hundred thousand empty lines, and equal ones into equal chunks', async () => {
    await checkLaws('\n'.repeat(100_000), 'prose');
    const chunks = await checkLaws('}\n'.repeat(12_000), 'code');
    assert.ok(new Set(chunks.map((chunk) => chunk.text)).size <= 4, 'equal lines give a few different chunks');
  });

  it('has no chunk for an empty text and one for a small text', async () => {
    assert.deepEqual(await cutUp('', 'prose'), []);
    assert.deepEqual(
      (await cutUp('a\nb', 'prose', { startLine: 5 })).map(({ text, startLine, endLine }) => ({
        text,
        startLine,
        endLine,
      })),
      [{ text: 'a\nb', startLine: 5, endLine: 6 }],
    );
  });

  it('cuts at the same places whatever the line breaks and the last one are', async () => {
    const text = corpus.markdown(4, 60_000);
    const lines = async (variant: string) => (await cutUp(variant, 'markdown')).map((chunk) => chunk.startLine);
    assert.deepEqual(await lines(text.replaceAll('\n', '\r\n')), await lines(text));
    assert.deepEqual(await lines(text.trimEnd()), await lines(text.trimEnd() + '\n'));
  });

  it('counts the tokens of a chunk as of its text', async () => {
    for (const chunk of await cutUp(corpus.markdown(5, 30_000), 'markdown'))
      assert.equal(chunk.tokens, estimateTokens(chunk.text));
  });

  it('lets others run while it works, and stops when it is cancelled', async () => {
    let turns = 0;
    const text = corpus.prose(1, 300_000);
    await split({ text, kind: 'prose', title: '' }, async () => void turns++);
    assert.ok(turns >= 3, `${turns} turns`);
    const controller = new AbortController();
    const cancelling = split(
      { text, kind: 'prose', title: '' },
      async () => controller.abort('stop'),
      controller.signal,
    );
    await assert.rejects(cancelling, (reason) => reason === 'stop');
  });

  it('tells the source lines of a folded text', async () => {
    const text = 'one\ntwo\nthree\n';
    const [chunk] = await cutUp(text, 'prose', { sourceLines: [900, 4, 17] });
    assert.deepEqual([chunk!.startLine, chunk!.endLine, chunk!.sourceLines], [4, 900, [900, 4, 17]]);
  });
});

describe('split after an edit', () => {
  /** Changes, inserts or removes one line at each of some places; gives how many chunks are new. */
  async function checkEdits(text: string, kind: Kind, languageId?: string) {
    const known = new Set((await cutUp(text, kind, { languageId })).map((chunk) => chunk.text));
    const lines = text.split('\n');
    const pick = corpus.picker(77);
    const fresh: number[] = [];
    for (let edit = 0; edit < 9; edit++) {
      const at = pick.whole(lines.length - 1);
      const changed = [`${lines[at]} changed`, `inserted ${pick.whole(1e6)}\n${lines[at]}`];
      const edited = edit % 3 === 2 ? lines.toSpliced(at, 1) : lines.with(at, changed[edit % 3]!);
      const chunks = await cutUp(edited.join('\n'), kind, { languageId });
      fresh.push(chunks.filter((chunk) => !known.has(chunk.text)).length);
    }
    const mean = fresh.reduce((sum, count) => sum + count, 0) / fresh.length;
    assert.ok(Math.max(...fresh) <= 3 && mean <= 1.5, `${kind}: new chunks ${fresh.join()}`);
    assert.ok(fresh.filter((count) => count > 2).length <= 1, `${kind}: new chunks ${fresh.join()}`);
  }
  const size = 45_000;
  it('keeps all but two chunks of flat text', () => checkEdits(corpus.flat(1, size), 'prose'));
  it('keeps all but two chunks of prose', () => checkEdits(corpus.prose(1, size), 'prose'));
  it('keeps all but two chunks of markdown', () => checkEdits(corpus.markdown(1, size), 'markdown'));
  it('keeps all but two chunks of a log', () => checkEdits(corpus.log(1, size), 'log'));
  it('keeps all but two chunks of a table', () => checkEdits(corpus.csv(1, size), 'table'));
  it('keeps all but two chunks of JSON', () => checkEdits(corpus.json(1, size), 'json'));
  it('keeps all but two chunks of TypeScript', () => checkEdits(corpus.code(1, size), 'code', 'typescript'));
  it('keeps all but two chunks of Python', () => checkEdits(corpus.code(1, size, 'python'), 'code', 'python'));
  it('keeps all but two chunks of Chinese', () => checkEdits(corpus.chinese(1, size / 3), 'prose'));

  const texts: readonly (readonly [kind: Kind, text: string, languageId?: string])[] = [
    ['prose', corpus.prose(2, 30_000)],
    ['prose', corpus.chinese(2, 10_000)],
    ['markdown', corpus.markdown(2, 30_000)],
    ['log', corpus.log(2, 30_000)],
    ['table', corpus.csv(2, 30_000)],
    ['json', corpus.json(2, 30_000)],
    ['code', corpus.code(2, 30_000), 'typescript'],
  ];
  it('keeps all but a few chunks at both places when lines move', async () => {
    for (const [kind, text, languageId] of texts) {
      const known = new Set((await cutUp(text, kind, { languageId })).map((chunk) => chunk.text));
      const lines = text.split('\n');
      const pick = corpus.picker(78);
      const fresh: number[] = [];
      for (let move = 0; move < 2; move++) {
        const from = pick.whole(lines.length - 6);
        const moved = lines.toSpliced(from, 4);
        moved.splice(pick.whole(moved.length - 1), 0, ...lines.slice(from, from + 4));
        const chunks = await cutUp(moved.join('\n'), kind, { languageId });
        fresh.push(chunks.filter((chunk) => !known.has(chunk.text)).length);
      }
      const sum = fresh.reduce((total, count) => total + count, 0);
      assert.ok(Math.max(...fresh) <= 6 && sum <= 9, `${kind}: new chunks ${fresh.join()}`);
    }
  });
});
