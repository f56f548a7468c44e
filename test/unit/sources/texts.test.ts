import assert from 'node:assert/strict';
import fc from 'fast-check';
import { getPlace } from '../../../src/engine/places.ts';
import { formatAddedFile, mapDiffLines, splitDiff } from '../../../src/engine/read/unifiedDiff.ts';
import { createUnifiedDiff } from '../../../src/sources/git/lineDiff.ts';
import { cleanTitle, takeLinePieces, takeLines } from '../../../src/sources/lines.ts';
import { toBytes, readOutputs } from '../../../src/text/notebookText.ts';

/** Applies a unified diff: what a patch program would make of the text. */
function patch(text: string, diff: string): string {
  const source = text.split(/\r?\n/);
  if (source.at(-1) === '') source.pop();
  const out: string[] = [];
  let at = 0;
  for (const line of diff.split('\n').slice(2)) {
    const hunk = /^@@ -(\d+),(\d+) \+(\d+),(\d+) @@$/.exec(line);
    if (hunk) {
      const start = Number(hunk[1]) - (hunk[2] === '0' ? 0 : 1);
      while (at < start) out.push(source[at++]!);
      assert.equal(out.length, Number(hunk[3]) - (hunk[4] === '0' ? 0 : 1), `where the new lines begin: ${line}`);
    } else if (line.startsWith('+')) out.push(line.slice(1));
    else if (line !== '') assert.equal(source[at++], line.slice(1));
    if (line.startsWith(' ')) out.push(line.slice(1));
  }
  return [...out, ...source.slice(at)].join('\n');
}

const seed = 20261124;

