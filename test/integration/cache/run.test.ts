import assert from 'node:assert/strict';
import type { SummaryResult } from '../../../src/engine/events.ts';
import { createNoCache } from '../../../src/cache/cache.ts';
import { runEngine, type EngineSetup } from '../../support/engine.ts';
import { startProvider, type SimulatedProvider } from '../../support/provider/index.ts';
import { closeAll, folder } from '../../support/cacheFolder.ts';

/** About 60,000 characters of distinct paragraphs under headings. */
function text(edit?: number): string {
  const sections: string[] = [];
  for (let n = 0; n < 40; n++) {
    const lines = Array.from({ length: 12 }, (_, i) => {
      const changed = n === edit && i === 5 ? ' It was moved to Lisbon.' : '';
      return `In section ${n} the value of item ${i} is ${(n * 7919 + i * 104_729) % 10_007}, noted by clerk ${(n * 31 + i) % 97} at the depot of district ${n % 13}.${changed}`;
    });
    sections.push(`## Section ${n}\n\n${lines.join('\n')}\n`);
  }
  return sections.join('\n');
}

describe('a run with the cache', () => {
  let provider: SimulatedProvider;
  before(async () => {
    provider = await startProvider({ flavour: 'compatible' });
  });
  after(() => provider.close());
  afterEach(closeAll);

  const setup = (more: Partial<EngineSetup>): EngineSetup => ({
    url: provider.url,
    contextWindow: 8_192,
    hedge: false,
    ...more,
    options: { chunkTokens: 2_500, ...more.options },
  });
  const go = async (what: string, more: Partial<EngineSetup>): Promise<SummaryResult> =>
    (await runEngine(what, setup(more))).result;

  it('pays nothing for the same text again, also after a restart', async () => {
    const place = folder();
    const first = await go(text(), { cache: await place.open('a') });
    assert.equal(first.strategy, 'map-reduce');
    assert.ok(first.usage.calls > 5);
    const again = await go(text(), { cache: await place.open('b') });
    assert.equal(again.usage.calls, 0);
    assert.equal(again.markdown, first.markdown);
  });

  it('uses the notes again when only the length changes', async () => {
    const cache = await folder().open('a');
    const first = await go(text(), { cache });
    const detailed = await go(text(), { cache, options: { length: 'detailed' } });
    assert.ok(
      detailed.usage.calls > 0 && detailed.usage.calls < first.usage.calls / 2,
      `${detailed.usage.calls} calls`,
    );
  });

  it('sends a changed line with its chunk and the path above it, nothing else', async () => {
    const cache = await folder().open('a');
    const first = await go(text(), { cache });
    const edited = await go(text(20), { cache });
    assert.ok(
      edited.usage.calls >= 1 && edited.usage.calls <= 4,
      `${edited.usage.calls} of ${first.usage.calls} calls`,
    );
    assert.ok(edited.usage.inputTokens < first.usage.inputTokens / 2);
  });

  const checkPaidOnce = async (a: EngineSetup['cache'], b: EngineSetup['cache']): Promise<void> => {
    const alone = await go(text(), { cache: await folder().open('alone') });
    const both = await Promise.all([go(text(), { cache: a! }), go(text(), { cache: b! })]);
    const calls = both[0].usage.calls + both[1].usage.calls;
    assert.ok(calls <= alone.usage.calls, `${calls} calls for two, ${alone.usage.calls} for one`);
    assert.equal(both[0].markdown, both[1].markdown);
  };

  it('shares its calls with a run of the same text at the same time', async () => {
    const cache = await folder().open('a');
    await checkPaidOnce(cache, cache);
  });

  it('shares them without a cache too', async () => {
    const none = createNoCache();
    await checkPaidOnce(none, none);
  });
});
