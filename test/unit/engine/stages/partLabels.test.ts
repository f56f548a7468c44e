import assert from 'node:assert/strict';
import { createNoCache } from '../../../../src/cache/noCache.ts';
import type { RunContext } from '../../../../src/engine/stages/context.ts';
import { render } from '../../../../src/engine/prompts/render.ts';
import { runOffline } from '../../../../src/engine/offline/run.ts';
import type { Source } from '../../../../src/engine/source.ts';
import { namedUnits } from '../../../../src/engine/stages/partLabels.ts';
import { realClock } from '../../../../src/host/clock.ts';
import { hash } from '../../../../src/host/hash.ts';
import { yieldNow } from '../../../../src/host/yield.ts';
import { createPrepare } from '../../../../src/text/prepare.ts';
import { code } from '../../../support/corpus.ts';
import { runEngine } from '../../../support/engine.ts';
import { sectionsOf, startProvider, type SimulatedProvider } from '../../../support/provider/index.ts';

type Told = readonly [title: string, heading: string];

/** The names of units, each with the places of its chunks. */
function names(units: readonly (readonly Told[])[], shape: Source['shape'] = 'folder'): string[] {
  const places = units.flat();
  const titles = [...new Set(places.map(([title]) => title))];
  const context = {
    source: { shape, parts: titles.map((title) => ({ title })) },
    chunks: places.map(([title, heading]) => ({ part: titles.indexOf(title), context: heading, text: '' })),
  };
  let next = 0;
  const of = units.map((unit) => ({ chunks: unit.map(() => next++), note: 'x' }));
  return namedUnits(context as unknown as RunContext, of).map((part) => part.context);
}

describe('where the members of a merge stand', () => {
  it('a folder and a file are told where their notes begin', () => {
    const units: Told[] = [
      ['src/a.ts', 'open'],
      ['src/a.ts', 'open'],
      ['src/a.ts', 'close'],
      ['src/b.ts', ''],
      ['src/b.ts', ''],
      ['lib/a.ts', ''],
      ['tsconfig.json', ''],
      ['lib/a.ts', 'open'],
    ];
    assert.deepEqual(names(units.map((unit) => [unit])), [
      'src/ › a.ts › open',
      '',
      '› close',
      'b.ts',
      '',
      'lib/ › a.ts',
      './ › tsconfig.json',
      'lib/ › a.ts › open',
    ]);
  });
  it('what was merged names its files, or its folders', () => {
    const files = (folder: string, count: number): Told[] =>
      Array.from({ length: count }, (_, i) => [`${folder}/f${i}.ts`, 'h'] as const);
    assert.deepEqual(
      names([files('src', 2), files('src', 5), [...files('src', 1), ...files('lib', 1)], [['src/f0.ts', 'h']]]),
      ['src/ › f0.ts, f1.ts', 'f0.ts, f1.ts, f2.ts and 2 more', 'src/, lib/', 'src/ › f0.ts › h'],
    );
  });
  it('long paths keep their ends, and selections their titles', () => {
    const [told] = names([[[`${'deep/'.repeat(60)}inner/a.ts`, '']], [['b.ts', '']]]);
    assert.ok(told!.length <= 160 && told!.endsWith('inner/ › a.ts'), told);
    assert.deepEqual(names([[['a.ts:1', 'h']], [['a.ts:9', 'h']]], 'text'), ['a.ts:1 › h', 'a.ts:9 › h']);
  });
  it('nothing is said twice where two neighbours are called alike', () => {
    const { user } = render(
      'reduce',
      ['a', '', 'b'].map((context) => ({ text: 'x', context })),
      { words: 9, language: '', shape: '', instructions: '' },
      () => 'f',
    );
    assert.ok(user.startsWith('f\n[1]\n(a)\nx\n[2]\nx\n[3]\n(b)\nx\nf\n'), user);
  });
});

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
      prepare: createPrepare({ salt: 's', hash, yield: yieldNow }),
      signal: new AbortController().signal,
      yield: yieldNow,
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
