/** What the simulated vendors bill is what the panel says, over random runs. */
import assert from 'node:assert/strict';
import type { ProviderId } from '../../../../src/contributions.ts';
import { computeUsd } from '../../../../src/engine/plan/cost.ts';
import type { Random } from '../../../../src/engine/ports.ts';
import type { Price } from '../../../../src/engine/request.ts';
import { bench, type Vendor } from '../../../support/batchBench.ts';
import { markdown } from '../../../support/corpus.ts';
import { runEngine } from '../../../support/engine.ts';
import { facts } from '../../../support/facts.ts';
import {
  startProvider,
  type Fault,
  type Flavour,
  type JournalEntry,
  type SimulatedProvider,
} from '../../../support/provider/index.ts';
import { pick, seeded } from '../../../support/random.ts';

const runs = 88;
const batches = 12;
/** How far the price of calls without counts may be off: prompts by our own count, and no word of what was cached. */
const estimateShare = 0.35;
/** What the server wrote so long before a cancel may not have been read. */
const unreadMs = 60;

interface Way {
  readonly provider: ProviderId;
  readonly flavour: Flavour;
  readonly model: string;
  readonly flex?: true;
}

const ways: readonly Way[] = [
  { provider: 'openai', flavour: 'openai', model: 'gpt-6.1-terra' },
  { provider: 'openai', flavour: 'openai', model: 'gpt-5.2', flex: true },
  { provider: 'anthropic', flavour: 'anthropic', model: 'claude-sonnet-5-5' },
  { provider: 'openai-compatible', flavour: 'compatible', model: 'test-model' },
];

/** Answers end early without counts after these. */
const broken: ReadonlySet<string | undefined> = new Set(['reset-midway', 'end-early']);

/** Exact, and what no answer tells the counts of, USD. @param cancelledAt on the clock of the journal */
function billOf(
  calls: readonly JournalEntry[],
  price: Price,
  cancelledAt = Infinity,
): { readonly exact: number; readonly untold: number } {
  const bill = { exact: 0, untold: 0 };
  for (const call of calls) {
    if (!call.isAccepted) continue;
    const isWhole = !call.clientClosed && !broken.has(call.fault) && call.endedAt! < cancelledAt - unreadMs;
    const { writtenTokens: outputTokens } = call;
    const usd = computeUsd(price, {
      inputTokens: call.promptTokens,
      cachedInputTokens: call.cachedTokens,
      cacheWriteTokens: call.cacheWriteTokens,
      outputTokens,
      ...(call.isFlex ? { flex: true } : {}),
    });
    bill[isWhole ? 'exact' : 'untold'] += usd;
  }
  return bill;
}

function faultsOf(random: Random): Fault[] {
  return Array.from({ length: Math.floor(random() * 3) }, (): Fault => {
    const at = 1 + Math.floor(random() * 6);
    if (random() < 0.3) return { kind: pick(random, ['reset-midway', 'end-early'] as const), at };
    return { kind: 'status', status: pick(random, [429, 500, 503, 529]), at };
  });
}

