/** Number of parallel requests for a server that reports its slots. */
import type { ModelLimits } from '../model.ts';

const maxLanes = 64;

/**
 * @param wanted parallel requests by the settings, or what is usual for such a server
 * @param isSet somebody asked for `wanted`: it is not exceeded, however much the server can do
 */
export function getLanes(
  { loopback, slots }: Pick<ModelLimits, 'loopback' | 'slots'>,
  wanted: number,
  isSet: boolean,
): number {
  if (slots === undefined) return wanted;
  return Math.max(1, Math.min(slots, loopback && !isSet ? maxLanes : wanted));
}
