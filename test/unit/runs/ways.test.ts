import assert from 'node:assert/strict';
import { isCheaper, wayUsd } from '../../../src/runs/wayPrice.ts';

describe('the ways to make a large summary', () => {
  const estimate = { calls: 9, inputTokens: 1, outputTokens: 1, seconds: 60, costUsd: 1, readUsd: 0.8 };

  it('cost all of it now, half at the slower tier, and half of the reading in batch', () => {
    assert.deepEqual(
      (['now', 'flex', 'batch'] as const).map((way) => wayUsd(way, estimate)),
      [1, 0.5, 0.6],
    );
  });

  it('have no price where none is known', () => {
    const { costUsd: _, ...unpriced } = estimate;
    assert.equal(wayUsd('flex', unpriced), undefined);
  });

  it('are offered where they save a tenth, or where nobody knows', () => {
    assert.ok(isCheaper('batch', estimate));
    assert.ok(!isCheaper('batch', { ...estimate, readUsd: 0.1 }), 'a cheap reader leaves nothing to save');
    const { costUsd: _, ...unpriced } = estimate;
    assert.ok(isCheaper('batch', unpriced));
  });
});
