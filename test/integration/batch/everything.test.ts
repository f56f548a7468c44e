/** Everything in batches: map, then a level of merges after the other, so that the run at the end has nothing left to ask. */
import assert from 'node:assert/strict';
import { countsOf } from '../../../src/batch/job.ts';
import type { JobRecord } from '../../../src/batch/job.ts';
import { bench, type Bench, type Vendor } from '../../support/batchBench.ts';
import { facts } from '../../support/facts.ts';
import { startProvider, type ProviderOptions, type SimulatedProvider } from '../../support/provider/index.ts';

type RowFails = (id: string, index: number) => boolean;

const sections = 200;
/** One in ten sections has a fact. */
const told = Array.from({ length: sections / 10 }, (_, n) => 10 * n);
const text = facts(sections).replace(/The FACT-(\d+) .*/g, (line, n: string) => (told.includes(Number(n)) ? line : ''));
/** So small that notes are merged on the way. */
const contextWindow = 3_000;

async function withBench(
  vendor: Vendor,
  batch: ProviderOptions['batch'],
  check: (place: Bench, provider: SimulatedProvider) => Promise<void>,
): Promise<void> {
  const provider = await startProvider({ flavour: 'cloud', reader: {}, batch });
  try {
    await check(await bench(provider, vendor, text, contextWindow), provider);
  } finally {
    await provider.close();
  }
}

async function finished(place: Bench, more: Partial<JobRecord> = {}): Promise<JobRecord> {
  const over = place.over();
  const runner = await place.runner();
  await runner.start({ ...place.job, everything: true, mergePrice: { input: 5, output: 10 }, ...more });
  const job = await over;
  await runner.dispose();
  return job;
}

const stages = (job: JobRecord): string[] => job.parts.map(({ stage }) => stage ?? 'map');
const liveStages = ({ calls }: SimulatedProvider): string[] => calls.map(({ stage }) => stage ?? '');

function checkFacts({ results }: Bench): void {
  assert.equal(results.length, 1);
  assert.equal(results[0]!.status, 'complete');
  for (const n of told) assert.match(results[0]!.markdown, new RegExp(`FACT-${n}\\b`));
}

function checkBilledOnce(provider: SimulatedProvider): void {
  const ids = provider.batchRows.map(({ customId }) => customId);
  assert.equal(new Set(ids).size, ids.length, 'no row is billed twice');
}

describe('everything in batches', function () {
  this.timeout(20_000);

  for (const vendor of ['openai', 'anthropic', 'gemini', 'compatible'] as const) {
    it(`on the wire of ${vendor}: nothing is asked live, each row is billed once, all of it at half the price`, () =>
      withBench(vendor, { polls: 2, dirty: vendor !== 'gemini' }, async (place, provider) => {
        const job = await finished(place);
        assert.equal(job.phase, 'done', JSON.stringify(job.problem));
        checkFacts(place);
        checkBilledOnce(provider);
        assert.deepEqual(liveStages(provider), []);
        assert.equal(stages(job).at(-1), 'reduce');
        assert.ok(stages(job).includes('collapse'), stages(job).join());
        assert.deepEqual(provider.files, []);
        const price = job.parts.reduce((usd, { stage, collected }) => {
          const [input, output] = stage ? [5, 10] : [0.5, 1];
          return usd + (collected!.inputTokens * input + collected!.outputTokens * output) / 1e6;
        }, 0);
        const { usage } = place.results[0]!;
        assert.ok(Math.abs(usage.costUsd! - price) < 1e-9, `${usage.costUsd} ${price}`);
        assert.equal(usage.calls, provider.batchRows.length);
      }));
  }

  for (const answers of ['think', 'think-begun'] as const)
    it(`leaves out what a model thinks before it answers (${answers})`, () =>
      withBench('compatible', { polls: 1, answers }, async (place, provider) => {
        const job = await finished(place);
        assert.equal(job.phase, 'done', JSON.stringify(job.problem));
        checkFacts(place);
        assert.deepEqual(liveStages(provider), []);
        assert.doesNotMatch(place.results[0]!.markdown, /their order|think>/);
        assert.ok([...place.cache.entries.values()].every((kept) => !/their order|think>/.test(kept)));
      }));

  it('asks live for merges that did not come back', () => {
    const rows = failing();
    return withBench('openai', { polls: 1, fails: rows.fails }, async (place, provider) => {
      rows.now = () => place.changes.at(-1)?.parts.at(-1)?.stage === 'collapse';
      const job = await finished(place);
      assert.equal(job.phase, 'done', JSON.stringify(job.problem));
      checkFacts(place);
      checkBilledOnce(provider);
      assert.deepEqual(stages(job), ['map', 'collapse']);
      assert.equal(countsOf(job).lost, job.parts[1]!.rows);
      assert.deepEqual(new Set(liveStages(provider)), new Set(['collapse', 'reduce']));
    });
  });

  it('merges in the batch what has all its notes, and live what waits for one that did not come back', () => {
    const rows = failing();
    return withBench('openai', { polls: 1, fails: rows.fails }, async (place, provider) => {
      rows.now = (_, index) => index === 0 && place.changes.at(-1)?.parts.length === 1;
      const job = await finished(place);
      checkFacts(place);
      checkBilledOnce(provider);
      assert.deepEqual(stages(job), ['map', 'collapse']);
      const live = liveStages(provider);
      assert.equal(live.filter((stage) => stage === 'map').length, 1);
      assert.deepEqual(new Set(live), new Set(['map', 'collapse', 'reduce']));
    });
  });

  it('asks anew for what failed, and merges all of it, once its user wants that', () => {
    const rows = failing();
    return withBench('openai', { polls: 1, fails: rows.fails }, async (place, provider) => {
      rows.now = (_, index) => index % 2 === 0;
      const first = await place.runner('a', { wait: true });
      await first.start({ ...place.job, everything: true });
      await first.idle();
      await first.dispose();
      rows.now = () => false;
      const over = place.over();
      const second = await place.runner('b');
      await second.tell(place.job.id, { type: 'again' });
      const job = await over;
      await second.dispose();
      assert.equal(job.phase, 'done', JSON.stringify(job.problem));
      checkFacts(place);
      assert.deepEqual(liveStages(provider), []);
      assert.equal(countsOf(job).lost, 0);
      assert.equal(countsOf(job).done, countsOf(job).rows);
    });
  });

  it('ends with what is there when its user wants the summary now', () =>
    withBench('openai', { polls: 1 }, async (place, provider) => {
      let merging = false;
      const runner = await place.runner('a', {
        wire: (one) => ({
          ...one,
          async status(id, signal) {
            if (!merging && place.changes.at(-1)?.parts.at(-1)?.stage === 'collapse') {
              merging = true;
              await runner.tell(place.job.id, { type: 'finish-anyway' });
            }
            return one.status(id, signal);
          },
        }),
      });
      const over = place.over();
      await runner.start({ ...place.job, everything: true });
      const job = await over;
      await runner.dispose();
      assert.equal(job.phase, 'done', JSON.stringify(job.problem));
      checkFacts(place);
      checkBilledOnce(provider);
      assert.deepEqual([merging, stages(job)], [true, ['map', 'collapse']]);
      assert.ok(!liveStages(provider).includes('map') && liveStages(provider).includes('reduce'));
    }));
});

/** Tells which rows fail, which is not known before the job is there. */
function failing(): { now: RowFails; readonly fails: RowFails } {
  const rows = { now: (() => false) as RowFails, fails: (id: string, index: number): boolean => rows.now(id, index) };
  return rows;
}
