import assert from 'node:assert/strict';
import { findBillions, findSmallSize, getUsedLimits } from '../../../../src/engine/prompts/modelSize.ts';
import { runEngine } from '../../../support/engine.ts';
import { scriptedModel } from '../../../support/scriptedModel.ts';

describe('The size of a model', () => {
  it('is read from what the server tells, else from the id', () => {
    const sizes: [string, number | undefined][] = [
      ['llama3.2:1b', 1],
      ['SmolLM2-135M-Instruct', 0.135],
      ['qwen2.5-0.5b-instruct', 0.5],
      ['phi3:3.8b', 3.8],
      ['meta-llama/Llama-3.1-8B-Instruct', 8],
      ['qwen2.5-7b-instruct-1m', 7],
      ['mixtral-8x7b', undefined],
      ['gpt-6-sol', undefined],
      ['window-1m', undefined],
    ];
    for (const [model, billions] of sizes) assert.equal(findBillions(model), billions, model);
    assert.equal(findBillions('mystery', { parameters: 134_515_008 }), 0.134515008);
  });

  it('decides how much text it reads at once', () => {
    assert.equal(findSmallSize('llama3.2:1b')?.text, 2_000);
    assert.equal(findSmallSize('qwen3:8b')?.text, 6_000);
    assert.equal(findSmallSize('qwen3:14b'), undefined);
    const limits = { contextWindow: 131_072, maxOutputTokens: 4_096, tier: 'cheap', reasoning: false } as const;
    const rest = { tokenFactor: 1, loopback: true, known: true };
    assert.equal(getUsedLimits('llama3.2:1b', { ...limits, ...rest }).contextWindow, 8_192);
    assert.equal(getUsedLimits('qwen3:14b', { ...limits, ...rest }).contextWindow, 131_072);
  });
});

describe('A small model', () => {
  const line = (i: number): string =>
    `Le conseil municipal de la ville a voté ${i} mesures pour le port, et les habitants sont dans la rue depuis ${i} jours.\n\n`;
  const text = Array.from({ length: 260 }, (_, i) => line(i)).join('');

  it('reads little at once, with one sentence after the text, and its points are cited without marks of its own', async () => {
    const model = scriptedModel(
      ({ stage }) => ({
        text:
          stage === 'map' ? '- Le conseil municipal a voté 7 mesures pour le port.' : 'Le conseil a voté 7 mesures.',
      }),
      { contextWindow: 32_768 },
      'smollm2-135m',
    );
    const { result } = await runEngine(text, { url: 'http://127.0.0.1:1', ports: { model, mapModel: model } });
    const maps = model.calls.filter(({ stage }) => stage === 'map');
    assert.ok(maps.length >= 4, `${maps.length} calls`);
    for (const { inputTokens, system, user, stop } of model.calls) {
      assert.ok(inputTokens <= 2_250, `${inputTokens} tokens`);
      assert.ok(!system.includes('\n'));
      const ask = user.slice(user.lastIndexOf(stop!) + stop!.length).trim();
      assert.match(ask, /^[A-Z][^\n]* in French, in at most \d+ words\.$/);
      assert.doesNotMatch(user, /^\[\d+\]$/m);
    }
    assert.equal(result.status, 'complete');
    assert.ok(result.citations.length > 0);
  });

  it('is never asked in lists of rules, as others are', async () => {
    const entries: number[] = [];
    for (const name of ['some-model', 'some-model-1b']) {
      const model = scriptedModel(() => ({ text: '- Le conseil a voté. [1]' }), { contextWindow: 4_096 }, name);
      await runEngine(text, { url: 'http://127.0.0.1:1', ports: { model, mapModel: model } });
      entries.push(model.calls.filter(({ user }) => /^- language:/m.test(user)).length);
    }
    assert.ok(entries[0]! > 0);
    assert.equal(entries[1], 0);
  });
});
