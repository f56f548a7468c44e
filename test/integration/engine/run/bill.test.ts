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
/** How far the price of calls without counts may be off: their tokens are estimated. */
const estimateShare = 0.35;
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

interface Watched {
  readonly fetch: typeof fetch;
  /** Requests so far. */
  sent(): number;
  /** Whether an answer had begun to arrive before the client left it. */
  isAnswered(call: JournalEntry): boolean;
  /** Whether the client had read the answer to its end before it left it. */
  isRead(call: JournalEntry): boolean;
}

interface Bill {
  /** USD of calls that the client has the counts of. */
  readonly exact: number;
  /** USD of calls without counts, as if nothing of their prompts were cached: the client cannot know what was. */
  readonly untold: number;
  /** Of these, what the client knows at least: not the output that it left unread, nor a call that had no answer yet. */
  readonly known: number;
}

/** @param watched what the client has read; absent: all that the server wrote */
function billOf(calls: readonly JournalEntry[], price: Price, watched?: Watched): Bill {
  const bill = { exact: 0, untold: 0, known: 0 };
  for (const call of calls) {
    if (!call.isAccepted) continue;
    const isBroken = broken.has(call.fault);
    const usd = (outputTokens: number, cachedInputTokens = call.cachedTokens): number =>
      computeUsd(price, {
        inputTokens: call.promptTokens,
        cachedInputTokens,
        cacheWriteTokens: call.cacheWriteTokens,
        outputTokens,
        ...(call.isFlex ? { flex: true } : {}),
      });
    if (!isBroken && (watched?.isRead(call) ?? true)) bill.exact += usd(call.writtenTokens);
    else {
      bill.untold += usd(call.writtenTokens, 0);
      // the server may have written more than the client read of an answer that it left
      if (watched?.isAnswered(call) ?? true) bill.known += usd(isBroken && !call.clientClosed ? call.writtenTokens : 0);
    }
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

/** Resolves once the server has noticed who went away, and the watcher what was read. */
async function quiet(server: SimulatedProvider): Promise<void> {
  await new Promise(setImmediate);
  while (server.openRequests > 0) await new Promise((resolve) => setTimeout(resolve, 5));
}

const callHeader = 'x-test-call';

/** Calls when the last event of an answer arrives, which has the counts or stands behind them. */
function whenAnswerEnds(onEnd: () => void): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder();
  let tail = '';
  const transform = (bytes: Uint8Array, next: TransformStreamDefaultController<Uint8Array>): void => {
    const text = tail + decoder.decode(bytes, { stream: true });
    if (/\[DONE\]|message_stop|response\.completed/.test(text)) onEnd();
    tail = text.slice(-20);
    next.enqueue(bytes);
  };
  return new TransformStream({ transform }, undefined, { highWaterMark: 0 });
}

/**
 * Sends to the simulated provider what goes to OpenAI's own host, which alone has the flex tier, and watches what is read.
 * @param signal cancels the run
 */
function watch(url: string, signal: AbortSignal): Watched {
  const answered = new Set<string>();
  const read = new Set<string>();
  let sent = 0;
  const idOf = ({ headers }: JournalEntry): string => String(headers[callHeader]);
  return {
    async fetch(input, init) {
      const request = new Request(input, init);
      if (request.method === 'POST') sent++;
      const id = String(sent);
      request.headers.set(callHeader, id);
      const response = await fetch(new Request(request.url.replace('https://api.openai.com', url), request));
      if (!request.signal.aborted) answered.add(id);
      const noteEnd = whenAnswerEnds(() => {
        // an SDK aborts its request once it has read the end, so that only an abort before the end tells
        const isLeft = request.signal.aborted;
        setImmediate(() => {
          if (!isLeft && !signal.aborted) read.add(id);
        });
      });
      return new Response(response.body?.pipeThrough(noteEnd), response);
    },
    sent: () => sent,
    isAnswered: (call) => answered.has(idOf(call)),
    isRead: (call) => read.has(idOf(call)),
  };
}

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
      const watched = watch(server.url, abort.signal);
      let seen = 0;
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
            fetch: watched.fetch,
            ...(isOpenAi ? { baseUrl: 'https://api.openai.com/v1' } : {}),
            ...(way.flex ? { serviceTier: 'flex' } : {}),
          },
          options: { price, mapPrice: price, ...(way.flex ? { flex: true } : {}) },
        },
        (event) => {
          const counts = cancelAfter % 2 === 0 ? event.type === 'delta' : event.type === 'call-end';
          if (counts && ++seen === cancelAfter) abort.abort();
        },
      );
      await quiet(server);
      const { exact, untold, known } = billOf(server.calls, price, watched);
      const told = result.usage.costUsd!;
      const doubtful = doubtfulUsd(watched.sent(), server.calls, price);
      assert.ok(
        told <= exact + untold * (1 + estimateShare) + doubtful + 1e-9 &&
          told >= exact + known * (1 - estimateShare) - 1e-9,
        `${told} told, ${exact} billed and ${known} to ${untold} of calls without counts`,
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
