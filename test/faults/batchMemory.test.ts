import assert from 'node:assert/strict';
import { measureBatch } from '../bench/batch.ts';
import type { Phase } from '../bench/batchSubject.ts';

const megabyte = 1e6;
const textPerFile = 40_000;

/** In use after a full collection: what the process holds of the system besides hangs on the machine. */
const liveAt = async (files: number): Promise<Map<Phase['name'], { live: number; rows: number }>> => {
  const phases = await measureBatch(files, { until: 'collected', execArgv: ['--expose-gc'] });
  return new Map(phases.map(({ name, live, rows }) => [name, { live, rows }]));
};

describe('the memory of a large batch', function () {
  this.timeout(120_000);

  it('grows little by the rows, and not by the text', async function () {
    const [few, many] = [await liveAt(420), await liveAt(1_000)];
    const figures: string[] = [];
    for (const name of ['planned', 'submitted', 'collected'] as const) {
      const rows = many.get(name)!.rows - few.get(name)!.rows;
      const more = many.get(name)!.live - few.get(name)!.live;
      assert.ok(rows > 2_500, `${rows} rows more`);
      figures.push(`${name} ${(more / megabyte).toFixed(1)} MB`);
      assert.ok(more < 0.75 * 580 * textPerFile, `${figures.join(', ')} for ${rows} rows more`);
    }
    this.test!.title += ` (2,700 rows more: ${figures.join(', ')})`;
  });
});
