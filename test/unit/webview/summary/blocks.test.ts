import assert from 'node:assert/strict';
import { findBlocks, settled } from '../../../../src/webview/summary/blocks.ts';
import { parse, toPlainText, render } from '../../../../src/webview/summary/markdown.ts';

const known = (id: number): boolean => id <= 9;
const html = (markdown: string): string => render(parse(markdown), { known }).trim();

describe('Blocks of a text', () => {
  const check = (source: string, expected: readonly string[]): void => {
    const blocks = findBlocks(source, parse(source));
    assert.deepEqual(
      blocks.map(({ type, start, end }) => `${type}: ${source.slice(start, end)}`),
      expected,
    );
  };
  it('are the top-level ones, with their places', () => {
    check('# A\n\ntext\nmore\n\n- x\n- y\n', ['other: # A\n', 'other: text\nmore\n', 'list: - x\n- y\n']);
  });
  it('count windows line ends', () => check('a\r\n\r\nb\r\n', ['other: a\r\n', 'other: b\r\n']));
  it('know the last item of a list and the last row of a table', () => {
    const last = (source: string): string => source.slice(findBlocks(source, parse(source)).at(-1)?.lastChild);
    assert.equal(last('- a\n  - b\n- c\n  d\n'), '- c\n  d\n');
    assert.equal(last('| a |\n|---|\n| 1 |\n| 2 |\n'), '| 2 |\n');
  });
});

describe('A text that is still written', () => {
  const check = (text: string, expected: string): void => assert.equal(settled(text, 0), expected);
  it('does not show the half of a sign', () => {
    check('text\n-', 'text\n');
    check('text\n12.', 'text\n');
    check('fact [1', 'fact');
    check('fact [', 'fact');
    check('a\n\n| x | y', 'a\n\n');
    check('a\n\n| x | y |\n|--', 'a\n\n');
    check('so **', 'so');
  });
  it('closes what the line has opened', () => {
    check('so **bold', 'so **bold**');
    check('the `name', 'the `name`');
    check('both **a** and `b`', 'both **a** and `b`');
  });
  it('is left alone inside code and when it is whole', () => {
    check('```\n- a\n-', '```\n- a\n-');
    check('text\n- a', 'text\n- a');
    check('fact [1]', 'fact [1]');
  });
  it('never changes what is finished', () => {
    assert.equal(settled('done [\n\nopen [', 8), 'done [\n\nopen');
  });
});

describe('Markdown of a summary', () => {
  it('makes marks of citations that are known, and of no others', () => {
    assert.equal(html('a [1], b [12], `c[1]`'), '<p>a <sup data-citation="1"></sup>, b [12], <code>c[1]</code></p>');
    assert.equal(
      html('[1]: https://example.org\n\n[1](https://example.org)').includes('<sup data-citation="1"></sup>: https'),
      true,
    );
  });
  it('lets no HTML, picture or unsafe link through', () => {
    assert.equal(html('<img src=x onerror=1>'), '<p>&lt;img src=x onerror=1&gt;</p>');
    assert.equal(html('![x](https://e.org/p.png)'), '<p>!<a data-href="https://e.org/p.png">x</a></p>');
    for (const href of [
      'javascript:1',
      'command:x',
      'file:///a',
      'vscode:x',
      'data:text/html,x',
      '//host/x',
      'mailto:a@b.c',
    ]) {
      assert.ok(!html(`[x](${href})`).includes('<a'), href);
    }
  });
  it('leaves formulas as they are written, and prices text', () => {
    assert.equal(html('$a_1*b*c_2$'), '<p><span class="math">$a_1*b*c_2$</span></p>');
    assert.equal(html('\\(x_1*y*z\\)'), '<p><span class="math">\\(x_1*y*z\\)</span></p>');
    assert.equal(html('from $5 to $9'), '<p>from $5 to $9</p>');
  });
  it('shows tasks as boxes, aligned tables by class, code in colours', () => {
    assert.match(html('- [x] a\n- [ ] b'), /<li class="task">☑ a<\/li>\n<li class="task">☐ b/);
    assert.match(html('| a |\n|--:|\n| 1 |'), /<th class="right">a<\/th>[\s\S]*<td class="right">1<\/td>/);
    assert.ok(!html('| a |\n|--:|\n| 1 |').includes('style='));
    assert.match(html('```ts\nconst a = 1\n```'), /<span class="hljs-keyword">const<\/span>/);
    assert.equal(html('```nosuch\n<a>\n```'), '<pre><code>&lt;a&gt;\n</code></pre>');
  });
  it('has a plain text without marks', () => {
    assert.equal(
      toPlainText('The **lamp** was `off` for [14](https://e.org) days [1].'),
      'The lamp was off for 14 days .',
    );
  });
});
