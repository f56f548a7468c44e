import assert from 'node:assert/strict';
import { listTooltipFacts } from '../../src/runs/progress.ts';
import { emptyView, type RunView } from '../../src/shared/runView.ts';

const reading: RunView = {
  ...emptyView,
  phase: 'mapping',
  host: 'api.example.com',
  progress: { ...emptyView.progress, mapTotal: 1 },
  estimate: { calls: 2, inputTokens: 12_400.4, outputTokens: 900, costUsd: 0.0312, seconds: 8 },
};

describe('the tooltip in the status bar', () => {
  it('tells how far a run is, its host, and the tokens and the price of the plan', () => {
    assert.deepEqual(listTooltipFacts(reading), ['Read 0%', 'api.example.com', 'about 12,400 tokens', 'about $0.031']);
  });

  it('names no price that is unknown, and nothing that an offline run does not have', () => {
    const { costUsd: _, ...unpriced } = reading.estimate!;
    assert.equal(listTooltipFacts({ ...reading, estimate: unpriced }).at(-1), 'about 12,400 tokens');
    const offline = { calls: 0, inputTokens: 0, outputTokens: 0, costUsd: 0, seconds: 1 };
    assert.deepEqual(listTooltipFacts({ ...reading, phase: 'reducing', host: '', estimate: offline }), [
      'writing the summary',
    ]);
  });
});
