import assert from 'node:assert/strict';
import { extractDocument } from '../../../src/text/documents.ts';
import { htmlToText, pageToText } from '../../../src/text/html.ts';
import { measureMsAsync } from '../../support/processorTime.ts';

describe('the words of a page', () => {
  it('keep their lines', async () => {
    assert.equal(await htmlToText('<h1>A</h1>\n<p>one <b>two</b>\n\nthree</p>'), '# A\none two\n\nthree');
  });

  it('of a saved page are those of its article, on their lines', async () => {
    const story = 'The crane was built in 1958, carried coal until 1974, and rusts since then, as the port says. ';
    const links = Array.from(
      { length: 30 },
      (_, i) => `<li><a href="/${i}">Other news of the day number ${i}</a></li>`,
    ).join('');
    const page = [
      '<html><head><title>The crane</title></head><body>',
      `<div class="menu"><ul>${links}</ul></div>`,
      '<div class="article-body"><h1>The crane moves</h1>',
      ...Array.from({ length: 8 }, () => `<p>${story}<a href="/port">The port</a> agrees.</p>`),
      `<div class="related"><ul>${links}</ul></div>`,
      '</div>',
      '<div class="comments"><p>I never liked it, and said so.</p></div>',
      '</body></html>',
    ];
    const lines = (await pageToText(page.join('\n'))).split('\n');
    assert.equal(lines[0], '# The crane');
    assert.equal(lines[2], '# The crane moves');
    assert.equal(lines[3], `${story}The port agrees.`);
    assert.deepEqual(
      lines.slice(11).filter((line) => line !== ''),
      [],
    );
    assert.equal(lines[1], '');
  });

  it('of a page without an article are all of them', async () => {
    const page = '<body><ul><li><a href="/a">One</a></li><li><a href="/b">Two</a></li></ul><p>Short.</p></body>';
    assert.equal(await pageToText(page), '- One- Two Short.');
  });

  it('take time in proportion to the page, also where it is one line', async function () {
    this.timeout(30_000);
    const time = (count: number): Promise<number> =>
      measureMsAsync(async () => {
        const text = await htmlToText('<p>one <b>two</b></p>'.repeat(count));
        assert.equal(text.length, 8 * count - 1);
      });
    await time(5_000);
    const [short, long] = [await time(10_000), await time(80_000)];
    assert.ok(long < 8 * short * 4, `${short} and ${long} ms`);
  });

  it('are refused where elements are nested without end', async () => {
    const bytes = new TextEncoder().encode('<table><tr><th>x'.repeat(30_000));
    assert.deepEqual(await extractDocument('html', bytes), { reason: 'damaged' });
  });
});
