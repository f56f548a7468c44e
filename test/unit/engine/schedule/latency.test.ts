import assert from 'node:assert/strict';
import { createLatency, expectFirst, startFigures } from '../../../../src/engine/schedule/latency.ts';
import { integer, lognormal, seeded } from '../../../support/random.ts';

const law = { firstTokenMs: 350, perInputTokenMs: 0.05, perOutputTokenMs: 10 };

function checkLearned(
  sizes: readonly number[],
  jitter: number,
  at: number,
  within: number,
  slow: readonly number[] = [],
): void {
  const random = seeded(4);
  const latency = createLatency();
  sizes.forEach((size, place) => {
    const factor = lognormal(random, jitter) * (slow.includes(place) ? 6 : 1);
    latency.first(size, (law.firstTokenMs + law.perInputTokenMs * size) * factor);
    latency.rest(300, 300 * law.perOutputTokenMs * factor);
  });
  const expected = law.firstTokenMs + law.perInputTokenMs * at;
  const off = Math.abs(expectFirst(latency.figures, at) - expected) / expected;
  assert(off <= within, `${(off * 100).toFixed(0)} % off: ${JSON.stringify(latency.figures)}`);
  assert(Math.abs(latency.figures.perOutputTokenMs / law.perOutputTokenMs - 1) <= within + 0.05);
}

describe('what is learned of a latency', () => {
  it('begins with a cautious belief', () => {
    assert.deepEqual(createLatency().figures, startFigures);
  });

  it('fits calls of other sizes after calls of many sizes', () => {
    const random = seeded(1);
    checkLearned(
      Array.from({ length: 12 }, () => integer(random, 500, 20_000)),
      0,
      30_000,
      0.05,
    );
    checkLearned(
      Array.from({ length: 30 }, () => integer(random, 500, 20_000)),
      0.15,
      10_000,
      0.15,
    );
  });

  it('fits calls of the same size after three, and is sane for others', () => {
    checkLearned([15_000, 15_000, 15_000], 0, 15_000, 0.05);
    checkLearned([15_000, 15_000, 15_000], 0, 3_000, 0.25);
  });

  it('is not ruled by a straggler', () => {
    checkLearned(
      Array.from({ length: 16 }, (_, at) => 4_000 + 700 * at),
      0,
      10_000,
      0.25,
      [7],
    );
  });

  it('goes on from the figures of an earlier session', () => {
    const latency = createLatency({ ...law, samples: 20 });
    for (let count = 0; count < 5; count++) latency.first(10_000, 850);
    assert(Math.abs(expectFirst(latency.figures, 10_000) - 850) < 10);
    assert.equal(latency.figures.samples, 25);
  });
});
