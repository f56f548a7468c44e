import type { Estimate } from '../engine/events.ts';

/** How a text is sent. */
export type Way = 'now' | 'flex' | 'batch';

/** USD; undefined if the price is unknown. A batch reads the parts at half price and writes the rest live. */
export function wayUsd(way: Way, { costUsd, readUsd = 0 }: Estimate): number | undefined {
  if (costUsd === undefined) return undefined;
  if (way === 'flex') return costUsd / 2;
  return way === 'batch' ? costUsd - readUsd / 2 : costUsd;
}

/** Minimum share of the price that a slower way must save. */
const minSaving = 0.1;

/** Whether a way saves enough; true if the price is unknown. */
export function isCheaper(way: Way, estimate: Estimate): boolean {
  const usd = wayUsd(way, estimate);
  return usd === undefined || estimate.costUsd === undefined || usd <= estimate.costUsd * (1 - minSaving);
}
