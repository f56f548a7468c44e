import assert from 'node:assert/strict';
import { computeUsd } from '../../../src/engine/plan/cost.ts';
import type { Effort } from '../../../src/engine/model.ts';
import { chooseEffort } from '../../../src/providers/effort.ts';
import { loadProvider } from '../../../src/providers/index.ts';
import type { ProviderConfig } from '../../../src/providers/provider.ts';
import { call, config, memory, outcome } from '../../support/conformance.ts';

type Json = Record<string, unknown>;

/** OpenAI's own host, played by a function from a request's body. */
async function play(answer: (body: Json) => Response, more: Partial<ProviderConfig> = {}) {
  const bodies: Json[] = [];
  const fetch: typeof globalThis.fetch = (_, init) => {
    const body = JSON.parse(init?.body as string) as Json;
    bodies.push(body);
    return Promise.resolve(answer(body));
  };
  const model = more.model ?? 'gpt-6.1-terra';
  const provider = await loadProvider('openai', {});
  return {
    bodies,
    model: await provider.create(config('https://api.openai.com/v1', model, { fetch, ...more })),
  };
}
const answered = (more: Json = {}): Response =>
  Response.json({
    status: 'completed',
    output: [{ type: 'message', content: [{ type: 'output_text', text: 'It is so.' }] }],
    usage: { input_tokens: 1000, output_tokens: 100 },
    ...more,
  });
const refuse = (status: number, message: string, more: Json = {}): Response =>
  Response.json({ error: { message, ...more } }, { status });

describe('effort', () => {
  const choose = (model: string, effort: Effort, ...refused: string[]) =>
    chooseEffort(model, effort, 'e', { has: (name) => !refused.includes(name), outputCap: 1 })?.value;

  it('is the least that a model offers where none is asked for', () => {
    const least = {
      'gpt-6-luna': 'none',
      'openai/gpt-5.2': 'none',
      'gpt-5-mini': 'minimal',
      'gpt-5.1-codex': 'low',
      'claude-haiku-5-5': 'low',
      'gemini-2.5-flash-lite': 'none',
      'some-model': 'low',
    };
    for (const [model, effort] of Object.entries(least)) assert.equal(choose(model, 'none'), effort, model);
  });

  it('is what a setting says, else what the endpoint did not refuse', () => {
    assert.equal(choose('gpt-6-luna', 'high'), 'high');
    assert.equal(choose('gpt-6-luna', 'none', 'e=none'), 'low');
    assert.equal(choose('gpt-6-luna', 'none', 'e=none', 'e'), undefined);
  });

  it('rises where a server refuses the least, once for its model', async () => {
    const kept = memory();
    const { model, bodies } = await play(
      ({ reasoning }) =>
        (reasoning as Json | undefined)?.['effort'] === 'none'
          ? refuse(400, "Unsupported value: 'none' is not supported.", { param: 'reasoning.effort' })
          : answered(),
      { memory: kept },
    );
    for (let n = 0; n < 2; n++) assert.equal((await outcome(model, call({ effort: 'none' }))).text, 'It is so.');
    assert.deepEqual(
      bodies.map(({ reasoning }) => (reasoning as Json)['effort']),
      ['none', 'low', 'low'],
    );
  });
});

describe('the flex tier', () => {
  const flex = { serviceTier: 'flex' } as const;
  const price = { input: 1, output: 5 };

  it('is asked for and costs half where the server worked at it', async () => {
    const { model, bodies } = await play(({ service_tier: tier }) => answered({ service_tier: tier }), flex);
    const { finish } = await outcome(model);
    assert.equal(bodies[0]?.['service_tier'], 'flex');
    assert.equal(computeUsd(price, finish!.usage), 0.00075);
  });

  it('gives way to the default tier, at its price, where it has no room', async () => {
    const full = (body: Json) =>
      body['service_tier'] === 'flex' ? refuse(429, 'Resource unavailable') : answered({ service_tier: 'default' });
    const { model, bodies } = await play(full, flex);
    const { finish, events } = await outcome(model);
    assert.equal(events.filter(({ type }) => type === 'open').length, 1);
    assert.deepEqual([bodies.length, computeUsd(price, finish!.usage)], [2, 0.0015]);
  });

  it('is asked for no more where the model does not have it', async () => {
    const none = (body: Json) =>
      'service_tier' in body
        ? refuse(400, 'Flex is not available for this model.', { param: 'service_tier' })
        : answered();
    const { model, bodies } = await play(none, flex);
    for (let n = 0; n < 2; n++) await outcome(model);
    assert.equal(bodies.length, 3);
  });

  it('is OpenAI’s own: no other host is asked for it', async () => {
    let sent: Json = {};
    const fetch: typeof globalThis.fetch = (_, init) => {
      sent = JSON.parse(init?.body as string) as Json;
      return Promise.resolve(answered());
    };
    const provider = await loadProvider('openai', {});
    await outcome(await provider.create(config('https://gateway.example/v1', 'gpt-6-luna', { fetch, ...flex })));
    assert.equal('service_tier' in sent, false);
  });
});
