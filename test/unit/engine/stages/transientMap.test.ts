import assert from 'node:assert/strict';
import { once } from 'node:events';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { TransientMap } from '../../../../src/engine/stages/transientMap.ts';

const usedBytes = (): number => getHeapSpaceStatistics().reduce((sum, space) => sum + space.space_used_size, 0);

/** Bytes that small collections leave of texts that passed through a map which a full collection had found alive. */
function leftOf(map: TransientMap<number, string[]>): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options?: { readonly type: 'minor' }) => void;
  map.set(-1, []);
  collect();
  const before = usedBytes();
  for (let i = 0; i < 4_000; i++) {
    map.set(i, [Buffer.alloc(4_000, 'a').toString('latin1')]);
    if (i >= 4) map.delete(i - 4);
    if (i % 200 === 199) collect({ type: 'minor' });
  }
  return usedBytes() - before;
}

const measure = 'measure';

/** Measures in a heap of its own: this one holds what hundreds of tests left, and may be in the middle of a collection. */
async function leftInWorker(): Promise<number> {
  const worker = new Worker(new URL(import.meta.url), { workerData: measure });
  const [left] = (await once(worker, 'message')) as [number];
  await worker.terminate();
  return left;
}

if (!isMainThread && workerData === measure) parentPort?.postMessage(leftOf(new TransientMap()));
else suite();

function suite(): void {
  describe('a map for what comes and goes', () => {
    it('is a map', () => {
      const map = new TransientMap<string, number>();
      map.set('a', 1);
      map.set('b', 2);
      map.set('c', 3);
      map.delete('b');
      map.delete('never there');
      map.set('a', 4);
      assert.deepEqual(
        [map.get('a'), map.get('b'), map.has('b'), map.has('c'), map.size, map.keys()],
        [4, undefined, false, true, 2, ['c', 'a']],
      );
    });

    it('lets go of what is deleted', async () => {
      const left = await leftInWorker();
      assert.ok(left < 2_000_000, `${left} of 16,000,000 bytes are left`);
    });
  });
}
