/** What tokens cost. */
import type { Usage } from '../model.ts';
import type { Price } from '../request.ts';

/** USD. Cached tokens are part of the input's, and cost like them where they have no price of their own; the flex tier is half of it all. */
export function usdOf(
  price: Price,
  {
    inputTokens = 0,
    cachedInputTokens = 0,
    outputTokens = 0,
    flex,
  }: Pick<Usage, 'inputTokens' | 'cachedInputTokens' | 'outputTokens' | 'flex'>,
): number {
  const cached = cachedInputTokens * (price.cachedInput ?? price.input);
  const usd = ((inputTokens - cachedInputTokens) * price.input + cached + outputTokens * price.output) / 1e6;
  return flex ? usd / 2 : usd;
}
