import assert from 'node:assert/strict';
import { leastPossible } from '../../bench/law.ts';
import { runRate } from '../../bench/rates.ts';
import { isFrugal, pointsOf, runPoint, servers, totalsOf } from '../../bench/sweep.ts';

describe('the plan over sizes, windows, lanes and servers', () => {
  it('is near the least possible time and input at 20 points', async () => {
    const outcomes = [];
    for (const drawn of pointsOf(20, 3)) {
      // A tenth of the sizes, so that it takes a moment.
      const point = { ...drawn, tokens: Math.max(2_000, Math.round(drawn.tokens / 10)) };
      outcomes.push(await runPoint(point, { known: { ...servers[point.server], samples: 9 } }));
    }
    for (const { point, run } of outcomes) assert.equal(run.status, 'complete', JSON.stringify(point));
    const wall = totalsOf(outcomes.map((one) => one.ratio));
    assert(wall.median <= 1.05 && wall.p90 <= 1.15 && wall.worst <= 1.3, JSON.stringify(wall));
    const input = totalsOf(outcomes.map((one) => one.inputRatio));
    assert(input.p90 <= 1.1, JSON.stringify(input));
    const document = totalsOf(outcomes.filter(isFrugal).map((one) => one.documentRatio));
    assert(document.worst <= 1.1, JSON.stringify(document));
  });
});

describe('a budget of tokens a minute that headers tell', () => {
  for (const counts of ['input', 'input+max'] as const)
    it(`is used nearly whole with bursts of one second, counting ${counts}`, async () => {
      const told = await runRate({ counts, burstSeconds: 1, headers: true, retryAfter: true }, 1_000_000);
      assert(told.refusedFirst + told.refusedLater <= 2, JSON.stringify(told));
      assert(told.used >= 0.95 && told.wallMs <= 1.08 * told.leastMs, JSON.stringify(told));
    });
});

describe('the least possible time', () => {
  const load = {
    latency: { firstTokenMs: 350, perInputTokenMs: 0.05, perOutputTokenMs: 10 },
    textTokens: 120_000,
    lanes: 8,
    window: 32_768,
    quality: 32_000,
    summaryTokens: 465,
    noteShare: 1,
    collapseTokens: 400,
  };

  it('takes one whole wave where the text fits it', () => {
    assert.equal(leastPossible(load).maps, 8);
  });

  it('takes one call where that is quickest', () => {
    assert.equal(leastPossible({ ...load, textTokens: 10_000 }).maps, 0);
  });

  it('merges where the window cannot hold all notes', () => {
    assert(leastPossible({ ...load, window: 4_096, textTokens: 400_000 }).levels > 0);
  });
});

describe('plans and schedules over a coarse sweep', () => {
  it('end near the least possible time at 20 points of size, window, lanes, server and length', async () => {
    const ratios: number[] = [];
    for (const point of pointsOf(40).slice(0, 20)) {
      const { ratio } = await runPoint(point, { known: { ...servers[point.server], samples: 9 } });
      ratios.push(ratio);
    }
    const { median, p90, worst } = totalsOf(ratios);
    assert.ok(median <= 1.05 && p90 <= 1.12 && worst <= 1.25, `${median}, ${p90}, ${worst}`);
  });
});
