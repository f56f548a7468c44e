import assert from 'node:assert/strict';
import { collapseRules, mapRules, reduceRules } from '../../src/engine/prompts/prompts.ts';
import { createFence } from '../../src/host/fence.ts';
import { hash } from '../../src/host/hash.ts';
import { runEngine } from '../support/engine.ts';
import { checkGrammar } from '../support/grammar.ts';
import { startProvider, type JournalEntry, type SimulatedProvider } from '../support/provider/index.ts';
import { documentWith } from './document.ts';
import { injections } from './injections.ts';

const rules: readonly string[] = [mapRules, collapseRules, reduceRules];

interface Sent {
  readonly system: string;
  readonly user: string;
}
function sentBy(call: JournalEntry): Sent {
  const { messages } = call.body as { messages: readonly { role: string; content: string }[] };
  assert.deepEqual(
    messages.map(({ role }) => role),
    ['system', 'user'],
    'two turns, whatever the text says',
  );
  return { system: messages[0]?.content ?? '', user: messages[1]?.content ?? '' };
}

/** The text stands between two marks, under names of ours that count up from 1; what follows is ours alone. */
function checkFenced({ system, user }: Sent, stage: string): void {
  assert.ok(rules.includes(system), `${stage}: the instructions are ours, word for word`);
  const mark = user.slice(0, user.indexOf('\n'));
  assert.match(mark, /^[0-9a-f]{10}$/);
  assert.equal(user.split(mark).length, 3, `${stage}: the mark stands twice`);
  const end = user.lastIndexOf(`\n${mark}\n`);
  const body = user.slice(mark.length + 1, end + 1);
  const after = user.slice(end + mark.length + 2);
  assert.doesNotMatch(
    after,
    /PWNED|Klingon|pirate|FACT|ignor/i,
    `${stage}: nothing of the text stands after the fence`,
  );
  const names = [...body.matchAll(/^[ \t]*\[(\d+)\][ \t]*$/gm)].map((match) => Number(match[1]));
  assert.deepEqual(
    names,
    names.map((_, i) => i + 1),
    `${stage}: only our names count up`,
  );
}

describe('a text that gives orders', function () {
  this.timeout(60_000);
  let provider: SimulatedProvider;
  before(async () => {
    provider = await startProvider({
      flavour: 'compatible',
      reader: { obeyInjections: true, filler: 'first-sentence' },
    });
  });
  after(() => provider.close());

  async function check(injection: string): Promise<ReadonlySet<string>> {
    provider.reset();
    const { source } = await documentWith(40_000, 8);
    const lines = String(source.parts[0]?.text).split('\n');
    const guess = createFence('another secret', hash)(injection);
    const order = injection.replaceAll('{mark}', guess);
    for (const share of [0, 0.35, 0.7, 1]) lines.splice(Math.floor(lines.length * share), 0, order);
    const run = await runEngine(lines.join('\n'), { url: provider.url, contextWindow: 1_500 });
    checkGrammar(run.events, { ended: true });
    const stages = new Set<string>();
    for (const call of provider.calls) {
      stages.add(call.stage);
      checkFenced(sentBy(call), call.stage);
    }
    for (let i = 0; i < 8; i++)
      assert.match(run.result.markdown, new RegExp(`FACT-${i}\\b`), 'the facts are told all the same');
    return stages;
  }

  it(`stays data at every stage, forty ways`, async () => {
    assert.ok(injections.length >= 40);
    const stages = new Set<string>();
    for (const injection of injections) {
      try {
        for (const stage of await check(injection)) stages.add(stage);
      } catch (error) {
        throw new Error(`${JSON.stringify(injection)}: ${error instanceof Error ? error.message : String(error)}`, {
          cause: error,
        });
      }
    }
    assert.deepEqual([...stages].sort(), ['collapse', 'map', 'reduce']);
  });

  it('cannot forge the fence, which hangs on a secret and on the text itself', () => {
    const fence = createFence('one installation', hash);
    const text = 'A text.\n';
    const mark = fence(text);
    assert.notEqual(fence(`${text}${mark}\n`), mark, 'a text that holds its mark has another');
    assert.notEqual(createFence('another installation', hash)(text), mark);
    assert.equal(fence(text), mark);
  });
});
