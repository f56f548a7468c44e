/** Collects sizes, limits and error margins for planning. */
import type { ModelLimits } from '../model.ts';
import type { PlanInput } from '../plan/types.ts';
import { localFigures, startFigures } from '../schedule/latency.ts';
import type { LatencyFigures, Scheduler } from '../schedule/types.ts';
import { findSmallSize } from '../prompts/modelSize.ts';
import type { RunContext } from '../stages/context.ts';
import { getTokensPerWord } from '../words.ts';

const overheadTokens = 190;
const perChunkOverheadTokens = 6;
/** Largest window for which chunks are counted exactly, tokens. */
const countedWindow = 65_536;
/** Largest text that is counted in full; of a larger one a sample, tokens. */
const countedTokens = 40_000;
const sampledChunks = 20;
const margins = { estimated: 1.1, learned: 1.02, sampled: 1.04, counted: 1.02 } as const;
const coarseBytes = 4;

/** Returns the calls that may run at once; at least 1. */
export const getLanes = ({ options, ports }: Pick<RunContext, 'options' | 'ports'>): number =>
  Math.max(1, Math.min(options.concurrency, ports.mapScheduler.lanes));

/** Maximum lanes for logs on this machine: with the last call, at most eight calls read a log. */
const maxLogLanes = 7;

function getPlanLanes(context: RunContext): number {
  // nobody waits for a batch, so the fewest calls are cheapest
  if (context.options.batched) return 1;
  const isLog = context.parts.every(({ log }) => log !== undefined);
  return Math.min(getLanes(context), isLog && runsHere(context.mapLimits) ? maxLogLanes : Infinity);
}

/** Text tokens of a call as set by the user; 0 lets the plan choose. */
function countTextTokens({ options, ports, limits, mapLimits }: RunContext): number {
  const own = [findSmallSize(ports.mapModel.model, mapLimits), findSmallSize(ports.model.model, limits)];
  const caps = [options.chunkTokens, ...own.map((size) => size?.text ?? 0)].filter((tokens) => tokens > 0);
  return caps.length ? Math.min(...caps) : 0;
}

/** Measures chunks and models for a plan. */
export async function planInput(context: RunContext): Promise<PlanInput> {
  const { ports, options, limits, mapLimits } = context;
  const { tokens, margin } = await listChunkSizes(context);
  const price = options.price;
  const mapPrice = options.mapPrice ?? price;
  const rate = options.batched ? undefined : ports.mapScheduler.tokensPerMinute;
  const { scheduler, mapScheduler, model, mapModel } = ports;
  return {
    chunks: context.chunks.map((chunk, i) => ({ tokens: tokens[i]!, priority: chunk.priority, cached: false })),
    overheadTokens,
    perChunkOverheadTokens,
    mapLimits,
    reduceLimits: limits,
    lanes: getPlanLanes(context),
    mapLatency: options.batched ? startFigures : expectLatency(mapScheduler, mapModel.model, mapLimits),
    reduceLatency: options.batched ? startFigures : expectLatency(scheduler, model.model, limits),
    ...(rate === undefined ? {} : { tokensPerMinute: rate }),
    length: options.length,
    chunkTokens: countTextTokens(context),
    ...(price ? { price } : {}),
    ...(mapPrice ? { mapPrice } : {}),
    ...(options.flex && !options.batched ? { flex: options.flex } : {}),
    singleAllowed: !options.batched,
    preferChunks: false,
    tokensPerWord: getTokensPerWord(options.language, context.chunks[0]?.text ?? ''),
    margin,
  };
}

/** Whether this machine runs the model, rather than a gateway to another one. */
const runsHere = ({ loopback, listPrice }: ModelLimits): boolean => loopback && listPrice?.input === 0;

/** Returns measured latency, or the usual one of such a server. */
function expectLatency(scheduler: Scheduler, model: string, limits: ModelLimits): LatencyFigures {
  const figures = scheduler.latency(model);
  return runsHere(limits) && figures.samples === 0 ? localFigures : figures;
}

interface Sizes {
  readonly tokens: readonly number[];
  readonly margin: number;
}

/** Counts exactly if tokenizer and small window require it; else estimates. */
async function listChunkSizes(context: RunContext): Promise<Sizes> {
  const { limits, mapLimits } = context;
  const estimates = context.chunks.map((chunk) => chunk.tokens);
  if (limits.tokenFactorLearned && mapLimits.tokenFactorLearned) return { tokens: estimates, margin: margins.learned };
  const total = estimates.reduce((sum, n) => sum + n, 0);
  const window = Math.min(limits.contextWindow, mapLimits.contextWindow);
  const estimated = { tokens: estimates, margin: margins.estimated };
  if (window > countedWindow || total < window * 0.5) return estimated;
  if (!isKnownTokenizer(limits) || !isKnownTokenizer(mapLimits)) return listCoarseSizes(context);
  try {
    if (total <= countedTokens) {
      const all = context.chunks.map((chunk) => chunk.text);
      return { tokens: await context.ports.tokens.count(all, context.signal), margin: margins.counted };
    }
    const share = await sampleShare(context);
    return { tokens: estimates.map((n) => n * share), margin: margins.sampled };
  } catch (error) {
    if (context.signal.aborted) throw error;
    return estimated;
  }
}

/** For unknown tokenizers: the larger of the catalog's estimate and a coarse vocabulary's count. */
function listCoarseSizes({ chunks, limits, mapLimits }: RunContext): Sizes {
  const factor = Math.min(limits.tokenFactor, mapLimits.tokenFactor);
  const tokens = chunks.map((chunk) => Math.max(chunk.tokens, countBytes(chunk.text) / coarseBytes / factor));
  return { tokens, margin: margins.counted };
}

/** Of evenly spaced chunks. */
async function sampleShare({ chunks, ports, signal }: RunContext): Promise<number> {
  const step = Math.max(1, chunks.length / sampledChunks);
  const sample = Array.from(
    { length: Math.min(sampledChunks, chunks.length) },
    (_, i) => chunks[Math.floor(i * step)]!,
  );
  const counts = await ports.tokens.count(
    sample.map((chunk) => chunk.text),
    signal,
  );
  const estimated = sample.reduce((sum, chunk) => sum + chunk.tokens, 0);
  const counted = counts.reduce((sum, n) => sum + n, 0);
  return Math.min(1.5, Math.max(0.67, counted / Math.max(1, estimated)));
}

/** The catalog uses 1 for `o200k_base`. */
const isKnownTokenizer = ({ tokenFactor }: ModelLimits): boolean => tokenFactor === 1;

function countBytes(text: string): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    bytes += code < 0x80 ? 1 : code < 0x800 || (code & 0xf800) === 0xd800 ? 2 : 3;
  }
  return bytes;
}
