import assert from 'node:assert/strict';
import type { AnswerCache, Claim } from '../../../src/engine/ports.ts';
import { createNoCache } from '../../../src/cache/cache.ts';
import { realClock } from '../../../src/host/clock.ts';
import { closeAll, folder, key } from '../../support/cacheFolder.ts';

const never = new AbortController().signal;

async function one(cache: AnswerCache, n: number): Promise<Claim> {
  return (await cache.claim('map', [key(n)]))[0]!;
}

async function checkPaysOnce(first: AnswerCache, second: AnswerCache): Promise<void> {
  const mine = await one(first, 1);
  const theirs = await one(second, 1);
  assert.equal(mine.state, 'ours');
  assert.equal(theirs.state, 'theirs');
  if (mine.state !== 'ours' || theirs.state !== 'theirs') return;
  const waits = theirs.wait(never);
  await Promise.all([mine.settle('- paid'), mine.settle('- paid twice')]);
  assert.equal(await waits, '- paid');
}

async function checkFallsTo(first: AnswerCache, second: AnswerCache): Promise<void> {
  const mine = await one(first, 1);
  const theirs = await one(second, 1);
  if (mine.state !== 'ours' || theirs.state !== 'theirs') return assert.fail('the first is ours, the second theirs');
  await mine.settle(undefined);
  assert.equal(await theirs.wait(never), undefined);
  assert.equal((await one(second, 1)).state, 'ours');
}

describe('an answer that several need', () => {
  afterEach(closeAll);

  it('is paid for once within a window', async () => {
    const cache = await folder().open('a');
    await checkPaysOnce(cache, cache);
    assert.deepEqual(await one(cache, 1), { state: 'hit', value: '- paid' });
  });
  it('is paid for once without a cache too, and then forgotten', async () => {
    const none = createNoCache();
    await checkPaysOnce(none, none);
    assert.equal((await one(none, 1)).state, 'ours');
  });
  it('falls to the one that waits when its producer gives up', async () => {
    const cache = await folder().open('a');
    await checkFallsTo(cache, cache);
  });
  it('goes to exactly one of many that claim at the same moment', async () => {
    const cache = await folder().open('a');
    const claims = await Promise.all(Array.from({ length: 4 }, () => cache.claim('map', [key(1), key(2), key(1)])));
    for (const i of [0, 1]) {
      assert.equal(claims.filter((all) => all[i]!.state === 'ours').length, 1);
      assert.equal(claims.filter((all) => all[i]!.state === 'theirs').length, 3);
    }
    assert.equal(claims.filter((all) => all[2]!.state === 'ours').length, 0, 'a text that repeats itself pays once');
  });
  it('is found in another window once it is kept', async () => {
    const place = folder();
    const clock = { ...realClock, now: () => place.time };
    const [a, b] = [await place.open('a'), await place.open('b', { clock })];
    const mine = await one(a, 1);
    if (mine.state !== 'ours') return assert.fail('the first is ours');
    await mine.settle('- paid');
    place.time += 1_001;
    assert.equal(await b.get('map', key(1)), '- paid');
  });
  it('ends the wait of one that is cancelled, and of nobody else', async () => {
    const cache = await folder().open('a');
    const mine = await one(cache, 1);
    const [x, y] = [await one(cache, 1), await one(cache, 1)];
    if (mine.state !== 'ours' || x.state !== 'theirs' || y.state !== 'theirs') return assert.fail('one produces');
    const cancel = new AbortController();
    const waits = [x.wait(cancel.signal), y.wait(never)] as const;
    cancel.abort(new Error('cancelled'));
    await assert.rejects(waits[0], /cancelled/);
    await mine.settle('- paid');
    assert.equal(await waits[1], '- paid');
  });
  it('is kept when the cache is emptied while it is produced', async () => {
    const cache = await folder().open('a');
    const mine = await one(cache, 1);
    const theirs = await one(cache, 1);
    await cache.clear();
    if (mine.state !== 'ours' || theirs.state !== 'theirs') return assert.fail('one produces');
    await mine.settle('- paid');
    assert.equal(await theirs.wait(never), '- paid');
    assert.equal(await cache.get('map', key(1)), '- paid');
  });
});
