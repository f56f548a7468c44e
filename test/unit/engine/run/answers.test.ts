/** What a run makes of answers that loop, echo, restart, or are cut. */
import assert from 'node:assert/strict';
import type { ModelCall } from '../../../../src/engine/model.ts';
import { runEngine, type EngineRun } from '../../../support/engine.ts';
import { scriptedModel, type Said, type ScriptedModel } from '../../../support/scriptedModel.ts';

const sentence = 'The harbour office ordered pump P-77 for 9 December. [1]';
const loop = ' a story of courage and sacrifice and'.repeat(400);
const text = `# Harbour\n\nThe harbour office ordered pump P-77 for 9 December.\n\n${'The crane on pier 4 stays closed until the spring. '.repeat(4)}\n`;
const long = Array.from(
  { length: 700 },
  (_, i) =>
    `Entry ${i}: the harbour office noted ${i * 7} crates of ${['tea', 'rope', 'oil', 'rice'][i % 4]} on pier ${i % 9}.\n`,
).join('\n');

async function play(
  answer: (call: ModelCall, n: number) => Said,
  source = text,
  limits: Parameters<typeof scriptedModel>[1] = {},
  id?: string,
): Promise<EngineRun & { model: ScriptedModel }> {
  const model = scriptedModel(answer, limits, id);
  const done = await runEngine(source, { url: 'http://127.0.0.1:1', ports: { model, mapModel: model } });
  return { ...done, model };
}

const count = (markdown: string, part: string): number => markdown.split(part).length - 1;
const differ = ({ calls }: ScriptedModel): boolean =>
  new Set(calls.map((call) => JSON.stringify(call))).size === calls.length;

describe('An answer that goes into a loop', () => {
  it('is stopped at once, its start is kept, and it is said', async () => {
    const { result, model, events } = await play(() => ({ text: sentence + loop, finish: 'length', cutBy: 'asked' }));
    assert.equal(model.calls.length, 1);
    assert.ok(model.words[0]! < 120, `${model.words[0]} words`);
    assert.match(result.markdown, /pump P-77/);
    assert.equal(count(result.markdown, 'courage and sacrifice'), 0);
    assert.equal(count(result.markdown, 'cut off'), 0);
    assert.match(result.markdown, /began to repeat itself/);
    assert.ok(events.some((event) => event.type === 'notice' && event.code === 'repeated'));
  });

  it('is asked once more with other sampling where nothing of it is usable', async () => {
    const { result, model } = await play((_, n) => ({ text: n ? sentence : loop }));
    assert.deepEqual(
      model.calls.map(({ sampling }) => sampling),
      [undefined, 'varied'],
    );
    assert.equal(result.status, 'complete');
    assert.match(result.markdown, /pump P-77/);
  });

  it('becomes a gap with labelled offline points where that loops too', async () => {
    const { result, model } = await play(() => ({ text: loop }));
    assert.equal(model.calls.length, 2);
    assert.equal(result.status, 'partial');
    assert.match(result.gaps[0]!.reason, /offline/);
    assert.match(result.markdown, /Found without a model/);
    assert.match(result.markdown, /pump P-77|crane/);
    assert.ok(result.citations.length > 0);
  });

  it('costs a long text a bounded number of calls, none of them twice or with a larger limit', async () => {
    const { result, model } = await play(() => ({ text: `- Crates of tea were noted. [1]\n${loop}` }), long, {
      contextWindow: 4_096,
      maxOutputTokens: 1_024,
    });
    const maps = model.calls.filter(({ stage }) => stage === 'map');
    const first = maps[0]!.maxTokens;
    assert.ok(maps.every(({ maxTokens }) => maxTokens <= first));
    assert.ok(differ(model));
    assert.ok(model.calls.length < 80, `${model.calls.length} calls`);
    assert.match(result.markdown, /[Cc]rates of tea/);
    assert.equal(count(result.markdown, 'courage'), 0);
  });
});

describe('An answer of nothing but the request', () => {
  it('counts as unusable', async () => {
    const { result, model } = await play((call) => ({ text: call.user.slice(call.user.lastIndexOf('- at most')) }));
    assert.equal(model.calls.length, 2);
    assert.equal(count(result.markdown, 'at most'), 0);
    assert.match(result.markdown, /Found without a model/);
  });
});

