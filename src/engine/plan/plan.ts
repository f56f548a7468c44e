/**
 * The plan of a run: one call, or packs of chunks and the tree above them, whichever ends soonest by the latency law
 * `T = first + in · p + out · v` within the model's limits. Pure: figures in, decision and estimate out.
 */
import { usdOf } from './cost.ts';
import type { Estimate } from '../events.ts';
import type { ModelLimits } from '../model.ts';
import type { Price } from '../request.ts';
import type { LatencyFigures } from '../schedule/types.ts';
import { collapseNodes, depth, groups, type TreeNode } from './mergeTree.ts';
import { balanced, makespan, startOrder } from './packing.ts';

export interface PlanChunk {
  /** Estimate in `o200k_base`. */
  readonly tokens: number;
  /** Strength of the boundary before it. */
  readonly priority: number;
  /** Its note is known already. */
  readonly cached: boolean;
}

export interface PlanInput {
  readonly chunks: readonly PlanChunk[];
  /** Tokens of the prompt around the text, a call. */
  readonly overheadTokens: number;
  /** Tokens of a chunk's name and context in a prompt, a chunk. */
  readonly perChunkOverheadTokens: number;
  readonly mapLimits: ModelLimits;
  readonly reduceLimits: ModelLimits;
  readonly lanes: number;
  readonly mapLatency: LatencyFigures;
  readonly reduceLatency: LatencyFigures;
  /** Rate budget, where known. */
  readonly tokensPerMinute?: number;
  readonly length: 'brief' | 'standard' | 'detailed';
  /** Most tokens of text in one call; 0: planned. */
  readonly chunkTokens: number;
  readonly mapPrice?: Price;
  readonly price?: Price;
  /** False where the one-call strategy is excluded. */
  readonly singleAllowed: boolean;
  /** Most notes are cached: stay in chunks, even where one call would do. */
  readonly preferChunks: boolean;
  /** Tokens of a word of the summary's language; 1.4 unless told. */
  readonly tokensPerWord?: number;
}

/** Words to ask for, and the fuse in tokens, well above them. */
export interface StageBudget {
  readonly words: number;
  readonly maxTokens: number;
}

export interface Plan {
  readonly strategy: 'single' | 'map-reduce';
  /** Indexes of chunks that are read together, in the order of start; cached ones are in none. */
  readonly packs: readonly (readonly number[])[];
  /** Budget of a whole pack's notes. */
  readonly map: StageBudget;
  readonly collapse: StageBudget;
  /** The merges; undefined for one call or no chunk. */
  readonly tree: TreeNode | undefined;
  readonly reduce: StageBudget & {
    /** Most tokens of notes that a reduce or a collapse reads, in the model's own tokens. */
    readonly maxInput: number;
  };
  readonly estimate: Estimate;
  /** Most tokens of prompt and answer of any call, one value for a server that loads its model by it. */
  readonly runWindow: number;
}

/** Text up to this many tokens reads as well in one call as in pieces. */
const qualityTokens = { strong: 24_000, cheap: 12_000 } as const;
const summaryWords = { brief: 120, standard: 350, detailed: 900 } as const;
const noteInput = 16_000;
/** What a merge may say, by the length that it serves: each token of it is waited for. */
const mergeTokens = { brief: 350, standard: 450, detailed: 700 } as const;
/** Of the usual note, what must be left where notes are shortened to save a level of merges. */
const shortestShare = 0.5;
/** Most tokens of notes of one pack: each one of them is written in every lane and read again after every edit. */
const packedNote = 360;
const reasoningTokens = 2_000;
/** Estimates may be this much too low. */
const estimateMargin = 1.1;
/** Share of the words asked for that models write. */
const written = 0.9;
/** ms to the first word above which one call is too slow to look at; figures that nobody measured are cautious ones. */
const patientMs = { measured: 2_300, assumed: 3_300 } as const;

