/**
 * Batch service of each provider, and the job runner. Jobs in, cached answers out; no row is billed twice.
 */
import type { ModelLimits } from '../engine/model.ts';
import type { ProviderConfig } from '../providers/provider.ts';
import { createAnthropicBatch } from './anthropicBatch.ts';
import { createGeminiBatch, isGemini } from './geminiBatch.ts';
import { createOpenAiBatch } from './openaiBatch.ts';
import type { BatchWire } from './wire.ts';

export { countRows as countsOf, isOver, sumUsage as spentOf, type JobRecord, type Problem } from './job.ts';
export { acquireLock, createJobStore } from './jobStore.ts';
export { createBatchRunner, type BatchRunner } from './runner.ts';
export type { RunnerDeps } from './step.ts';
export type { BatchWire } from './wire.ts';

/** Undefined for providers without batches. */
export function loadBatchWire(provider: string, config: ProviderConfig, limits: ModelLimits): BatchWire | undefined {
  switch (provider) {
    case 'openai':
      return createOpenAiBatch(config, limits, true);
    case 'anthropic':
      return createAnthropicBatch(config, limits);
    case 'openai-compatible':
      return isGemini(config.baseUrl) ? createGeminiBatch(config, limits) : createOpenAiBatch(config, limits, false);
    default:
      return undefined;
  }
}
