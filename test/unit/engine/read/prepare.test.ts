import assert from 'node:assert/strict';
import { createCleaner } from '../../../../src/engine/text.ts';
import type { Fold } from '../../../../src/engine/read/fold/types.ts';
import { prepare, type Masker, type PreparePorts } from '../../../../src/engine/read/prepare.ts';
import type { SourcePart } from '../../../../src/engine/source.ts';
import * as corpus from '../../../support/corpus.ts';
import { measureMs } from '../../../support/processorTime.ts';

const noFold: Fold = async () => undefined;
const never = new AbortController().signal;
const atOnce = async () => {};

function part(text: SourcePart['text'], more: Partial<SourcePart> = {}): SourcePart {
  return { title: 'text', startLine: 1, text, ...more };
}
const run = (of: SourcePart, ports: Partial<PreparePorts> = {}) =>
  prepare(of, { fold: noFold, yield: atOnce, ...ports }, never);

/** Pieces cut at uneven places, also within lines and pairs. */
const inPieces = (text: string) => () =>
  (async function* () {
    for (let at = 0, step = 1; at < text.length; at += step, step = (step * 7) % 4093) yield text.slice(at, at + step);
  })();

/** Masks the word SECRET across pieces: holds back what may be its beginning. */
function wordMasker(): Masker {
  let held = '';
  let secrets = 0;
  const mask = (text: string) =>
    text.replace(/SECRET/g, () => {
      secrets++;
      return '<secret 1>';
    });
  return {
    push(piece) {
      const text = mask(held + piece);
      held = text.slice(-5);
      return text.slice(0, -5);
    },
    end: () => mask(held),
    get secrets() {
      return secrets;
    },
  };
}

async function checkSame(text: string, expected = text): Promise<void> {
  const whole = await run(part(text));
  const pieces = await run(part(inPieces(text)));
  assert.equal(whole.chunks.map((chunk) => chunk.text).join(''), expected);
  assert.deepEqual(pieces, whole);
}

describe('prepare', () => {
  it('gives the same chunks for a text and for its pieces', async () => {
    await checkSame(corpus.markdown(1, 20_000));
    await checkSame(corpus.log(1, 20_000));
    await checkSame('');
    await checkSame('a\n😀'.repeat(500));
  });
  it('has no chunks of a text that shows nothing', async () => {
    for (const text of [' \n\t\u3000\u2003', '\u200b\u2060\ufeff', '\u2800\u00ad\n'])
      for (const source of [part(text), part(inPieces(text.repeat(200)))]) {
        const { chunks, length } = await run(source);
        assert.deepEqual(chunks, []);
        assert.ok(length > 0);
      }
    assert.equal((await run(part(`${' '.repeat(300_000)}a`))).chunks.map(({ text }) => text.trim()).join(''), 'a');
  });
  it('replaces halves of pairs, wherever the pieces are cut', async () => {
    const text = '😀😀 a \ud83d b \ude00\n'.repeat(300);
    await checkSame(text, text.replaceAll('\ud83d b', '\ufffd b').replaceAll(' \ude00\n', ' \ufffd\n'));
  });
  it('refuses what is too long to be read as a whole before it is read', async () => {
    let reads = 0;
    const text = async function* () {
      reads++;
      yield 'The harbour was opened in winter. '.repeat(3_000);
      throw new Error('it was read on');
    };
    await assert.rejects(run(part(text, { title: 'book.txt', bytes: 2 ** 30 })), /too long to be read as a whole/);
    assert.equal(reads, 1);
  });
  it('tells lines, length and kind', async () => {
    const { kind, lines, length, foldedLines, masked, facts } = await run(
      part('# A\n\n- b\n- c\n\nd', { title: 'x.md' }),
    );
    assert.deepEqual(
      { kind, lines, length, foldedLines, masked, facts },
      { kind: 'markdown', lines: 6, length: 15, foldedLines: 0, masked: 0, facts: '' },
    );
  });
  it('counts lines from where the selection starts', async () => {
    const { chunks } = await run(part('a\nb\n', { startLine: 40 }));
    assert.deepEqual([chunks[0]!.startLine, chunks[0]!.endLine], [40, 41]);
  });
  it('masks before anything else sees the text, also across pieces', async () => {
    const seen: string[] = [];
    const fold: Fold = async (_kind, pieces) => {
      if (typeof pieces === 'string') seen.push(pieces);
      return undefined;
    };
    const prepared = await run(part(inPieces('one SECRET two\nthree SECRET')), { fold, mask: wordMasker });
    assert.equal(prepared.chunks[0]!.text, 'one <secret 1> two\nthree <secret 1>');
    assert.equal(prepared.masked, 2);
    assert.deepEqual(seen, [prepared.chunks[0]!.text]);
  });
  it('masks what colour codes, overstrikes and pieces hold apart', async () => {
    const text = 'a \u001b[36mSEC\u001b[0mRET b\nS\bSEC\bCRET c\n';
    for (const source of [part(text), part(inPieces(text))]) {
      const { chunks, masked } = await run(source, { mask: wordMasker });
      assert.equal(chunks.map((chunk) => chunk.text).join(''), 'a <secret 1> b\n<secret 1> c\n');
      assert.equal(masked, 2);
    }
  });
  it('folds a log as it is read, and tells the lines that its text stands for', async () => {
    let pieces = 0;
    const fold: Fold = async (kind, from) => {
      assert.equal(kind, 'log');
      let lines = 0;
      let length = 0;
      for await (const piece of from) {
        pieces++;
        lines += piece.split('\n').length - 1;
        length += piece.length;
      }
      return { text: 'first\nlast\n', sourceLines: [3, lines], foldedLines: lines - 2, lines, facts: 'exact', length };
    };
    const text = corpus.log(1, 400_000);
    const prepared = await run(part(inPieces(text), { title: 'a.log', startLine: 11 }), { fold });
    const lines = text.split('\n').length - 1;
    assert.ok(pieces > 10, 'the text came in pieces');
    assert.deepEqual(
      [prepared.lines, prepared.foldedLines, prepared.facts, prepared.length],
      [lines, lines - 2, 'exact', text.length],
    );
    const [chunk] = prepared.chunks;
    assert.deepEqual([chunk!.startLine, chunk!.endLine, chunk!.sourceLines], [13, lines + 10, [13, lines + 10]]);
  });
  it('reads a streamed text again when folding it is not worth it', async () => {
    const text = corpus.csv(1, 10_000);
    const fold: Fold = async (_kind, from) => {
      for await (const piece of from) if (piece) break;
      return undefined;
    };
    const prepared = await run(part(inPieces(text), { title: 'a.csv' }), { fold });
    assert.equal(prepared.chunks.map((chunk) => chunk.text).join(''), text);
    assert.equal(prepared.length, text.length);
  });
  it('reads any other text once, and closes it', async () => {
    const told: string[] = [];
    const text = async function* () {
      told.push('opened');
      try {
        yield* [corpus.markdown(1, 40_000), corpus.markdown(2, 80_000), 'The end.\n'];
      } finally {
        told.push('closed');
      }
    };
    const { chunks } = await run(part(text));
    assert.deepEqual(told, ['opened', 'closed']);
    assert.equal(chunks.at(-1)!.text.endsWith('The end.\n'), true);
    await assert.rejects(run(part(text, { title: 'book.txt', bytes: 2 ** 30 })), /too long/);
    assert.deepEqual(told.slice(2), ['opened', 'closed']);
  });
  it('tells how far it has read', async () => {
    const told: number[] = [];
    await prepare(part('x'.repeat(300_000)), { fold: noFold, yield: atOnce }, never, (length) => told.push(length));
    assert.deepEqual([told.length > 1, told.at(-1)], [true, 300_000]);
    assert.deepEqual(
      told,
      told.toSorted((a, b) => a - b),
    );
  });
  it('stops when it is cancelled', async () => {
    const controller = new AbortController();
    const ports = { fold: noFold, yield: async () => controller.abort('stop') };
    await assert.rejects(
      prepare(part(corpus.prose(1, 400_000)), ports, controller.signal),
      (reason) => reason === 'stop',
    );
  });
  it('passes on the error of a reader', async () => {
    const broken = () =>
      (async function* () {
        yield 'a';
        throw new Error('gone');
      })();
    await assert.rejects(run(part(broken)), /gone/);
  });
});

