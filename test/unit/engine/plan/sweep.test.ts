import assert from 'node:assert/strict';
import { pointsOf, runPoint, servers, totalsOf } from '../../../bench/sweep.ts';

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
