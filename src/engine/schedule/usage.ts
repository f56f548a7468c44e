/** Token counts of several attempts together. */
import type { ModelCall, Usage } from '../model.ts';
import { visibleTokens, type AttemptState } from './attempt.ts';

const fields = [
  'inputTokens',
  'cachedInputTokens',
  'cacheWriteTokens',
  'outputTokens',
  'reasoningTokens',
  'costUsd',
] as const;

/** Sums known counts; estimated where a part is. */
export function addUsage(a: Usage, b: Usage): Usage {
  const sum: { -readonly [K in (typeof fields)[number]]?: number } = {};
  for (const field of fields) {
    if (a[field] !== undefined || b[field] !== undefined) sum[field] = (a[field] ?? 0) + (b[field] ?? 0);
  }
  const flex = a.flex === true && b.flex === true ? { flex: true as const } : {};
  return a.estimated === true || b.estimated === true ? { ...sum, ...flex, estimated: true } : { ...sum, ...flex };
}

/** Estimates what an unfinished attempt cost. */
export function spentUsage(call: ModelCall, state: AttemptState): Usage {
  return { inputTokens: call.inputTokens, outputTokens: Math.ceil(visibleTokens(state.text)), estimated: true };
}
