import assert from 'node:assert/strict';
import MarkdownIt from 'markdown-it';
import { neutralizeLinks, neutralizeMarkdown } from '../../../src/shared/inertMarkdown.ts';
import { seeded } from '../../support/random.ts';
import { measureMs } from '../../support/processorTime.ts';

/** A preview that allows everything: what it makes of the text must load and run nothing. */
const preview = new MarkdownIt({ html: true, linkify: false });
preview.validateLink = () => true;

function check(text: string): void {
  const html = preview.render(neutralizeMarkdown(text));
  const tags = [...html.matchAll(/<\/?([a-z][a-z0-9]*)([^>]*)>/gi)];
  for (const [whole, name = '', attributes = ''] of tags) {
    assert.match(
      name,
      /^(?:p|a|code|pre|em|strong|ul|ol|li|h[1-6]|blockquote|hr|br|s|table|thead|tbody|tr|t[hd])$/i,
      `${whole} of ${JSON.stringify(text)}`,
    );
    if (attributes && name !== 'ol' && !(name === 'code' && /^ class="language-[\w.+#-]*"$/.test(attributes)))
      assert.match(
        attributes,
        /^ (?:href="https?:\/\/[^"]*"(?: title="[^"]*")?|style="text-align:\w+")$/,
        `${whole} of ${JSON.stringify(text)}`,
      );
  }
}

const pieces = [
  '![a](https://x.example/a.png)',
  '![a][b]',
  '[b]: https://x.example/a.png',
  '[b]: command:evil',
  '[a][b]',
  '[b]',
  '[a](command:evil)',
  '[a](<command:evil>)',
  '[a](&#99;ommand:evil)',
  '[a](COMMAND:evil "t")',
  '[a](javascript:x)',
  '[a](//x.example)',
  '[a](file:///etc)',
  '[a](https://x.example)',
  '[a](https://x.example "t")',
  '<https://x.example>',
  '<command:evil>',
  '<image href=x>',
  '<img src=x onerror=y>',
  '<input type=image src=x>',
  '<table background=x>',
  '<p style="background:url(x)">',
  '<source srcset=x>',
  '<!-- x',
  '-->',
  '<script>',
  '</script>',
  '<![CDATA[',
  '<?x',
  '`',
  '``',
  '```',
  '````',
  '~~~',
  '~~~~',
  '\n',
  '\n\n',
  '\n    ',
  '\n- ',
  '\n   ',
  '\n> ',
  '\n1. ',
  ' ',
  '\\',
  '\\`',
  '\\\\',
  '\\[',
  ']',
  '[',
  '(',
  ')',
  '!',
  '<',
  '>',
  '&lt;',
  'text',
  '*',
  '#',
  '|',
  '\n|-|-|\n',
] as const;

describe('Markdown that leaves the panel', () => {
  it('escapes images, HTML and links that are not http(s)', () => {
    for (const piece of pieces) check(piece);
    assert.equal(neutralizeMarkdown('a <b>'), 'a &lt;b>');
    assert.equal(neutralizeMarkdown('[a](https://x.example)'), '[a](https://x.example)');
  });

  it('keeps code as it is', () => {
    for (const code of ['`a < b`', '``a ` <b>``', '```html\n<img src=x>\n[a](command:x)\n```', '~~~\n<b>\n~~~'])
      assert.equal(neutralizeMarkdown(code), code);
  });

  it('is not fooled by code that a preview reads otherwise', () => {
    for (const text of [
      'a ` b\nc ` <img src=x> ` d',
      '- x\n\n   ```\n<img src=x>\n   ```',
      '> ```\n<img src=x>',
      '```a`b\n<img src=x>',
      '~~~\n```\n~~~\n<img src=x>',
      '```\n ````\n<img src=x>',
      '    ```\n<img src=x>',
      '\\`<img src=x>\\`',
      '``` \n<img src=x>\n````x\n<img src=y>\n```\n<img src=z>',
    ])
      check(text);
  });

  it('holds for 1,000 drawn texts', () => {
    const random = seeded(18);
    for (let i = 0; i < 1000; i++) {
      let text = '';
      for (let n = 0; n < 12; n++) text += pieces[Math.floor(random() * pieces.length)];
      check(text);
    }
  });

  it('takes linear time', () => {
    for (const piece of ['`', '`` ', '[', '](', '!', '<', '~~~', '\\`']) {
      const ms = measureMs(() => neutralizeMarkdown(piece.repeat(20_000)));
      assert.ok(ms < 5_000, `${ms} ms for ${piece}`);
    }
  });

  it('leaves no link to a command in the chat, as an autolink or by reference', () => {
    for (const text of ['[a](command:x)', '<command:x>', '[a]: command:x', '[a][b]', '![a](https://x.example)'])
      assert.equal(/\]\(command|(?<!\\)<command|\]:|\]\[|!\[/.test(neutralizeLinks(text)), false, text);
  });
});
