import assert from 'node:assert/strict';
import { addRun, Spending, totalUsd } from '../../../src/runs/spending.ts';

const run = (model: string, costUsd?: number) => ({
  provider: 'openai',
  model,
  usage: { inputTokens: 1000, outputTokens: 100, ...(costUsd === undefined ? {} : { costUsd }) },
});

describe('spending', () => {
  it('is added up by provider and model', () => {
    const totals = [run('a', 0.5), run('b', 0.25), run('a', 0.5), run('a')].reduce(addRun, {});
    assert.deepEqual(totals['openai a'], { runs: 3, inputTokens: 3000, outputTokens: 300, costUsd: 1 });
    assert.equal(totalUsd(totals), 1.25);
  });

  it('is none for a run that sent nothing', () => {
    const nothing = { provider: 'offline', model: '', usage: { inputTokens: 0, outputTokens: 0, costUsd: 0 } };
    assert.deepEqual([addRun({}, nothing), addRun({}, { provider: 'openai', model: 'a' })], [{}, {}]);
  });

  it('of a month outlives the session and begins anew with the next', () => {
    const kept = new Map<string, unknown>();
    const state = {
      get: <T>(key: string) => kept.get(key) as T | undefined,
      update: (key: string, value: unknown) => Promise.resolve(void kept.set(key, value)),
    };
    const november = Date.UTC(2026, 10, 30);
    new Spending(state, () => november).add(run('a', 2));
    const later = new Spending(state, () => november);
    assert.deepEqual([totalUsd(later.session), totalUsd(later.month)], [0, 2]);
    const december = new Spending(state, () => Date.UTC(2026, 11, 1));
    december.add(run('a', 1));
    assert.deepEqual([totalUsd(december.session), totalUsd(december.month)], [1, 1]);
  });
});
