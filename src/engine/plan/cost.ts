import type { Usage } from '../model.ts';
import type { Price } from '../request.ts';

/** Price of a token written to the provider's cache ÷ price of a fresh one, as Anthropic documents it. */
const cacheWriteFactor = 1.25;

/** Returns USD. Cached tokens are part of the input; without a price of their own they cost as much. The flex tier costs half. */
export function computeUsd(
  price: Price,
  {
    inputTokens = 0,
    cachedInputTokens = 0,
    cacheWriteTokens = 0,
    outputTokens = 0,
    flex,
  }: Pick<Usage, 'inputTokens' | 'cachedInputTokens' | 'cacheWriteTokens' | 'outputTokens' | 'flex'>,
): number {
  const cached = cachedInputTokens * (price.cachedInput ?? price.input);
  const written = cacheWriteTokens * (cacheWriteFactor - 1) * price.input;
  const fresh = (inputTokens - cachedInputTokens) * price.input;
  const usd = (fresh + cached + written + outputTokens * price.output) / 1e6;
  return flex ? usd / 2 : usd;
}