/** Resolves once the server has noticed who went away. */
async function quiet(server: SimulatedProvider): Promise<void> {
  while (server.openRequests > 0) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** OpenAI's own host has the flex tier: its requests are sent to the simulated one. @param onSend called with each request */
const toSimulated =
  (url: string, onSend: () => void): typeof fetch =>
  (input, init) => {
    if (init?.method?.toUpperCase() === 'POST' || (input instanceof Request && input.method === 'POST')) onSend();
    return fetch(String(input instanceof Request ? input.url : input).replace('https://api.openai.com', url), init);
  };

/** At most this much for requests that were cancelled before the server read them: nobody can tell whether it did. USD */
function doubtfulUsd(sent: number, calls: readonly JournalEntry[], price: Price): number {
  const seen = calls.filter((call) => call.isAccepted ?? (call.status ?? 0) >= 400).length;
  const inputTokens = Math.max(0, ...calls.map(({ promptTokens }) => promptTokens));
  const one = computeUsd(price, { inputTokens, cacheWriteTokens: inputTokens });
  return Math.max(0, sent - seen) * one * (1 + estimateShare);
}

describe('the bill of a run', function () {
  this.timeout(60_000);
  const providers = new Map<Flavour, SimulatedProvider>();
  before(async () => {
    for (const { flavour } of ways)
      if (!providers.has(flavour)) providers.set(flavour, await startProvider({ flavour }));
  });
  after(() => Promise.all([...providers.values()].map((provider) => provider.close())));

  for (let seed = 1; seed <= runs; seed++) {
    it(`is what the panel says (${seed})`, async () => {
      const random = seeded(seed);
      const way = ways[seed % ways.length]!;
      const server = providers.get(way.flavour)!;
      const stragglers = random() < 0.4 ? { stragglers: { share: 0.25, factor: 8 } } : {};
      server.reset({
        promptCache: random() < 0.5,
        faults: faultsOf(random),
        reader: {},
        reasoningTokens: pick(random, [0, 40]),
        latency: { firstTokenMs: 40, perOutputTokenMs: 0.2, eventMs: 5, seed, ...stragglers },
      });
      const price = {
        input: 1 + Math.floor(random() * 5),
        output: 5 + Math.floor(random() * 20),
        cachedInput: random(),
      };
      const cancelAfter = random() < 0.3 ? 1 + Math.floor(random() * 4) : Infinity;
      const abort = new AbortController();
      let cancelledAt = Infinity;
      let seen = 0;
      let sent = 0;
      const isOpenAi = way.provider === 'openai';
      const text = markdown(seed, 2_000 + Math.floor(random() * 40_000));
      const { result } = await runEngine(
        text,
        {
          url: server.url,
          provider: way.provider,
          model: way.model,
          contextWindow: 8_192,
          signal: abort.signal,
          config: {
            fetch: toSimulated(server.url, () => sent++),
            ...(isOpenAi ? { baseUrl: 'https://api.openai.com/v1' } : {}),
            ...(way.flex ? { serviceTier: 'flex' } : {}),
          },
          options: { price, mapPrice: price, ...(way.flex ? { flex: true } : {}) },
        },
        (event) => {
          const counts = cancelAfter % 2 === 0 ? event.type === 'delta' : event.type === 'call-end';
          if (!counts || ++seen !== cancelAfter) return;
          cancelledAt = performance.now();
          abort.abort();
        },
      );
      await quiet(server);
      const { exact, untold } = billOf(server.calls, price, cancelledAt);
      const told = result.usage.costUsd!;
      const off = told - exact - untold;
      const doubtful = doubtfulUsd(sent, server.calls, price);
      assert.ok(
        off <= 1e-9 + untold * estimateShare + doubtful && -off <= 1e-9 + untold * estimateShare,
        `${told} told, ${exact} billed and ${untold} of calls without counts`,
      );
    });
  }

  const vendors: readonly Vendor[] = ['openai', 'anthropic', 'gemini'];
  for (let seed = 1; seed <= batches; seed++) {
    it(`of a batch is half of what its rows count, and the rest live (${seed})`, async () => {
      const random = seeded(900 + seed);
      const lost = Math.floor(random() * 4);
      const provider = await startProvider({
        flavour: 'cloud',
        reader: {},
        batch: { polls: 1 + Math.floor(random() * 3), fails: (_, index) => index === lost },
      });
      try {
        const place = await bench(provider, vendors[seed % vendors.length]!, facts(8 + Math.floor(random() * 12)));
        const over = place.over();
        const runner = await place.runner();
        await runner.start(place.job);
        await over;
        await runner.dispose();
        const price = { input: 1, output: 2 };
        const rows = provider.batchRows.reduce((sum, row) => sum + computeUsd(price, row) / 2, 0);
        const { exact } = billOf(provider.calls, price);
        const told = place.results[0]!.usage.costUsd!;
        assert.ok(Math.abs(told - rows - exact) < 1e-9, `${told} told, ${rows} and ${exact} billed`);
      } finally {
        await provider.close();
      }
    });
  }
});
