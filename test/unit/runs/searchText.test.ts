import assert from 'node:assert/strict';
import { findInSummary } from '../../../src/runs/searchText.ts';

const record = (markdown: string, answer = '') =>
  ({
    title: 'pumps.md',
    view: { markdown },
    questions: answer ? [{ id: 'q1', question: 'Why?', view: { markdown: answer } }] : [],
  }) as unknown as Parameters<typeof findInSummary>[0];

describe('the search in summaries', () => {
  it('looks in the whole text, in questions and in answers', () => {
    const long = `${'word '.repeat(500)}Zürich [12] lies by the lake.`;
    assert.match(findInSummary(record(long), 'zurich') ?? '', /^….*Zürich lies by the lake\.$/);
    assert.match(findInSummary(record('a', 'The valve froze.'), 'VALVE why') ?? '', /Why\? The valve froze\./);
  });

  it('shows the words around the rarest word', () => {
    const text = `${'The pump failed. '.repeat(40)}Pump 4029 failed at six. ${'The pump failed. '.repeat(40)}`;
    assert.match(findInSummary(record(text), 'pump 4029 failed') ?? '', /^…[^]*4029[^]*…$/);
  });

  it('needs all words, of which the title may hold some', () => {
    assert.equal(findInSummary(record('The motor hums.'), 'motor pumps') === undefined, false);
    assert.equal(findInSummary(record('The motor hums.'), 'motor fan'), undefined);
  });

  it('finds everything by nothing, and a title alone without an excerpt', () => {
    assert.equal(findInSummary(record('The motor hums.'), ' '), '');
    assert.equal(findInSummary(record('The motor hums.'), 'pumps'), '');
  });
});
