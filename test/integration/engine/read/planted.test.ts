/** Records planted into seeded logs must reach what a model reads, whatever makes them differ from their surroundings. */
import assert from 'node:assert/strict';
import { fold } from '../../../../src/engine/read/fold/index.ts';
import { checkPlanted, json, kinds, pick, text, things, trace, yieldToEventLoop } from '../../../support/plantedLog.ts';
import { seeded } from '../../../support/random.ts';

describe('planted records in a log', () => {
  for (const [name, make] of Object.entries(kinds)) {
    it(`shows ${name}, 20 of 20 in 120,000 tokens`, () => checkPlanted(340_000, 16_000, text, make));
    it(`shows ${name} in JSON records, 20 of 20`, () => checkPlanted(340_000, 16_000, json, make));
  }

  it('shows causes of their own in stack traces, 20 of 20', () =>
    checkPlanted(340_000, 16_000, text, (i, random, writer) => {
      const needle = `${pick(random, things)}zq${String.fromCharCode(97 + i)}`;
      const head = writer.line('ERROR', 'orders.OrderService', `order ${Math.floor(random() * 1e6)} failed`);
      return { lines: trace(random, head, `Caused by: java.net.SocketException: ${needle} went away`), needle };
    }));

  it('says by lines and count which kinds did not fit the budget', async () => {
    const random = seeded(8);
    const word = (): string =>
      Array.from({ length: 7 }, () => String.fromCharCode(97 + Math.floor(random() * 26))).join('');
    const forms = Array.from({ length: 900 }, () => Array.from({ length: 9 }, word).join(' '));
    const lines = Array.from({ length: 30_000 }, (_, i) => text.line('INFO', 'a.B', `${forms[i % 900]} ${i}`));
    const result = await fold('log', lines.join('\n'), yieldToEventLoop);
    assert.ok(result);
    const gaps = result.gaps ?? [];
    assert.ok(gaps.length > 100 && gaps.every(({ reason }) => reason === 'budget'));
    assert.match(result.text, /[\d,]+ records of [\d,]+ further kinds are not shown/);
    for (const { startLine, endLine, count } of gaps.slice(0, 400))
      assert.ok(startLine < endLine && (count ?? 0) >= 33 && (endLine - startLine) % 900 === 0);
  });
});

describe('planted records in a log of 20 MB', () => {
  it('shows warnings of one rare form, outlying numbers and levels, 20 of 20', async () => {
    for (const name of ['twenty warnings of one rare form', 'an outlying number', 'a usual message at another level'])
      await checkPlanted(20_000_000, 46_000, text, kinds[name] as (typeof kinds)[string]);
  }).timeout(60_000);
});
