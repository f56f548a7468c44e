import type { JobRecord } from '../../batch/job.ts';

/** Undefined for providers without batches. */
export function batchHost(provider: string, baseUrl: string): JobRecord['vendor'] | undefined {
  if (provider === 'openai' || provider === 'anthropic') return provider;
  if (provider !== 'openai-compatible') return undefined;
  return /\/v1beta\/openai\/?$/.test(baseUrl) ? 'gemini' : 'openai';
}
