/** Token counts of several attempts together. */
import type { ChatModel, Usage } from '../model.ts';
import { estimateVisible, type AttemptState } from './attempt.ts';

const fields = [
  'inputTokens',
  'cachedInputTokens',
  'cacheWriteTokens',
  'outputTokens',
  'reasoningTokens',
  'costUsd',
] as const;

/** Sums known counts; estimated where a part is, at the flex tier where all parts are. */
export function addUsage(a: Usage, b: Usage): Usage {
  const sum: { -readonly [K in (typeof fields)[number]]?: number } = {};
  for (const field of fields) {
    if (a[field] !== undefined || b[field] !== undefined) sum[field] = (a[field] ?? 0) + (b[field] ?? 0);
  }
  const atFlex = (part: Usage): boolean => part.flex === true || part.inputTokens === undefined;
  const flex = atFlex(a) && atFlex(b) && (a.flex ?? b.flex) ? { flex: true as const } : {};
  return a.estimated === true || b.estimated === true ? { ...sum, ...flex, estimated: true } : { ...sum, ...flex };
}

/**
 * What an unfinished attempt cost: a provider bills the prompt that it has read and the tokens that it has written.
 * @param inputTokens of the prompt, where the provider has not told them
 */
export function sumUsage({ flex }: ChatModel, inputTokens: number, { usage, text }: AttemptState): Usage {
  return {
    ...(usage ?? (flex ? { flex } : {})),
    inputTokens: usage?.inputTokens ?? Math.round(inputTokens),
    outputTokens: Math.ceil(estimateVisible(text)),
    estimated: true,
  };
}
