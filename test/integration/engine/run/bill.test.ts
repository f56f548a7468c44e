import assert from 'node:assert/strict';
import type { ProviderId } from '../../../../src/contributions.ts';
import type { Price } from '../../../../src/engine/request.ts';
import { markdown } from '../../../support/corpus.ts';
import { memoryCache, runEngine } from '../../../support/engine.ts';
import {
  startProvider,
  type Fault,
  type Flavour,
  type JournalEntry,
  type SimulatedProvider,
} from '../../../support/provider/index.ts';
import { seeded } from '../../../support/random.ts';

const runs = 24;
const wires: readonly (readonly [ProviderId, Flavour])[] = [
  ['openai', 'openai'],
  ['anthropic', 'anthropic'],
  ['openai-compatible', 'compatible'],
];

/** USD that the vendor's price list asks for one answer; Anthropic bills what is written to its cache at 1.25 times the input. */
function billOf(call: JournalEntry, price: Price): number {
  if (call.status !== 200 || call.fault !== undefined) return 0;
  const marked = JSON.stringify(call.body).includes('"cache_control"');
  const written = marked && call.cachedTokens === 0 ? call.promptTokens : 0;
  const fresh = call.promptTokens - call.cachedTokens - written;
  const input = fresh + written * 1.25;
  return (input * price.input + call.cachedTokens * price.cachedInput! + call.outputTokens * price.output) / 1e6;
}

describe('the bill of a run', function () {
  this.timeout(60_000);
  const providers = new Map<Flavour, SimulatedProvider>();
  before(async () => {
    for (const [, flavour] of wires) providers.set(flavour, await startProvider({ flavour }));
  });
  after(() => Promise.all([...providers.values()].map((provider) => provider.close())));

  for (let seed = 1; seed <= runs; seed++) {
    it(`is what the panel says (${seed})`, async () => {
      const random = seeded(seed);
      const below = (n: number): number => Math.floor(random() * n);
      const [provider, flavour] = wires[seed % wires.length]!;
      const server = providers.get(flavour)!;
      const faults: Fault[] = Array.from({ length: below(3) }, () => ({
        kind: 'status' as const,
        status: [500, 503, 529][below(3)]!,
        at: 1 + below(6),
      }));
      server.reset({ promptCache: below(2) === 0, faults, reader: {}, reasoningTokens: below(2) * 40 });
      const price = { input: 1 + below(5), output: 5 + below(20), cachedInput: (1 + below(5)) / 10 };
      const cancelAfter = below(4) === 0 ? 1 + below(4) : Infinity;
      const abort = new AbortController();
      let done = 0;
      const cache = memoryCache();
      const setup = { url: server.url, provider, contextWindow: 8192, hedge: false, cache, signal: abort.signal };
      const text = markdown(seed, 2000 + below(40_000));
      const { result } = await runEngine(text, { ...setup, options: { price, mapPrice: price } }, (event) => {
        if (event.type === 'call-end' && ++done === cancelAfter) abort.abort();
      });
      const told = result.usage.costUsd!;
      const bill = server.calls.reduce((sum, call) => sum + billOf(call, price), 0);
      // What was under way at a cancel is billed as far as it was written, which nobody is told.
      if (result.status === 'cancelled') assert.ok(told <= bill + 1e-9, `${told} told, ${bill} billed at most`);
      else assert.ok(Math.abs(told - bill) < 1e-9, `${told} told, ${bill} billed`);
    });
  }
});