interface Frame {
  readonly input: PlanInput;
  readonly tokensPerWord: number;
  /** Model's own tokens of the text. */
  readonly mapTokens: readonly number[];
  readonly packMax: number;
  readonly mapFuse: number;
  readonly reduceFuse: number;
  readonly maxInput: number;
  readonly summaryTokens: number;
  readonly collapseTokens: number;
}

/** A number of calls, weighed. */
interface Candidate {
  /** Places in the row of chunks, run by run, and the order in which the runs start. */
  readonly parts: readonly (readonly number[])[];
  readonly order: readonly number[];
  /** Tokens asked for from a pack of the mean size. */
  readonly noteTokens: number;
  readonly ms: number;
  readonly score: number;
  readonly tree: TreeNode | undefined;
}

interface Choice extends Pick<Candidate, 'noteTokens' | 'ms' | 'tree'> {
  readonly packs: number[][];
}

export type Steps<T> = Generator<undefined, T, undefined>;

/** The plan in pieces of work: what drives it may do other things between two of them. */
export function* planSteps(input: PlanInput): Steps<Plan> {
  const frame = frameOf(input);
  const all = input.chunks.map((_, index) => index);
  const missing = all.filter((index) => input.chunks[index]?.cached !== true);
  yield;
  const whole = yield* choose(frame, all);
  if (isSingle(frame, whole)) return singlePlan(frame);
  const choice = missing.length === all.length ? whole : yield* choose(frame, missing, whole);
  return packedPlan(frame, choice, whole);
}

function frameOf(input: PlanInput): Frame {
  const tokensPerWord = input.tokensPerWord ?? 1.4;
  const summaryTokens = Math.ceil(summaryWords[input.length] * tokensPerWord);
  const { mapLimits, reduceLimits } = input;
  const mapFuse = fuse(mapLimits, 900);
  const reduceFuse = fuse(reduceLimits, Math.max(8_000, 2.5 * summaryTokens));
  const room = textRoom(mapLimits, mapFuse, input.overheadTokens);
  const setting = input.chunkTokens > 0 ? input.chunkTokens * factor(mapLimits) : Infinity;
  const packMax = Math.max(1, Math.min(qualityTokens[mapLimits.tier], room, setting));
  const maxInput = Math.max(
    1,
    Math.floor(Math.min(noteInput, textRoom(reduceLimits, reduceFuse, input.overheadTokens))),
  );
  const collapseTokens = Math.max(1, Math.floor(Math.min(mergeTokens[input.length], maxInput / 4)));
  const mapTokens = input.chunks.map(
    (chunk) => Math.max(0, chunk.tokens) * factor(mapLimits) + input.perChunkOverheadTokens,
  );
  return { input, tokensPerWord, mapTokens, packMax, mapFuse, reduceFuse, maxInput, summaryTokens, collapseTokens };
}

/** Room for an answer: what is wanted, but never more than a third of the window and the model's own limit. */
function fuse(limits: ModelLimits, wanted: number): number {
  return Math.max(1, Math.floor(Math.min(wanted, limits.contextWindow / 3, limits.maxOutputTokens)));
}

function reserve(limits: ModelLimits): number {
  return limits.reasoning ? Math.min(reasoningTokens, limits.contextWindow / 5) : 0;
}

/** Tokens of text that a prompt can hold beside everything else. */
function textRoom(limits: ModelLimits, answer: number, overhead: number): number {
  const window = (limits.contextWindow - answer - reserve(limits)) / estimateMargin - overhead;
  const soft = (limits.softMaxInputTokens ?? Infinity) / estimateMargin - overhead;
  return Math.max(limits.contextWindow / 16, Math.min(window, soft));
}

function factor(limits: ModelLimits): number {
  return limits.tokenFactor > 0 ? limits.tokenFactor : 1;
}

function callMs(latency: LatencyFigures, input: number, output: number): number {
  return latency.firstTokenMs + latency.perInputTokenMs * input + latency.perOutputTokenMs * output;
}

