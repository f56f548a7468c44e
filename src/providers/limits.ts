/** Determines limits of a call from settings, server and earlier calls. */
import { ModelError, type ModelCall, type ModelLimits } from '../engine/model.ts';
import { createCachedQuery } from './cachedQuery.ts';
import { learnLimit, recall } from './limitMemory.ts';
import { createMemoryKey } from './wires/parameters.ts';
import type { ProviderConfig } from './provider.ts';

/** Queries a server for its limits until it reports them, and corrects them by earlier calls. */
export function getSettled(
  config: ProviderConfig,
  base: string,
  ask: (signal: AbortSignal) => Promise<ModelLimits>,
): { get(signal: AbortSignal): Promise<ModelLimits> } {
  const told = createCachedQuery(ask, (limits) => limits.known);
  return { get: async (signal) => settle(config, base, await told.get(signal)) };
}

/** The setting overrides everything but an overflow; learned windows only narrow it. */
export function settle(config: ProviderConfig, base: string, limits: ModelLimits): ModelLimits {
  const set = config.contextWindow > 0 ? { ...limits, contextWindow: config.contextWindow, known: true } : limits;
  const window = Math.min(
    recall(config.memory, createMemoryKey(config, base, 'window')) ?? Infinity,
    set.contextWindow,
  );
  const output = Math.min(
    recall(config.memory, createMemoryKey(config, base, 'output')) ?? Infinity,
    set.maxOutputTokens,
  );
  return {
    ...set,
    reasoning: set.reasoning || config.memory.get(createMemoryKey(config, base, 'reasoning')) === true,
    contextWindow: window,
    maxOutputTokens: Math.max(1, Math.min(output, Math.floor(window / 2))),
    known: set.known || window !== set.contextWindow,
    ...(window < set.contextWindow ? { windowLearned: true } : {}),
  };
}

/** Smallest plausible window; a lower claim is invented or excludes cached tokens. */
const minWindow = 512;

/** Remembers the limit that an error names, for a day. */
export function learn(config: ProviderConfig, base: string, error: unknown): void {
  const told = ModelError.is(error, 'too-long') && error.status === 400 ? error.limitTokens : undefined;
  if (told !== undefined && told >= minWindow) learnLimit(config.memory, createMemoryKey(config, base, 'window'), told);
}

/** Remembers that a model reasons and needs room for it. */
export function learnReasoning(config: ProviderConfig, base: string): void {
  const key = createMemoryKey(config, base, 'reasoning');
  if (config.memory.get(key) !== true) {
    config.memory.set(key, true);
  }
}

/** Tokens, by effort. */
const thoughtRoom = { none: 2000, low: 2000, medium: 8000, high: 16_000 } as const;

/** Output tokens to request: the visible answer and hidden reasoning, within the model's limit. */
export function getOutputRoom(call: ModelCall, limits: ModelLimits): number {
  const wanted = call.maxTokens + (limits.reasoning ? thoughtRoom[call.effort] : 0);
  const free = limits.contextWindow - Math.ceil(call.inputTokens * 1.1);
  const room = limits.known ? Math.min(wanted, Math.max(free, Math.min(call.maxTokens, 256))) : wanted;
  return Math.max(1, Math.min(room, Math.max(limits.maxOutputTokens, call.maxTokens)));
}

const charactersPerToken = 4.5;

/**
 * Detects a prompt that a local server cut silently, by its count.
 * @throws ModelError `too-long` with the tokens read
 */
export function checkNotCut(call: ModelCall, promptTokens: number | undefined, host: string): void {
  // servers count differently: only a count below any of them means a cut
  const least = Math.min(call.inputTokens, (call.system.length + call.user.length) / charactersPerToken);
  if (promptTokens === undefined || promptTokens < minWindow || least < 1000 || promptTokens >= least * 0.6) {
    return;
  }
  throw new ModelError({
    kind: 'too-long',
    limitTokens: promptTokens,
    code: 'prompt-cut',
    args: [host, promptTokens, Math.round(call.inputTokens)],
  });
}
