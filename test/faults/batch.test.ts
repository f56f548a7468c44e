import assert from 'node:assert/strict';
import { startProvider } from '../support/provider/index.ts';
import { bench, type Vendor } from '../support/batchBench.ts';
import { facts } from '../support/facts.ts';

const creation = /\/batches$|:batchGenerateContent$/;
const count = 8;
const text = facts(count);

/** A window dies at its write number `at`; another one takes over. Tells whether that write was reached. */
async function checkTakenOver(vendor: Vendor, at: number): Promise<boolean> {
  const provider = await startProvider({ flavour: 'cloud', reader: {}, batch: { polls: 2 } });
  try {
    const place = await bench(provider, vendor, text);
    const disk = place.fs.restarted();
    disk.failAt(at, 'for good');
    const first = await place.runner('a', { fs: disk });
    await first.start(place.job).catch(() => undefined);
    await first.idle();
    await first.dispose();
    place.dead.add('a');
    const second = await place.runner('b');
    // before the first record nothing was submitted, and nothing is left to take over
    const stored = await second.jobs();
    if (!stored.length) assert.equal(provider.batchRows.length, 0);
    await second.adopt();
    await second.idle();
    await second.dispose();
    for (const job of await second.jobs()) assert.equal(job.phase, 'done', `${vendor}, write ${at}: ${job.problem}`);
    if (stored.length) {
      assert.ok(place.results.length >= 1, `${vendor}, write ${at}`);
      for (let n = 0; n < count; n++) assert.match(place.results.at(-1)!.markdown, new RegExp(`FACT-${n}\\b`));
    }
    const ids = provider.batchRows.map(({ customId }) => customId);
    assert.equal(new Set(ids).size, ids.length, `${vendor}, write ${at}: a row is billed twice`);
    const created = provider.journal.filter((entry) => entry.method === 'POST' && creation.test(entry.path));
    assert.ok(created.length <= 1, `${vendor}, write ${at}: created ${created.length} times`);
    const live = provider.calls.map(({ stage }) => stage);
    assert.ok(!live.includes('map'));
    return disk.writes > at;
  } finally {
    await provider.close();
  }
}

describe('a batch whose window dies at any of its writes', function () {
  this.timeout(120_000);
  for (const vendor of ['openai', 'anthropic', 'gemini'] as const) {
    it(`is taken over by another, on the wire of ${vendor}: no job lost, no row billed twice`, async () => {
      let at = 0;
      while (await checkTakenOver(vendor, at)) at++;
      assert.ok(at > 10, `${at} writes`);
    });
  }
});
