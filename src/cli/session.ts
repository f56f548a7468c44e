/** Composes command line and MCP server: engine, providers, text worker, cache. */
import { randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { createAnswerCache, createNoCache, type ClosableCache } from '../cache/cache.ts';
import { nodeFs } from '../cache/fileSystem.ts';
import type { BatchPlan } from '../engine/batch/plan.ts';
import type { PlanReady, RunEvent, SummaryResult } from '../engine/events.ts';
import { ModelError } from '../engine/model.ts';
import type { AnswerCache } from '../engine/ports.ts';
import { forgetReader } from '../providers/wires/findReader.ts';
import type { RunOptions, RunPorts, RunRequest, Spent } from '../engine/request.ts';
import { getLanes } from '../engine/schedule/lanes.ts';
import type { Scheduler } from '../engine/schedule/types.ts';
import type { SummaryLength } from '../contributions.ts';
import type { Source } from '../engine/source.ts';
import { realClock } from '../host/clock.ts';
import { createFence } from '../host/fence.ts';
import { hash } from '../host/hash.ts';
import { createWindowId, isAlive } from '../host/windowId.ts';
import { yieldToEventLoop } from '../host/yield.ts';
import { createDocumentReader } from '../text/documents.ts';
import { createPrepare } from '../text/prepare.ts';
import { createMasker, createSecretNamer } from '../text/secrets/secrets.ts';
import { createTextWorker, textWorkerOptions, type TextWorker } from '../text/textWorker.ts';
import { createTokenCounter } from '../text/tokens.ts';
import type { Folders } from './folders.ts';
import { readInputs, type Inputs } from './inputs.ts';
import { chooseModels, type CliModels } from './models.ts';
import { withUnreadFiles } from './output.ts';
import { defaults, type CliSettings } from './settings.ts';
import { getInstallationSecret, loadMemory, type SavedMemory } from './state.ts';

interface SessionOptions {
  readonly settings: CliSettings;
  readonly folders: Folders;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly workerFile: URL;
  /** Logs a sentence about a problem, such as an unwritable cache folder. */
  readonly log: (line: string) => void;
}

/** Request for one summary. */
interface SummarizeRequest {
  readonly source: Source;
  readonly signal: AbortSignal;
  readonly question?: string;
  /** Overrides the settings' length. */
  readonly length?: SummaryLength;
  readonly spent?: Spent;
  readonly onEvent?: (event: RunEvent) => void;
  /** Called once with the plan before sending; false cancels. */
  readonly confirm?: (plan: PlanReady) => Promise<boolean>;
}

/** Shared resources of consecutive runs. */
export class Session {
  readonly #options: SessionOptions;
  readonly #worker: TextWorker;
  readonly #memory: SavedMemory;
  readonly #secret: string;
  #cache: ClosableCache | undefined;
  #scheduler: Scheduler | undefined;
  #cacheFailed = false;

  private constructor(options: SessionOptions, memory: SavedMemory, secret: string) {
    this.#options = options;
    this.#memory = memory;
    this.#secret = secret;
    this.#worker = createTextWorker(() => new Worker(options.workerFile, textWorkerOptions) as never);
  }

  static async open(options: SessionOptions): Promise<Session> {
    const { state } = options.folders;
    const [memory, secret] = await Promise.all([loadMemory(state), getInstallationSecret(state)]);
    return new Session(options, memory, secret);
  }

  get settings(): CliSettings {
    return this.#options.settings;
  }

  /**
   * Reads files, folders and standard input.
   * @throws InputError
   */
  read(paths: readonly string[], signal: AbortSignal): Promise<Inputs> {
    return readInputs(paths, {
      cwd: this.#options.cwd,
      stdin: process.stdin,
      extract: createDocumentReader(this.#worker),
      yield: yieldToEventLoop,
      signal,
    });
  }

  async mask(text: string): Promise<string> {
    const masker = createMasker(createSecretNamer(this.#secret, hash));
    return (await masker.push(text)) + (await masker.end());
  }

  /** @throws ModelError, ConsentError; undefined offline */
  models(signal: AbortSignal): Promise<CliModels | undefined> {
    const { settings, env } = this.#options;
    return chooseModels({ settings, env, memory: this.#memory, signal });
  }

  /**
   * Runs a summary. A cancelled run resolves with status `cancelled`; finished parts stay cached.
   * @param models from `models()`; undefined: offline
   */
  async summarize(request: SummarizeRequest, models: CliModels | undefined): Promise<SummaryResult> {
    try {
      return await this.#follow(request, models);
    } catch (error) {
      if (!models?.isDefaultReader || !ModelError.is(error, 'no-model')) throw error;
      const { model, mapModel: reader, price } = models;
      const message = `${reader.host} does not offer ${reader.model}: ${model.model} reads the parts too.`;
      request.onEvent?.({ type: 'notice', code: 'reader', message });
      const { confirm: _, ...agreed } = request;
      const { isDefaultReader: _default, mapPrice: _price, ...own } = models;
      const result = await this.#follow(agreed, { ...own, mapModel: model, ...(price ? { mapPrice: price } : {}) });
      forgetReader(this.#memory, reader);
      return result;
    }
  }

  async #follow(request: SummarizeRequest, models: CliModels | undefined): Promise<SummaryResult> {
    let result: SummaryResult | undefined;
    for await (const event of await this.#start(request, models)) {
      request.onEvent?.(event);
      if (event.type === 'end') result = event.result;
    }
    if (!result) throw new Error('The run ended without a result.');
    return withUnreadFiles(result);
  }

  async #start(request: SummarizeRequest, models: CliModels | undefined): Promise<AsyncIterable<RunEvent>> {
    const run = await this.#runRequest(request, models);
    if (!models) {
      const { runOffline } = await import('../engine/offline/run.ts');
      return runOffline(run, this.#common(request.signal));
    }
    const { run: start } = await import('../engine/run/run.ts');
    return start(run, await this.#ports(run, request, models));
  }

  /**
   * Plans the rows of a batch.
   * @param pending keys that other batches will deliver
   */
  async planBatch(request: SummarizeRequest, models: CliModels, pending: ReadonlySet<string>): Promise<BatchPlan> {
    const run = await this.#runRequest(request, models);
    const { createBatchPlan: batchPlan } = await import('../engine/batch/plan.ts');
    return batchPlan(run, await this.#ports(run, request, models), pending);
  }

  async #runRequest({ source, ...request }: SummarizeRequest, models: CliModels | undefined): Promise<RunRequest> {
    return { id: randomUUID(), source, options: await this.#runOptions(request, models) };
  }

  #common(signal: AbortSignal): Pick<RunPorts, 'prepare' | 'signal' | 'yield' | 'clock'> {
    const prepare = createPrepare({ salt: this.#secret, hash, yield: yieldToEventLoop, worker: this.#worker });
    return { prepare, signal, yield: yieldToEventLoop, clock: realClock };
  }

  async #ports({ options }: RunRequest, request: SummarizeRequest, models: CliModels): Promise<RunPorts> {
    const [scheduler, cache] = await Promise.all([
      this.#schedulerOf(models.model, options.concurrency, request.signal),
      this.cache(),
    ]);
    return {
      ...this.#common(request.signal),
      model: models.model,
      mapModel: models.mapModel,
      scheduler,
      // Both models share one account and its limits.
      mapScheduler: scheduler,
      cache,
      tokens: createTokenCounter(this.#worker),
      hash,
      fence: createFence(this.#secret, hash),
      ...(request.confirm ? { confirm: request.confirm } : {}),
    };
  }

  async #runOptions(request: Omit<SummarizeRequest, 'source'>, models: CliModels | undefined): Promise<RunOptions> {
    const { settings } = this;
    const limits = models && (await models.model.limits(request.signal));
    const usual = settings.concurrency ?? (limits?.loopback ? 2 : defaults.concurrency);
    return {
      length: request.length ?? settings.length,
      language: settings.language,
      instructions: settings.instructions && (await this.mask(settings.instructions)),
      ...(request.spent ? { batched: true, spent: request.spent } : {}),
      ...(request.question ? { question: await this.mask(request.question) } : {}),
      chunkTokens: 0,
      concurrency: limits ? getLanes(limits, usual, settings.concurrency !== undefined) : usual,
      maxCostUsd: settings.maxCostUsd,
      ...(settings.reasoningEffort === 'auto' ? {} : { effort: settings.reasoningEffort }),
      ...(models?.flex ? { flex: models.flex } : {}),
      ...(models?.price ? { price: models.price } : {}),
      ...(models?.mapPrice ? { mapPrice: models.mapPrice } : {}),
    };
  }

  /** Shares one scheduler between runs, so learned limits persist. */
  async #schedulerOf(model: CliModels['model'], concurrency: number, signal: AbortSignal): Promise<Scheduler> {
    if (this.#scheduler) return this.#scheduler;
    const { createScheduler } = await import('../engine/schedule/scheduler.ts');
    const { loopback } = await model.limits(signal);
    const { requestTimeoutSeconds, maxRetries, hedgeStragglers } = this.settings;
    const idle = requestTimeoutSeconds * 1000;
    const options = {
      concurrency,
      maxRetries,
      requestTimeoutMs: idle,
      firstTokenTimeoutMs: loopback ? idle * 5 : idle,
      hedge: hedgeStragglers && !loopback,
      sharesProcessor: loopback,
    };
    return (this.#scheduler = createScheduler(options, { clock: realClock, random: Math.random }));
  }

  get keepsAnswers(): boolean {
    return this.#cache !== undefined && !this.#cacheFailed;
  }

  /** Answers kept between runs. */
  async cache(): Promise<AnswerCache> {
    const { cache, cacheTtlHours, cacheMaxMegabytes } = this.settings;
    if (!cache) return createNoCache();
    const owner = createWindowId();
    return (this.#cache ??= await createAnswerCache({
      files: { fs: nodeFs(this.#options.folders.cache), alive: (other) => isAlive(other, owner) },
      window: owner,
      clock: realClock,
      now: Date.now,
      limits: () => ({ ttlMs: cacheTtlHours * 3_600_000, maxBytes: cacheMaxMegabytes * 1024 * 1024 }),
      log: (line) => {
        this.#cacheFailed = true;
        this.#options.log(line);
      },
    }));
  }

  async close(): Promise<void> {
    await Promise.all([this.#cache?.close(), this.#memory.save()]);
    this.#worker.dispose();
  }
}
