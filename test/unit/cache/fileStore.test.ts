import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAnswerCache } from '../../../src/cache/cache.ts';
import { nodeFs } from '../../../src/cache/fileSystem.ts';
import { realClock } from '../../../src/host/clock.ts';
import { virtualClock } from '../../support/clock.ts';
import { bytesIn, closeAll, folder, hour, key, type Folder } from '../../support/cacheFolder.ts';

/** Everything that was stored is there, or is missing where that is allowed; nothing else ever comes out. */
async function checkKept(
  place: Folder,
  stored: ReadonlyMap<number, string>,
  maybe = new Map<number, string>(),
): Promise<void> {
  const cache = await place.open('reader', {}, place.fs.restarted());
  for (const [n, value] of stored) assert.equal(await cache.get('map', key(n)), value);
  for (const [n, value] of maybe) assert.ok([undefined, value].includes(await cache.get('map', key(n))));
}

describe('the files of the cache', () => {
  afterEach(closeAll);

  describe('damage and restarts', testDamage);
  describe('limits', testLimits);
  describe('several windows', testWindows);
  describe('disks', testDisks);
});

function testDamage(): void {
  it('keep what was set over a restart, without memory or state', async () => {
    const place = folder();
    const cache = await place.open('a');
    const stored = new Map(Array.from({ length: 50 }, (_, n) => [n, `- note ${n} “é” ${'x'.repeat(n)}`]));
    await Promise.all([...stored].map(([n, value]) => cache.set('map', key(n), value)));
    await checkKept(place, stored);
    assert.equal(await cache.get('reduce', key(1)), undefined, 'namespaces are apart');
  });

  it('answer with the value or with a miss, whichever byte is flipped', async () => {
    const place = folder();
    const cache = await place.open('a');
    const values = ['- first', '- second, longer', '', '- fourth'];
    for (const [n, value] of values.entries()) await cache.set('map', key(n), value);
    const name = [...place.fs.files.keys()].find((file) => file.startsWith('seg-'))!;
    const whole = place.fs.files.get(name)!.slice();
    let lost = 0;
    for (let at = 0; at < whole.length; at++) {
      const flipped = whole.slice();
      flipped[at]! ^= 1 << (at % 8);
      place.fs.files.set(name, flipped);
      const reader = await place.open('reader', {}, place.fs.restarted());
      const found = await Promise.all(values.map((_, n) => reader.get('map', key(n))));
      const misses = found.filter((value) => value === undefined).length;
      lost += misses;
      found.forEach((value, n) => assert.ok(value === undefined || value === values[n], `byte ${at}`));
      assert.ok(misses <= 1, `byte ${at} cost ${misses} entries`);
    }
    assert.ok(lost > whole.length * 0.9, 'a flipped byte is noticed');
  });

  it('survive any damage of several bytes, cuts and foreign bytes without a wrong value', async () => {
    const place = folder();
    const cache = await place.open('a');
    for (let n = 0; n < 12; n++) await cache.set('map', key(n), `- note ${n}`);
    const name = [...place.fs.files.keys()].find((file) => file.startsWith('seg-'))!;
    const whole = place.fs.files.get(name)!.slice();
    const damage = fc.record({
      at: fc.nat(whole.length - 1),
      remove: fc.nat(200),
      insert: fc.uint8Array({ maxLength: 60 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), async (damages) => {
        const bytes = [...whole];
        for (const { at, remove, insert } of damages) bytes.splice(at, remove, ...insert);
        place.fs.files.set(name, Uint8Array.from(bytes));
        const reader = await place.open('reader', {}, place.fs.restarted());
        for (let n = 0; n < 12; n++) assert.ok([undefined, `- note ${n}`].includes(await reader.get('map', key(n))));
      }),
      { numRuns: 60, seed: 4 },
    );
  });

  it('skip a torn tail, and go on behind it in a new segment', async () => {
    const place = folder();
    const cache = await place.open('a');
    await cache.set('map', key(1), '- whole');
    const [name, bytes] = [...place.fs.files].find(([file]) => file.startsWith('seg-'))!;
    place.fs.files.set(name, Uint8Array.from([...bytes, ...bytes.subarray(0, 40)]));
    const next = await place.open('b');
    await next.set('map', key(2), '- later');
    await checkKept(
      place,
      new Map([
        [1, '- whole'],
        [2, '- later'],
      ]),
    );
  });

  it('hold every answer that counted as done, wherever writing stopped', async () => {
    for (const how of ['once', 'for good'] as const) {
      for (let at = 0; ; at++) {
        const place = folder();
        place.limits.maxBytes = 6_000;
        const cache = await place.open('a');
        place.fs.failAt(at, how);
        const before = place.fs.writes;
        const done = new Map<number, string>();
        const maybe = new Map<number, string>();
        for (let n = 0; n < 8; n++) {
          const [claim] = await cache.claim('map', [key(n)]);
          assert.equal(claim!.state, 'ours');
          maybe.set(n, `- note ${n}`);
          if (claim!.state === 'ours') await claim!.settle(`- note ${n}`);
          if (cache.stats().files!.on) done.set(n, `- note ${n}`);
        }
        if (place.fs.writes - before <= at) break;
        place.dead.add('a');
        await checkKept(place, how === 'once' && done.size === 8 ? done : new Map(), maybe);
        assert.ok(place.lines.length <= 1, 'one line in the log');
      }
    }
  });

  it('lose nothing when compaction stops at any of its writes', async () => {
    for (let at = 0; at < 12; at++) {
      const place = folder();
      const cache = await place.open('a');
      const old = 'x'.repeat(300);
      for (let n = 0; n < 10; n++) await cache.set('map', key(n), old);
      for (let n = 0; n < 10; n++) await cache.set('map', key(n), `- new ${n}`);
      await cache.close();
      place.dead.add('a');
      const fs = place.fs.restarted();
      const clock = virtualClock();
      const second = await place.open('b', { clock }, fs);
      place.limits.maxBytes = 2_000;
      fs.failAt(at, 'for good');
      await second.set('map', key(99), '- more').catch(() => undefined);
      await clock.advance(25);
      await second.close();
      await checkKept(place, new Map(Array.from({ length: 10 }, (_, n) => [n, `- new ${n}`])));
    }
  }).timeout(5_000);
}

function testLimits(): void {
  it('stay under their bound, and what was used last stays', async () => {
    const place = folder();
    place.limits.maxBytes = 200_000;
    const clock = virtualClock();
    const cache = await place.open('a', { memoryBytes: 10_000, clock });
    for (let n = 0; n < 600; n++) {
      place.time += 1_000;
      await cache.set('map', key(n), `- ${n} ${'y'.repeat(900)}`);
      if (n % 20 === 0) assert.ok(await cache.get('map', key(0)), `after ${n}`);
      if (n % 50 === 0) await clock.advance(25);
    }
    await clock.advance(40);
    await cache.close();
    assert.ok(bytesIn(place) <= 200_000, `${bytesIn(place)} bytes`);
    const after = await place.open('b');
    assert.ok(await after.get('map', key(0)), 'often used');
    assert.ok(await after.get('map', key(599)), 'recent');
    assert.equal(await after.get('map', key(1)), undefined, 'old and never used again');
  });

  it('forget what is older than its time, and what a turned clock dates far ahead', async () => {
    const place = folder();
    const cache = await place.open('a');
    await cache.set('map', key(1), '- one');
    await cache.set('tokens', key(1), '12');
    place.time += 100 * hour;
    assert.equal(await cache.get('map', key(1)), '- one');
    assert.equal(await cache.get('tokens', key(1)), undefined, 'counts live a quarter of it');
    place.time += 69 * hour;
    assert.equal(await cache.get('map', key(1)), undefined);
    place.time -= 400 * hour;
    assert.equal(await (await place.open('b')).get('map', key(1)), undefined);
  });
}

function testWindows(): void {
  it('are all gone after a clear, which tells what it freed, and a window beside it forgets too', async () => {
    const place = folder();
    const clock = { ...realClock, now: () => place.time };
    const [a, b] = [await place.open('a'), await place.open('b', { clock })];
    await a.set('map', key(1), '- one');
    await b.set('map', key(2), '- two');
    const bytes = bytesIn(place);
    assert.deepEqual(await a.clear(), { entries: 2, bytes });
    assert.equal(place.fs.files.size, 0);
    assert.equal(await a.get('map', key(1)), undefined);
    place.time += 1_001;
    const [claim] = await b.claim('map', [key(2)]);
    assert.equal(claim!.state, 'ours', 'its next look at the folder tells the window beside it');
    if (claim!.state === 'ours') await claim!.settle('- again');
    await checkKept(place, new Map([[2, '- again']]));
  });

  it('are gone too from the memory and the state of a window that wrote none of them', async () => {
    const place = folder();
    const clock = { ...realClock, now: () => place.time };
    const state = new Map<string, unknown>();
    const memento = {
      get: (name: string) => state.get(name),
      update: (name: string, value: unknown) => Promise.resolve(void state.set(name, value)),
    };
    await (await place.open('before')).set('map', key(1), '- one');
    const [a, b] = [await place.open('a', { clock, memento }), await place.open('b', { clock })];
    assert.equal(await a.get('map', key(1)), '- one', 'now it is in memory');
    await b.set('map', key(2), '- two');
    await b.clear();
    await b.set('map', key(3), '- three');
    place.time += 1_001;
    assert.equal(await a.get('map', key(1)), undefined);
    assert.equal((await a.claim('map', [key(2)]))[0]!.state, 'ours');
    assert.equal(await a.get('map', key(3)), '- three', 'what came after it is there');
    assert.equal(a.stats().inMemory, 1);
  });

  it('stay in the memory of a window when another one compacts them', async () => {
    const place = folder();
    const clock = { ...realClock, now: () => place.time };
    place.dead.add('before');
    const before = await place.open('before');
    for (let n = 0; n < 4; n++) await before.set('map', key(n), '- kept');
    const a = await place.open('a', { clock });
    assert.equal(await a.get('map', key(1)), '- kept');
    const [name, bytes] = [...place.fs.files].find(([one]) => one.startsWith('seg-before'))!;
    await place.fs.create('seg-b-1.bin', bytes);
    await place.fs.remove(name);
    place.time += 1_001;
    assert.equal(await a.get('map', key(1)), '- kept');
    assert.equal(a.stats().inMemory, 1);
  });
}

function testDisks(): void {
  it('on a read-only disk: one line in the log, and answers from memory', async () => {
    const place = folder();
    const cache = await place.open('a');
    place.fs.failAt(0, 'for good', 'EROFS');
    for (let n = 0; n < 5; n++) await cache.set('map', key(n), `- ${n}`);
    assert.equal(await cache.get('map', key(3)), '- 3');
    assert.equal(place.lines.length, 1);
    assert.match(place.lines[0]!, /EROFS/);
  });

  it('on a real disk are for their user alone, and are all there for the next window', async () => {
    const place = await mkdtemp(join(tmpdir(), 'precis-cache-'));
    const open = (window: string): ReturnType<typeof createAnswerCache> =>
      createAnswerCache({
        files: { fs: nodeFs(join(place, 'cache')), alive: () => true },
        window,
        clock: realClock,
        now: Date.now,
        limits: () => ({ ttlMs: hour, maxBytes: 1e9 }),
        log: () => undefined,
      });
    try {
      const cache = await open('1-a');
      await Promise.all(
        Array.from({ length: 1_000 }, (_, n) => cache.set('map', key(n), `- note ${n} ${'z'.repeat(400)}`)),
      );
      const again = await open('1-b');
      assert.equal(again.stats().files!.entries, 1_000);
      assert.match((await again.get('map', key(999)))!, /^- note 999 z/);
      for (const name of await readdir(join(place, 'cache')))
        assert.equal((await stat(join(place, 'cache', name))).mode & 0o777, 0o600);
      await Promise.all([cache.close(), again.close()]);
    } finally {
      await rm(place, { recursive: true });
    }
  });
}