describe('An answer that a limit cut', () => {
  it('is continued once and joined', async () => {
    const first = `${sentence}\n\nThe crane on pier 4 stays clo`;
    const { result, model } = await play((_, n) =>
      n ? { text: 'closed until the spring. [1]' } : { text: first, finish: 'length', cutBy: 'asked' },
    );
    assert.equal(model.calls.length, 2);
    assert.equal(result.status, 'complete');
    assert.match(result.markdown, /December\. \[1\]\n\nThe crane on pier 4 stays closed until the spring/);
  });

  it('is not told twice where the model begins anew', async () => {
    const { result, model } = await play(() => ({ text: sentence, finish: 'length', cutBy: 'server' }));
    assert.equal(model.calls.length, 2);
    assert.equal(count(result.markdown, 'P-77'), 1);
    assert.equal(result.status, 'partial');
  });

  it('is continued no second time', async () => {
    const { result, model } = await play((_, n) => ({
      text: `Part number ${n} of what was told here was`,
      finish: 'length',
    }));
    assert.equal(model.calls.length, 2);
    assert.match(result.markdown, /Part number 1/);
    assert.match(result.markdown, /cut off here/);
  });

  it('makes the text be read in parts where the window was full', async () => {
    const { result, model, events } = await play(
      ({ stage }, n) =>
        n === 0
          ? { text: 'A first attempt that filled the', finish: 'too-long' }
          : { text: stage === 'map' ? '- Pump P-77 was ordered. [1]' : sentence },
      text.repeat(12),
      { contextWindow: 4_096 },
    );
    assert.ok(events.some(({ type }) => type === 'restart'));
    assert.ok(model.calls.some(({ stage }) => stage === 'map'));
    assert.equal(count(result.markdown, 'first attempt'), 0);
    assert.match(result.markdown, /P-77/);
  });

  it('of a note is continued, and has a gap for its end where it stays cut', async () => {
    const { result, model } = await play(
      ({ stage }) =>
        stage === 'map'
          ? { text: '- Entry 3: 21 crates of rice. [1]\n- Then the', finish: 'length' }
          : { text: sentence },
      long,
      { contextWindow: 4_096, maxOutputTokens: 1_024 },
    );
    assert.ok(differ(model), 'no request is sent twice');
    assert.equal(result.status, 'partial');
    assert.ok(result.gaps.length > 0);
  });
});

describe('An answer that is not in the text', () => {
  const invented =
    'The story tells of a young soldier whose great courage and sacrifice saved his village from an enemy army. [1]\n\n' +
    'After the battle the hero returned to his family and married the beautiful daughter of a wealthy merchant. [1]';

  it('is underlined, called unreliable, and has labelled offline points beside it', async () => {
    const { result, events } = await play(() => ({ text: invented }));
    assert.deepEqual(result.verification && [result.verification.claims, result.verification.notFound], [2, 2]);
    const notice = events.find((event) => event.type === 'notice' && event.code === 'unreliable');
    assert.match(notice?.type === 'notice' ? notice.message : '', /larger model or the offline summary/);
    assert.match(result.markdown, /Found without a model[^]*(?:P-77|crane)/);
  });

  it('of a tiny model is called unreliable too where it loops, says little or shares few words with the text', async () => {
    const page = `${text}\n${Array.from({ length: 60 }, (_, i) => `Day ${i}: the ferry of the harbour office sailed to the islands at ${i % 12} o'clock.\n`).join('\n')}`;
    const answers = {
      loop: `The harbour office ordered a pump, and the ferry sailed to the islands on all of the days.${loop}`,
      little: 'The harbour office ordered a pump.',
      foreign:
        'A courageous soldier crossed deserts. His village celebrated victories. Merchants praised the harbour office.',
    };
    for (const [name, answer] of Object.entries(answers)) {
      const { result, events } = await play(() => ({ text: answer }), page, {}, 'tiny-135m');
      assert.ok(
        events.some((event) => event.type === 'notice' && event.code === 'unreliable'),
        name,
      );
      assert.match(result.markdown, /The model is unreliable here[^]*Found without a model/, name);
    }
  });

  it('is only underlined where most of it holds', async () => {
    const claims = [sentence, 'The crane on pier 4 stays closed until the spring. [1]', invented.split('\n')[0]];
    const { result, events } = await play(() => ({ text: claims.join('\n\n') }));
    assert.equal(result.verification?.notFound, 1);
    assert.ok(events.every((event) => event.type !== 'notice'));
    assert.equal(count(result.markdown, 'Found without a model'), 0);
  });
});
