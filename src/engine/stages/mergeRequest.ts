/** Builds merge requests, which are equal in live and batch runs to share the cache. */
import { takeApart } from '../answer/answer.ts';
import type { Unit } from '../answer/citations.ts';
import { createAsk, renderFor, usesPlainForm, type RunContext } from './context.ts';
import { withoutRepeatedPoints } from './repeatedPoints.ts';
import { mergeKey } from './keys.ts';
import type { ModelCall } from '../model.ts';
import { createNearest } from '../answer/nearest.ts';
import type { Plan } from '../plan/plan.ts';
import { getNotesGuidance, getSummaryGuidance } from '../prompts/summaryGuidance.ts';
import { estimateTokens } from '../tokens.ts';
import { nameUnits } from './partLabels.ts';

interface MergeRequest {
  readonly key: string;
  readonly call: ModelCall;
}

interface CollapseRequest extends MergeRequest {
  readonly words: number;
}

/** @param words limit of the answer */
export function collapseRequest(
  context: RunContext,
  units: readonly Unit[],
  words: number,
  plan: Plan,
): CollapseRequest {
  const asked = Math.max(40, Math.min(words, Math.floor(countUnitTokens(units) * 0.6)));
  const shape = getNotesGuidance(context.kinds, context.source.shape === 'folder');
  const ask = createAsk(context, asked, shape);
  const { model } = context.ports;
  const told = usesPlainForm(context, model) ? withoutRepeatedPoints(units) : units;
  const { system, user, stop } = renderFor(context, model, 'collapse', nameUnits(context, told), ask);
  const call: ModelCall = {
    stage: 'collapse',
    system,
    user,
    stop,
    maxTokens: Math.min(context.limits.maxOutputTokens, Math.max(plan.collapse.maxTokens, 1_200)),
    effort: 'none',
    inputTokens: countPromptTokens(context, { system, user }),
    reusable: false,
    runWindow: plan.runWindow,
  };
  return { key: mergeKey(context, call), call, words: asked };
}

/** @param plain forces the plain prompt */
export function reduceRequest(
  context: RunContext,
  members: readonly Unit[],
  plan: Plan,
  stage: 'reduce' | 'ask',
  plain = false,
): MergeRequest {
  const { question } = context.options;
  const shape = getSummaryGuidance(context.kinds, context.source.shape === 'folder');
  const ask = { ...createAsk(context, plan.reduce.words, shape), ...(question ? { question } : {}) };
  const { model } = context.ports;
  const isShort = plan.strategy !== 'single' && (plain || usesPlainForm(context, model));
  const { system, user, stop, textLength } = renderFor(
    context,
    model,
    stage,
    nameUnits(context, isShort ? withoutRepeatedPoints(members) : members),
    ask,
    plain,
  );
  const call: ModelCall = {
    stage,
    system,
    user,
    stop,
    maxTokens: Math.min(plan.reduce.maxTokens, context.limits.maxOutputTokens),
    effort: context.options.effort ?? 'low',
    inputTokens:
      plan.strategy === 'single' ? countWholeTokens(context, system) : countPromptTokens(context, { system, user }),
    reusable: plan.strategy === 'single',
    reusableLength: textLength,
    runWindow: plan.runWindow,
  };
  return { key: mergeKey(context, call), call };
}

/** Keeps the units if the answer is empty or not shorter. */
export function collapsed(answer: string, units: readonly Unit[]): Unit[] {
  const merged = splitUnits(answer, units);
  return merged.length > 0 && countUnitTokens(merged) < countUnitTokens(units) ? merged : [...units];
}

function splitUnits(answer: string, units: readonly Unit[]): Unit[] {
  const groups = new Map<string, { chunks: number[]; lines: string[] }>();
  const nearest = createNearest(() => units.map(({ note }) => note));
  for (const point of takeApart(answer, units.length, nearest).points) {
    const chunks = [...new Set(point.parts.flatMap((n) => units[n - 1]?.chunks ?? []))].sort((a, b) => a - b);
    const key = chunks.join();
    const group = groups.get(key) ?? { chunks, lines: [] };
    group.lines.push(`- ${point.text}`);
    groups.set(key, group);
  }
  return [...groups.values()]
    .sort((a, b) => a.chunks[0]! - b.chunks[0]!)
    .map(({ chunks, lines }) => ({ chunks, note: lines.join('\n') }));
}

/** Estimated tokens of the units. */
export const countUnitTokens = (units: readonly Unit[]): number =>
  units.reduce((sum, unit) => sum + estimateTokens(unit.note) + 6, 0);

/** Tokens of `[n]` and its line break. */
const markTokens = 4;

/** Estimated tokens of the units in a prompt, with their marks and places. */
export function countNamedTokens(context: RunContext, units: readonly Unit[]): number {
  let before = '';
  return nameUnits(context, units).reduce((sum, { text, context: place }) => {
    const named = place && place !== before ? estimateTokens(place) + 2 : 0;
    before = place;
    return sum + estimateTokens(text) + markTokens + named;
  }, 0);
}

function countWholeTokens({ chunks, limits }: RunContext, system: string): number {
  const text = chunks.reduce((sum, chunk) => sum + chunk.tokens + 8, 0);
  return Math.ceil((text + estimateTokens(system) + 60) * limits.tokenFactor);
}

/** Estimated prompt size in model tokens. */
export function countPromptTokens(context: RunContext, { system, user }: Pick<ModelCall, 'system' | 'user'>): number {
  return Math.ceil((estimateTokens(system) + estimateTokens(user)) * context.limits.tokenFactor);
}
