import type { Estimate } from '../engine/events.ts';

export type Way = 'now' | 'flex' | 'batch';

/** USD; undefined if the price is unknown. A batch reads the parts at half price and writes the rest live. */
export function wayUsd(way: Way, { costUsd, readUsd = 0 }: Estimate): number | undefined {
  if (costUsd === undefined) return undefined;
  if (way === 'flex') return costUsd / 2;
  return way === 'batch' ? costUsd - readUsd / 2 : costUsd;
}
