/** Servers that refuse prompts as too long: how often they are asked, and what a second run costs. */
import assert from 'node:assert/strict';
import { ModelError, type ChatModel, type ModelCall } from '../../../../src/engine/model.ts';
import { memoryCache, runEngine } from '../../../support/engine.ts';
import { scriptedModel, type Said } from '../../../support/scriptedModel.ts';

const textOf = (entries: number): string =>
  Array.from(
    { length: entries },
    (_, i) =>
      `Entry ${i}: the harbour office noted ${i * 7} crates of ${['tea', 'rope', 'oil', 'rice'][i % 4]} on pier ${i % 9}.\n`,
  ).join('\n');

const answer = (call: ModelCall): Said => {
  const first = /Entry \d+: the harbour office noted \d+ crates/.exec(call.user)?.[0] ?? 'Crates were noted';
  return { text: `- ${first}. [1]` };
};

/** Refuses prompts above its true window; tells the window if `told`. */
function refusing(trueWindow: number, told: boolean, believed = 40_000) {
  let learned: number | undefined;
  const model = scriptedModel(answer, {});
  const sizes: number[] = [];
  const refused: number[] = [];
  const asChat: ChatModel = {
    ...model,
    limits: () =>
      Promise.resolve({
        contextWindow: learned ?? believed,
        maxOutputTokens: Math.floor((learned ?? believed) / 4),
        tier: 'strong',
        reasoning: false,
        tokenFactor: 1,
        loopback: false,
        known: true,
        ...(learned === undefined ? {} : { windowLearned: true }),
      }),
    async *stream(call, signal) {
      // the server counts more than we do
      const size = Math.ceil(call.inputTokens * 1.15);
      sizes.push(size);
      if (size > trueWindow) {
        refused.push(size);
        if (told) learned = trueWindow;
        throw new ModelError({ kind: 'too-long', status: 400, ...(told ? { limitTokens: trueWindow } : {}) });
      }
      yield* model.stream(call, signal);
    },
  };
  return { model: asChat, sizes, refused };
}

const play = (text: string, model: ChatModel, cache = memoryCache()) =>
  runEngine(text, { url: 'http://127.0.0.1:1', cache, ports: { model, mapModel: model } });

describe('A window that a refusal taught', () => {
  for (const entries of [1_000, 1_250, 1_300, 1_400])
    it(`costs nothing when ${entries} unchanged lines are summarized again`, async () => {
      const { model, sizes } = refusing(32_768, true);
      const cache = memoryCache();
      const first = await play(textOf(entries), model, cache);
      const before = sizes.length;
      const again = await play(textOf(entries), model, cache);
      assert.equal(sizes.length - before, 0);
      assert.equal(again.result.markdown, first.result.markdown);
    });
});

describe('A server that refuses everything as too long', () => {
  for (const [title, entries] of [
    ['a short text', 20],
    ['a text of one window', 900],
    ['a text of many windows', 6_000],
  ] as const)
    it(`costs at most 8 requests for ${title}`, async () => {
      const { model, sizes } = refusing(10, false);
      await assert.rejects(play(textOf(entries), model), (error) => ModelError.is(error, 'too-long'));
      assert.ok(sizes.length <= 8, `${sizes.length} requests: ${sizes.join(' ')}`);
    });
  it('is told from one with a smaller window than it should have', async () => {
    const { model, sizes, refused } = refusing(3_000, false);
    const { result } = await play(textOf(1_500), model);
    assert.equal(result.status, 'complete');
    assert.ok(refused.length <= 10, `${refused.length} of ${sizes.length} requests were refused`);
  });
});
