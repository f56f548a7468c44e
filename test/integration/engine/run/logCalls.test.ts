import assert from 'node:assert/strict';
import { startProvider, type SimulatedProvider } from '../../../support/provider/index.ts';
import { budgetReason, type Source } from '../../../../src/engine/source.ts';
import { runEngine } from '../../../support/engine.ts';
import { buildLog, seeded } from '../../../unit/engine/read/fold/logs.ts';

const toLog = (text: string): Source => ({
  title: 'app.log',
  parts: [{ title: 'app.log', startLine: 1, text }],
  skipped: [],
  shape: 'text',
});

describe('a log on a local server', function () {
  this.timeout(60_000);
  let provider: SimulatedProvider;
  before(async () => (provider = await startProvider({ flavour: 'compatible' })));
  after(() => provider.close());

  const log = toLog(buildLog('app', 3_000_000, 20, 41).lines.join('\n'));

  for (const contextWindow of [4_096, 8_192, 32_768, 131_072])
    it(`takes at most eight calls with a window of ${contextWindow}`, async () => {
      provider.reset({ reader: {} });
      const { result } = await runEngine(log, { url: provider.url, contextWindow });
      assert.ok(provider.calls.length <= 8, `${provider.calls.length} calls`);
      assert.equal(result.status, 'complete');
    });

  it('is planned in at most eight calls of a small model', async () => {
    for (const model of ['llama3.2:1b', 'qwen3:4b']) {
      provider.reset({ reader: {} });
      const { events } = await runEngine(log, { url: provider.url, contextWindow: 32_768, model });
      const plan = events.find((event) => event.type === 'plan');
      assert.ok(plan && plan.map + plan.collapse + 1 <= 8, `${model}: ${plan?.map} + ${plan?.collapse}`);
    }
  });

  it('stays complete where only the budget left records out, and its last paragraph counts them', async () => {
    provider.reset({ reader: {} });
    const random = seeded(5);
    const word = (): string => Array.from({ length: 7 }, () => String.fromCharCode(97 + random() * 26)).join('');
    const forms = Array.from({ length: 600 }, () => `${word()} ${word()} the ${word()} of ${word()} ${word()}`);
    const lines = Array.from({ length: 24_000 }, (_, i) => {
      const at = new Date(1_760_000_000_000 + i * 500).toISOString();
      return `${at} INFO ${forms[Math.floor(random() * forms.length)]} in ${Math.floor(random() * 900)} ms`;
    });
    const { result } = await runEngine(toLog(lines.join('\n')), { url: provider.url, contextWindow: 4_096 });
    assert.equal(result.status, 'complete');
    assert.ok(result.gaps.length > 0 && result.gaps.every(({ reason }) => reason === budgetReason));
    const total = result.gaps.reduce((sum, gap) => sum + (gap.count ?? gap.endLine - gap.startLine + 1), 0);
    const last = result.markdown.trim().split('\n\n').at(-1) ?? '';
    assert.match(last.replace(/(\d)[,.\u202f](?=\d)/g, '$1'), new RegExp(`\\b${total}\\b`));
  });
});
