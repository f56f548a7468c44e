import assert from 'node:assert/strict';
import { createMemoryStore } from '../../../src/cache/memoryStore.ts';
import { createStateStore, type Memento } from '../../../src/cache/mementoStore.ts';
import { virtualClock } from '../../support/clock.ts';
import { key } from '../../support/cacheFolder.ts';

function memento(): Memento & { readonly data: Map<string, unknown>; writes: number; largest: number } {
  const data = new Map<string, unknown>();
  const self = {
    data,
    writes: 0,
    largest: 0,
    get: (name: string) => data.get(name),
    update: (name: string, value: unknown) => {
      self.writes++;
      self.largest = Math.max(self.largest, Buffer.byteLength(JSON.stringify(value) ?? ''));
      data.set(name, value);
      return Promise.resolve();
    },
  };
  return self;
}

describe("the level in the workspace's state", () => {
  it('stays under 384 KiB and writes seldom, under ten thousand puts', async () => {
    const clock = virtualClock();
    const place = memento();
    const state = createStateStore({ memento: place, clock });
    for (let n = 0; n < 10_000; n++) {
      state.set(`map/${key(n)}`, { value: `- “${n}” ${'é'.repeat(n % 300)}`, time: n });
      if (n % 4_000 === 0) await clock.advance(1_000);
    }
    await state.flush();
    assert.ok(place.largest > 200 * 1024 && place.largest < 384 * 1024, `${place.largest} bytes`);
    assert.ok(place.writes <= 4, `${place.writes} writes`);
    const again = createStateStore({ memento: place, clock });
    assert.equal(again.size, state.size);
    assert.match(again.get(`map/${key(9_999)}`)!.value, /9999/);
  });
  it('takes what is damaged for a miss', async () => {
    const clock = virtualClock();
    const place = memento();
    const state = createStateStore({ memento: place, clock });
    state.set(`map/${key(1)}`, { value: '- one', time: 5 });
    state.set(`map/${key(2)}`, { value: '- two', time: 5 });
    await state.flush();
    const rows = structuredClone([...place.data.values()][0]) as [string, number, number, string][];
    rows[0]![3] = '- onf';
    place.data.set([...place.data.keys()][0]!, [...rows, null, 'x', [1, 2]]);
    const again = createStateStore({ memento: place, clock });
    assert.equal(again.get(`map/${key(1)}`), undefined);
    assert.equal(again.get(`map/${key(2)}`)?.value, '- two');
  });
});

describe('the level in memory', () => {
  it('keeps what was asked for twice when a huge text passes through', () => {
    const memory = createMemoryStore(100_000);
    const entry = { value: 'x'.repeat(400), time: 0 };
    for (let n = 0; n < 10; n++) memory.set(`map/${key(n)}`, entry);
    for (let n = 0; n < 10; n++) memory.get(`map/${key(n)}`);
    for (let n = 100; n < 2_000; n++) memory.set(`map/${key(n)}`, entry);
    for (let n = 0; n < 10; n++) assert.ok(memory.get(`map/${key(n)}`), `entry ${n}`);
    assert.equal(memory.get(`map/${key(100)}`), undefined);
  });
});
