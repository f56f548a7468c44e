import assert from 'node:assert/strict';
import { addCall, Spending, toCsv, totalUsd } from '../../../src/runs/spending.ts';

const call = (model: string, costUsd?: number) => ({
  provider: 'openai',
  model,
  usage: { inputTokens: 1000, outputTokens: 100 },
  ...(costUsd === undefined ? {} : { costUsd }),
});

function keptState() {
  const kept = new Map<string, unknown>();
  return {
    get: <T>(key: string) => kept.get(key) as T | undefined,
    update: (key: string, value: unknown) => Promise.resolve(void kept.set(key, value)),
  };
}

const november = Date.UTC(2026, 10, 30);

describe('spending', () => {
  it('is added up by provider and model', () => {
    const totals = [call('a', 0.5), call('b', 0.25), call('a', 0.5), call('a')].reduce(addCall, {});
    assert.deepEqual(totals['openai a'], { calls: 3, inputTokens: 3000, outputTokens: 300, costUsd: 1 });
    assert.equal(totalUsd(totals), 1.25);
  });

  it('is none for a call that sent nothing', () => {
    assert.deepEqual(addCall({}, { provider: 'offline', model: '', usage: {} }), {});
  });

  it('counts at once, and outlives the session once saved', () => {
    const state = keptState();
    const first = new Spending(state, () => november);
    first.add(call('a', 2));
    assert.deepEqual([totalUsd(first.session), totalUsd(first.month)], [2, 2]);
    first.save();
    first.add(call('a', 1));
    assert.equal(totalUsd(first.month), 3);
    const later = new Spending(state, () => november);
    assert.deepEqual([totalUsd(later.session), totalUsd(later.month)], [0, 2]);
  });

  it('of two windows is added up', () => {
    const state = keptState();
    const windows = [1, 2].map(() => new Spending(state, () => november));
    for (const window of windows) window.add(call('a', 2));
    for (const window of windows) window.save();
    assert.equal(totalUsd(new Spending(state, () => november).month), 4);
  });

  it('begins anew with each month, and is exported by month', () => {
    const state = keptState();
    const before = new Spending(state, () => november);
    before.add(call('a', 2));
    before.save();
    const december = new Spending(state, () => Date.UTC(2026, 11, 1));
    december.add(call('=b, "new"', 1));
    assert.equal(totalUsd(december.month), 1);
    assert.equal(
      toCsv(december),
      [
        'period,provider,model,calls,input_tokens,output_tokens,usd',
        '2026-11,openai,a,1,1000,100,2.000000',
        '2026-12,openai,"\'=b, ""new""",1,1000,100,1.000000',
        'session,openai,"\'=b, ""new""",1,1000,100,1.000000',
        '',
      ].join('\n'),
    );
  });
});