/** Tokens of notes that a pack of so many tokens may give. */
function noteBudget(packTokens: number, chunks: number): number {
  return Math.min(Math.max(60 + 0.04 * packTokens, 120), chunks > 1 ? packedNote : 500);
}

function* choose(frame: Frame, indexes: readonly number[], whole?: Choice): Steps<Choice> {
  const tokens = indexes.map((index) => frame.mapTokens[index] ?? 0);
  let best: Candidate | undefined;
  for (const calls of callCounts(frame, tokens)) {
    const parts = balanced(tokens, calls, frame.packMax);
    yield;
    const candidate = yield* evaluate(frame, indexes, parts, whole);
    if (best === undefined || candidate.score < best.score * 0.995) best = candidate;
  }
  if (!best) return { packs: [], noteTokens: 120, ms: 0, tree: whole?.tree };
  const { parts, order, noteTokens, ms, tree } = best;
  const packs = order.map((at) => (parts[at] ?? []).map((place) => indexes[place] ?? 0));
  return { packs, noteTokens, ms, tree };
}

/** Numbers of calls worth a look: up to one wave each, then whole waves. */
function callCounts(frame: Frame, tokens: readonly number[]): number[] {
  if (tokens.length === 0) return [];
  const lanes = Math.max(1, Math.floor(frame.input.lanes));
  const total = tokens.reduce((sum, value) => sum + value, 0);
  const least = Math.max(1, Math.ceil(total / frame.packMax));
  const waves = Math.ceil(least / lanes);
  const counts = new Set<number>();
  for (let calls = least; calls <= Math.min(lanes, tokens.length); calls++) counts.add(calls);
  for (let wave = waves; wave <= waves + 3; wave++) counts.add(Math.min(wave * lanes, tokens.length));
  counts.add(Math.min(least, tokens.length));
  return [...counts].filter((calls) => calls >= Math.min(least, tokens.length)).sort((a, b) => a - b);
}

function* evaluate(
  frame: Frame,
  indexes: readonly number[],
  parts: number[][],
  whole: Choice | undefined,
): Steps<Candidate> {
  const { input } = frame;
  const sizes = parts.map((part) => part.reduce((sum, at) => sum + (frame.mapTokens[indexes[at] ?? 0] ?? 0), 0));
  const text = sizes.reduce((sum, size) => sum + size, 0);
  const normal = noteBudget(text / Math.max(1, parts.length), indexes.length / Math.max(1, parts.length));
  const noteTokens =
    whole === undefined ? fitted(frame, parts.length, normal) : Math.min(normal, Math.max(120, whole.noteTokens));
  const tree = whole?.tree ?? treeOf(frame, parts.length * noteTokens);
  yield;
  const note = noteTokens * written;
  const times = sizes.map((size) => callMs(input.mapLatency, size + input.overheadTokens, note));
  const order = startOrder(sizes, input.lanes, input.mapLatency.perInputTokenMs * frame.packMax > 1_500);
  const sent = text + parts.length * input.overheadTokens;
  const rate =
    input.tokensPerMinute === undefined ? 0 : ((sent + parts.length * note) * 60_000) / input.tokensPerMinute;
  yield;
  const mapMs = Math.max(
    makespan(
      order.map((at) => times[at] ?? 0),
      input.lanes,
    ),
    rate,
  );
  const notes = Math.min(
    frame.maxInput,
    (whole?.packs.length ?? parts.length) * (whole?.noteTokens ?? noteTokens) + notesOverhead(frame),
  );
  const ms = mapMs + mergeMs(frame, tree, notes);
  // Tokens are money: a little time is not worth many of them.
  const share = text === 0 ? 0 : (sent + notes) / text - 1.08;
  return { parts, order, noteTokens, ms, score: ms * (1 + Math.max(0, share)), tree };
}

function notesOverhead(frame: Frame): number {
  return frame.input.chunks.length * frame.input.perChunkOverheadTokens;
}

