/** How large a model is, and how much text a small one reads well at once. */
import type { ModelLimits } from '../model.ts';

/** Models below `billions` parameters read at most `text` tokens a call, and are used as if their window were `window` tokens. */
const sizes = [
  { billions: 2, text: 2_000, window: 8_192 },
  { billions: 9, text: 6_000, window: 24_576 },
] as const;
export type SmallSize = (typeof sizes)[number];

/** Names such as `llama3.2:1b` or `SmolLM2-135M-Instruct`; of a mixture such as `8x7b` the number is of one expert. */
const named = /(?<![\p{L}\p{N}.])(\d{1,3}(?:\.\d{1,2})?)\s?([bm])(?![\p{L}\p{N}])/iu;
/** Below this `m` stands for something else, such as a window of a million tokens. */
const leastMillions = 50;
/** Tokens around the text of a call. */
const instructionTokens = 190;

/** Billions of parameters: what the server tells, else a number in the model's id; undefined where neither is known. */
export function billionsOf(model: string, limits?: Pick<ModelLimits, 'parameters'>): number | undefined {
  if (limits?.parameters !== undefined) return limits.parameters / 1e9;
  const [, number, unit] = named.exec(model) ?? [];
  if (number === undefined) return undefined;
  const value = Number(number);
  if (unit?.toLowerCase() === 'b') return value > 0 ? value : undefined;
  return value >= leastMillions ? value / 1_000 : undefined;
}

/** What a small model is asked for; undefined for others and for those of unknown size. */
export function smallSize(model: string, limits?: Pick<ModelLimits, 'parameters'>): SmallSize | undefined {
  const billions = billionsOf(model, limits);
  return billions === undefined ? undefined : sizes.find((size) => billions < size.billions);
}

/** Limits as a small model is used; those of others as they are. */
export function usedLimits(model: string, limits: ModelLimits): ModelLimits {
  const size = smallSize(model, limits);
  if (!size) return limits;
  const softMaxInputTokens = Math.min(limits.softMaxInputTokens ?? Infinity, size.text + instructionTokens);
  return { ...limits, contextWindow: Math.min(limits.contextWindow, size.window), softMaxInputTokens };
}
