import assert from 'node:assert/strict';
import { createErrorView, SettingError } from '../../../src/host/errors.ts';
import { english } from '../../../src/engine/messages.ts';
import { batchCosts } from '../../../src/batch/price.ts';

const plan = { inputTokens: 1_000_000, outputTokens: 100_000, live: { seconds: 60, costUsd: 8 } };

describe('what a batch costs', () => {
  it('is half for what goes in it, and the whole for what is asked live afterwards', () => {
    const costs = batchCosts({ price: { input: 1, output: 10 } }, plan);
    assert.deepEqual(costs, { batchUsd: 2, liveUsd: 8, totalUsd: 6 });
  });

  it('is never less than the batch itself, and unknown without a price', () => {
    const cheap = { ...plan, live: { seconds: 60, costUsd: 1 } };
    const { totalUsd } = batchCosts({ price: { input: 1, output: 10 } }, cheap);
    assert.equal(totalUsd, 2);
    assert.deepEqual(batchCosts({}, { ...plan, live: { seconds: 60 } }), {});
  });

  it('above the limit is a sentence with a button that opens the setting', () => {
    const view = createErrorView(new SettingError('Too much.', 'precis.maxCostUsd'), english);
    assert.equal(view.message, 'Too much.');
    assert.equal(view.setting, 'precis.maxCostUsd');
    assert.ok(view.actions.includes('openSettings'));
  });
});