/** Shorter notes where that saves the collapse level and they still say enough. */
function fitted(frame: Frame, calls: number, normal: number): number {
  const share = (frame.maxInput * 0.95 - notesOverhead(frame)) / calls;
  return share < normal && share >= Math.max(120, normal * shortestShare) ? Math.floor(share) : normal;
}

/** Two trees at most of a frame: every number of calls that is weighed asks for one of them. */
const trees = new WeakMap<Frame, Map<number, TreeNode | undefined>>();

function treeOf(frame: Frame, allNotes: number): TreeNode | undefined {
  const capacity = allNotes + notesOverhead(frame) <= frame.maxInput ? Infinity : frame.maxInput;
  let known = trees.get(frame);
  if (!known) trees.set(frame, (known = new Map()));
  if (!known.has(capacity)) known.set(capacity, makeTree(frame, capacity));
  return known.get(capacity);
}

function makeTree(frame: Frame, capacity: number): TreeNode | undefined {
  const { input } = frame;
  const noteTokens = expectedNotes(frame);
  const priorities = input.chunks.map((chunk) => chunk.priority);
  // The same shape for every length: a longer summary reads the notes that a shorter one has.
  const collapseTokens = Math.min(mergeTokens.detailed, frame.maxInput / 4);
  return groups({ noteTokens, priorities, capacity, collapseTokens });
}

/** From each chunk's own size only, in steps: an edit elsewhere, other lanes or another order change none of them. */
function expectedNotes(frame: Frame): number[] {
  const perToken = packedNote / (qualityTokens[frame.input.mapLimits.tier] * 0.7);
  return frame.mapTokens.map((tokens) => frame.input.perChunkOverheadTokens + 16 * Math.ceil((tokens * perToken) / 16));
}

function mergeMs(frame: Frame, tree: TreeNode | undefined, notes: number): number {
  const { input } = frame;
  const levels = tree === undefined ? 0 : depth(tree) - 1;
  const collapse = callMs(
    input.reduceLatency,
    frame.maxInput * 0.6 + input.overheadTokens,
    frame.collapseTokens * written,
  );
  return levels * collapse + callMs(input.reduceLatency, notes + input.overheadTokens, frame.summaryTokens * written);
}

function singleTokens(frame: Frame): number {
  const { input } = frame;
  const text = input.chunks.reduce((sum, chunk) => sum + Math.max(0, chunk.tokens) * factor(input.reduceLimits), 0);
  return text + notesOverhead(frame);
}

function isSingle(frame: Frame, whole: Choice): boolean {
  const { input } = frame;
  if (input.chunks.length === 0) return true;
  const tokens = singleTokens(frame);
  const setting = input.chunkTokens > 0 ? input.chunkTokens * factor(input.reduceLimits) : Infinity;
  const fits = tokens <= textRoom(input.reduceLimits, frame.reduceFuse, input.overheadTokens) && tokens <= setting;
  if (!input.singleAllowed || input.preferChunks || !fits) return false;
  const quality = qualityTokens[input.reduceLimits.tier];
  if (tokens <= quality) return true;
  const first = callMs(input.reduceLatency, tokens + input.overheadTokens, 0);
  const ms = callMs(input.reduceLatency, tokens + input.overheadTokens, frame.summaryTokens * written);
  return (
    tokens <= 2 * quality &&
    first <= patientMs[input.reduceLatency.samples > 0 ? 'measured' : 'assumed'] &&
    ms <= whole.ms
  );
}

