import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AnswerText } from '../../../../src/providers/wires/answerText.ts';

const answer =
  '- The pump P-77 arrives on 9 December instead of 2 November. [1]\n- The crack was found on 2 November. [1]\n';

/** The text that the engine gets for these pieces. */
function read(pieces: readonly string[], maxTokens = 1000): string {
  const text = new AnswerText(maxTokens);
  const events = [...pieces.flatMap((piece) => [...text.push(piece)]), ...text.end(true)];
  const last = events.findLastIndex(({ type }) => type === 'retract');
  return events.map((event, at) => (event.type === 'text' && at > last ? event.text : '')).join('');
}

/** Cuts a text into pieces whose sizes repeat. */
function cut(text: string, sizes: readonly number[]): string[] {
  const pieces: string[] = [];
  for (let at = 0, n = 0; at < text.length; n++) {
    const size = sizes[n % sizes.length] ?? 1;
    pieces.push(text.slice(at, at + size));
    at += size;
  }
  return pieces;
}

const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 });

describe('the text of an answer', () => {
  it('comes once where every piece repeats the text so far', () => {
    fc.assert(
      fc.property(sizes, (of) => {
        let soFar = '';
        const pieces = cut(answer, of).map((piece) => (soFar += piece));
        assert.equal(read(pieces), answer);
        assert.equal(read([...pieces, soFar]), answer, 'and once more at the end');
      }),
      { seed: 20261130, numRuns: 200 },
    );
  });
  it('comes once where thoughts are repeated with it', () => {
    let soFar = '';
    const pieces = cut(`<think>The user wants marks [1].</think>${answer}`, [9]).map((piece) => (soFar += piece));
    assert.equal(read(pieces), answer);
  });
  it('comes whole where every piece is new, also where pieces are alike', () => {
    const texts = [answer, 'ha '.repeat(50), '='.repeat(80), '- \n- - \n- - - a', '1 11 111 1111', '. .. ... ....'];
    fc.assert(
      fc.property(fc.constantFrom(...texts), sizes, (text, of) =>
        assert.equal(read(cut(text, of)).trim(), text.trim()),
      ),
      { seed: 20261130, numRuns: 300 },
    );
  });
  it('comes once where the last piece repeats all of it', () => {
    assert.equal(read([...cut(answer, [7]), answer]), answer);
  });
  it('comes without waiting for its end', () => {
    const text = new AnswerText(100);
    const events = cut(answer, [5]).map((piece) => [...text.push(piece)]);
    assert.ok(events.every(([first]) => first?.type === 'text'));
  });
  it('ends where it is many times longer than was asked for', () => {
    const text = new AnswerText(1000);
    let pieces = 0;
    while (!text.runaway && pieces < 10_000) {
      for (const event of text.push(`word ${pieces++} `)) assert.equal(event.type, 'text');
    }
    assert.ok(text.units > 8000 && text.units < 13_000, String(text.units));
  });
});
