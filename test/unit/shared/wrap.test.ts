import assert from 'node:assert/strict';
import { wrapMarkdown } from '../../../src/shared/wrap.ts';

describe('wrapped text', () => {
  it('stays within the width, and indents the lines of an item', () => {
    const text = `A ${'word '.repeat(20)}end.\n\n- An item ${'with words '.repeat(8)}`;
    const lines = wrapMarkdown(text, 40).split('\n');
    assert.ok(lines.every((line) => line.length <= 40));
    const item = lines.slice(lines.findIndex((line) => line.startsWith('- ')) + 1);
    assert.ok(item.length > 1 && item.every((line) => line.startsWith('  ')));
    assert.equal(lines.join(' ').replace(/\s+/g, ' ').trim(), text.replace(/\s+/g, ' ').trim());
  });

  it('leaves code, tables, headings and long words whole', () => {
    const kept = ['```', 'x '.repeat(60), '```', `| ${'a | '.repeat(40)}`, `# ${'h '.repeat(40)}`, 'u'.repeat(90)].join(
      '\n',
    );
    assert.equal(wrapMarkdown(kept, 40), kept);
  });
});
