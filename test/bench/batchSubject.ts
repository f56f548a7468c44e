/** A batch of a folder as the extension does it, in a process that does nothing else: tells its parent what each phase took. */
import { toProblemError } from '../../src/batch/job.ts';
import { readFileSync } from 'node:fs';
import { open, readFile, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  acquireLock,
  loadBatchWire,
  createBatchRunner,
  createJobStore,
  spentOf,
  type JobRecord,
} from '../../src/batch/index.ts';
import { createJob } from '../../src/batch/job.ts';
import { createAnswerCache } from '../../src/cache/cache.ts';
import { nodeFs } from '../../src/cache/fileSystem.ts';
import { createBatchPlan } from '../../src/engine/batch/plan.ts';
import type { RunOptions, RunPorts } from '../../src/engine/request.ts';
import { run } from '../../src/engine/run/run.ts';
import { createScheduler } from '../../src/engine/schedule/scheduler.ts';
import type { Source, SourcePart } from '../../src/engine/source.ts';
import { estimateTokens } from '../../src/engine/tokens.ts';
import { realClock } from '../../src/host/clock.ts';
import { createFence } from '../../src/host/fence.ts';
import { hash } from '../../src/host/hash.ts';
import { yieldToEventLoop } from '../../src/host/yield.ts';
import { openai } from '../../src/providers/openai.ts';
import type { ProviderConfig } from '../../src/providers/provider.ts';
import { streamBytes } from '../../src/sources/bytes.ts';
import { decodePieces } from '../../src/sources/decoding.ts';
import { createPrepare } from '../../src/text/prepare.ts';
import { createTextWorker, textWorkerOptions } from '../../src/text/textWorker.ts';
import { seeded } from '../support/random.ts';
import { watchPauses } from './pause.ts';

export interface SubjectInput {
  readonly url: string;
  /** Holds the files that are summarized. */
  readonly folder: string;
  /** Empty: for the cache and the jobs. */
  readonly state: string;
  /** The last phase; the rest is not run. */
  readonly until: 'collected' | 'finished';
}

export interface Phase {
  readonly name: 'start' | 'planned' | 'submitted' | 'collected' | 'finished';
  readonly ms: number;
  /** Of the process since its start, bytes. */
  readonly peak: number;
  readonly rss: number;
  /** What is in use, in the script's heap and beside it, after a full collection where one can be asked for. */
  readonly live: number;
  /** Longest stretch that the thread was held in this phase, ms. */
  readonly pause: number;
  readonly rows: number;
  /** Of the run that ends the job. */
  readonly calls?: number;
}

/** Text that a folder holds; above it all files are read in pieces, as `sources/folder.ts` does. */
const mostHeld = 16 * 1024 * 1024;

export async function subject(input: SubjectInput, tell: (phase: Phase) => void): Promise<void> {
  const phases = createPhases(tell);
  phases.end('start', 0);
  const signal = new AbortController().signal;
  const source = await folderSource(input.folder);
  const config = configOf(input.url);
  const model = await openai.create(config);
  const limits = await model.limits(signal);
  const state = nodeFs(join(input.state, 'batch'));
  const cache = await createAnswerCache({
    files: { fs: nodeFs(join(input.state, 'cache')), alive: () => true },
    window: 'bench',
    clock: realClock,
    now: () => Date.now(),
    limits: () => ({ ttlMs: 1e9, maxBytes: 64 * 1024 * 1024 }),
    log: () => undefined,
  });
  const scheduler = createScheduler(
    { concurrency: 8, maxRetries: 5, requestTimeoutMs: 30_000, firstTokenTimeoutMs: 30_000, hedge: false },
    { clock: realClock, random: seeded(7) },
  );
  const worker = createTextWorker(() => new Worker(new URL(workerFile, import.meta.url), textWorkerOptions));
  const ports: RunPorts = {
    model,
    mapModel: model,
    scheduler,
    mapScheduler: scheduler,
    cache,
    prepare: createPrepare({ salt: 'bench', hash, yield: yieldToEventLoop, worker }),
    tokens: { count: (texts) => Promise.resolve(texts.map(estimateTokens)) },
    clock: realClock,
    hash,
    fence: createFence('secret of the bench', hash),
    yield: yieldToEventLoop,
    signal,
  };
  const options = { length: 'standard', language: '', instructions: '', chunkTokens: 2_000 } as const;
  const all: RunOptions = { ...options, concurrency: 8, maxCostUsd: 0, batched: true };
  const job = jobOf(options);
  let rows = 0;
  let over: (job: JobRecord) => void = () => undefined;
  const done = new Promise<JobRecord>((resolve) => (over = resolve));
  const runner = createBatchRunner({
    store: createJobStore(state),
    wire: () => Promise.resolve(loadBatchWire('openai', config, limits)!),
    async plan(_, pending) {
      const plan = await createBatchPlan({ id: 'run', source, options: all }, ports, pending);
      rows = plan.rowCount;
      phases.end('planned', rows);
      return plan;
    },
    cache: () => Promise.resolve(cache),
    async finish(record) {
      phases.end('collected', rows);
      if (input.until === 'collected') return true;
      let calls = 0;
      for await (const event of run(
        { id: 'run', source, options: { ...all, spent: spentOf(record), price: { input: 1, output: 2 } } },
        ports,
      ))
        if (event.type === 'end') calls = event.result.usage.calls - spentOf(record).calls;
      phases.end('finished', rows, calls);
      return true;
    },
    acquire: (key) =>
      acquireLock({ fs: state, window: 'bench', clock: realClock, now: () => Date.now(), alive: () => true }, key),
    clock: { ...realClock, sleep: (ms, aborted) => realClock.sleep(Math.min(ms, 20), aborted) },
    now: () => Date.now(),
    random: seeded(3),
    onChange: (record) => {
      if (record.phase === 'done' || record.phase === 'failed') over(record);
    },
    log: (line) => void process.stderr.write(`${line}\n`),
  });
  await runner.start(job);
  phases.end('submitted', rows);
  const record = await done;
  await runner.dispose();
  await cache.close();
  worker.dispose();
  if (record.phase !== 'done') throw new Error(toProblemError(record.problem ?? 'the job failed').message);
}

