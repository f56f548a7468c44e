import assert from 'node:assert/strict';
import { proseOf } from '../../../bench/documents.ts';
import { servers } from '../../../bench/sweep.ts';
import { syntheticDocument, syntheticReader } from '../../../bench/synthetic.ts';
import { virtualRun } from '../../../bench/virtual.ts';
import { fold } from '../../../../src/engine/read/fold/index.ts';
import { prepare } from '../../../../src/engine/read/prepare.ts';

describe('the figures that a plan is made from', () => {
  it('count four bytes a token at least where the tokenizer is unknown, so that the first answers fit', async () => {
    const part = { title: 'prose.txt', startLine: 1, text: proseOf(20_000) };
    const text = await prepare(part, { fold, yield: () => Promise.resolve() }, new AbortController().signal);
    const latency = servers.fast;
    const { calls } = await virtualRun(text, { latency, window: 8_192, limits: { tokenFactor: 1.1 }, turns: 1 });
    for (const { promptTokens, outputTokens } of calls) assert.ok(promptTokens + outputTokens <= 8_192);
  });
  it('spread a text over the lanes of a server on this machine before its speed is known', async () => {
    const mapsOf = async (loopback: boolean): Promise<number> => {
      const { calls } = await virtualRun(syntheticDocument(16_000, 1), {
        latency: servers.laptop,
        reader: syntheticReader,
        limits: loopback ? { loopback, listPrice: { input: 0, output: 0 } } : { loopback },
        turns: 1,
        eventMs: 1_000,
      });
      return calls.filter(({ stage }) => stage === 'map').length;
    };
    assert.equal(await mapsOf(false), 0);
    assert.ok((await mapsOf(true)) > 4);
  });
});
