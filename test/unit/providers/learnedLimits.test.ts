import assert from 'node:assert/strict';
import type { ChatModel, ModelCall, ModelLimits } from '../../../src/engine/model.ts';
import { withLearnedLimits } from '../../../src/providers/learnedLimits.ts';

const limits: ModelLimits = {
  contextWindow: 8000,
  maxOutputTokens: 1000,
  tier: 'strong',
  reasoning: false,
  tokenFactor: 1,
  loopback: false,
  known: true,
};

function counting(perToken: number): ChatModel {
  return {
    provider: 'p',
    model: 'm',
    host: 'h',
    account: 'a',
    limits: () => Promise.resolve(limits),
    async *stream(call: ModelCall) {
      await Promise.resolve();
      yield {
        type: 'finish',
        reason: 'stop',
        raw: 'stop',
        usage: { inputTokens: Math.round((call.inputTokens / call.runWindow!) * perToken) },
      };
    },
  };
}

/** Asks `times`, each prompt of `tokens` of ours, as the engine would: times the factor that holds. */
async function check(perToken: number, tokens: number, times: number): Promise<number> {
  const memory = new Map<string, unknown>();
  const model = withLearnedLimits(counting(perToken), {
    get: (key) => memory.get(key),
    set: (key, value) => void memory.set(key, value),
  });
  const { signal } = new AbortController();
  for (let i = 0; i < times; i++) {
    const { tokenFactor } = await model.limits(signal);
    const call = { inputTokens: tokens * tokenFactor, runWindow: tokenFactor } as ModelCall;
    for await (const event of model.stream(call, signal)) assert.equal(event.type, 'finish');
  }
  return (await model.limits(signal)).tokenFactor;
}

describe('tokens that answers report', () => {
  it('correct the factor step by step', async () => {
    const factor = await check(1.3, 2000, 30);
    assert.ok(Math.abs(factor - 1.3) < 0.03, String(factor));
  });
  it('say nothing when the prompt was short', async () => assert.equal(await check(1.8, 100, 30), 1));
  it('say nothing when they leave out what was cached', async () => assert.equal(await check(0.05, 2000, 30), 1));
  it('never lead beyond what a tokenizer can be', async () => assert.ok((await check(40, 2000, 60)) <= 2.5));
});
