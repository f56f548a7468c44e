import assert from 'node:assert/strict';
import { startProvider, type SimulatedProvider } from '../../../support/provider/index.ts';
import { runEngine } from '../../../support/engine.ts';
import { buildLog } from '../../../unit/engine/read/fold/logs.ts';

describe('a log on a local server', function () {
  this.timeout(60_000);
  let provider: SimulatedProvider;
  before(async () => (provider = await startProvider({ flavour: 'compatible' })));
  after(() => provider.close());

  const log = buildLog('app', 3_000_000, 20, 41).lines.join('\n');

  for (const contextWindow of [4_096, 8_192, 32_768, 131_072])
    it(`takes at most eight calls with a window of ${contextWindow}`, async () => {
      provider.reset({ reader: {} });
      const { result } = await runEngine(log, { url: provider.url, contextWindow });
      assert.ok(provider.calls.length <= 8, `${provider.calls.length} calls`);
      assert.equal(result.status, 'complete');
    });

  it('takes at most eight calls to a small model', async () => {
    for (const model of ['llama3.2:1b', 'qwen3:4b']) {
      provider.reset({ reader: {} });
      await runEngine(log, { url: provider.url, contextWindow: 32_768, model });
      assert.ok(provider.calls.length <= 8, `${model}: ${provider.calls.length} calls`);
    }
  });

  it('stays complete where only the budget left records out, and its last paragraph counts them', async () => {
    provider.reset({ reader: {} });
    const { result } = await runEngine(log, { url: provider.url, contextWindow: 4_096 });
    assert.equal(result.status, 'complete');
    assert.ok(result.gaps.length > 0 && result.gaps.every(({ reason }) => reason === 'budget'));
    const total = result.gaps.reduce((sum, gap) => sum + (gap.count ?? gap.endLine - gap.startLine + 1), 0);
    const last = result.markdown.trim().split('\n\n').at(-1) ?? '';
    assert.match(last.replace(/(\d)[,.\u202f](?=\d)/g, '$1'), new RegExp(`\\b${total}\\b`), last);
  });
});
