import type { Effort } from '../engine/model.ts';
import type { Accepted } from './wires/parameters.ts';

/** Efforts below `low` by model, from the vendors' own pages (developers.openai.com, ai.google.dev; 30 November 2026). */
const belowLow: readonly (readonly [id: RegExp, effort: string])[] = [
  [/^gpt-5\.[1-9](?!.*(?:codex|pro|chat))/, 'none'],
  [/^gpt-(?:[6-9]|\d\d)(?!.*(?:codex|pro|chat))/, 'none'],
  [/^gpt-5(?!\.)(?!.*(?:codex|pro|chat))/, 'minimal'],
  [/^gemini-2\.5-flash/, 'none'],
  [/^gemini-3(?:\.\d)?-flash/, 'minimal'],
];

interface ChosenEffort {
  readonly value: string;
  /** What is remembered after a refusal: `parameter=value` if a higher effort may be accepted, else the parameter. */
  readonly item: string;
}

/**
 * Returns the lowest accepted effort that is at least the requested one; undefined if the endpoint accepts none. `none`
 * requests the lowest that the model offers: `none`, `minimal` or `low`.
 * @param parameter name of the wire's parameter
 */
export function chooseEffort(
  model: string,
  effort: Effort,
  parameter: string,
  accepted: Accepted,
): ChosenEffort | undefined {
  if (!accepted.has(parameter)) return undefined;
  if (effort !== 'none') return { value: effort, item: parameter };
  const id = model.toLowerCase().split('/').at(-1) ?? '';
  const lowest = belowLow.find(([pattern]) => pattern.test(id))?.[1];
  const item = `${parameter}=${lowest}`;
  return lowest !== undefined && accepted.has(item) ? { value: lowest, item } : { value: 'low', item: parameter };
}
