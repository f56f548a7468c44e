import assert from 'node:assert/strict';
import { fold } from '../../../../../src/engine/read/fold/index.ts';
import type { Kind } from '../../../../../src/engine/source.ts';
import { seeded } from './logs.ts';

const yieldToEventLoop = (): Promise<void> => Promise.resolve();
const vocabulary =
  'river stone house market people water night green letter walk open road winter voice paper garden number glass morning light'.split(
    ' ',
  );

function paragraph(random: () => number, words = 90): string {
  const text = Array.from({ length: words }, () => vocabulary[Math.floor(random() * vocabulary.length)]).join(' ');
  return text.replace(/(.{60,78}) /g, '$1\n');
}

/** Puts back what the stubs say; the result must be the text. */
function unfold(text: string): string[] {
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    const stub = /^\[lines? (\d+)(?:–(\d+))?: same as lines? (\d+)(?:–(\d+))?\]$/.exec(line);
    if (!stub) lines.push(line);
    else {
      const from = Number(stub[3]);
      const source = lines.slice(from - 1, Number(stub[4] ?? from));
      lines.push(...source);
    }
  }
  return lines;
}

async function checkFolded(kind: Kind, text: string) {
  const result = await fold(kind, text, yieldToEventLoop);
  assert.ok(result, 'should fold');
  const lines = result.text.split('\n');
  assert.equal(result.sourceLines.length, lines.length);
  const source = text.split('\n');
  const same = lines.filter((line, i) => line === source[(result.sourceLines[i] as number) - 1]).length;
  assert.equal(result.foldedLines, result.lines - same);
  assert.equal(result.length, text.length);
  return result;
}

describe('foldDuplicates', () => {
  it('refers exact repeats to their first place and loses nothing', async () => {
    const random = seeded(1);
    const paragraphs = Array.from({ length: 12 }, () => paragraph(random));
    const text = [...paragraphs, paragraphs[2], paragraph(random), paragraphs[7], paragraphs[2]].join('\n\n');
    const result = await checkFolded('prose', text);
    assert.deepEqual(unfold(result.text), text.split('\n'));
    assert.match(result.facts, /^\d+ lines repeat earlier ones, in 3 passages\.$/);
  });

  it('sends near copies in full', async () => {
    const random = seeded(2);
    const first = paragraph(random, 120)
      .split('\n')
      .map((line, i) => `Anna${i} ${line}`)
      .join('\n');
    const text = [first, paragraph(random), paragraph(random), first.replaceAll('Anna', 'Boris')].join('\n\n');
    assert.equal(await fold('markdown', text, yieldToEventLoop), undefined);
  });

  it('leaves short repeats alone', async () => {
    const random = seeded(3);
    assert.equal(
      await fold('prose', Array.from({ length: 20 }, () => paragraph(random)).join('\n\n'), yieldToEventLoop),
      undefined,
    );
    assert.equal(
      await fold('code', 'a();\nb();\nc();\nd();\n'.repeat(2) + paragraph(random, 400), yieldToEventLoop),
      undefined,
    );
  });

  it('replaces encoded data by a note and reports it as a gap', async () => {
    const random = seeded(4);
    const symbols = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const encode = (length: number): string =>
      Array.from({ length }, () => symbols[Math.floor(random() * symbols.length)]).join('');
    const base64 = Array.from({ length: 30 }, () => encode(76)).join('\n');
    const dump = Array.from(
      { length: 20 },
      (_, i) =>
        `${(i * 16).toString(16).padStart(8, '0')}: ${Array.from({ length: 8 }, () =>
          Math.floor(random() * 65_536)
            .toString(16)
            .padStart(4, '0'),
        ).join(' ')}  ................`,
    ).join('\n');
    const image = `const icon = "data:image/png;base64,${encode(2000)}";`;
    const text = `const before = 1;\n${base64}\n${dump}\n${image}\nconst after = 2;\n`;
    const result = await fold('code', text, yieldToEventLoop);
    assert.ok(result);
    assert.deepEqual(result.text.split('\n'), [
      'const before = 1;',
      '[lines 2–31: encoded data (base64), 30 lines, 2,280 characters left out]',
      '[lines 32–51: encoded data (hex dump), 20 lines, 1,340 characters left out]',
      'const icon = "[data URI image/png, 2,000 characters left out]";',
      'const after = 2;',
    ]);
    assert.deepEqual(result.sourceLines, [1, 2, 32, 52, 53]);
    assert.equal(result.foldedLines, 0);
    assert.deepEqual(
      result.gaps?.map(({ startLine, endLine, lines }) => [startLine, endLine, lines]),
      [
        [2, 31, 30],
        [32, 51, 20],
        [52, 52, 1],
      ],
    );
  });

  it('sends long lines of code, SQL and config in full', async () => {
    const random = seeded(6);
    const rows = Array.from({ length: 400 }, (_, i) => `(${i},${Math.floor(random() * 90)},'open')`).join(',');
    assert.equal(await fold('code', `INSERT INTO orders VALUES ${rows};\n`, yieldToEventLoop), undefined);
    const minified = Array.from(
      { length: 900 },
      (_, i) => `function f${i}(b){return b+${Math.floor(random() * 1e6)}}`,
    ).join(';');
    assert.equal(await fold('code', minified, yieldToEventLoop), undefined);
    assert.equal(await fold('config', `hosts=[${rows}]\nport=1\n`, yieldToEventLoop), undefined);
  });

  it('sends a long paragraph of prose in full', async () => {
    const random = seeded(5);
    assert.equal(await fold('prose', paragraph(random, 3000).replaceAll('\n', ' '), yieldToEventLoop), undefined);
  });
});

describe('A folded diff', () => {
  const hunk = (name: string, body: string[]): string =>
    [
      `diff --git a/${name} b/${name}`,
      'index 1..2 100644',
      `--- a/${name}`,
      `+++ b/${name}`,
      '@@ -1,9 +1,9 @@',
      ...body,
    ].join('\n');

  it('tells lock files and generated files in one line with counts', async () => {
    const lock = hunk(
      'web/package-lock.json',
      Array.from({ length: 300 }, (_, i) => `${i % 3 === 0 ? '-' : '+'}  "p${i}": "1.0.${i}",`),
    );
    const own = hunk('src/a.ts', ['-const a = 1;', '+const a = 2;', ' export { a };']);
    const result = await checkFolded('diff', `${own}\n${lock}\n${own.replaceAll('a.ts', 'b.ts')}\n`);
    assert.match(result.text, /^web\/package-lock\.json: lock file, 300 lines changed \(\+200 −100\), not shown$/m);
    assert.ok(result.text.includes('+const a = 2;') && result.text.includes('b/src/b.ts'));
    assert.equal(result.foldedLines, 305);
  });

  it('recognizes blocks that moved', async () => {
    const block = Array.from({ length: 30 }, (_, i) => `  const value${i} = compute(${i}, "argument number ${i}");`);
    const text = `${hunk(
      'src/from.ts',
      block.map((line) => `-${line}`),
    )}\n${hunk(
      'src/to.ts',
      block.map((line) => `+${line}`),
    )}\n`;
    const result = await checkFolded('diff', text);
    assert.match(result.text, /\[30 removed lines moved: the same as the added lines 41–70\]/);
    assert.ok(result.text.includes('+  const value29'));
  });
});
