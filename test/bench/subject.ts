/** One run of the engine over real HTTP, measured from outside: what a person would see, and when. */
import { createHash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { PlanReady, SummaryResult } from '../../src/engine/events.ts';
import type { ChatModel } from '../../src/engine/model.ts';
import type { AnswerCache, Clock } from '../../src/engine/ports.ts';
import type { RunOptions, RunPorts } from '../../src/engine/request.ts';
import { run } from '../../src/engine/run/run.ts';
import { createScheduler } from '../../src/engine/schedule/scheduler.ts';
import type { Scheduler } from '../../src/engine/schedule/types.ts';
import type { SourcePart } from '../../src/engine/source.ts';
import { openai } from '../../src/providers/openai.ts';
import { withLearnedLimits } from '../../src/providers/learnedLimits.ts';
import { createPrepare } from '../../src/text/prepare.ts';
import { createTokenCounter } from '../../src/text/tokens.ts';
import { createTextWorker, textWorkerOptions } from '../../src/text/textWorker.ts';
import { seeded } from '../support/random.ts';
import { memoryCache } from './memoryCache.ts';
import { watchPauses } from './pause.ts';

export interface Subject {
  readonly model: ChatModel;
  readonly scheduler: Scheduler;
  readonly cache: AnswerCache;
  readonly lanes: number;
}

export interface Measured {
  readonly wallMs: number;
  /** Of the summary. */
  readonly firstTokenMs: number;
  /** First words of anything: a note or the summary. */
  readonly firstWordsMs: number;
  readonly longestPauseMs: number;
  readonly plan: PlanReady;
  readonly result: SummaryResult;
  readonly citations: number;
}

export const clock: Clock = {
  now: () => performance.now(),
  timer(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      });
    }),
};

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const worker = createTextWorker(
  () => new Worker(new URL('../../src/text/worker.ts', import.meta.url), textWorkerOptions),
);
const yieldToEventLoop = (): Promise<void> => breathe();

/** A new account: nothing is known of the server yet, nothing is cached. */
export async function newSubject(
  url: string,
  { window = 32_000, lanes = 8, cache = memoryCache() }: { window?: number; lanes?: number; cache?: AnswerCache } = {},
): Promise<Subject> {
  const memory = new Map<string, unknown>();
  const remembered = {
    get: (key: string) => memory.get(key),
    set: (key: string, value: unknown) => void memory.set(key, value),
  };
  const plain = await openai.create({
    baseUrl: `${url}/v1`,
    apiKey: 'bench',
    model: 'bench-1',
    contextWindow: window,
    fetch: (input, init) => globalThis.fetch(input, init),
    account: 'bench',
    memory: remembered,
  });
  const model = withLearnedLimits(plain, remembered);
  const options = {
    concurrency: lanes,
    maxRetries: 5,
    requestTimeoutMs: 120_000,
    firstTokenTimeoutMs: 120_000,
    hedge: true,
  };
  return { model, scheduler: createScheduler(options, { clock, random: seeded(1) }), cache, lanes };
}

export async function measure(
  subject: Subject,
  text: SourcePart['text'],
  title: string,
  more: Partial<RunOptions> = {},
): Promise<Measured> {
  const { model, scheduler, cache, lanes } = subject;
  const prepare = createPrepare({ salt: 'bench', hash, yield: yieldToEventLoop, worker });
  const ports: RunPorts = {
    model,
    mapModel: model,
    scheduler,
    mapScheduler: scheduler,
    cache,
    prepare,
    tokens: createTokenCounter(worker),
    clock,
    hash,
    fence: (body) => hash(`fence\n${body}`).slice(0, 16),
    yield: yieldToEventLoop,
    signal: new AbortController().signal,
  };
  const options: RunOptions = {
    length: 'standard',
    language: '',
    instructions: '',
    chunkTokens: 0,
    concurrency: lanes,
    maxCostUsd: 0,
    ...more,
  };
  const source = { title, parts: [{ title, startLine: 1, text }], skipped: [], shape: 'text' } as const;
  const pauses = watchPauses();
  const began = performance.now();
  let [firstTokenMs, firstWordsMs, citations] = [0, 0, 0];
  let plan: PlanReady | undefined;
  let result: SummaryResult | undefined;
  for await (const event of run({ id: `bench-${Math.round(began)}`, source, options }, ports)) {
    const now = performance.now() - began;
    if (event.type === 'plan') plan = event;
    if (event.type === 'note' && event.text !== '' && !event.cached) firstWordsMs ||= now;
    if (event.type === 'restart') firstTokenMs = 0;
    if (event.type === 'citation') citations += 1;
    if (event.type === 'delta') {
      firstTokenMs ||= now;
      firstWordsMs ||= now;
    }
    if (event.type === 'end') result = event.result;
  }
  const wallMs = performance.now() - began;
  const longestPauseMs = pauses.stop();
  if (plan === undefined || result === undefined) throw new Error('the run told no plan or no end');
  if (result.status !== 'complete')
    throw new Error(`the run ended ${result.status}: ${JSON.stringify(result.gaps.slice(0, 3))}`);
  return { wallMs, firstTokenMs, firstWordsMs, longestPauseMs, plan, result, citations };
}
