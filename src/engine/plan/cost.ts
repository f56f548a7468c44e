/** What tokens cost. */
import type { Usage } from '../model.ts';
import type { Price } from '../request.ts';

/** USD. Cached tokens are part of the input's, and cost like them where they have no price of their own. */
export function usdOf(
  price: Price,
  {
    inputTokens = 0,
    cachedInputTokens = 0,
    outputTokens = 0,
  }: Pick<Usage, 'inputTokens' | 'cachedInputTokens' | 'outputTokens'>,
): number {
  const cached = cachedInputTokens * (price.cachedInput ?? price.input);
  return ((inputTokens - cachedInputTokens) * price.input + cached + outputTokens * price.output) / 1e6;
}
