/** Sizes of all candidate plans within the model's limits. */
import type { ModelLimits } from '../model.ts';
import type { PlanInput, StageBudget } from './types.ts';

/** Maximum tokens of a call that is read as well as smaller ones, by tier. */
export const qualityTokens = { strong: 24_000, cheap: 12_000 } as const;
/** Excess over the quality cap allowed to save time. */
export const softCap = 4 / 3;
/** With chunk names ÷ without. */
const nameShare = 1.006;
const summaryWords = { brief: 120, standard: 350, detailed: 900 } as const;
/** Tokens of a merged note. Each one delays the summary. */
const mergeTokens = { brief: 350, standard: 450, detailed: 700 } as const;
/** Note tokens in the last call; more only to save a merge level. */
const noteInput = 16_000;
/** Tokens, for a pack of several chunks. */
const packedNote = 360;
/** Of the expected tokens; a longer answer is continued. */
const reserveShare = 1.25;
/** Of the expected tokens. */
const maxShare = 2.5;
const thoughtTokens = 2_000;
/** Words written ÷ words requested. */
export const writtenShare = 0.9;

/** Figures that all candidate plans share. */
export interface Frame {
  readonly input: PlanInput;
  readonly tokensPerWord: number;
  readonly margin: number;
  /** Tokens of each chunk with its name, in the map model's count. */
  readonly mapTokens: readonly number[];
  /** Preferred and largest text tokens of a map call. */
  readonly packTokens: number;
  readonly packMax: number;
  /** Preferred and largest note tokens of the last call. */
  readonly notesTokens: number;
  readonly notesMax: number;
  readonly summaryTokens: number;
  readonly collapseTokens: number;
}

/** Computes the budgets of a plan's calls. */
export function createFrame(input: PlanInput): Frame {
  const { mapLimits, reduceLimits } = input;
  const tokensPerWord = input.tokensPerWord ?? 1.4;
  const margin = input.margin ?? 1.1;
  const summaryTokens = Math.ceil(summaryWords[input.length] * tokensPerWord);
  const room = mapRoom(input, margin);
  const setting = input.chunkTokens > 0 ? input.chunkTokens * getFactor(mapLimits) : Infinity;
  const quality = qualityTokens[mapLimits.tier];
  const reduceRoom = getTextRoom(reduceLimits, answerRoom(summaryTokens), input.overheadTokens, margin);
  const notesMax = Math.max(1, Math.floor(Math.min(noteInput * softCap, reduceRoom)));
  return {
    input,
    tokensPerWord,
    margin,
    mapTokens: input.chunks.map(
      (chunk) => Math.max(0, chunk.tokens) * getFactor(mapLimits) + input.perChunkOverheadTokens,
    ),
    packTokens: Math.max(1, Math.min(quality, room, setting)),
    packMax: Math.max(1, Math.min(quality * softCap * nameShare, room, setting)),
    notesTokens: Math.min(noteInput, notesMax),
    notesMax,
    summaryTokens,
    collapseTokens: Math.max(1, Math.floor(Math.min(mergeTokens[input.length], notesMax / 4))),
  };
}

/** Note tokens allowed for a pack. */
export function noteBudget(packTokens: number, chunks: number): number {
  return Math.min(Math.max(60 + 0.04 * packTokens, 120), chunks > 1 ? packedNote : 500);
}

/** Note and pack sizes depend on each other; two rounds are enough. */
function mapRoom({ mapLimits, overheadTokens }: PlanInput, margin: number): number {
  let room = mapLimits.contextWindow;
  for (let round = 0; round < 3; round++)
    room = getTextRoom(mapLimits, answerRoom(noteBudget(room, 2)), overheadTokens, margin);
  return room;
}

function answerRoom(tokens: number): number {
  return Math.ceil(reserveShare * tokens) + 24;
}

/** Room for hidden reasoning; unknown models may think. */
function getThoughtRoom(limits: ModelLimits): number {
  if (limits.reasoning) return Math.min(thoughtTokens, limits.contextWindow / 5);
  return limits.known ? 0 : Math.min(thoughtTokens, limits.contextWindow / 8);
}

/** Text tokens that fit beside prompt and answer; at least 1/16 of the window. */
function getTextRoom(limits: ModelLimits, answer: number, overhead: number, margin: number): number {
  const taken = Math.min(answer, limits.contextWindow / 3) + getThoughtRoom(limits);
  const window = (limits.contextWindow - taken) / margin - overhead;
  const soft = (limits.softMaxInputTokens ?? Infinity) / margin - overhead;
  return Math.max(limits.contextWindow / 16, Math.min(window, soft));
}

/** Tokens that the writer can read in one call with an answer of `answerTokens`. */
export function getReadRoom({ input, margin }: Frame, answerTokens: number): number {
  return getTextRoom(input.reduceLimits, answerRoom(answerTokens), input.overheadTokens, margin);
}

/** Maximum note tokens of the last call; above the plan's, because notes vary in length. */
export function reduceRoom(frame: Frame): number {
  const room = getTextRoom(frame.input.reduceLimits, answerRoom(frame.summaryTokens), frame.input.overheadTokens, 1.02);
  return Math.floor(Math.min(Math.max(frame.notesMax * 1.25, qualityTokens.strong), room));
}

/** Tokens of the model per estimated token; 1 if unknown. */
export function getFactor(limits: ModelLimits): number {
  return limits.tokenFactor > 0 ? limits.tokenFactor : 1;
}

/** Answer budget: at most a third of the window, and at most the model's limit. */
export function getBudget(frame: Frame, limits: ModelLimits, tokens: number): StageBudget {
  const thought = limits.known || limits.reasoning ? 0 : thoughtTokens;
  const wanted = maxShare * tokens + 64 + thought;
  const maxTokens = Math.max(1, Math.floor(Math.min(wanted, limits.contextWindow / 3, limits.maxOutputTokens)));
  return { words: Math.max(1, Math.min(Math.round(tokens / frame.tokensPerWord), maxTokens)), maxTokens };
}

/** Tokens of the largest call, rounded up to 1,024 so that similar runs share a local server's window. */
export function runWindow(frame: Frame, limits: ModelLimits, prompt: number, maxTokens: number): number {
  const needed = prompt * frame.margin + maxTokens + getThoughtRoom(limits);
  return Math.min(limits.contextWindow, Math.max(1, Math.ceil(needed / 1_024)) * 1_024);
}
