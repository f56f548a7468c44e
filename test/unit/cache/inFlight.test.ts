import assert from 'node:assert/strict';
import type { AnswerCache, Claim } from '../../../src/engine/ports.ts';
import { createNoCache } from '../../../src/cache/noCache.ts';
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
  it('is paid for once by two windows', async () => {
    const place = folder();
    const [a, b] = [await place.open('a'), await place.open('b')];
    await checkPaysOnce(a, b);
    assert.deepEqual(await one(b, 1), { state: 'hit', value: '- paid' });
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
  it('falls to the other window when its producer gives up', async () => {
    const place = folder();
    await checkFallsTo(await place.open('a'), await place.open('b'));
  });
  it('falls to the other window at once when the producing window died', async () => {
    const place = folder();
    const [a, b] = [await place.open('a'), await place.open('b')];
    assert.equal((await one(a, 1)).state, 'ours');
    const theirs = await one(b, 1);
    place.dead.add('a');
    assert.equal(theirs.state === 'theirs' && (await theirs.wait(never)), undefined);
    assert.equal((await one(b, 1)).state, 'ours');
  });
  it('goes to exactly one of many windows that claim at the same moment', async () => {
    const place = folder();
    const caches = await Promise.all(['a', 'b', 'c', 'd'].map((window) => place.open(window)));
    const claims = await Promise.all(caches.map((cache) => cache.claim('map', [key(1), key(2), key(1)])));
    for (const i of [0, 1]) {
      assert.equal(claims.filter((all) => all[i]!.state === 'ours').length, 1);
      assert.equal(claims.filter((all) => all[i]!.state === 'theirs').length, 3);
    }
    assert.equal(claims.filter((all) => all[2]!.state === 'ours').length, 0, 'a text that repeats itself pays once');
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
