/** Estimates what a batch costs. */
import type { BatchPlan } from '../engine/batch/plan.ts';
import { computeUsd } from '../engine/plan/cost.ts';
import type { Price } from '../engine/request.ts';
import type { JobRecord } from './job.ts';

/** USD; undefined if a price is unknown. */
export interface BatchCosts {
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
  const batchUsd = price && computeUsd(price, { inputTokens, outputTokens });
  const liveUsd = live.costUsd;
  return {
    ...(batchUsd === undefined ? {} : { batchUsd }),
    ...(liveUsd === undefined ? {} : { liveUsd }),
    // the saving equals the cost
    ...(batchUsd === undefined || liveUsd === undefined ? {} : { totalUsd: Math.max(batchUsd, liveUsd - batchUsd) }),
  };
}

/** Batch price of a model, USD per million tokens. */
export function halfPrice({ input, output, cachedInput }: Price): Price {
  return {
    input: input / 2,
    output: output / 2,
    ...(cachedInput === undefined ? {} : { cachedInput: cachedInput / 2 }),
  };
}
