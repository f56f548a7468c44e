import assert from 'node:assert/strict';
import { gapReasons } from '../../../src/engine/stages/context.ts';
import { summaryPhrases, english } from '../../../src/engine/messages.ts';
import { markdown } from '../../support/corpus.ts';
import { runEngine, type EngineRun } from '../../support/engine.ts';
import { pseudo, rawEnglish } from '../../support/pseudo.ts';
import { startProvider, type Fault, type SimulatedProvider } from '../../support/provider/index.ts';

describe('What the engine writes into a summary itself', function () {
  this.timeout(20_000);
  let provider: SimulatedProvider;
  before(async () => (provider = await startProvider({ flavour: 'compatible' })));
  after(() => provider.close());

  const part = (
    title: string,
    seed: number,
    extra = '',
  ): { uri: string; title: string; startLine: number; text: string } => ({
    uri: `file:///${title}`,
    title,
    startLine: 1,
    text: `${markdown(seed, 12_000)}\n${extra}`,
  });
  const source = {
    title: 'two',
    parts: [part('a.md', 3, 'The FACT-1 says {0}.'), part('b{1}.md', 4)],
    skipped: [],
    shape: 'text' as const,
  };
  const read = (...faults: Fault[]): Promise<EngineRun> => {
    provider.reset({ faults });
    return runEngine(source, { url: provider.url, contextWindow: 4_096, ports: { translate: pseudo } });
  };

  it('names in the reader’s language what was not read, with lines, files and reasons', async () => {
    const bad = { kind: 'status', status: 400, stage: 'map', times: Infinity } as const;
    const { result } = await read({ ...bad, at: ({ asked }) => asked?.user.includes('FACT-1 ') === true });
    const last = result.markdown.trim().split('\n\n').at(-1) ?? '';
    assert.match(last, /^\*\*ψ+ ψ+:\*\* ψ+ \d+(?:–\d+)? ψψ a\.md \(ψ/);
    assert.deepEqual(rawEnglish(last, 'a.md'), []);
    assert.equal(result.gaps[0]?.reason, gapReasons['bad-request'], 'data stays English: the panel has its own words');
  });

  it('says why there are notes instead of a summary', async () => {
    const { result } = await read({ kind: 'status', status: 400, stage: 'reduce', times: Infinity });
    assert.equal(result.status, 'partial');
    const first = result.markdown.split('\n\n')[0] ?? '';
    assert.match(first, /^ψ/);
    assert.deepEqual(rawEnglish(first), []);
  });

  it('is English where the host has no other language', () => {
    assert.equal(english(summaryPhrases.of, english(summaryPhrases.lines, 3, 9), 'a{0}.md'), 'lines 3–9 of a{0}.md');
    assert.equal(english(summaryPhrases.notRead, 'line 4 ($&)'), '**Not read:** line 4 ($&).');
  });
});
