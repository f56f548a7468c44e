/**
 * Batch service of each provider, and the job runner. Jobs in, cached answers out; no row is billed twice.
 */
import type { ModelLimits } from '../engine/model.ts';
import type { ProviderConfig } from '../providers/provider.ts';
import { anthropicBatch } from './anthropicBatch.ts';
import { geminiBatch, isGemini } from './geminiBatch.ts';
import { openaiBatch } from './openaiBatch.ts';
import type { BatchWire } from './wire.ts';

export { countsOf, isOver, spentOf, type JobRecord, type Problem } from './job.ts';
export { acquireLock, createJobStore } from './jobStore.ts';
export { createBatchRunner, type BatchRunner } from './runner.ts';
export type { RunnerDeps } from './step.ts';
export type { BatchWire } from './wire.ts';

/** Undefined for providers without batches. */
export function batchWire(provider: string, config: ProviderConfig, limits: ModelLimits): BatchWire | undefined {
  switch (provider) {
    case 'openai':
      return openaiBatch(config, limits, true);
    case 'anthropic':
      return anthropicBatch(config, limits);
    case 'openai-compatible':
      return isGemini(config.baseUrl) ? geminiBatch(config, limits) : openaiBatch(config, limits, false);
    default:
      return undefined;
  }
}