function singlePlan(frame: Frame): Plan {
  const { input } = frame;
  const tokens = singleTokens(frame);
  const sent = input.chunks.length === 0 ? 0 : tokens + input.overheadTokens;
  const output = input.chunks.length === 0 ? 0 : frame.summaryTokens * written;
  const ms = input.chunks.length === 0 ? 0 : callMs(input.reduceLatency, sent, output);
  return {
    strategy: 'single',
    packs: [],
    map: budget(frame, 120, frame.mapFuse),
    collapse: budget(frame, frame.collapseTokens, fuse(input.reduceLimits, 2.5 * frame.collapseTokens)),
    tree: undefined,
    reduce: reduceBudget(frame),
    estimate: estimateOf(input.chunks.length === 0 ? 0 : 1, { map: [0, 0], reduce: [sent, output] }, ms, input),
    runWindow: runWindow(input.reduceLimits, tokens + input.overheadTokens, frame.reduceFuse),
  };
}

function packedPlan(frame: Frame, choice: Choice, whole: Choice): Plan {
  const { input } = frame;
  const collapses = collapseNodes(choice.tree).length;
  const text = choice.packs.flat().reduce((sum, index) => sum + (frame.mapTokens[index] ?? 0), 0);
  const largest = Math.max(
    0,
    ...choice.packs.map((pack) => pack.reduce((sum, index) => sum + (frame.mapTokens[index] ?? 0), 0)),
  );
  const notes = whole.packs.length * whole.noteTokens * written + notesOverhead(frame);
  const mapTokens: Flow = [
    text + choice.packs.length * input.overheadTokens,
    choice.packs.length * choice.noteTokens * written,
  ];
  const merged = collapses === 0 ? notes : notes + collapses * frame.collapseTokens * written;
  const reduceTokens: Flow = [
    merged + (collapses + 1) * input.overheadTokens,
    collapses * frame.collapseTokens * written + frame.summaryTokens * written,
  ];
  const calls = choice.packs.length + collapses + 1;
  return {
    strategy: 'map-reduce',
    packs: choice.packs,
    map: budget(frame, choice.noteTokens, Math.max(frame.mapFuse, fuse(input.mapLimits, 2.2 * choice.noteTokens))),
    collapse: budget(frame, frame.collapseTokens, fuse(input.reduceLimits, 2.5 * frame.collapseTokens)),
    tree: choice.tree,
    reduce: reduceBudget(frame),
    estimate: estimateOf(calls, { map: mapTokens, reduce: reduceTokens }, choice.ms, input),
    runWindow: Math.max(
      runWindow(input.mapLimits, largest + input.overheadTokens, frame.mapFuse),
      runWindow(input.reduceLimits, Math.min(frame.maxInput, merged) + input.overheadTokens, frame.reduceFuse),
    ),
  };
}

function budget(frame: Frame, tokens: number, maxTokens: number): StageBudget {
  return { words: Math.max(1, Math.min(Math.round(tokens / frame.tokensPerWord), maxTokens)), maxTokens };
}

function reduceBudget(frame: Frame): Plan['reduce'] {
  return { ...budget(frame, frame.summaryTokens, frame.reduceFuse), maxInput: frame.maxInput };
}

/** In steps of 1,024, so that nearly equal runs ask for the same window. */
function runWindow(limits: ModelLimits, prompt: number, answer: number): number {
  const needed = prompt * estimateMargin + answer + reserve(limits);
  return Math.min(limits.contextWindow, Math.max(1, Math.ceil(needed / 1_024)) * 1_024);
}

/** Tokens in and out. */
type Flow = readonly [number, number];

function estimateOf(calls: number, flow: { map: Flow; reduce: Flow }, ms: number, input: PlanInput): Estimate {
  const cost = costOf(flow.map, input.mapPrice ?? input.price);
  const reduceCost = costOf(flow.reduce, input.price);
  return {
    calls,
    inputTokens: Math.round(flow.map[0] + flow.reduce[0]),
    outputTokens: Math.round(flow.map[1] + flow.reduce[1]),
    seconds: ms / 1_000,
    ...(cost === undefined || reduceCost === undefined ? {} : { costUsd: cost + reduceCost }),
  };
}

function costOf(flow: Flow, price: Price | undefined): number | undefined {
  return price === undefined ? undefined : usdOf(price, { inputTokens: flow[0], outputTokens: flow[1] });
}
