import assert from 'node:assert/strict';
import { createNoCache } from '../../../../src/cache/cache.ts';
import type { Source } from '../../../../src/engine/source.ts';
import { code } from '../../../support/corpus.ts';
import { folder, headerLines, licence } from '../../../support/depot.ts';
import { memoryCache, runEngine, type EngineRun, type EngineSetup } from '../../../support/engine.ts';
import type { FaultedRequest } from '../../../support/provider/faults.ts';
import { startProvider, type SimulatedProvider } from '../../../support/provider/index.ts';

describe('a run over a folder whose files begin alike', function () {
  this.timeout(20_000);
  let provider: SimulatedProvider;
  before(async () => (provider = await startProvider({ flavour: 'compatible' })));
  after(() => provider.close());
  beforeEach(() => provider.reset({ reader: {}, faults: [] }));

  const names = ['src/a.ts', 'src/b.ts', 'lib/c.ts', 'lib/d.ts', 'lib/e.ts'];
  const body = (i: number, size: number): string =>
    `// The FACT-${i} says that pump ${2000 + i * 13} failed.\n${code(i, size)}`;
  const source = (size: number): Source =>
    folder(Object.fromEntries(names.map((name, i) => [name, licence(2020 + i, name) + body(i, size)])));
  const sent = (): string => provider.calls.map((call) => JSON.stringify(call.body)).join('\n');
  const go = (what: Source, more: Partial<EngineSetup> = {}): Promise<EngineRun> =>
    runEngine(what, { url: provider.url, cache: createNoCache(), ...more });

  for (const [strategy, size] of [
    ['single', 900],
    ['map-reduce', 9_000],
  ] as const)
    it(`${strategy}: sends the header once, loses nothing behind it, cites exact lines and counts what it folded`, async () => {
      const what = source(size);
      const { result } = await go(what, strategy === 'single' ? {} : { contextWindow: 8_192 });
      assert.equal(result.strategy, strategy);
      assert.equal(sent().match(/except in compliance/g)?.length, 1);
      const lines = what.parts.reduce((sum, { text }) => sum + (text as string).split('\n').length - 1, 0);
      assert.deepEqual(result.coverage, {
        lines,
        linesRead: lines - 4 * headerLines,
        folded: 4 * headerLines,
        filesRead: 5,
        filesSkipped: [],
      });
      for (let i = 0; i < names.length; i++) {
        const mark = new RegExp(`FACT-${i} says[^\\n]*?\\[(\\d+)\\]`).exec(result.markdown)?.[1];
        const cited = result.citations.find(({ id }) => id === Number(mark));
        assert.deepEqual(
          [cited?.uri, cited && cited.startLine <= headerLines + 1 && cited.endLine >= headerLines + 1],
          [`file:///w/${names[i]}`, true],
          `fact ${i}: ${JSON.stringify(cited)}`,
        );
      }
    });

  it('asks nothing for a file that holds nothing else, and nothing twice for copies', async () => {
    const what = folder({
      'a/__init__.py': licence(2020, 'a').replaceAll('/*', '"""').replaceAll(' */', '"""'),
      'b/__init__.py': licence(2021, 'a').replaceAll('/*', '"""').replaceAll(' */', '"""'),
      'lib/x.ts': body(1, 12_000),
      'old/x.ts': body(1, 12_000),
      'src/y.ts': body(2, 12_000),
    });
    const { result, events } = await go(what, { contextWindow: 8_192 });
    assert.equal(result.strategy, 'map-reduce');
    assert.equal(result.status, 'complete');
    const mapped = provider.calls.filter((call) => call.stage === 'map').map((call) => JSON.stringify(call.body));
    assert.equal(mapped.join('\n').match(/FACT-1 says/g)?.length, 1);
    assert.equal(mapped.join('\n').match(/All rights reserved/g)?.length, 1);
    assert.ok(!mapped.join('\n').includes('same as'), 'another file’s name reaches no note');
    const plan = events.find((event) => event.type === 'plan')!;
    const copies = plan.chunks.filter(({ part }) => part === 3);
    const copied = copies.at(-1)!.endLine;
    assert.equal(result.coverage.folded, copied + headerLines);
    const fact = result.citations.filter(({ startLine }) => startLine === 1).map(({ uri }) => uri);
    assert.deepEqual(
      ['lib/x.ts', 'old/x.ts', 'src/y.ts'].map((name) => fact.includes(`file:///w/${name}`)),
      [true, true, true],
      'a copy is cited where it stands',
    );
  });

  it('what became a gap is counted once', async () => {
    const at = ({ asked }: FaultedRequest): boolean => asked?.user.includes('FACT-3 ') === true;
    provider.reset({ reader: {}, faults: [{ kind: 'content-filter', stage: 'map', times: Infinity, at }] });
    const what = source(9_000);
    const { result } = await go(what, { contextWindow: 8_192 });
    const lost = result.gaps.reduce((sum, gap) => sum + gap.endLine - gap.startLine + 1, 0);
    const header = result.gaps.some(({ uri, startLine }) => uri?.endsWith('d.ts') && startLine === 1) ? headerLines : 0;
    assert.equal(result.status, 'partial');
    assert.equal(result.coverage.linesRead, result.coverage.lines - result.coverage.folded - (lost - header));
  });

  it('a file that was read alone, in parts, is not asked again by its folder; one that changed is, alone', async () => {
    const cache = memoryCache();
    const what = source(9_000);
    const setup = { cache, contextWindow: 8_192, options: { chunkTokens: 1_200 } };
    const alone: Source = { ...what, parts: [what.parts[2]!], shape: 'text' };
    const first = await go(alone, setup);
    assert.equal(first.result.strategy, 'map-reduce');
    provider.reset({ reader: {} });
    await go(what, setup);
    const asked = (): string =>
      provider.calls
        .filter((call) => call.stage === 'map')
        .map((call) => JSON.stringify(call.body))
        .join('\n');
    assert.deepEqual(
      names.map((_, i) => asked().includes(`FACT-${i} says`)),
      [true, true, false, true, true],
    );
    provider.reset({ reader: {} });
    assert.equal((await go(what, setup)).result.usage.calls, 0, 'nothing changed: nothing is asked');
    const text = what.parts[3]!.text as string;
    const edited = {
      ...what,
      parts: what.parts.map((part, i) => (i === 3 ? { ...part, text: text.replace('2039', '2040') } : part)),
    };
    provider.reset({ reader: {} });
    await go(edited, setup);
    assert.equal(provider.calls.filter((call) => call.stage === 'map').length, 1);
    assert.ok(asked().includes('pump 2040'));
    provider.reset({ reader: {} });
    // the first that has the header goes: no other file's notes hang on it
    await go({ ...edited, parts: edited.parts.slice(1) }, setup);
    assert.equal(
      provider.calls.filter((call) => call.stage === 'map').length,
      1,
      'only the file that now tells the header',
    );
    assert.ok(asked().includes('FACT-1 says'));
  });
});
