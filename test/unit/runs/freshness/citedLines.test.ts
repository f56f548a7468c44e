import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { follow, lineEdit, shifted, type Found, type LineRange } from '../../../../src/runs/freshness/citedLines.ts';

const lines = (text: string): { count: number; line(n: number): string } => {
  const all = text.split('\n');
  return { count: all.length, line: (n) => all[n - 1] ?? '' };
};
const place = (startLine: number, endLine = startLine): LineRange => ({ startLine, endLine });

function checkFollow(text: string, at: LineRange, excerpt: string, expected: Found): void {
  assert.deepEqual(follow(at, excerpt, lines(text)), expected);
}

const text = 'alpha one\nbeta two\ngamma three\ndelta four\nepsilon five';

describe('cited lines after an edit', () => {
  it('stay where nothing changed', () =>
    checkFollow(text, place(2, 3), 'beta two\ngamma three', { ...place(2, 3), state: 'same' }));

  it('are found where they went', () =>
    checkFollow(`new\nlines\n${text}`, place(2, 3), 'beta two\ngamma three', { ...place(4, 5), state: 'moved' }));

  it('are found by the half of them that is left', () =>
    checkFollow(`new\n${text.replace('gamma three', 'GAMMA')}`, place(2, 3), 'beta two\ngamma three', {
      ...place(3, 4),
      state: 'moved',
    }));

  it('are told to have changed where none is left', () =>
    checkFollow('other\nwords\nhere', place(2, 3), 'beta two\ngamma three', { ...place(2, 3), state: 'changed' }));

  it('are the nearest of several that read the same', () =>
    checkFollow('beta two\nx\nx\nx\nx\nbeta two\nx', place(5), 'beta two', { ...place(6), state: 'moved' }));

  it('are not looked for by signs alone', () =>
    checkFollow('a\nb', place(1), '}\n---', { ...place(1), state: 'same' }));

  it('are known though the excerpt begins within a line and was cut off', () =>
    checkFollow('one two three\nfour five six', place(1, 2), 'two three\nfour fi…', { ...place(1, 2), state: 'same' }));

  it('go where an editor’s changes put them, whatever is added or taken above', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ from: fc.nat(30), taken: fc.nat(5), added: fc.nat(5) }), { maxLength: 12 }),
        (changes) => {
          const document = Array.from({ length: 40 }, (_, n) => `line ${n}`);
          let at = place(36);
          for (const { from, taken, added } of changes) {
            const end = Math.min(from + taken, document.indexOf('line 35') - 1);
            if (end < from) continue;
            document.splice(from, end - from, ...Array.from({ length: added }, () => 'new'));
            const range = { start: { line: from, character: 0 }, end: { line: end } };
            const edit = lineEdit({ range, text: 'new\n'.repeat(added) });
            if (edit) at = shifted(at, [edit]);
          }
          assert.equal(document[at.startLine - 1], 'line 35');
        },
      ),
      { seed: 6, numRuns: 200 },
    );
  });
});
