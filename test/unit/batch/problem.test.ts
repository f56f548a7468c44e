import assert from 'node:assert/strict';
import { createGeminiBatch } from '../../../src/batch/geminiBatch.ts';
import { createOpenAiBatch } from '../../../src/batch/openaiBatch.ts';
import type { ModelLimits } from '../../../src/engine/model.ts';
import type { ProviderConfig } from '../../../src/providers/provider.ts';

const apiKey = 'plain-words-that-look-like-nothing';
const said = `Billing of ${apiKey}\u202e is closed.\nThe moon: “${'a line of the text '.repeat(40)}”`;
const limits = { contextTokens: 8_000, outputTokens: 1_000 } as unknown as ModelLimits;

function createConfig(baseUrl: string, answer: unknown): ProviderConfig {
  const memory = new Map<string, unknown>();
  return {
    baseUrl,
    apiKey,
    model: 'm',
    contextWindow: 0,
    account: 'a',
    memory: { get: (key) => memory.get(key), set: (key, value) => void memory.set(key, value) },
    fetch: () =>
      Promise.resolve(new Response(JSON.stringify(answer), { headers: { 'content-type': 'application/json' } })),
  };
}

/** A batch that failed, as each vendor tells it. */
const failed = {
  openai: createOpenAiBatch(
    createConfig('https://api.openai.com/v1', { status: 'failed', errors: { data: [{ message: said }] } }),
    limits,
    true,
  ),
  gemini: createGeminiBatch(
    createConfig('https://generativelanguage.googleapis.com/v1beta/openai', {
      metadata: { state: 'BATCH_STATE_FAILED' },
      error: { message: said },
    }),
    limits,
  ),
};

describe('the vendor’s sentence in a record of a batch', () => {
  for (const [vendor, wire] of Object.entries(failed)) {
    it(`holds no key, no control character and no long quotation: ${vendor}`, async () => {
      const { state, problem = '' } = await wire.status('batches/b1', new AbortController().signal);
      assert.equal(state, 'failed');
      assert.match(problem, /moon/);
      assert.ok(!problem.includes(apiKey), problem);
      assert.doesNotMatch(problem, /\p{C}/u);
      assert.ok(problem.length <= 300 && !problem.includes('a line of the text a line'), problem);
    });
  }
});
