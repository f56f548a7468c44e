import assert from 'node:assert/strict';
import { virtualClock } from '../../support/clock.ts';
import { lognormal, seeded, shuffled } from '../../support/random.ts';

describe('the virtual clock', () => {
  it('fires timers in order of their moment, then of their making, with promises run between', async () => {
    const clock = virtualClock();
    const seen: string[] = [];
    clock.timer(20, () => void seen.push(`b@${clock.now()}`));
    clock.timer(10, () => {
      seen.push(`a@${clock.now()}`);
      void clock.sleep(5).then(() => seen.push(`nested@${clock.now()}`));
    });
    clock.timer(20, () => void seen.push('c'));
    await clock.advance(20);
    assert.deepEqual(seen, ['a@10', 'nested@15', 'b@20', 'c']);
    assert.equal(clock.pending, 0);
  });

  it('ends a sleep when its signal is aborted and leaves no timer', async () => {
    const clock = virtualClock();
    const abort = new AbortController();
    const sleep = clock.sleep(1000, abort.signal);
    abort.abort(new Error('enough'));
    await assert.rejects(sleep, /enough/);
    assert.equal(clock.pending, 0);
  });

  it('settles a chain of sleeps without waiting, and says when nothing can come any more', async () => {
    const clock = virtualClock();
    const work = async (): Promise<number> => {
      for (let turn = 0; turn < 10; turn++) await clock.sleep(60_000);
      return clock.now();
    };
    assert.equal(await clock.settle(work()), 600_000);
    await assert.rejects(clock.settle(new Promise(() => undefined)), /no timer/);
  });

  it('fires what is overdue late after a jump', async () => {
    const clock = virtualClock();
    let at = 0;
    clock.timer(1000, () => (at = clock.now()));
    await clock.jump(3_600_000);
    assert.equal(at, 3_600_000);
  });
});

describe('seeded randomness', () => {
  it('repeats itself for a seed and keeps to its distributions', () => {
    const draw = (seed: number): number[] =>
      Array.from(
        { length: 2000 },
        (
          (random) => () =>
            lognormal(random, 0.15)
        )(seeded(seed)),
      );
    assert.deepEqual(draw(7), draw(7));
    assert.notDeepEqual(draw(7), draw(8));
    const sorted = draw(7).sort((a, b) => a - b);
    assert.ok(Math.abs((sorted[1000] as number) - 1) < 0.02);
    assert.deepEqual(shuffled(seeded(1), [1, 2, 3, 4]).sort(), [1, 2, 3, 4]);
  });
});