describe('texts of the sources', () => {
  it('a unified diff, applied to the one text, gives the other', () => {
    const line = fc.constantFrom('a', 'b', 'c', 'd', 'the same line', '', 'x');
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), fc.array(line, { maxLength: 30 }), (a, b) => {
        const [before, after] = [a.map((l) => `${l}.\n`).join(''), b.map((l) => `${l}.\n`).join('')];
        const diff = createUnifiedDiff(before, after, 'a/x', 'b/x');
        if (before === after) assert.equal(diff, '');
        else assert.equal(patch(before, diff), after.replace(/\n$/, ''));
      }),
      { seed, numRuns: 200 },
    );
  });

  it('each line of a diff that the new file has leads to it there', () => {
    const line = fc.constantFrom('a', 'b', 'c', '-- d', '++ e', '', 'the same line');
    const file = fc.array(line, { maxLength: 30 });
    fc.assert(
      fc.property(fc.array(fc.tuple(file, file), { minLength: 1, maxLength: 3 }), (files) => {
        const after = new Map(files.map(([, b], i) => [`file:///${i}`, b.map((l) => `${l}.`)]));
        const diffs = files.map(([a, b], i) => {
          const [one, two] = [a.map((l) => `${l}.\n`).join(''), b.map((l) => `${l}.\n`).join('')];
          return one === two ? '' : `diff --git a/${i} b/${i}\n${createUnifiedDiff(one, two, `a/${i}`, `b/${i}`)}`;
        });
        const text = diffs.join('');
        const part = { title: '', startLine: 1, text, places: mapDiffLines(text, (path) => `file:///${path}`) };
        let file = -1;
        for (const [at, told] of text.split('\n').entries()) {
          const header = /^diff --git a\/(\d)/.exec(told);
          if (header) file = Number(header[1]);
          if (!told || /^(?:diff|---|\+\+\+) /.test(told)) continue;
          const { uri, startLine } = getPlace(part, { startLine: at + 1, endLine: at + 1 });
          assert.equal(uri, `file:///${file}`);
          if (/^[+ ]/.test(told)) assert.equal(after.get(uri)![startLine - 1], told.slice(1));
        }
      }),
      { seed, numRuns: 150 },
    );
  });

  it('ranges of a diff become ranges of one file; a deleted file has no lines to lead to', () => {
    const deleted =
      'diff --git a/old.ts b/old.ts\ndeleted file mode 100644\n--- a/old.ts\n+++ /dev/null\n@@ -1 +0,0 @@\n-gone\n';
    const renamed =
      'diff --git "a/\\303\\244.ts" "b/\\303\\266.ts"\n--- "a/\\303\\244.ts"\n+++ "b/\\303\\266.ts"\n@@ -7,2 +9,3 @@\n one\n-two\n+three\n+four\n';
    const text = deleted + renamed;
    const part = { title: '', startLine: 1, text, places: mapDiffLines(text, (path) => `file:///${path}`) };
    const at = (startLine: number, endLine: number) => getPlace(part, { startLine, endLine });
    assert.deepEqual(at(6, 6), { startLine: 6, endLine: 6 });
    assert.deepEqual(at(11, 14), { uri: 'file:///ö.ts', startLine: 9, endLine: 11 });
    assert.deepEqual(at(12, 12), { uri: 'file:///ö.ts', startLine: 10, endLine: 10 });
    assert.deepEqual(at(7, 14), { uri: 'file:///ö.ts', startLine: 1, endLine: 11 });
  });

  it('a small change in a long text is a small diff, and a changed whole ends too', () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i}`);
    const changed = lines.with(10_000, 'another');
    const diff = createUnifiedDiff(lines.join('\n'), changed.join('\n'), 'a', 'b');
    assert.equal(diff.split('\n').length, 2 + 1 + 8 + 1);
    const replaced = createUnifiedDiff(lines.join('\n'), lines.map((line) => `${line}!`).join('\n'), 'a', 'b');
    assert.equal(replaced.match(/^\+line/gm)?.length, 20_000);
  });

  it('lines are taken alike from a text and from its pieces', async () => {
    const text = 'one\ntwo\r\n\nfour\nlast without end';
    for (const [first, last] of [
      [1, 1],
      [2, 4],
      [3, 99],
      [5, 5],
      [9, 12],
    ] as const) {
      for (const cut of [1, 4, 100]) {
        const pieces = async function* (): AsyncGenerator<string> {
          for (let i = 0; i < text.length; i += cut) yield text.slice(i, i + cut);
        };
        let joined = '';
        for await (const piece of takeLinePieces(pieces(), first, last)) joined += piece;
        assert.equal(joined, takeLines(text, first, last), `${first}-${last} in pieces of ${cut}`);
      }
    }
    assert.equal(takeLines(text, 2, 4), 'two\r\n\nfour\n');
  });

  it('a name cannot turn the direction of what follows, or end the line', () => {
    assert.equal(cleanTitle('invoice\u202Efdp.exe\nnext'), 'invoice\ufffdfdp.exe\ufffdnext');
    assert.ok(cleanTitle('x'.repeat(5_000)).length <= 200);
    assert.equal(cleanTitle('Überblick – 世界.md'), 'Überblick – 世界.md');
    assert.equal(cleanTitle(`logs/ghp_${'aB3dE6gH9j'.repeat(4)}.txt`), 'logs/‹secret›.txt');
  });

  it("a diff comes apart into its files, and a new file looks like Git's own", () => {
    const diff = `diff --git a/a.ts b/a.ts\nindex 1..2 100644\n--- a/a.ts\n+++ b/a.ts\n@@ -1 +1 @@\n-a\n+b\ndiff --git a/old name.md b/new name.md\nsimilarity index 100%\nrename from old name.md\nrename to new name.md\n`;
    assert.deepEqual(
      splitDiff(diff + formatAddedFile('lib/x.ts', 'one\ntwo\n')).map((file) => file.path),
      ['a.ts', 'new name.md', 'lib/x.ts'],
    );
    assert.match(formatAddedFile('x', 'one\ntwo\n'), /@@ -0,0 \+1,2 @@\n\+one\n\+two\n$/);
    assert.match(formatAddedFile('x.png', undefined), /^Binary files/m);
  });

  it("a cell's output is its most readable form, a picture only its name, an error without its wrapping", () => {
    const item = (mime: string, text: string): { mime: string; data: Uint8Array } => ({
      mime,
      data: new TextEncoder().encode(text),
    });
    const text = readOutputs([
      [item('image/png', 'iVBORw0KGgo'), item('text/plain', 'Figure 1')],
      [item('image/png', 'iVBORw0KGgo')],
      [item('text/html', '<table><script>alert(1)</script><td>4</td></table>')],
      [item('application/vnd.code.notebook.stdout', '10%\r50%\r100%\nready\n')],
      [item('application/vnd.code.notebook.error', '{"name":"ValueError","message":"too deep","stack":"line 3"}')],
    ]);
    assert.ok(!text.includes('iVBOR') && !text.includes('alert'));
    for (const shown of ['Figure 1', '(image/png)', '4', '100%\nready', 'ValueError: too deep\nline 3'])
      assert.ok(text.includes(shown), shown);
    assert.ok(!text.includes('50%'));
    for (const data of [Uint8Array.of(52, 50), { type: 'Buffer', data: [52, 50] }, { buffer: Uint8Array.of(52, 50) }]) {
      assert.deepEqual(toBytes(data), Uint8Array.of(52, 50));
    }
  });
});
