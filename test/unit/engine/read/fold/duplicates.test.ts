import assert from 'node:assert/strict';
import { fold } from '../../../../../src/engine/read/fold/index.ts';
import type { Kind } from '../../../../../src/engine/source.ts';
import { seeded } from './logs.ts';

const yieldNow = (): Promise<void> => Promise.resolve();
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
    const stub = /^\[lines? (\d+)(?:–(\d+))?: same as lines? (\d+)(?:–(\d+))?(?: but for: (.*))?\]$/.exec(line);
    if (!stub) lines.push(line);
    else {
      const from = Number(stub[3]);
      const source = lines.slice(from - 1, Number(stub[4] ?? from));
      const changes = stub[5] === undefined ? [] : [...stub[5].matchAll(/“([^”]*)” instead of “([^”]*)”/g)];
      let body = source.join('\n');
      for (const [, now, before] of changes) body = body.replace(before as string, now as string);
      lines.push(...body.split('\n'));
    }
  }
  return lines;
}

async function checkFolded(kind: Kind, text: string) {
  const result = await fold(kind, text, yieldNow);
  assert.ok(result, 'should fold');
  const lines = result.text.split('\n');
  assert.equal(result.sourceLines.length, lines.length);
  const source = text.split('\n');
  const same = lines.filter((line, i) => line === source[(result.sourceLines[i] as number) - 1]).length;
  assert.equal(result.foldedLines, result.lines - same);
  assert.equal(result.length, text.length);
  return result;
}

describe('Passages that come again', () => {
  it('are said once, and nothing is lost', async () => {
    const random = seeded(1);
    const paragraphs = Array.from({ length: 12 }, () => paragraph(random));
    const text = [...paragraphs, paragraphs[2], paragraph(random), paragraphs[7], paragraphs[2]].join('\n\n');
    const result = await checkFolded('prose', text);
    assert.deepEqual(unfold(result.text), text.split('\n'));
    assert.match(result.facts, /in 3 passages that come again/);
  });

  it('are said with what differs where only some words do', async () => {
    const random = seeded(2);
    const first = paragraph(random, 120)
      .split('\n')
      .map((line, i) => (i % 3 === 1 ? `Anna${i} ${line}` : line))
      .join('\n');
    const text = [first, paragraph(random), paragraph(random), first.replaceAll('Anna', 'Boris')].join('\n\n');
    const result = await checkFolded('markdown', text);
    assert.match(result.text, /but for: “Boris1” instead of “Anna1”; “Boris4” instead/);
    assert.deepEqual(unfold(result.text), text.split('\n'));
  });

  it('are left alone where they are short or save little', async () => {
    const random = seeded(3);
    assert.equal(
      await fold('prose', Array.from({ length: 20 }, () => paragraph(random)).join('\n\n'), yieldNow),
      undefined,
    );
    assert.equal(
      await fold('code', 'a();\nb();\nc();\nd();\n'.repeat(2) + paragraph(random, 400), yieldNow),
      undefined,
    );
  });

  it('of encoded or minified data become a stub with size and lines', async () => {
    const random = seeded(4);
    const base64 = Array.from({ length: 30 }, () =>
      Array.from({ length: 76 }, () => 'ABCDEFGHabcdefgh0123+/'[Math.floor(random() * 22)]).join(''),
    ).join('\n');
    const minified = `var a=1;${'function(b){return b+1};'.repeat(400)}`;
    const text = `const before = 1;\n${base64}\n${minified}\nconst after = 2;\n`;
    const result = await checkFolded('code', text);
    assert.match(
      result.text,
      /^const before = 1;\n\[lines 2–31: 30 lines of encoded data, 2,280 characters\]\nvar a=1;/,
    );
    assert.match(result.text, /characters more\]\nconst after = 2;$/);
    assert.equal(result.foldedLines, 31);
  });

  it('in a long paragraph of prose are not taken for minified code', async () => {
    const random = seeded(5);
    assert.equal(await fold('prose', paragraph(random, 3000).replaceAll('\n', ' '), yieldNow), undefined);
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
