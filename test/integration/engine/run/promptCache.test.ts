/** What of a prompt the vendors' caches give back, by their documented rules. */
import assert from 'node:assert/strict';
import type { ProviderId } from '../../../../src/contributions.ts';
import type { RunOptions } from '../../../../src/engine/request.ts';
import { computeUsd } from '../../../../src/engine/plan/cost.ts';
import { markdown } from '../../../support/corpus.ts';
import { runEngine } from '../../../support/engine.ts';
import { startProvider, type Flavour, type SimulatedProvider } from '../../../support/provider/index.ts';

const price = { input: 3, output: 15, cachedInput: 0.3 };
const text = markdown(5, 60_000);

interface Vendor {
  readonly provider: ProviderId;
  readonly flavour: Flavour;
  readonly model: string;
}

const vendors: Readonly<Record<string, Vendor>> = {
  'Anthropic, at breakpoints': { provider: 'anthropic', flavour: 'anthropic', model: 'claude-sonnet-5-5' },
  'OpenAI, at breakpoints': { provider: 'openai', flavour: 'openai', model: 'gpt-6.1-terra' },
  'OpenAI, by prefix': { provider: 'openai', flavour: 'openai', model: 'gpt-5.2' },
};

const again: Readonly<Record<string, Partial<RunOptions>>> = {
  'a second run': {},
  'a question': { question: 'What is said about the end?' },
  'another length': { length: 'brief' },
};

for (const [name, { provider, flavour, model }] of Object.entries(vendors)) {
  describe(`the prompt cache of ${name}`, () => {
    let server: SimulatedProvider;
    const summarize = async (options: Partial<RunOptions> = {}) => {
      const { result } = await runEngine(text, {
        url: server.url,
        provider,
        model,
        contextWindow: 64_000,
        config: {
          ...(provider === 'openai' ? { baseUrl: 'https://api.openai.com/v1', fetch: toSimulated } : {}),
        },
        options: { price, mapPrice: price, ...options },
      });
      return result;
    };
    const toSimulated: typeof fetch = (input, init) =>
      fetch(String(input instanceof Request ? input.url : input).replace('https://api.openai.com', server.url), init);
    before(async () => (server = await startProvider({ flavour, promptCache: true, reader: {} })));
    after(() => server.close());

    for (const [what, options] of Object.entries(again)) {
      it(`is read by ${what}, at a tenth of the price`, async () => {
        server.reset();
        const first = await summarize();
        const second = await summarize(options);
        const call = server.calls.at(-1)!;
        assert.deepEqual([first.strategy, server.calls.length], ['single', 2]);
        assert.ok(call.cachedTokens / call.promptTokens >= 0.95, `${call.cachedTokens} of ${call.promptTokens}`);
        assert.equal(second.usage.cachedInputTokens, call.cachedTokens);
        const bill = computeUsd(price, {
          inputTokens: call.promptTokens,
          cachedInputTokens: call.cachedTokens,
          cacheWriteTokens: call.cacheWriteTokens,
          outputTokens: call.outputTokens,
        });
        assert.ok(Math.abs(second.usage.costUsd! - bill) < 1e-9);
        const saved = 1 - (second.usage.costUsd! - call.outputTokens * 15e-6) / (call.promptTokens * 3e-6);
        assert.ok(saved >= 0.85, `${(100 * saved).toFixed(1)} % of the input's price saved`);
      });
    }

    it('is read by a retry after a broken answer', async () => {
      server.reset({ faults: [{ kind: 'reset-midway', at: 1 }] });
      await summarize();
      const call = server.calls.at(-1)!;
      assert.equal(server.calls.length, 2);
      assert.ok(call.cachedTokens / call.promptTokens >= 0.95);
    });
  });
}