describe('cleaner', () => {
  function checkClean(text: string, expected: string, invisible: number): void {
    const whole = createCleaner();
    assert.equal(whole.push(text) + whole.end(), expected);
    assert.equal(whole.invisible, invisible);
    const single = createCleaner();
    assert.equal([...Array(text.length).keys()].map((at) => single.push(text[at]!)).join('') + single.end(), expected);
    assert.equal(single.invisible, invisible);
  }
  it('shows what is hidden', () => {
    checkClean('a\u202eb', 'a\\u{202E}b', 1);
    checkClean('a\u{e0041}\u{e007f}b', 'a\\u{E0041}\\u{E007F}b', 2);
    checkClean('pass\u200bword a\u200db \u2066x', 'pass\\u{200B}word a\\u{200D}b \\u{2066}x', 3);
  });
  it('leaves what scripts and emoji need', () => {
    const texts = [
      'می\u200cخواهم',
      'क्\u200dष',
      '👨\u200d👩\u200d👧 ❤\ufe0f',
      'שלום\u200f!',
      'Silben\u00adtrennung',
      '\ufeffstart',
      '葛\u{e0100}',
    ];
    for (const text of texts) checkClean(text, text, 0);
  });
  it('takes out colour codes', () => {
    checkClean('\u001b[31mred\u001b[0m \u001b]8;;http://x\u0007link\u001b]8;;\u0007', 'red link', 0);
    const clean = createCleaner();
    clean.push('\u001b[1mx\u001b[0m\n');
    clean.end();
    assert.equal(clean.escapes, 2);
  });
  it('resolves overstrikes to what a terminal shows', () => {
    checkClean('p\bpa\bas\bss\bs=_\bx_\by_\bz', 'pass=xyz', 0);
    checkClean('x\b_y\b_ 😀\b😀 abc\b\b\bd\n\be', 'xy 😀 d\ne', 0);
  });
  it('takes no longer for text with many joiners', () => {
    const clean = (text: string): void => {
      const cleaner = createCleaner();
      for (let at = 0; at < text.length; at += 131_072) cleaner.push(text.slice(at, at + 131_072));
      cleaner.end();
    };
    for (const piece of ['می\u200cخواهم ', '👨\u200d👩\u200d👧', 'Silben\u00adtrennung'])
      assert.ok(measureMs(() => clean(piece.repeat(60_000))) < 1_000, piece);
  });
  it('keeps lines and pairs whatever the pieces are', () => {
    const text = `${'😀'.repeat(3000)}\n\u001b[${'1;'.repeat(900)}\nx`;
    checkClean(text, text, 0);
  });
});
