import assert from 'node:assert/strict';
import { toDocument } from '../../../src/shared/exportText.ts';
import { parseDocument } from '../../../src/shared/savedDocument.ts';
import { citation, viewOf } from '../../webview/samples.ts';

describe('a saved summary', () => {
  it('names source, date and model, links marks to lines, and holds questions and answers', () => {
    const text = 'The lamp was overhauled [1]. `a[1]` stays.\n';
    const view = viewOf([citation(1, 0), { type: 'delta', text }]);
    const answer = viewOf([citation(1, 1), { type: 'delta', text: 'In 1912 [1].' }]);
    const facts = {
      title: 'log.md',
      source: 'logs/log.md',
      date: '4 March 2026',
      model: 'm-1',
      questions: [{ question: 'When?', view: answer }],
    };
    const shown = toDocument(
      view,
      facts,
      () => 'logs/log.md',
      () => '../logs/my log.md',
    );
    assert.match(shown, /^# log\.md\n\nlogs\/log\.md · 4 March 2026 · m-1\n\n/);
    assert.match(shown, /overhauled \[1\]\(\.\.\/logs\/my%20log\.md#L12\)\. `a\[1\]` stays/);
    assert.match(shown, /\n## When\?\n\nIn 1912 \[1\]\([^)]*#L112\)/);
    assert.match(shown, /\n- \[1\] logs\/log\.md:12/);
  });

  it('leaves marks alone where nothing can be opened', () => {
    const view = viewOf([citation(1, 0), { type: 'delta', text: 'A claim [1].' }]);
    const facts = { title: 'x', source: '', date: '', model: '', questions: [] };
    assert.match(
      toDocument(view, facts, String, () => undefined),
      /A claim \[1\]\./,
    );
  });

  it('is read back with its marks, lines, questions and answers', () => {
    const text = 'The lamp was overhauled [1]. It failed [2].\n\n---\n\n## Parts\n\nA `a[1]` stays.';
    const view = viewOf([citation(1, 0), citation(2, 3), { type: 'delta', text }]);
    const answer = viewOf([citation(1, 1), { type: 'delta', text: 'In 1912 [1].' }]);
    const questions = [{ question: 'When?', view: answer }];
    const facts = { title: 'log.md', source: 'logs/log.md', date: '4 March 2026', model: 'm-1', questions };
    const saved = parseDocument(
      toDocument(
        view,
        facts,
        () => 'logs/log.md',
        () => '../logs/my log.md',
      ),
    );
    const path = '../logs/my log.md';
    assert.deepEqual(saved, {
      title: 'log.md',
      facts: 'logs/log.md · 4 March 2026 · m-1',
      markdown: text,
      citations: [
        { id: 1, startLine: 12, endLine: 17, path },
        { id: 2, startLine: 312, endLine: 317, path },
      ],
      questions: [
        { question: 'When?', markdown: 'In 1912 [1].', citations: [{ id: 1, startLine: 112, endLine: 117, path }] },
      ],
    });
  });

  it('of another kind is none', () => {
    for (const text of ['', '# A title\n\nText.\n', 'Text · more\n\n']) assert.equal(parseDocument(text), undefined);
  });
});
