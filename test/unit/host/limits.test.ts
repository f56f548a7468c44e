import assert from 'node:assert/strict';
import { isBrokenLimit, stricterLimit } from '../../../src/host/settingRules.ts';

describe('limits that a folder sets too', () => {
  it('hold where they are stricter than the user’s', () => {
    const cost = (user: number, folder: number): number => stricterLimit('precis.maxCostUsd', user, folder);
    assert.deepEqual([cost(1, 5), cost(5, 1), cost(0, 5), cost(5, 0), cost(0, 0)], [1, 1, 5, 5, 0]);
    assert.equal(stricterLimit('precis.confirmAboveTokens', 1000, 0), 1000);
    assert.deepEqual([stricterLimit('precis.concurrency', 4, 64), stricterLimit('precis.concurrency', 4, 1)], [4, 1]);
  });

  it('are broken where they are no number', () => {
    for (const value of ['5', null, true, {}, [], Number.NaN, Infinity, -1]) assert.equal(isBrokenLimit(value), true);
    for (const value of [undefined, 0, 0.5, 100]) assert.equal(isBrokenLimit(value), false);
  });
});
