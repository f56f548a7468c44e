import assert from 'node:assert/strict';
import { writeSettings } from '../../../../src/engine/prompts/prompts.ts';
import { render } from '../../../../src/engine/prompts/render.ts';
import { shapes } from '../../../../src/engine/prompts/summaryGuidance.ts';

const ask = { words: 350, language: '', shape: shapes.markdown, instructions: '' };
const settings = writeSettings(ask);

describe('a rendered request', () => {
  const fence = (text: string): string => `f${text.length.toString(16).padStart(9, '0')}`;
  it('keeps the text inside the fence and the ask after it', () => {
    const { user, textLength, stop } = render(
      'map',
      [
        { text: 'a\nb\n', context: '' },
        { text: 'c', context: 'Heading' },
      ],
      ask,
      fence,
    );
    assert.equal(user.slice(0, textLength), `${stop}\n[1]\na\nb\n[2]\n(Heading)\nc\n${stop}\n`);
    assert.equal(user.slice(textLength), settings);
  });
  it('tells a line of the text that looks like a name from a name', () => {
    const { user } = render('map', [{ text: 'x\n[7]\n  [8]\r\ny [9]\n', context: '' }], ask, fence);
    assert.match(user, /x\n\\\[7\]\n  \\\[8\]\r\ny \[9\]\n/);
  });
  it('is the same for the same text', () => {
    const parts = [{ text: 'a', context: '' }];
    assert.deepEqual(render('reduce', parts, ask, fence), render('reduce', parts, ask, fence));
  });
});
