import assert from 'node:assert/strict';
import { startProvider, type ProviderOptions, type SimulatedProvider } from '../../support/provider/index.ts';
import type { JobRecord } from '../../../src/batch/job.ts';
import { countRows } from '../../../src/batch/job.ts';
import { bench, type Bench, type Vendor } from '../../support/batchBench.ts';
import { facts } from '../../support/facts.ts';

const count = 12;
const text = facts(count);

async function withBench(
  vendor: Vendor,
  batch: ProviderOptions['batch'],
  check: (place: Bench, provider: SimulatedProvider) => Promise<void>,
  options: Partial<ProviderOptions> = {},
): Promise<void> {
  const provider = await startProvider({ flavour: 'cloud', reader: {}, batch, ...options });
  try {
    await check(await bench(provider, vendor, text), provider);
  } finally {
    await provider.close();
  }
}

async function finished(place: Bench): Promise<JobRecord> {
  const over = place.over();
  const runner = await place.runner();
  await runner.start(place.job);
  const job = await over;
  await runner.dispose();
  return job;
}

function checkFacts(place: Bench): void {
  const [result] = place.results;
  assert.equal(place.results.length, 1);
  assert.equal(result!.status, 'complete');
  for (let n = 0; n < count; n++) assert.match(result!.markdown, new RegExp(`FACT-${n}\\b`));
}

function checkBilledOnce(provider: SimulatedProvider): void {
  const ids = provider.batchRows.map(({ customId }) => customId);
  assert.equal(new Set(ids).size, ids.length, 'no row is billed twice');
}

/** Rows at half of one and two dollars a million tokens, what was asked live at the whole. */
function checkHalfPrice(place: Bench, provider: SimulatedProvider): void {
  const { usage } = place.results[0]!;
  const sum = (of: (row: { inputTokens: number; outputTokens: number }) => number): number =>
    provider.batchRows.reduce((total, row) => total + of(row), 0);
  const [input, output] = [sum((row) => row.inputTokens), sum((row) => row.outputTokens)];
  const live = usage.inputTokens - input + 2 * (usage.outputTokens - output);
  assert.ok(input > 0 && live > 0);
  assert.ok(Math.abs(usage.costUsd! - (input / 2 + output + live) / 1e6) < 1e-9);
}

const mapCalls = (provider: SimulatedProvider): number => provider.calls.filter(({ stage }) => stage === 'map').length;

for (const vendor of ['openai', 'anthropic', 'gemini', 'compatible'] as const) {
  describe(`a batch on the wire of ${vendor}`, function () {
    this.timeout(10_000);

    it('brings every fact, each row billed once and none asked live, and leaves nothing behind', async () => {
      await withBench(vendor, { polls: 3, dirty: vendor !== 'gemini' }, async (place, provider) => {
        const job = await finished(place);
        assert.equal(job.phase, 'done', JSON.stringify(job.problem));
        checkFacts(place);
        checkBilledOnce(provider);
        assert.ok(provider.batchRows.length >= 2);
        assert.equal(mapCalls(provider), 0);
        checkHalfPrice(place, provider);
        assert.deepEqual(provider.files, []);
        assert.ok(place.clock.slept[0]! <= 10_000, 'first asked within ten seconds');
        assert.ok([...place.fs.files.values()].every((bytes) => !new TextDecoder().decode(bytes).includes('FACT-')));
      });
    });

    // the same files and batches as above
    if (vendor === 'compatible') return;

    it('goes on by itself when rows fail: they are asked live', async () => {
      await withBench(vendor, { polls: 1, fails: (_, index) => index === 0 }, async (place, provider) => {
        const job = await finished(place);
        assert.equal(job.phase, 'done', JSON.stringify(job.problem));
        assert.equal(countRows(job).lost, 1);
        checkFacts(place);
        assert.ok(mapCalls(provider) >= 1);
      });
    });

    it('keeps what a cancelled batch had answered', async () => {
      await withBench(vendor, { polls: 1_000, cancelledAfterShare: 0.5 }, async (place, provider) => {
        const runner = await place.runner();
        await runner.start(place.job);
        const over = place.over();
        await runner.order(place.job.id, { type: 'stop' });
        const job = await over;
        await runner.dispose();
        assert.equal(job.phase, 'cancelled');
        assert.equal(place.results.length, 0);
        if (vendor !== 'gemini') assert.ok(place.cache.entries.size > 0);
        assert.equal(mapCalls(provider), 0);
      });
    });

    it('says why a batch was not taken', async () => {
      await withBench(vendor, { invalid: 'The moon is full.' }, async (place) => {
        const over = place.over();
        const runner = await place.runner();
        await runner.start(place.job).catch(() => undefined);
        const job = await over;
        await runner.dispose();
        assert.equal(job.phase, 'failed');
        assert.ok(job.problem);
      });
    });
  });
}

