/** A batch job from its rows to its summary, over real HTTP against the simulated provider, without VS Code; waiting costs nothing. */
import { createBatchPlan } from '../../src/engine/batch/plan.ts';
import type { SummaryResult } from '../../src/engine/events.ts';
import type { AnswerCache, Clock } from '../../src/engine/ports.ts';
import type { RunPorts, RunRequest } from '../../src/engine/request.ts';
import { createScheduler } from '../../src/engine/schedule/scheduler.ts';
import { estimateTokens } from '../../src/engine/tokens.ts';
import { createFence } from '../../src/host/fence.ts';
import { hash } from '../../src/host/hash.ts';
import { yieldToEventLoop } from '../../src/host/yield.ts';
import { createPrepare } from '../../src/text/prepare.ts';
import { acquireLock, loadBatchWire, createBatchRunner, createJobStore, spentOf } from '../../src/batch/index.ts';
import type { BatchRunner } from '../../src/batch/index.ts';
import { createJob, type JobRecord } from '../../src/batch/job.ts';
import type { BatchWire } from '../../src/batch/wire.ts';
import type { ProviderConfig } from '../../src/providers/provider.ts';
import type { ProviderId } from '../../src/contributions.ts';
import { memoryCache, runEngine, testModel } from './engine.ts';
import { memoryFs, type MemoryFs } from './memoryFs.ts';
import { seeded } from './random.ts';
import type { SimulatedProvider } from './provider/index.ts';

/** Sleeps at once and remembers how long it should have been. */
export function hurriedClock(): Clock & { slept: number[]; time: number } {
  const clock = {
    slept: [] as number[],
    time: Date.now(),
    now: () => clock.time,
    sleep: async (ms: number, signal?: AbortSignal): Promise<void> => {
      clock.slept.push(ms);
      clock.time += ms;
      await yieldToEventLoop();
      signal?.throwIfAborted();
    },
    timer: () => () => undefined,
  };
  return clock;
}

export type Vendor = 'openai' | 'anthropic' | 'gemini' | 'compatible';
const providers: Readonly<Record<Vendor, ProviderId>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  gemini: 'openai-compatible',
  compatible: 'openai-compatible',
};

export interface Bench {
  readonly fs: MemoryFs;
  readonly cache: ReturnType<typeof memoryCache>;
  readonly clock: ReturnType<typeof hurriedClock>;
  readonly job: JobRecord;
  readonly results: SummaryResult[];
  readonly changes: JobRecord[];
  readonly dead: Set<string>;
  /** A window's runner over the same folder. */
  runner(
    window?: string,
    more?: { fs?: MemoryFs; wire?: (wire: BatchWire) => BatchWire; wait?: boolean },
  ): Promise<BatchRunner>;
  /** Resolves when the job is over in whichever window. */
  over(): Promise<JobRecord>;
}

/** @param contextWindow of its model, in tokens */
export async function bench(
  provider: SimulatedProvider,
  vendor: Vendor,
  text: string,
  contextWindow = 32_768,
): Promise<Bench> {
  const id = providers[vendor];
  const name = vendor === 'anthropic' ? 'claude-sonnet-5-5' : vendor === 'openai' ? 'gpt-6-sol' : 'test-model';
  const setup = { url: provider.url, provider: id, model: name, contextWindow };
  const model = await testModel(setup);
  const clock = hurriedClock();
  const cache = memoryCache();
  const fs = memoryFs(() => clock.time);
  const signal = new AbortController().signal;
  const memory = new Map<string, unknown>();
  const base =
    vendor === 'anthropic' ? provider.url : `${provider.url}${vendor === 'gemini' ? '/v1beta/openai' : '/v1'}`;
  const config: ProviderConfig = {
    baseUrl: base,
    apiKey: 'sk-test-0123456789',
    model: name,
    contextWindow,
    fetch: globalThis.fetch,
    account: 'test',
    memory: { get: (key) => memory.get(key), set: (key, value) => void memory.set(key, value) },
  };
  const scheduler = createScheduler(
    { concurrency: 8, maxRetries: 5, requestTimeoutMs: 30_000, firstTokenTimeoutMs: 30_000, hedge: false },
    { clock, random: seeded(7) },
  );
  const ports: RunPorts = {
    model,
    mapModel: model,
    scheduler,
    mapScheduler: scheduler,
    cache,
    prepare: createPrepare({ salt: 'test', hash, yield: yieldToEventLoop }),
    tokens: { count: (texts) => Promise.resolve(texts.map(estimateTokens)) },
    clock,
    hash,
    fence: createFence('secret of the test', hash),
    yield: yieldToEventLoop,
    signal,
  };
  const options = { length: 'standard', language: '', instructions: '', chunkTokens: 2_000 } as const;
  const request: RunRequest = {
    id: 'run',
    source: {
      title: 'text.md',
      parts: [{ uri: 'file:///text.md', title: 'text.md', startLine: 1, text }],
      skipped: [],
      shape: 'text',
    },
    options: { ...options, concurrency: 8, maxCostUsd: 0 },
  };
  const job = createJob({
    id: 'precis-test',
    runId: 'run',
    title: 'text.md',
    createdAt: clock.time,
    provider: id,
    model: name,
    mapModel: name,
    host: 'localhost',
    vendor: vendor === 'compatible' ? 'openai' : vendor,
    options,
    price: { input: 0.5, output: 1 },
  });
  const results: SummaryResult[] = [];
  const changes: JobRecord[] = [];
  const dead = new Set<string>();
  const endings: ((job: JobRecord) => void)[] = [];
  const alive = (window: string): boolean => !dead.has(window);
  const limits = await model.limits(signal);
  return {
    fs,
    cache,
    clock,
    job,
    results,
    changes,
    dead,
    runner: (window = 'a', { fs: disk = fs, wire = (one: BatchWire) => one, wait = false } = {}) => {
      const made = wire(loadBatchWire(id, config, limits)!);
      return Promise.resolve(
        createBatchRunner({
          store: createJobStore(disk),
          wire: () => Promise.resolve(made),
          plan: (_, pending) => createBatchPlan(request, ports, pending),
          cache: (): Promise<AnswerCache> => Promise.resolve(cache),
          async finish(record) {
            if (wait) return false;
            const { result } = await runEngine(text, {
              ...setup,
              cache,
              options: { ...request.options, batched: true, spent: spentOf(record), price: { input: 1, output: 2 } },
            });
            results.push(result);
            return true;
          },
          acquire: (key) => acquireLock({ fs: disk, window, clock, now: () => clock.time, alive }, key),
          clock,
          now: () => clock.time,
          random: seeded(3),
          onChange(record) {
            changes.push(record);
            if (['done', 'failed', 'cancelled'].includes(record.phase))
              for (const end of endings.splice(0)) end(record);
          },
          log: () => undefined,
        }),
      );
    },
    over: () => new Promise((resolve) => endings.push(resolve)),
  };
}
