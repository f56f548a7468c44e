import type { ModelLimits } from '../model.ts';

/** Limits below `billions` parameters, in tokens. */
const sizes = [
  { billions: 2, text: 2_000, window: 8_192 },
  { billions: 9, text: 6_000, window: 24_576 },
] as const;
/** Text tokens of a call for the smallest models. */
export const smallestText = sizes[0].text;
type SmallSize = (typeof sizes)[number];

/** Sizes in names such as `llama3.2:1b` or `SmolLM2-135M-Instruct`; the expert's size for `8x7b`. */
const named = /(?<![\p{L}\p{N}.])(\d{1,3}(?:\.\d{1,2})?)\s?([bm])(?![\p{L}\p{N}])/iu;
/** Minimum number before `m` that counts as parameters; `1m` may be a window. */
const minMillions = 50;
const instructionTokens = 190;

/** Parameters in billions as reported, else from the model's id; undefined if unknown. */
export function findBillions(model: string, limits?: Pick<ModelLimits, 'parameters'>): number | undefined {
  if (limits?.parameters !== undefined) return limits.parameters / 1e9;
  const [, number, unit] = named.exec(model) ?? [];
  if (number === undefined) return undefined;
  const value = Number(number);
  if (unit?.toLowerCase() === 'b') return value > 0 ? value : undefined;
  return value >= minMillions ? value / 1_000 : undefined;
}

/** Returns undefined for large or unknown models. */
export function findSmallSize(model: string, limits?: Pick<ModelLimits, 'parameters'>): SmallSize | undefined {
  const billions = findBillions(model, limits);
  return billions === undefined ? undefined : sizes.find((size) => billions < size.billions);
}

/** Reduces the limits of small models. */
export function getUsedLimits(model: string, limits: ModelLimits): ModelLimits {
  const size = findSmallSize(model, limits);
  if (!size) return limits;
  const softMaxInputTokens = Math.min(limits.softMaxInputTokens ?? Infinity, size.text + instructionTokens);
  return { ...limits, contextWindow: Math.min(limits.contextWindow, size.window), softMaxInputTokens };
}
