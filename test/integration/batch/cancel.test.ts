import assert from 'node:assert/strict';
import { toProblemError } from '../../../src/batch/job.ts';
import { startProvider, type SimulatedProvider } from '../../support/provider/index.ts';
import { bench, type Bench, type Vendor } from '../../support/batchBench.ts';
import { facts } from '../../support/facts.ts';
import type { MemoryFs } from '../../support/memoryFs.ts';
import { yieldToEventLoop } from '../../../src/host/yield.ts';
import type { FileSystem } from '../../../src/cache/fileSystem.ts';
import type { Rows } from '../../../src/batch/rows.ts';
import type { BatchWire } from '../../../src/batch/wire.ts';
import type { JobRecord } from '../../../src/batch/job.ts';

const text = facts(8);

async function withBench(
  vendor: Vendor,
  check: (place: Bench, provider: SimulatedProvider) => Promise<void>,
  batch: NonNullable<Parameters<typeof startProvider>[0]>['batch'] = { polls: 100_000 },
): Promise<void> {
  const provider = await startProvider({ flavour: 'cloud', reader: {}, batch });
  try {
    await check(await bench(provider, vendor, text), provider);
  } finally {
    await provider.close();
  }
}

async function textOf(fs: FileSystem, name: string): Promise<string> {
  const { size } = (await fs.list()).find((file) => file.name === name)!;
  return new TextDecoder().decode(await fs.read(name, 0, size));
}

/** Takes turns of the event loop to read, as a disk does. */
const slowToRead = (fs: MemoryFs): MemoryFs => ({
  ...fs,
  read: async (...args) => {
    for (let turn = 0; turn < 5; turn++) await yieldToEventLoop();
    return fs.read(...args);
  },
});

/** OpenAI's own batches can be cancelled, not deleted. */
function checkNothingLeft(place: Bench, provider: SimulatedProvider): void {
  assert.deepEqual(provider.files, []);
  const left = provider.batches.filter(({ vendor, state }) => vendor !== 'openai' || state !== 'cancelled');
  assert.deepEqual(left, []);
  assert.equal(place.fs.files.size, 0, [...place.fs.files.keys()].join());
}

type Moment = 'check' | 'upload' | 'uploaded' | 'create' | 'created' | 'second';
const moments: Readonly<Record<Moment, (wire: BatchWire, cancel: () => void) => Partial<BatchWire>>> = {
  check: (wire, cancel) => ({
    check: async (signal) => {
      cancel();
      await wire.check(signal);
    },
  }),
  upload: (wire, cancel) => ({
    upload: (...args) => {
      const sent = wire.upload!(...args);
      cancel();
      return sent;
    },
  }),
  uploaded: (wire, cancel) => ({
    upload: async (key, rows) => {
      // it arrived although it was given up
      await wire.upload!(key, rows, new AbortController().signal);
      cancel();
      throw new DOMException('given up', 'AbortError');
    },
  }),
  create: (wire, cancel) => ({
    create: (...args) => {
      cancel();
      return wire.create(...args);
    },
  }),
  created: (wire, cancel) => ({
    create: async (...args) => {
      const id = await wire.create(...args);
      cancel();
      return id;
    },
  }),
  second: (wire, cancel) => {
    let count = 0;
    return {
      limits: { rows: 1, bytes: 1e6 },
      create: (...args) => {
        if (++count === 2) cancel();
        return wire.create(...args);
      },
    };
  },
};

for (const vendor of ['openai', 'anthropic', 'gemini'] as const) {
  describe(`a batch that is cancelled while it is submitted on the wire of ${vendor}`, function () {
    this.timeout(10_000);
    for (const moment of Object.keys(moments) as Moment[]) {
      if (vendor !== 'openai' && moment.startsWith('upload')) continue;
      it(`leaves nothing at the moment of ${moment}, here or at the provider`, () =>
        withBench(vendor, async (place, provider) => {
          const abort = new AbortController();
          const runner = await place.runner('a', {
            fs: slowToRead(place.fs),
            wire: (wire) => ({ ...wire, ...moments[moment](wire, () => abort.abort()) }),
          });
          await assert.rejects(runner.start(place.job, abort.signal), /Cancelled/);
          assert.deepEqual(await runner.jobs(), []);
          await runner.idle();
          checkNothingLeft(place, provider);
          if (moment === 'second') assert.equal(provider.batches.length, vendor === 'openai' ? 2 : 0);
          await runner.dispose();
        }));
    }

    it('that runs is cancelled when it is deleted, and goes once the provider lets it go', () =>
      withBench(vendor, async (place, provider) => {
        const runner = await place.runner();
        await runner.start(place.job);
        assert.equal(provider.batches.length, 1);
        await runner.remove(place.job.id);
        assert.deepEqual(await runner.jobs(), [], 'gone for its user at once');
        await runner.idle();
        checkNothingLeft(place, provider);
        assert.ok(provider.journal.some(({ method, path }) => method === 'POST' && /cancel$/.test(path)));
        await runner.dispose();
      }));

    it('is deleted by the next window where the first one closed on the way', () =>
      withBench(vendor, async (place, provider) => {
        const first = await place.runner('a');
        await first.start(place.job);
        await first.dispose();
        const stored = [...place.fs.files].find(([name]) => name.endsWith('.job.json'))!;
        const job = JSON.parse(new TextDecoder().decode(stored[1])) as JobRecord;
        place.fs.files.set(
          stored[0],
          new TextEncoder().encode(JSON.stringify({ ...job, removing: true, stopping: true })),
        );
        const second = await place.runner('b');
        assert.equal(await second.isPending(), true);
        await second.adopt();
        await second.idle();
        checkNothingLeft(place, provider);
        assert.equal(await second.isPending(), false);
        await second.dispose();
      }));
  });
}

