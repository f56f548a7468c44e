/** Runs over real HTTP and in real time at points of size, window and lanes, each against the least possible time. */
import type { LatencyOptions, RateOptions } from '../support/provider/index.ts';
import { proseOf } from './documents.ts';
import type { Figure } from './figures.ts';
import { law, leastPossible, noteTokens, promptTokens, sum } from './law.ts';
import { memoryCache } from './memoryCache.ts';
import type { Call, Server } from './server.ts';
import { measure, newSubject } from './subject.ts';

interface WirePoint {
  readonly tokens: number;
  readonly window: number;
  readonly lanes: number;
  /** Largest allowed wall ÷ least possible. */
  readonly target: number;
  /** Share of calls that take six times as long. */
  readonly late?: number;
  readonly tokensPerMinute?: number;
  /** Requests that the server works on at once. */
  readonly slots?: number;
}

interface WireOutcome {
  readonly point: WirePoint;
  /** Wall ÷ least possible: for the first run with a model, and for the next with nothing cached. */
  readonly first: number;
  readonly next: number;
  readonly calls: number;
  readonly needed: number;
  /** Responses of 429 in the first run. */
  readonly refused: number;
  /** Input ÷ document in the first run. */
  readonly sent: number;
}

/** The quality cap plus a third, in the server's tokens. */
const quality = 32_000;

const wirePoints: readonly WirePoint[] = [
  { tokens: 60_000, window: 8_192, lanes: 4, target: 1.05 },
  { tokens: 60_000, window: 16_384, lanes: 8, target: 1.05 },
  { tokens: 120_000, window: 16_384, lanes: 8, target: 1.05 },
  { tokens: 240_000, window: 16_384, lanes: 8, target: 1.05 },
  { tokens: 120_000, window: 32_768, lanes: 4, target: 1.05 },
  { tokens: 400_000, window: 32_768, lanes: 16, target: 1.05 },
  { tokens: 400_000, window: 131_072, lanes: 8, target: 1.05 },
  { tokens: 1_000_000, window: 32_768, lanes: 8, target: 1.05 },
  { tokens: 100_000, window: 16_384, lanes: 8, late: 1 / 10, target: 1.25 },
  { tokens: 120_000, window: 32_768, lanes: 8, late: 1 / 12, target: 1.25 },
  { tokens: 120_000, window: 32_768, lanes: 8, tokensPerMinute: 300_000, target: 1.08 },
  { tokens: 30_000, window: 8_192, lanes: 4, slots: 2, target: 1.15 },
];

async function runWirePoint(server: Server, point: WirePoint): Promise<WireOutcome> {
  const { tokens, window, lanes, late, tokensPerMinute, slots } = point;
  const latency: LatencyOptions = { ...law, ...(late ? { stragglers: { share: late, factor: 6 }, seed: 3 } : {}) };
  const rate: RateOptions = tokensPerMinute ? { tokensPerMinute, burstTokens: tokensPerMinute / 6 } : {};
  const options = { latency, rate, contextWindow: window, ...(slots ? { slots } : {}) };
  const subject = await newSubject(server.url, { window, lanes });
  const runs: { calls: Call[]; ratio: number; needed: number }[] = [];
  for (const round of [1, 2]) {
    await server.reset({ ...options, latency: { ...latency, seed: round } });
    const { wallMs } = await measure({ ...subject, cache: memoryCache() }, proseOf(tokens), 'wire.txt');
    const { calls } = await server.calls();
    const least = leastOf(calls, point);
    runs.push({ calls, ratio: wallMs / least.wallMs, needed: least.calls });
  }
  const [first, next] = runs;
  if (first === undefined || next === undefined) throw new Error('a run is missing');
  return {
    point,
    first: first.ratio,
    next: next.ratio,
    calls: first.calls.length,
    needed: first.needed,
    refused: first.calls.filter(({ status }) => status === 429).length,
    sent: sum(first.calls, (call) => call.promptTokens) / tokens,
  };
}

/** The least-possible plan with the run's answer lengths; a rate limit gives a least time of its own. */
function leastOf(all: readonly Call[], { tokens, window, lanes, slots, tokensPerMinute }: WirePoint) {
  const calls = all.filter((call) => call.status === 200 && !call.clientClosed);
  const maps = calls.filter((call) => call.stage === 'map');
  const merges = calls.filter((call) => call.stage === 'collapse');
  const summaryTokens = calls.findLast((call) => call.stage === 'reduce')?.outputTokens ?? 0;
  const usual = sum(maps, (call) => noteTokens(call.promptTokens - promptTokens));
  const least = leastPossible({
    latency: law,
    textTokens: tokens,
    lanes: Math.min(lanes, slots ?? Infinity),
    window,
    quality,
    summaryTokens,
    noteShare: maps.length === 0 ? 0.95 : sum(maps, (call) => call.outputTokens) / usual,
    collapseTokens: merges.length === 0 ? 400 : sum(merges, (call) => call.outputTokens) / merges.length,
  });
  const needed = least.maps + least.levels + 1;
  if (tokensPerMinute === undefined) return { wallMs: least.wallMs, calls: needed };
  const perMs = tokensPerMinute / 60_000;
  const written = sum(calls, (call) => call.outputTokens) - summaryTokens;
  const budgetMs = (least.inputTokens + written - tokensPerMinute / 6) / perMs;
  return { wallMs: Math.max(least.wallMs, budgetMs + law.perOutputTokenMs * summaryTokens), calls: needed };
}

/** Rows of the bench's table: one a point, for the first run and the next. */
export const wire: Figure = {
  name: 'wire',
  async run(bench) {
    for (const point of wirePoints) {
      const { first, next, calls, needed, refused, sent } = await runWirePoint(bench.server, point);
      bench.rows.push({
        what: describePoint(point),
        target: `≤ ${point.target}`,
        value: `${first.toFixed(2)}, next run ${next.toFixed(2)} (${calls} calls, ${needed} needed, ${refused} refused, input ${sent.toFixed(2)} × the text)`,
        met: first <= point.target,
      });
      bench.say(`${describePoint(point)}: ${first.toFixed(2)}, ${next.toFixed(2)}`);
    }
  },
};

function describePoint({ tokens, window, lanes, late, tokensPerMinute, slots }: WirePoint): string {
  const server = [
    ...(late === undefined ? [] : [`${Math.round(100 * late)} % of calls six times slower`]),
    ...(tokensPerMinute === undefined ? [] : [`${tokensPerMinute / 1_000}k tokens a minute`]),
    ...(slots === undefined ? [] : [`${slots} slots`]),
  ];
  const where = [`window ${window}`, `${lanes} lanes`, ...server].join(', ');
  return `wall ÷ least possible in whole waves, ${tokens / 1_000}k, ${where}`;
}
