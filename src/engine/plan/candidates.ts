/** Chooses the number of map calls that ends soonest at a fair price. */
import type { LatencyFigures } from '../schedule/types.ts';
import { getFactor, getReadRoom, noteBudget, qualityTokens, writtenShare, type Frame } from './frame.ts';
import { getDepth, groupItems, type TreeNode } from './mergeTree.ts';
import { balancePacks, evenPacks, findLargestSum, computeMakespan, startOrder } from './packing.ts';
import type { Steps } from './types.ts';

/** Chosen packs, with notes and merges. */
export interface Choice {
  /** Chunk indexes of each pack, in start order. */
  readonly packs: readonly (readonly number[])[];
  /** Of an average pack. */
  readonly noteTokens: number;
  /** Expected time of the whole run, ms. */
  readonly ms: number;
  readonly tree: TreeNode | undefined;
  /** Tokens requested for a merged note. */
  readonly collapseTokens: number;
}

interface Candidate extends Omit<Choice, 'packs'> {
  /** Chunk positions of each pack, and the order of packs. */
  readonly parts: readonly (readonly number[])[];
  readonly order: readonly number[];
  /** Time, penalized for tokens and for calls above the quality cap. */
  readonly score: number;
}

/** Minimum share of the usual note length, if shorter notes save a merge level. */
const shortestShare = 0.5;
/** Tokens of a merged note with its parts' names ÷ tokens of the note. */
const mergedShare = 1.1;
const collapseStep = 50;
const pointTokens = 18;
const nameTokens = 6;
/** Tokens of a note's mark. */
const markTokens = 4;
/** Input ÷ document. Above `free` tokens count beside time; above `most` they decide. */
const fairInput = { free: 1.06, most: 1.11 } as const;
/** Tokens held to `fairInput.most`. */
const frugalAbove = 49_500;

/** @param whole choice for all chunks, if only missing ones are packed */
export function* choosePacks(frame: Frame, indexes: readonly number[], whole?: Choice): Steps<Choice> {
  const tokens = indexes.map((index) => frame.mapTokens[index] ?? 0);
  let best: Candidate | undefined;
  for (const calls of callCounts(frame, tokens)) {
    const parts = createPacks(tokens, calls, frame.packMax);
    yield;
    const candidate = yield* evaluate(frame, indexes, parts, whole);
    if (best === undefined || candidate.score < best.score * 0.998) best = candidate;
  }
  const { collapseTokens } = best ?? whole ?? frame;
  if (!best) return { packs: [], noteTokens: 120, ms: 0, tree: whole?.tree, collapseTokens };
  const { parts, order, noteTokens, ms, tree } = best;
  const packs = order.map((at) => (parts[at] ?? []).map((place) => indexes[place] ?? 0));
  return { packs, noteTokens, ms, tree, collapseTokens };
}

/** Packs adjacent chunks, unless other packs are much more even and small. */
function createPacks(tokens: readonly number[], calls: number, most: number): number[][] {
  const neighbours = balancePacks(tokens, calls, most);
  const mixed = evenPacks(tokens, calls, most);
  if (mixed === undefined) return neighbours;
  const saves =
    neighbours.length > mixed.length || findLargestSum(mixed, tokens) < 0.97 * findLargestSum(neighbours, tokens);
  return saves ? mixed : neighbours;
}

/** Lists numbers of calls to compare: up to one wave, whole waves, and the fewest. */
function callCounts(frame: Frame, tokens: readonly number[]): number[] {
  if (tokens.length === 0) return [];
  const lanes = Math.max(1, Math.floor(frame.input.lanes));
  const total = tokens.reduce((sum, value) => sum + value, 0);
  const least = Math.min(Math.max(1, Math.ceil(total / frame.packMax)), tokens.length);
  const waves = Math.ceil(least / lanes);
  const counts = new Set<number>();
  for (let calls = least; calls <= Math.min(lanes, tokens.length); calls++) counts.add(calls);
  for (let wave = waves; wave <= waves + 3; wave++) counts.add(Math.min(wave * lanes, tokens.length));
  for (let calls = least; calls <= least + 2; calls++) counts.add(Math.min(calls, tokens.length));
  return [...counts].filter((calls) => calls >= least).sort((a, b) => a - b);
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
    whole === undefined ? fitNotes(frame, parts.length, normal) : Math.min(normal, Math.max(120, whole.noteTokens));
  const allCalls = whole?.packs.length ?? parts.length;
  const allNotes = estimateNotesInput(frame, allCalls, whole?.noteTokens ?? noteTokens);
  const { tree, collapseTokens } = whole ?? createTree(frame, allNotes);
  yield;
  const note = noteTokens * writtenShare;
  const times = sizes.map((size) => callMs(input.mapLatency, size + input.overheadTokens, note));
  const order = startOrder(sizes, input.lanes, input.mapLatency.perInputTokenMs * frame.packTokens > 1_500);
  const sent = text + parts.length * input.overheadTokens;
  const rateMs =
    input.tokensPerMinute === undefined ? 0 : ((sent + parts.length * note) * 60_000) / input.tokensPerMinute;
  yield;
  const lanesMs = computeMakespan(
    order.map((at) => times[at] ?? 0),
    input.lanes,
  );
  const notes = Math.min(frame.notesMax, allNotes);
  const ms = Math.max(lanesMs, rateMs) + mergeMs(frame, tree, collapseTokens, notes);
  const price = text === 0 ? 1 : estimateInputPrice((sent + notes + input.overheadTokens) / text, text);
  const over = Math.max(0, ...sizes) / frame.packTokens - 1;
  const score = ms * price * (1 + 0.05 * Math.max(0, over));
  return { parts, order, noteTokens, ms, score, tree, collapseTokens };
}