describe('a batch of two windows', function () {
  this.timeout(10_000);
  it('is deleted by the one that does not look after it', () =>
    withBench('openai', async (place, provider) => {
      let release!: () => void;
      const answered = new Promise<void>((resolve) => (release = resolve));
      const other = await place.runner('b');
      const slow = await place.runner('a', {
        wire: (wire) => ({ ...wire, status: async (...args) => (await answered, wire.status(...args)) }),
      });
      await slow.start(place.job);
      await other.remove(place.job.id);
      assert.equal(provider.files.length, 1, 'the other one has it');
      await slow.adopt();
      release();
      await slow.idle();
      checkNothingLeft(place, provider);
      await Promise.all([other.dispose(), slow.dispose()]);
    }));

  it('is asked anew where that is wanted in the moment in which it ends', () =>
    withBench(
      'openai',
      async (place, provider) => {
        let told: Promise<void> | undefined;
        const fs: typeof place.fs = {
          ...place.fs,
          async rename(from, to) {
            await place.fs.rename(from, to);
            const text = to.endsWith('.job.json') ? await textOf(place.fs, to) : '';
            if (/"phase":"cancelled"/.test(text)) told ??= runner.order(place.job.id, { type: 'again' });
          },
        };
        const runner = await place.runner('a', { fs });
        await runner.start(place.job);
        await runner.order(place.job.id, { type: 'stop' });
        for (let n = 0; n < 200 && provider.batches.length < 2; n++) await place.clock.sleep(100);
        await told;
        assert.equal(provider.batches.length, 2);
        await runner.order(place.job.id, { type: 'stop' });
        await runner.idle();
        assert.equal((await runner.jobs())[0]?.phase, 'cancelled');
        assert.equal(place.results.length, 0, 'nobody wanted it live');
        await runner.dispose();
      },
      { polls: 100_000, cancelledAfterShare: 0.5 },
    ));

  it('is not asked again and again about what its user has not answered', () =>
    withBench(
      'openai',
      async (place) => {
        const runner = await place.runner('a', { wait: true });
        await runner.start(place.job);
        await runner.idle();
        const changes = place.changes.length;
        await runner.adopt();
        await runner.idle();
        assert.equal(place.changes.length, changes);
        assert.equal(await runner.isPending(), true);
        await runner.dispose();
      },
      { polls: 1 },
    ));
});

describe('a batch that the provider refuses', function () {
  this.timeout(10_000);
  it('leaves no upload behind', () =>
    withBench(
      'openai',
      async (place, provider) => {
        const over = place.over();
        const runner = await place.runner();
        await runner.start(place.job);
        const job = await over;
        await runner.idle();
        assert.equal(job.phase, 'failed');
        assert.match(toProblemError(job.problem ?? '').message, /moon/);
        assert.deepEqual(provider.files, []);
        await runner.dispose();
      },
      { invalid: 'The moon is full.' },
    ));
});

describe("a provider's limits of one batch", function () {
  this.timeout(10_000);
  const split = (
    vendor: Vendor,
    limits: BatchWire['limits'],
    check: (job: JobRecord, rows: number) => void,
  ): Promise<void> =>
    withBench(
      vendor,
      async (place, provider) => {
        const sizes: number[] = [];
        const measured = (rows: Rows | undefined): void => {
          if (!rows) return;
          assert.ok(rows.count <= limits.rows);
          sizes.push(rows.within('', '').length);
        };
        const runner = await place.runner('a', {
          wire: (wire) => ({
            ...wire,
            limits,
            ...(wire.upload
              ? { upload: (key, rows, signal) => (measured(rows), wire.upload!(key, rows, signal)) }
              : {}),
            create: (part, signal) => (measured(part.rows), wire.create(part, signal)),
          }),
        });
        const over = place.over();
        await runner.start(place.job);
        const job = await over;
        await runner.dispose();
        assert.equal(job.phase, 'done', JSON.stringify(job.problem));
        assert.ok(Math.max(...sizes) <= limits.bytes);
        const ids = provider.batchRows.map(({ customId }) => customId);
        assert.equal(new Set(ids).size, ids.length);
        assert.equal(provider.calls.filter(({ stage }) => stage === 'map').length, 0);
        for (let n = 0; n < 8; n++) assert.match(place.results[0]!.markdown, new RegExp(`FACT-${n}\\b`));
        check(job, ids.length);
      },
      { polls: 1 },
    );
  for (const vendor of ['openai', 'anthropic', 'gemini'] as const) {
    it(`${vendor}: so many requests`, () =>
      split(vendor, { rows: 1, bytes: 1e9 }, (job, rows) => assert.equal(job.parts.length, rows)));
    it(`${vendor}: so many bytes`, () =>
      split(vendor, { rows: 1000, bytes: 10_000 }, (job) => assert.ok(job.parts.length >= 2)));
  }
});
