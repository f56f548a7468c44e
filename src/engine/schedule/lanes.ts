import type { ModelLimits } from '../model.ts';

const maxLanes = 64;

/**
 * @param wanted parallel requests from the settings or the default
 * @param isSet whether the user set `wanted`, which is then the maximum
 */
export function getLanes(
  { loopback, slots }: Pick<ModelLimits, 'loopback' | 'slots'>,
  wanted: number,
  isSet: boolean,
): number {
  if (slots === undefined) return wanted;
  return Math.max(1, Math.min(slots, loopback && !isSet ? maxLanes : wanted));
}
