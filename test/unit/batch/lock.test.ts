import assert from 'node:assert/strict';
import { acquireLock, createJobStore, type LockOptions } from '../../../src/batch/jobStore.ts';
import { memoryFs } from '../../support/memoryFs.ts';
import { virtualClock } from '../../support/clock.ts';

describe('the lock of a batch job', () => {
  /** A window whose timers never fire: its host stands still. */
  const options = (fs: LockOptions['fs'], window: string, now: () => number): LockOptions => ({
    fs,
    window,
    clock: virtualClock(),
    now,
    alive: () => true,
  });

  it('is lost to another window while its holder stands still, and stays with the other at release', async () => {
    let time = 0;
    const fs = memoryFs(() => time);
    const mine = await acquireLock(
      options(fs, '1-a', () => time),
      'job',
    );
    assert.equal(await mine?.isHeld(), true);
    assert.equal(
      await acquireLock(
        options(fs, '2-b', () => time),
        'job',
      ),
      undefined,
    );
    time = 31_000;
    const theirs = await acquireLock(
      options(fs, '2-b', () => time),
      'job',
    );
    assert.equal(await theirs?.isHeld(), true);
    assert.equal(await mine?.isHeld(), false);
    await mine?.release();
    assert.equal(await theirs?.isHeld(), true);
    await theirs?.release();
    assert.equal(fs.files.size, 0);
  });
});

describe('records of batch jobs', () => {
  it('are found by their own id only, never by a path', async () => {
    const fs = memoryFs();
    const store = createJobStore(fs);
    const write = async (name: string, value: unknown): Promise<void> => {
      await fs.append(name, new TextEncoder().encode(JSON.stringify(value)));
    };
    await write('a.job.json', { version: 1, id: '../../b', parts: [] });
    await write('../x.job.json', { version: 1, id: '../x', parts: [] });
    assert.equal(await store.load('a'), undefined);
    assert.equal(await store.load('../x'), undefined);
    assert.deepEqual(await store.list(), []);
  });
});
