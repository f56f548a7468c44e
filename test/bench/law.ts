/** The latency law of the bench's server, and the least time that any schedule can take under it. */
import type { Call } from './server.ts';

export const law = { firstTokenMs: 350, perInputTokenMs: 0.05, perOutputTokenMs: 10 };

export function lawMs(inputTokens: number, outputTokens: number): number {
  return law.firstTokenMs + law.perInputTokenMs * inputTokens + law.perOutputTokenMs * outputTokens;
}

export interface Bound {
  readonly wallMs: number;
  readonly firstTokenMs: number;
  /** Number of map calls that reaches it. */
  readonly calls: number;
}

/**
 * Over every number of map calls: the text cut into equal parts, no call above `largest` tokens, each answering with as many tokens as ours
 * did for a part of its size; lanes always full, no gaps; then the reduce. Fractions of a wave count as such, so no schedule can be
 * faster with answers of these lengths.
 */
export function bound(calls: readonly Call[], lanes: number, largest: number): Bound {
  const done = calls.filter((call) => call.status === 200 && !call.clientClosed);
  const maps = done.filter((call) => call.stage === 'map');
  const collapses = done.filter((call) => call.stage === 'collapse');
  const reduce = done.findLast((call) => call.stage === 'reduce');
  if (reduce === undefined || maps.length === 0) throw new Error('no run to compare with');
  const text = sum(maps, (call) => call.promptTokens) - maps.length * promptTokens;
  const fill =
    sum(maps, (call) => call.outputTokens) / sum(maps, (call) => noteTokens(call.promptTokens - promptTokens));
  const around = reduce.promptTokens - (collapses.length > 0 ? 0 : sum(maps, (call) => call.outputTokens));
  let best: Bound | undefined;
  for (let count = Math.ceil(text / largest); count <= Math.max(256, maps.length * 2); count++) {
    const part = text / count;
    const output = fill * noteTokens(part);
    const mapMs = Math.max(1, count / lanes) * lawMs(part + promptTokens, output);
    const notes = collapses.length > 0 ? 0 : count * output;
    const first = law.firstTokenMs + law.perInputTokenMs * Math.max(0, around + notes);
    const levelMs =
      collapses.length > 0 ? Math.min(...collapses.map((call) => lawMs(call.promptTokens, call.outputTokens))) : 0;
    const firstTokenMs = mapMs + levelMs + first;
    const wallMs = firstTokenMs + law.perOutputTokenMs * reduce.outputTokens;
    if (best === undefined || wallMs < best.wallMs) best = { wallMs, firstTokenMs, calls: count };
  }
  if (best === undefined) throw new Error('no count of calls fits');
  return best;
}

/** Instructions and fence of a map call, by the server's count. */
const promptTokens = 190;

/** What a note of so many tokens of text may say. */
function noteTokens(part: number): number {
  return Math.min(Math.max(60 + 0.04 * part, 120), 360);
}

/** All calls of a run one after the other. */
export function serialMs(calls: readonly Call[]): number {
  return sum(
    calls.filter((call) => call.status === 200 && !call.clientClosed),
    (call) => lawMs(call.promptTokens, call.outputTokens),
  );
}

export function sum<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((total, value) => total + of(value), 0);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** The least time for the calls that were made, each as long as it really was: what the draws of the server's jitter leave to a schedule. */
export function drawnMs(calls: readonly Call[], lanes: number): number {
  const took = (stage: string): number[] =>
    calls
      .filter((call) => call.stage === stage && call.status === 200 && !call.clientClosed)
      .map((call) => (call.endedAt ?? call.startedAt) - call.startedAt);
  const maps = took('map');
  return Math.max(sum(maps, (ms) => ms) / lanes, ...maps) + sum(took('reduce'), (ms) => ms);
}
