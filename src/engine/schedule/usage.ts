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

/** Sums known counts; the sum is estimated if any part is, and of the flex tier if all parts are. */
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
 * Estimates the cost of an unfinished attempt: the prompt it has read and the tokens it has written.
 * @param inputTokens of the prompt, if the provider has not reported them
 */
export function sumUsage({ flex }: ChatModel, inputTokens: number, { usage, text }: AttemptState): Usage {
  return {
    ...(usage ?? (flex ? { flex } : {})),
    inputTokens: usage?.inputTokens ?? Math.round(inputTokens),
    outputTokens: Math.ceil(estimateVisible(text)),
    estimated: true,
  };
}