describe('a batch', function () {
  this.timeout(10_000);

  it('that expired uses what came back, and the rest is asked live', async () => {
    await withBench('openai', { polls: 2, expiresAfterShare: 0.5 }, async (place, provider) => {
      const job = await finished(place);
      assert.equal(job.phase, 'done');
      checkFacts(place);
      assert.ok(countRows(job).lost > 0 && mapCalls(provider) > 0);
    });
  });

  it('is looked after by exactly one of two windows', async () => {
    await withBench('openai', { polls: 2 }, async (place, provider) => {
      const [a, b] = [await place.runner('a'), await place.runner('b')];
      const over = place.over();
      await a.start(place.job);
      await b.adopt();
      await over;
      await Promise.all([a.dispose(), b.dispose()]);
      checkFacts(place);
      checkBilledOnce(provider);
    });
  });

  it('that is deleted is gone here and at the provider', async () => {
    await withBench('openai', { polls: 100_000 }, async (place, provider) => {
      const runner = await place.runner();
      await runner.start(place.job);
      assert.equal(provider.files.length, 1);
      await runner.remove(place.job.id);
      assert.deepEqual(await runner.jobs(), []);
      await runner.idle();
      assert.deepEqual(provider.files, []);
      assert.equal(place.fs.files.size, 0);
      await runner.dispose();
    });
  });

  it('says plainly that a server has none', async () => {
    await withBench(
      'compatible',
      {},
      async (place) => {
        const runner = await place.runner();
        await assert.rejects(runner.start(place.job), /no batches/);
        await runner.dispose();
      },
      { flavour: 'compatible' },
    );
  });

  it('pays nothing for what a live run has noted before', async () => {
    await withBench('openai', { polls: 1 }, async (place, provider) => {
      await finished(place);
      const rows = provider.batchRows.length;
      const again = await place.runner('b');
      const over = place.over();
      await again.start({ ...place.job, id: 'precis-again' });
      await over;
      await again.dispose();
      assert.equal(provider.batchRows.length, rows);
    });
  });

  it('sends the key to no other host, whatever address the results have', async () => {
    const stranger = await startProvider({ flavour: 'cloud' });
    try {
      await withBench('anthropic', { polls: 1, resultsOrigin: stranger.url }, async (place) => {
        await finished(place);
        assert.equal(stranger.journal.length, 0);
        checkFacts(place);
      });
    } finally {
      await stranger.close();
    }
  });

  /** A window dies while it creates a batch, and meanwhile somebody else creates one of the same size. */
  async function crashed(place: Bench, provider: SimulatedProvider): Promise<string> {
    let rows = 0;
    const first = await place.runner('a', {
      wire: (one) => ({
        ...one,
        create: (part, signal) => {
          rows = part.rows!.count;
          return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('dead'))));
        },
      }),
    });
    void first.start(place.job).catch(() => undefined);
    while (!rows) await new Promise((resolve) => setImmediate(resolve));
    await first.dispose();
    place.dead.add('a');
    return createForeign(provider, rows);
  }
  const left = ({ batches }: SimulatedProvider): string[] => batches.map(({ id }) => id);

  it('that is taken for its own after a crash is left alone when its rows are of somebody else', () =>
    withBench('anthropic', { polls: 1 }, async (place, provider) => {
      const foreign = await crashed(place, provider);
      const second = await place.runner('b');
      const over = place.over();
      await second.adopt();
      const job = await over;
      await second.dispose();
      assert.equal(job.phase, 'done', JSON.stringify(job.problem));
      checkFacts(place);
      assert.equal(mapCalls(provider), 0);
      assert.deepEqual(left(provider), [foreign]);
    }));

  it('of somebody else is not deleted with a job that seems to be its', () =>
    withBench('anthropic', { polls: 1 }, async (place, provider) => {
      const foreign = await crashed(place, provider);
      const second = await place.runner('b');
      await second.remove(place.job.id);
      await second.idle();
      await second.dispose();
      assert.deepEqual(left(provider), [foreign]);
      assert.equal(place.fs.files.size, 0);
    }));
});

/** A batch of another program with the same key; its id. */
async function createForeign(provider: SimulatedProvider, rows: number): Promise<string> {
  const params = { model: 'claude-sonnet-5-5', max_tokens: 50, messages: [{ role: 'user', content: 'Hello.' }] };
  const requests = Array.from({ length: rows }, (_, n) => ({ custom_id: `theirs-${n}`, params }));
  const response = await fetch(`${provider.url}/v1/messages/batches`, {
    method: 'POST',
    headers: {
      'x-api-key': 'sk-test-0123456789',
      'anthropic-version': '2023-06-01',
      'content-type': 'application/json',
    },
    body: JSON.stringify({ requests }),
  });
  return ((await response.json()) as { id: string }).id;
}
