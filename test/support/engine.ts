/** A whole run of the engine outside VS Code: real adapter and SDK over real HTTP, real scheduler, text prepared on this thread. */
import { createFence } from '../../src/host/fence.ts';
import { realClock } from '../../src/host/clock.ts';
import { hash } from '../../src/host/hash.ts';
import { yieldToEventLoop } from '../../src/host/yield.ts';
import { createPrepare } from '../../src/text/prepare.ts';
import { estimateTokens } from '../../src/engine/tokens.ts';
import { createScheduler } from '../../src/engine/schedule/scheduler.ts';
import { run } from '../../src/engine/run/run.ts';
import type { RunEvent, SummaryResult } from '../../src/engine/events.ts';
import type { ChatModel } from '../../src/engine/model.ts';
import type { AnswerCache, Claim } from '../../src/engine/ports.ts';
import type { RunOptions, RunPorts } from '../../src/engine/request.ts';
import type { Source } from '../../src/engine/source.ts';
import type { ProviderId } from '../../src/contributions.ts';
import { loadProvider } from '../../src/providers/index.ts';
import type { ProviderConfig } from '../../src/providers/provider.ts';
import { seeded } from './random.ts';

/** Keeps everything in a map; enough to see what would be asked again. */
export function memoryCache(): AnswerCache & { readonly entries: Map<string, string> } {
  const entries = new Map<string, string>();
  const id = (namespace: string, key: string): string => `${namespace}/${key}`;
  return {
    entries,
    get: (namespace, key) => Promise.resolve(entries.get(id(namespace, key))),
    set: (namespace, key, value) => Promise.resolve(void entries.set(id(namespace, key), value)),
    claim: (namespace, keys) =>
      Promise.resolve(
        keys.map((key): Claim => {
          const value = entries.get(id(namespace, key));
          if (value !== undefined) return { state: 'hit', value };
          return {
            state: 'ours',
            settle: (settled) => {
              if (settled !== undefined) entries.set(id(namespace, key), settled);
              return Promise.resolve();
            },
          };
        }),
      ),
  };
}

export interface EngineSetup {
  readonly url: string;
  readonly provider?: ProviderId;
  readonly model?: string;
  readonly contextWindow?: number;
  readonly concurrency?: number;
  readonly maxRetries?: number;
  readonly requestTimeoutMs?: number;
  readonly hedge?: boolean;
  readonly cache?: AnswerCache;
  readonly options?: Partial<RunOptions>;
  readonly signal?: AbortSignal;
  readonly ports?: Partial<RunPorts>;
  readonly config?: Partial<ProviderConfig>;
}

export async function testModel(setup: EngineSetup): Promise<ChatModel> {
  const definition = await loadProvider(setup.provider ?? 'openai-compatible', {});
  const memory = new Map<string, unknown>();
  const base = setup.provider === 'anthropic' ? setup.url : `${setup.url}/v1`;
  return definition.create({
    baseUrl: base,
    apiKey: 'sk-test-0123456789',
    model: setup.model ?? 'test-model',
    contextWindow: setup.contextWindow ?? 32_768,
    fetch: globalThis.fetch,
    account: hash(base).slice(0, 12),
    memory: { get: (key) => memory.get(key), set: (key, value) => void memory.set(key, value) },
    ...setup.config,
  });
}

export interface EngineRun {
  readonly events: RunEvent[];
  readonly result: SummaryResult;
}

/** The real ones, but for an answers' cache in memory. */
export async function enginePorts(setup: EngineSetup): Promise<RunPorts> {
  const model = await testModel(setup);
  const concurrency = setup.concurrency ?? 8;
  const idle = setup.requestTimeoutMs ?? 30_000;
  const scheduler =
    setup.ports?.scheduler ??
    createScheduler(
      {
        concurrency,
        maxRetries: setup.maxRetries ?? 5,
        requestTimeoutMs: idle,
        firstTokenTimeoutMs: idle,
        hedge: setup.hedge ?? true,
      },
      { clock: realClock, random: seeded(7) },
    );
  return {
    model,
    mapModel: model,
    scheduler,
    mapScheduler: scheduler,
    cache: setup.cache ?? memoryCache(),
    prepare: createPrepare({ salt: 'test', hash, yield: yieldToEventLoop }),
    tokens: { count: (texts) => Promise.resolve(texts.map(estimateTokens)) },
    clock: realClock,
    hash,
    fence: createFence('secret of the test', hash),
    yield: yieldToEventLoop,
    signal: setup.signal ?? new AbortController().signal,
    ...setup.ports,
  };
}

let runs = 0;

export async function runEngine(
  source: Source | string,
  setup: EngineSetup,
  onEvent?: (event: RunEvent) => void,
): Promise<EngineRun> {
  const concurrency = setup.concurrency ?? 8;
  const text = typeof source === 'string' ? source : undefined;
  const whole: Source =
    text === undefined
      ? (source as Source)
      : {
          title: 'text.md',
          parts: [{ uri: 'file:///text.md', title: 'text.md', startLine: 1, text }],
          skipped: [],
          shape: 'text',
        };
  const events: RunEvent[] = [];
  const ports = await enginePorts(setup);
  const options: RunOptions = {
    length: 'standard',
    language: '',
    instructions: '',
    chunkTokens: 0,
    concurrency,
    maxCostUsd: 0,
    ...setup.options,
  };
  let result: SummaryResult | undefined;
  for await (const event of run({ id: `run-${++runs}`, source: whole, options }, ports)) {
    events.push(event);
    onEvent?.(event);
    if (event.type === 'end') result = event.result;
  }
  if (!result) throw new Error('the stream ended without an end event');
  return { events, result };
}