/** The bundle's, or the source. */
const workerFile = import.meta.url.endsWith('.ts') ? '../../src/text/worker.ts' : './worker.js';

function createPhases(tell: (phase: Phase) => void): { end(name: Phase['name'], rows: number, calls?: number): void } {
  let from = performance.now();
  let pauses = watchPauses();
  return {
    end(name, rows, calls) {
      const pause = pauses.stop();
      const ms = performance.now() - from;
      const peak = peakBytes();
      globalThis.gc?.();
      const { rss, heapUsed, external } = process.memoryUsage();
      const live = heapUsed + external;
      tell({ name, ms, peak, rss, live, pause, rows, ...(calls === undefined ? {} : { calls }) });
      from = performance.now();
      pauses = watchPauses();
    },
  };
}

/** What a parent took is no part of it, unlike in `resourceUsage`. */
function peakBytes(): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

async function folderSource(folder: string): Promise<Source> {
  const paths = (await readdir(folder)).sort().map((name) => join(folder, name));
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
  const lazy = sizes.reduce((sum, size) => sum + size, 0) > mostHeld;
  const parts = paths.map(async (path, i): Promise<SourcePart> => {
    const about = { uri: `file://${path}`, title: basename(path), startLine: 1 };
    if (lazy) return { ...about, bytes: sizes[i]!, text: () => pieces(path) };
    return { ...about, text: new TextDecoder('utf-8').decode(await readFile(path)) };
  });
  return { title: basename(folder), parts: await Promise.all(parts), skipped: [], shape: 'folder' };
}

async function* pieces(path: string): AsyncGenerator<string> {
  const handle = await open(path, 'r');
  try {
    yield* decodePieces(streamBytes(handle, Infinity), { encoding: 'utf-8', bom: 0, sure: true });
  } finally {
    await handle.close();
  }
}

function configOf(url: string): ProviderConfig {
  const memory = new Map<string, unknown>();
  return {
    baseUrl: `${url}/v1`,
    apiKey: 'sk-test-0123456789',
    model: 'gpt-6-sol',
    contextWindow: 128_000,
    fetch: globalThis.fetch,
    account: 'bench',
    memory: { get: (key) => memory.get(key), set: (key, value) => void memory.set(key, value) },
  };
}

function jobOf(options: JobRecord['options']): JobRecord {
  return createJob({
    id: 'precis-bench',
    runId: 'run',
    title: 'folder',
    createdAt: Date.now(),
    provider: 'openai',
    model: 'gpt-6-sol',
    mapModel: 'gpt-6-sol',
    host: 'localhost',
    vendor: 'openai',
    options,
    price: { input: 0.5, output: 1 },
  });
}

if (process.send && process.argv[2] !== undefined) {
  await subject(JSON.parse(process.argv[2]) as SubjectInput, (phase) => process.send?.(phase));
  process.send({ name: 'end' }, () => process.exit(0));
}
