/** The latency law of the bench's server, and the least time that any schedule can take under it. */
import type { Call } from './server.ts';
import type { LatencyOptions } from '../support/provider/index.ts';

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
export const promptTokens = 190;

/** What a note of so many tokens of text may say. */
export function noteTokens(part: number): number {
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

/** One run as the least-possible formula sees it. Tokens are the server's. */
export interface Workload {
  readonly latency: Required<Pick<LatencyOptions, 'firstTokenMs' | 'perInputTokenMs' | 'perOutputTokenMs'>>;
  readonly textTokens: number;
  readonly lanes: number;
  /** Prompt and answer of a call fit in it. */
  readonly window: number;
  /** Most tokens of text that one call reads. */
  readonly quality: number;
  /** Tokens of the summary. */
  readonly summaryTokens: number;
  /** Share of a note's usual length that the run's notes had. */
  readonly noteShare: number;
  /** Tokens of a merge's answer, where notes do not fit one call. */
  readonly collapseTokens: number;
}

export interface LeastPossible {
  readonly wallMs: number;
  readonly inputTokens: number;
  /** Map calls; 0: one call reads it all. */
  readonly maps: number;
  /** Levels of merges between map and reduce. */
  readonly levels: number;
}

/** Prompt tokens of a document that an input limit holds for, and the smallest window that it holds in. */
export const economy = { aboveTokens: 50_000, window: 32_000, share: 1.1 } as const;

/**
 * The least time of any plan: the text in equal parts, whole waves of `lanes` calls, merges where the notes do not fit one call, then the last
 * call. Answers are as long as the run's were for parts of that size, instructions count, no call reads more than `quality` tokens or passes
 * the window. Above `economy.aboveTokens` only plans that send at most `economy.share` of the document count, if there is one.
 */
export function leastPossible(load: Workload): LeastPossible {
  const { textTokens: text, window, quality, summaryTokens } = load;
  const frugal = text > economy.aboveTokens && window >= economy.window;
  let best: LeastPossible | undefined;
  const consider = (plan: LeastPossible): void => {
    const dear = (of: LeastPossible): boolean => frugal && of.inputTokens > economy.share * text;
    if (best === undefined || (dear(best) && !dear(plan))) best = plan;
    else if (plan.wallMs < best.wallMs && (dear(best) || !dear(plan))) best = plan;
  };
  if (text <= quality && text + promptTokens + summaryTokens <= window)
    consider({
      wallMs: callMs(load, text + promptTokens, summaryTokens),
      inputTokens: text + promptTokens,
      maps: 0,
      levels: 0,
    });
  const most = Math.max(4 * load.lanes, Math.ceil((3 * text) / Math.min(quality, window / 2)));
  for (let maps = 2; maps <= most; maps++) {
    const part = text / maps;
    const note = load.noteShare * noteTokens(part);
    if (part > quality || part + promptTokens + note > window) continue;
    const mapMs = Math.ceil(maps / load.lanes) * callMs(load, part + promptTokens, note);
    const merged = mergePlan(load, maps * note);
    consider({
      wallMs: mapMs + merged.wallMs,
      inputTokens: text + maps * promptTokens + merged.inputTokens,
      maps,
      levels: merged.levels,
    });
  }
  return best ?? { wallMs: NaN, inputTokens: NaN, maps: NaN, levels: NaN };
}

function callMs({ latency }: Workload, input: number, output: number): number {
  return latency.firstTokenMs + latency.perInputTokenMs * input + latency.perOutputTokenMs * output;
}

/** From all notes to the summary: as few levels of full merges as the window needs. */
function mergePlan(load: Workload, allNotes: number): LeastPossible {
  const plan = { wallMs: 0, inputTokens: 0, maps: 0, levels: 0 };
  const room = load.window - promptTokens;
  let notes = allNotes;
  while (notes > room - load.summaryTokens && plan.levels < 8) {
    const calls = Math.ceil(notes / (room - load.collapseTokens));
    plan.wallMs += Math.ceil(calls / load.lanes) * callMs(load, notes / calls + promptTokens, load.collapseTokens);
    plan.inputTokens += notes + calls * promptTokens;
    plan.levels += 1;
    notes = calls * load.collapseTokens;
  }
  plan.wallMs += callMs(load, notes + promptTokens, load.summaryTokens);
  plan.inputTokens += notes + promptTokens;
  return plan;
}
