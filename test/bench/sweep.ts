/** Plans and schedules of the real engine over many sizes, windows, lanes, servers and lengths, each against the least possible time. */
import { pick, seeded } from '../support/random.ts';
import type { RunOptions } from '../../src/engine/request.ts';
import { economy, leastPossible, noteTokens, promptTokens, sum, type LeastPossible, type Workload } from './law.ts';
import type { Call } from './server.ts';
import { syntheticDocument, syntheticReader } from './synthetic.ts';
import { virtualRun, type VirtualOptions, type VirtualRun } from './virtual.ts';

export interface Point {
  readonly tokens: number;
  readonly window: number;
  readonly lanes: number;
  readonly server: keyof typeof servers;
  readonly length: RunOptions['length'];
}

export interface Outcome {
  readonly point: Point;
  readonly run: VirtualRun;
  readonly least: LeastPossible;
  /** Wall time ÷ the least possible. */
  readonly ratio: number;
  /** Input ÷ that of the least-possible plan. */
  readonly inputRatio: number;
  /** Input ÷ the document. */
  readonly documentRatio: number;
}

/** From a fast hosted model to a laptop's server at 30 tokens a second. */
export const servers = {
  fast: { firstTokenMs: 350, perInputTokenMs: 0.05, perOutputTokenMs: 10 },
  usual: { firstTokenMs: 600, perInputTokenMs: 1 / 12, perOutputTokenMs: 11 },
  slow: { firstTokenMs: 1_200, perInputTokenMs: 0.25, perOutputTokenMs: 25 },
  chip: { firstTokenMs: 200, perInputTokenMs: 0.02, perOutputTokenMs: 2 },
  laptop: { firstTokenMs: 500, perInputTokenMs: 2, perOutputTokenMs: 33 },
} as const;

const windows = [4_096, 8_192, 16_384, 32_768, 65_536, 131_072, 262_144, 1_000_000] as const;
const lanes = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64] as const;
const lengths = ['brief', 'standard', 'detailed'] as const;
const names = Object.keys(servers) as (keyof typeof servers)[];
/** The quality cap of a strong model plus a third. */
const quality = 32_000;

/** Points spread over the whole space: sizes evenly on a logarithmic scale, the rest drawn. */
export function pointsOf(count: number, seed = 1): Point[] {
  const random = seeded(seed);
  return Array.from({ length: count }, (_, at) => ({
    tokens: Math.round(2_000 * 1_000 ** ((at + random()) / count)),
    window: pick(random, windows),
    lanes: pick(random, lanes),
    server: pick(random, names),
    length: pick(random, lengths),
  }));
}

export async function runPoint(point: Point, more: Partial<VirtualOptions> = {}): Promise<Outcome> {
  const latency = servers[point.server];
  const run = await virtualRun(syntheticDocument(point.tokens, point.tokens), {
    latency,
    lanes: point.lanes,
    window: point.window,
    reader: syntheticReader,
    run: { length: point.length },
    limits: point.server === 'laptop' ? { loopback: true, listPrice: { input: 0, output: 0 } } : {},
    turns: 1,
    eventMs: 1_000,
    ...more,
  });
  const done = run.calls.filter(isAnswered);
  const least = leastPossible(workloadOf(point, done));
  const input = sum(run.calls, (call) => call.promptTokens);
  return {
    point,
    run,
    least,
    ratio: run.wallMs / least.wallMs,
    inputRatio: input / least.inputTokens,
    documentRatio: input / point.tokens,
  };
}

const isAnswered = (call: Call): boolean => call.status === 200 && !call.clientClosed;

/** The answer lengths of a run; usual ones for stages that it did not have. */
function workloadOf(point: Point, calls: readonly Call[]): Workload {
  const maps = calls.filter((call) => call.stage === 'map');
  const merges = calls.filter((call) => call.stage === 'collapse');
  const written = sum(maps, (call) => call.outputTokens);
  const usual = sum(maps, (call) => usualNote(call.promptTokens));
  return {
    latency: servers[point.server],
    textTokens: point.tokens,
    lanes: point.lanes,
    window: point.window,
    quality,
    summaryTokens: calls.findLast((call) => call.stage === 'reduce')?.outputTokens ?? 0,
    noteShare: maps.length === 0 ? 0.95 : written / usual,
    collapseTokens: merges.length === 0 ? 400 : sum(merges, (call) => call.outputTokens) / merges.length,
  };
}

function usualNote(prompt: number): number {
  return noteTokens(prompt - promptTokens);
}

export interface Totals {
  readonly median: number;
  readonly p90: number;
  readonly worst: number;
}

export function totalsOf(values: readonly number[]): Totals {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  return { median: at(0.5), p90: at(0.9), worst: at(1) };
}

/** Documents that the input limit holds for. */
export const isFrugal = ({ point }: Outcome): boolean =>
  point.tokens > economy.aboveTokens && point.window >= economy.window;