/** Returns a factor on time, so that a small gain is not worth many tokens. */
function estimateInputPrice(share: number, text: number): number {
  const dear = text > frugalAbove ? 12 * Math.max(0, share - fairInput.most) : 0;
  return 1 + Math.max(0, share - fairInput.free) + dear;
}

/** Expected time of one call, ms. */
export function callMs(latency: LatencyFigures, input: number, output: number): number {
  return latency.firstTokenMs + latency.perInputTokenMs * input + latency.perOutputTokenMs * output;
}

/** Tokens of all notes and names in the last call. */
export function estimateNotesInput(frame: Frame, calls: number, noteTokens: number): number {
  const written = calls * noteTokens;
  return written + nameTokens * Math.min(frame.input.chunks.length, Math.ceil(written / pointTokens));
}

/** Prefers shorter notes, then a longer last call, to save a merge level. */
function fitNotes(frame: Frame, calls: number, normal: number): number {
  for (const room of [frame.notesTokens, frame.notesMax]) {
    const share = room / (calls * (1 + nameTokens / pointTokens));
    if (share >= normal) return normal;
    if (share >= Math.max(100, normal * shortestShare)) return Math.floor(share);
  }
  return normal;
}

type Merges = Pick<Choice, 'tree' | 'collapseTokens'>;

/** At most two trees a frame: each candidate needs one of them. */
const trees = new WeakMap<Frame, Map<number, Merges>>();

function createTree(frame: Frame, allNotes: number): Merges {
  const capacity = allNotes <= frame.notesMax ? Infinity : frame.notesTokens;
  let made = trees.get(frame);
  if (!made) trees.set(frame, (made = new Map()));
  const known = made.get(capacity) ?? makeTree(frame, capacity);
  made.set(capacity, known);
  return known;
}

/** Prefers shorter merged notes to save a merge level. */
function makeTree(frame: Frame, capacity: number): Merges {
  const usual = growTree(frame, capacity, frame.collapseTokens);
  if (usual === undefined || getDepth(usual) < 3) return { tree: usual, collapseTokens: frame.collapseTokens };
  // in steps, so that an edit seldom changes all merges
  const shortest = frame.collapseTokens * shortestShare;
  for (let tokens = frame.collapseTokens - collapseStep; tokens >= shortest; tokens -= collapseStep) {
    const tree = growTree(frame, capacity, tokens);
    if (tree !== undefined && getDepth(tree) < getDepth(usual)) return { tree, collapseTokens: tokens };
  }
  return { tree: usual, collapseTokens: frame.collapseTokens };
}

function growTree(frame: Frame, capacity: number, collapseTokens: number): TreeNode | undefined {
  return groupItems({
    noteTokens: estimateNotes(frame),
    priorities: frame.input.chunks.map((chunk) => chunk.priority),
    capacity,
    mergeCapacity: Math.min(capacity, getReadRoom(frame, collapseTokens)),
    collapseTokens: collapseTokens * mergedShare,
  });
}

/** Estimates a note from its chunk's own size, in steps, so that edits elsewhere do not change it. */
function estimateNotes(frame: Frame): number[] {
  const quality = qualityTokens[frame.input.mapLimits.tier];
  // Fills small windows. In large ones more concurrency means smaller packs and longer notes.
  const pack = frame.packTokens < quality ? frame.packTokens * 0.95 : quality * 0.7;
  const perToken = noteBudget(pack, 2) / pack;
  return frame.mapTokens.map((tokens) => markTokens + 4 * Math.round((tokens * perToken) / 4));
}

function mergeMs(frame: Frame, tree: TreeNode | undefined, collapseTokens: number, notes: number): number {
  const { input } = frame;
  const levels = tree === undefined ? 0 : getDepth(tree) - 1;
  const read = frame.notesTokens * 0.6 + input.overheadTokens;
  const collapse = callMs(input.reduceLatency, read, collapseTokens * writtenShare);
  const summary = frame.summaryTokens * writtenShare;
  return levels * collapse + callMs(input.reduceLatency, notes + input.overheadTokens, summary);
}

/** Tokens of the writing model if it reads the whole text in one call. */
export function estimateSingleTokens({ input }: Frame): number {
  const factor = getFactor(input.reduceLimits);
  return input.chunks.reduce(
    (sum, chunk) => sum + Math.max(0, chunk.tokens) * factor + input.perChunkOverheadTokens,
    0,
  );
}
