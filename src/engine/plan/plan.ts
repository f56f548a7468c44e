/**
 * Plans a run: one call, or packs and their merge tree, whichever ends sooner by `T = first + in · p + out · v`. Pure.
 */
import { callMs, choosePacks, estimateNotesInput, estimateSingleTokens, type Choice } from './candidates.ts';
import { computeUsd } from './cost.ts';
import {
  getBudget,
  createFrame,
  getFactor,
  qualityTokens,
  reduceRoom,
  runWindow,
  getReadRoom,
  softCap,
  writtenShare,
  type Frame,
} from './frame.ts';
import { collapseNodes } from './mergeTree.ts';
import type { Plan, PlanInput, Steps } from './types.ts';
import type { Estimate } from '../events.ts';
import type { Price } from '../request.ts';

export type { Plan, PlanChunk, PlanInput, StageBudget, Steps } from './types.ts';

/** Maximum time to the first word of a single call, ms; lower if the speed is measured. */
const patientMs = { measured: 2_300, assumed: 3_300 } as const;
/** A single call may take this many times as long, up to the quality cap, because it reads better. */
const singleGrace = 1.08;

/** Makes the plan in slices of work. */
export function* planSteps(input: PlanInput): Steps<Plan> {
  const frame = createFrame(input);
  const all = input.chunks.map((_, index) => index);
  const missing = all.filter((index) => input.chunks[index]?.cached !== true);
  yield;
  const whole = yield* choosePacks(frame, all);
  if (isSingle(frame, whole)) return createSinglePlan(frame);
  const choice = missing.length === all.length ? whole : yield* choosePacks(frame, missing, whole);
  return createPackedPlan(frame, choice, whole);
}

function isSingle(frame: Frame, whole: Choice): boolean {
  const { input } = frame;
  if (input.chunks.length === 0) return true;
  const tokens = estimateSingleTokens(frame);
  const setting = input.chunkTokens > 0 ? input.chunkTokens * getFactor(input.reduceLimits) : Infinity;
  const fits = tokens <= getReadRoom(frame, frame.summaryTokens) && tokens <= setting;
  if (!input.singleAllowed || input.preferChunks || !fits) return false;
  const quality = qualityTokens[input.reduceLimits.tier];
  const prompt = tokens + input.overheadTokens;
  const firstMs = callMs(input.reduceLatency, prompt, 0);
  const ms = callMs(input.reduceLatency, prompt, frame.summaryTokens * writtenShare);
  if (tokens <= quality) return ms <= singleGrace * whole.ms;
  if (tokens > 2 * quality || ms > whole.ms) return false;
  const patience = patientMs[input.reduceLatency.samples > 0 ? 'measured' : 'assumed'];
  return tokens <= quality * softCap || firstMs <= patience;
}

function createSinglePlan(frame: Frame): Plan {
  const { input } = frame;
  const empty = input.chunks.length === 0;
  const tokens = estimateSingleTokens(frame);
  const sent = empty ? 0 : tokens + input.overheadTokens;
  const output = empty ? 0 : frame.summaryTokens * writtenShare;
  const ms = empty ? 0 : callMs(input.reduceLatency, sent, output);
  const reduce = reduceBudget(frame);
  return {
    strategy: 'single',
    packs: [],
    map: getBudget(frame, input.mapLimits, 120),
    collapse: getBudget(frame, input.reduceLimits, frame.collapseTokens),
    tree: undefined,
    reduce,
    estimate: createEstimate(empty ? 0 : 1, { map: [0, 0], reduce: [sent, output] }, ms, input),
    runWindow: runWindow(frame, input.reduceLimits, tokens + input.overheadTokens, reduce.maxTokens),
  };
}

function createPackedPlan(frame: Frame, choice: Choice, whole: Choice): Plan {
  const { input } = frame;
  const collapses = collapseNodes(choice.tree).length;
  const sizes = choice.packs.map((pack) => pack.reduce((sum, index) => sum + (frame.mapTokens[index] ?? 0), 0));
  const text = sizes.reduce((sum, size) => sum + size, 0);
  const notes = estimateNotesInput(frame, whole.packs.length, whole.noteTokens);
  const mapTokens: Flow = [text + sizes.length * input.overheadTokens, sizes.length * choice.noteTokens * writtenShare];
  const collapsed = collapses * choice.collapseTokens * writtenShare;
  const merged = notes + collapsed;
  const reduceTokens: Flow = [
    merged + (collapses + 1) * input.overheadTokens,
    collapsed + frame.summaryTokens * writtenShare,
  ];
  const map = getBudget(frame, input.mapLimits, choice.noteTokens);
  const reduce = reduceBudget(frame);
  const largest = Math.max(0, ...sizes) + input.overheadTokens;
  const read = Math.min(frame.notesMax, merged) + input.overheadTokens;
  return {
    strategy: 'map-reduce',
    packs: choice.packs,
    map,
    collapse: getBudget(frame, input.reduceLimits, choice.collapseTokens),
    tree: choice.tree,
    reduce,
    estimate: createEstimate(sizes.length + collapses + 1, { map: mapTokens, reduce: reduceTokens }, choice.ms, input),
    runWindow: Math.max(
      runWindow(frame, input.mapLimits, largest, map.maxTokens),
      runWindow(frame, input.reduceLimits, read, reduce.maxTokens),
    ),
  };
}

function reduceBudget(frame: Frame): Plan['reduce'] {
  const budget = getBudget(frame, frame.input.reduceLimits, frame.summaryTokens);
  return { ...budget, maxInput: frame.notesMax, room: reduceRoom(frame) };
}

/** Tokens in and out. */
type Flow = readonly [number, number];

function createEstimate(calls: number, flow: { map: Flow; reduce: Flow }, ms: number, input: PlanInput): Estimate {
  const cost = estimateCost(flow.map, input.mapPrice ?? input.price, input.flex);
  const reduceCost = estimateCost(flow.reduce, input.price, input.flex);
  return {
    calls,
    inputTokens: Math.round(flow.map[0] + flow.reduce[0]),
    outputTokens: Math.round(flow.map[1] + flow.reduce[1]),
    seconds: ms / 1_000,
    ...(cost === undefined || reduceCost === undefined ? {} : { costUsd: cost + reduceCost, readUsd: cost }),
  };
}

function estimateCost(flow: Flow, price: Price | undefined, flex: true | undefined): number | undefined {
  return price === undefined
    ? undefined
    : computeUsd(price, { inputTokens: flow[0], outputTokens: flow[1], ...(flex ? { flex } : {}) });
}
