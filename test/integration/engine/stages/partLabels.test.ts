import assert from 'node:assert/strict';
import { createNoCache } from '../../../../src/cache/cache.ts';
import { runOffline } from '../../../../src/engine/offline/run.ts';
import type { Source } from '../../../../src/engine/source.ts';
import { realClock } from '../../../../src/host/clock.ts';
import { hash } from '../../../../src/host/hash.ts';
import { yieldToEventLoop } from '../../../../src/host/yield.ts';
import { createPrepare } from '../../../../src/text/prepare.ts';
import { code } from '../../../support/corpus.ts';
import { runEngine } from '../../../support/engine.ts';
import { sectionsOf, startProvider, type SimulatedProvider } from '../../../support/provider/index.ts';

describe('a folder of three folders', function () {
  this.timeout(20_000);
  let provider: SimulatedProvider;
  before(async () => (provider = await startProvider({ flavour: 'compatible', reader: {} })));
  after(() => provider.close());

  const folders = ['api/', 'store/', 'web/pages/'];
  const titles = folders.flatMap((folder) => ['one.ts', 'two.ts', 'three.ts'].map((name) => folder + name));
  const source = (size: number): Source => ({
    title: 'depot',
    parts: titles.map((title, i) => ({
      title,
      uri: `file:///w/${title}`,
      startLine: 1,
      text: `// FACT-${i} is what ${title.replaceAll(/\W/g, ' ')} serves.\n\n${code(i, size)}`,
    })),
    skipped: [],
    shape: 'folder',
  });

  for (const [strategy, size, contextWindow] of [
    ['single', 800, 32_768],
    ['map-reduce', 5_000, 8_192],
  ] as const)
    it(`${strategy}: the last call names each folder once, and the summary's marks lead to the right files`, async () => {
      provider.reset();
      const { result } = await runEngine(source(size), { url: provider.url, cache: createNoCache(), contextWindow });
      assert.equal(result.strategy, strategy);
      const last = provider.calls.at(-1)!.body as { messages: { content: string }[] };
      const prompt = last.messages.at(-1)!.content;
      const placed = sectionsOf(prompt).sections.map(({ text }) => /^\((.*)\)$/.exec(text.split('\n')[0]!)?.[1] ?? '');
      for (const folder of folders)
        assert.equal(placed.filter((place) => place.startsWith(folder)).length, 1, `${folder}: ${placed.join(' | ')}`);
      assert.equal(placed.filter((place) => /(?:one|two|three)\.ts/.test(place)).length, titles.length);
      assert.match(prompt, /tell: a section per folder/);
      for (const [i, title] of titles.entries()) {
        const mark = Number(new RegExp(`FACT-${i} is[^\\n]*?\\[(\\d+)\\]`).exec(result.markdown)?.[1]);
        const cited = result.citations.find(({ id }) => id === mark);
        assert.deepEqual([cited?.uri, cited?.startLine], [`file:///w/${title}`, 1]);
      }
    });

  it('offline: tells each folder and its files, with marks that lead there', async () => {
    const ports = {
      prepare: createPrepare({ salt: 's', hash, yield: yieldToEventLoop }),
      signal: new AbortController().signal,
      yield: yieldToEventLoop,
      clock: realClock,
    };
    const options = {
      length: 'detailed',
      language: '',
      instructions: '',
      chunkTokens: 0,
      concurrency: 1,
      maxCostUsd: 0,
    } as const;
    const what = source(900);
    const readme =
      '# The pages\n\nThe pages show what the depot holds to those who order from it, a page for each shelf.\n';
    const page = { title: 'web/pages/README.md', uri: 'file:///w/web/pages/README.md', startLine: 1, text: readme };
    let markdown = '';
    const citations = new Map<string, string | undefined>();
    for await (const event of runOffline(
      { id: 'r', source: { ...what, parts: [...what.parts, page] }, options },
      ports,
    )) {
      if (event.type === 'delta') markdown += event.text;
      if (event.type === 'citation') citations.set(String(event.id), event.uri);
    }
    for (const folder of ['api/', 'store/', 'web/pages/']) {
      const line = markdown.split('\n').find((one) => one.includes(`**${folder}**`)) ?? '';
      const marks = [...line.matchAll(/\[(\d+)\]/g)].map((mark) => citations.get(mark[1]!));
      assert.ok(
        marks.length > 0 && marks.every((uri) => uri?.startsWith(`file:///w/${folder}`)),
        `${folder}: ${markdown}`,
      );
    }
    assert.match(markdown, /\*\*web\/pages\/\*\*[^\n]*what the depot holds to those who order/);
  });
});
