import assert from 'node:assert/strict';
import { extractDocument } from '../../../src/text/documents.ts';
import { htmlToText } from '../../../src/text/html.ts';
import { measureMsAsync } from '../../support/processorTime.ts';

describe('the words of a page', () => {
  it('keep their lines', async () => {
    assert.equal(await htmlToText('<h1>A</h1>\n<p>one <b>two</b>\n\nthree</p>'), '# A\none two\n\nthree');
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
