/** Computes the price of each way to summarize. Pure. */
import type { Estimate } from '../engine/events.ts';

export type Way = 'now' | 'flex' | 'batch';

/** USD; undefined where the price is unknown. In batch the parts are read at half the price, the rest is written live. */
export function wayUsd(way: Way, { costUsd, readUsd = 0 }: Estimate): number | undefined {
  if (costUsd === undefined) return undefined;
  if (way === 'flex') return costUsd / 2;
  return way === 'batch' ? costUsd - readUsd / 2 : costUsd;
}
