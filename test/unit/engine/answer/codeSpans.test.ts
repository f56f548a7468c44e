import assert from 'node:assert/strict';
import { takeApart } from '../../../../src/engine/answer/answer.ts';
import { findCodeSpans, replaceCodeSpans } from '../../../../src/engine/answer/codeSpans.ts';
import { createUnwrapper } from '../../../../src/engine/answer/unwrap.ts';
import { measureMs } from '../../../support/processorTime.ts';

const inner = (text: string): string[] => findCodeSpans(text).map((span) => span.inner);

describe('code spans', () => {
  it('end at a run of the same length on the same line', () => {
    assert.deepEqual(inner('a `b` ``c ` d`` e'), ['b', 'c ` d']);
    assert.deepEqual(inner('`a ``b`` c'), ['b']);
    assert.deepEqual(inner('`a\nb`'), []);
    assert.equal(
      replaceCodeSpans('x `y` z', (code) => code.toUpperCase()),
      'x Y z',
    );
  });
});

describe('hostile answers', () => {
  it('take linear time', () => {
    const size = 100_000;
    for (const text of [
      ' '.repeat(size),
      '`'.repeat(size),
      '` '.repeat(size / 2),
      Array.from({ length: 400 }, (_, i) => '`'.repeat(i + 1)).join(' '),
      '\t[1'.repeat(size / 3),
      '«'.repeat(size),
      'a_a'.repeat(size / 3),
    ])
      assert.ok(measureMs(() => void takeApart(text, 3)) < 2000, text.slice(0, 10));
  });

  it('are not held back for a fence that does not come', () => {
    for (const begin of [' '.repeat(20_000), '```markdown\n# A\n```' + ' '.repeat(20_000)]) {
      const unwrap = createUnwrapper();
      let out = '';
      const ms = measureMs(() => {
        for (let at = 0; at < begin.length; at += 4) out += unwrap.push(begin.slice(at, at + 4));
      });
      assert.ok(out.length > 18_000);
      assert.ok(ms < 2_000, `${ms} ms`);
    }
  });
});
