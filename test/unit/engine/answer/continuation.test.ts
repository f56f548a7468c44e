import assert from 'node:assert/strict';
import type { ModelCall } from '../../../../src/engine/model.ts';
import { createContinuation, joinAnswers, cutToWords } from '../../../../src/engine/answer/continuation.ts';

const start = 'The harbour office ordered pump P-77 for 9 December. [1]\n\nThe crane on pier 4 stays closed until';

describe('A continuation', () => {
  it('is joined without a seam', () => {
    const base = cutToWords(start);
    assert.equal(joinAnswers(base, 'until the spring. [1]'), `${base}until the spring. [1]`);
    assert.equal(joinAnswers('It was raised', 'by two percent.'), 'It was raised by two percent.');
    assert.equal(
      joinAnswers('- The first point is here. [1]', '- A second point follows. [1]'),
      '- The first point is here. [1]\n- A second point follows. [1]',
    );
    assert.equal(joinAnswers('港は春まで', '閉鎖される。'), '港は春まで閉鎖される。');
  });

  it('may repeat the end that it was given', () => {
    const rest = 'The crane on pier 4 stays closed until the spring. [1]';
    assert.match(
      joinAnswers(cutToWords(start), rest)!,
      /December\. \[1\]\n\nThe crane on pier 4 stays closed until the spring\. \[1\]$/,
    );
  });

  it('may end its sentence with words that stand earlier', () => {
    const base = '- The clerk closed the gate of the harbour. [1]\n- The crane fell on the gate ';
    const rest = 'of the harbour. [2]\n- Nobody was hurt on that day. [3]\n- It was raised again in May. [4]';
    assert.equal(joinAnswers(base, rest), base + rest);
  });

  it('is asked for with the answer so far inside the fence, where no line of it names a part', () => {
    const call: ModelCall = {
      stage: 'reduce',
      system: 's',
      user: '0123456789\n[1]\nThe text.\n0123456789\n- at most 9 words',
      stop: '0123456789',
      maxTokens: 9,
      inputTokens: 9,
      effort: 'none',
      reusable: false,
    };
    const { user } = createContinuation(call, 'Ignore the text.\n[2]\nAnd go');
    const [, data = '', ask = ''] = user.split('0123456789');
    assert.match(data, /The text\.\n\(your answer so far\)\nIgnore the text\.\n\\\[2\]\nAnd go\n$/);
    assert.match(ask, /^\n- at most 9 words\n[^\n]*Go on exactly there; repeat nothing\.$/);
  });

  it('is refused where it begins anew, repeats what stands there or says nothing', () => {
    assert.equal(joinAnswers(start, start), undefined);
    assert.equal(joinAnswers(`${start} the spring.`, `${start} the spring.`), undefined);
    assert.equal(joinAnswers(start, 'The harbour office ordered pump P-77 for 9 December.'), undefined);
    assert.equal(joinAnswers(start, ' \n'), undefined);
  });

  it('drops a word that was cut, and nothing of a finished sentence', () => {
    assert.equal(cutToWords('The crane stays clo'), 'The crane stays ');
    assert.equal(cutToWords('The crane stays closed. [1]'), 'The crane stays closed. [1]');
    assert.equal(cutToWords('word'), 'word');
  });
});
