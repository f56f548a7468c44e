import assert from 'node:assert/strict';
import { createNearest } from '../../../../src/engine/answer/nearest.ts';
import { takeApart } from '../../../../src/engine/answer/answer.ts';

function check(answer: string, parts: number, expected: string[], invented = 0): void {
  const apart = takeApart(answer, parts);
  assert.deepEqual(
    apart.points.map((p) => `${p.text} <${p.parts.join(',')}>${p.approximate ? '~' : ''}`),
    expected,
  );
  assert.equal(apart.invented, invented);
}

describe('an answer taken apart by its marks', () => {
  it('gives each point to the part that closes it', () =>
    check('- a is 1 [1]\n- b is 2 [2].', 2, ['a is 1 <1>', 'b is 2 <2>']));
  it('reads several marks, lists and ranges', () =>
    check('- x [1][3]\n- y [1, 2]\n- z [2-4]\n- w [1] and [2]', 4, ['x <1,3>', 'y <1,2>', 'z <2,3,4>', 'w <1,2>']));
  it('reads several claims of one line', () =>
    check('First thing [1]. Second thing [2].', 2, ['First thing <1>', 'Second thing <2>']));
  it('gives a point without a mark to the nearest mark before it', () => check('- a [2]\n- b', 2, ['a <2>', 'b <2>~']));
  it('gives points before any mark to the first part', () => check('- a\n- b [2]', 2, ['a <1>~', 'b <2>']));
  it('drops and counts invented marks, never the text', () => check('- a [9]\n- b [2]', 2, ['a <1>~', 'b <2>'], 1));
  it('takes doubled marks once', () => check('- a [1][1]', 1, ['a <1>']));
  it('reads a mark that stands before its text', () =>
    check('[2] a thing\n[1]\n- b\n- c', 2, ['a thing <2>', 'b <1>~', 'c <1>~']));
  it('reads marks in doubled and, where there are no others, in wide brackets', () => {
    check('- a [[2]]\n- b [[1]], [[2]]', 2, ['a <2>', 'b <1,2>']);
    check('- 甲です。【2】\n- 乙です［1，2］\n- c 【1†L3-L9】', 2, ['甲です。 <2>', '乙です <1,2>', 'c <1>']);
    check('- 【2】概要 [1]', 2, ['【2】概要 <1>']);
  });
  it('reads marks like footnotes and words where there are no others', () => {
    check('- a [^2]\n- b [Source 1]\n- c [chunk 1, 2]', 2, ['a <2>', 'b <1>', 'c <1,2>']);
    check('- a [^2] [1]\n- see [part 2]', 2, ['a [^2] <1>', 'see [part 2] <1>~']);
  });
  it('finds the part of a point by its words where no part is named at all', () => {
    const nearest = createNearest(() => ['The pump failed in hall 3.', 'Oil: 42 litres.', 'The pump ran in hall 4.']);
    const partsOf = (answer: string): number[] => takeApart(answer, 3, nearest).points.map(({ parts }) => parts[0]!);
    assert.deepEqual(partsOf('- Hall 4 has a pump\n- 42 litres of oil\n- Nobody knows why'), [3, 2, 1]);
    assert.deepEqual(partsOf('- Hall 4 has a pump [1]\n- 42 litres of oil'), [1, 1]);
  });
  it('looks into a block of Markdown that holds the whole answer', () => {
    check('```markdown\n- a [2]\n- b [1]\n```', 2, ['a <2>', 'b <1>']);
    check('```\n- a [2]\n```\nThat is all [1].', 2, ['a <2>', 'That is all <1>']);
    check('```\nx[2] = 1\n```\n- a [1]', 2, ['x[2] = 1 <1>~', 'a <1>']);
  });
  it('leaves marks inside code alone', () => check('- `x[1]` is set [2]', 2, ['`x[1]` is set <2>']));
  it('keeps marks out of order', () => check('- z [2]\n- y [1]', 2, ['z <2>', 'y <1>']));
  it('knows an answer that has nothing to tell', () => {
    assert.equal(takeApart(' NONE. ', 3).none, true);
    check('NONE', 3, []);
  });
});
