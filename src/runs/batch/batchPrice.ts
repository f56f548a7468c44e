/** Estimates what a batch costs; pure. */
import type { JobRecord } from '../../batch/index.ts';
import type { BatchPlan } from '../../engine/batch/plan.ts';
import { usdOf } from '../../engine/plan/cost.ts';

export interface BatchCosts {
  /** At half price. */
  readonly batchUsd?: number;
  /** These and what is asked live afterwards. */
  readonly totalUsd?: number;
  /** Everything live. */
  readonly liveUsd?: number;
}

/** USD; absent where a price is unknown. */
export function batchCosts(
  { price }: Pick<JobRecord, 'price'>,
  { inputTokens, outputTokens, live }: Pick<BatchPlan, 'inputTokens' | 'outputTokens' | 'live'>,
): BatchCosts {
  const batchUsd = price && usdOf(price, { inputTokens, outputTokens });
  const liveUsd = live.costUsd;
  return {
    ...(batchUsd === undefined ? {} : { batchUsd }),
    ...(liveUsd === undefined ? {} : { liveUsd }),
    // the saving equals the cost
    ...(batchUsd === undefined || liveUsd === undefined ? {} : { totalUsd: Math.max(batchUsd, liveUsd - batchUsd) }),
  };
}
