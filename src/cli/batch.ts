import { join, resolve } from 'node:path';
import { countRows, isOver, chooseAction, toProblemError, sumUsage, type JobRecord } from '../batch/job.ts';
import { batchCosts, halfPrice, type BatchCosts } from '../batch/price.ts';
import type { BatchPlan } from '../engine/batch/plan.ts';
import { ModelError } from '../engine/model.ts';
import { realClock } from '../host/clock.ts';
import { UsageError, type BatchCommand, type BatchJobCommand, type BatchSubmitCommand } from './args.ts';
import { BatchJobs, loadWire, type BatchTask, type JobWork } from './batchJobs.ts';
import { confirmSize, refuseKeyFiles } from './confirm.ts';
import { getExitCode, exitCodes, type ExitCode } from './exitCodes.ts';
import { InputError } from './inputs.ts';
import { ConsentError } from './models.ts';
import { loadSettings, openSession, ownFolders } from './open.ts';
import { estimateText, plural, priceText, RunPrinter, terminalText } from './output.ts';

/** Lost share up to which requests are sent live. */
const smallLoss = 0.1;
const waitMs = 30_000;

/** Runs one batch command. */
export async function runBatch(command: BatchCommand, workerFile: URL, signal: AbortSignal): Promise<ExitCode> {
  const printer = new RunPrinter({ stdout: process.stdout, stderr: process.stderr });
  const limits = command.type === 'batch-job' ? command.limits : {};
  const jobs = new BatchJobs({
    folder: join(ownFolders().state, 'batch'),
    openSession: async (settings, cwd) => {
      const { keyCommand } = await loadSettings({});
      return openSession({ ...settings, ...limits, ...(keyCommand ? { keyCommand } : {}) }, { workerFile, cwd });
    },
    signal,
    finish: {
      onEvent: (event) => {
        if (!command.json) printer.event(event);
      },
      // the user agreed to reading the job, which sends more than merging it
      confirm: (plan, job) => {
        const { maxTokens = 0 } = limits;
        return confirmSize(
          estimateText(plan),
          plan.estimate.inputTokens,
          Math.max(maxTokens, job.inputTokens ?? 0),
          signal,
        );
      },
    },
  });
  try {
    const calls = new BatchCalls(jobs, printer, workerFile, signal);
    if (command.type === 'batch-submit') return await calls.submit(command);
    const { action } = command;
    return await (action === 'status'
      ? calls.status(command)
      : action === 'cancel'
        ? calls.cancel(command)
        : calls.collect(command));
  } finally {
    await jobs.close();
  }
}

class BatchCalls {
  readonly #jobs: BatchJobs;
  readonly #printer: RunPrinter;
  readonly #workerFile: URL;
  readonly #signal: AbortSignal;

  constructor(jobs: BatchJobs, printer: RunPrinter, workerFile: URL, signal: AbortSignal) {
    this.#jobs = jobs;
    this.#printer = printer;
    this.#workerFile = workerFile;
    this.#signal = signal;
  }

  async submit(command: BatchSubmitCommand): Promise<ExitCode> {
    const settings = await loadSettings(command.options);
    if (!settings.cache)
      throw new UsageError('Batches keep their answers in the cache: leave "cache" of config.json on.');
    const cwd = process.cwd();
    const paths = command.paths.map((path) => resolve(cwd, path));
    const session = await openSession(settings, { workerFile: this.#workerFile, cwd });
    try {
      const inputs = await session.read(paths, this.#signal);
      const models = await session.models(this.#signal);
      if (!models) throw new ConsentError('A batch needs a provider: name it with --provider.');
      refuseKeyFiles(inputs, models, command.includeKeyFiles);
      const work: JobWork = { session, inputs, models };
      await (await loadWire(work, this.#signal)).check(this.#signal);
      const { keyCommand: _, ...stored } = settings;
      const task = { paths, cwd, settings: stored, waitsFor: [] };
      return await this.#jobs.submitting(
        () => this.#submitTask(command, work, task),
        () => this.#printer.note('Another batch is being submitted. Waiting.'),
      );
    } finally {
      await session.close();
    }
  }

  async #submitTask(command: BatchSubmitCommand, work: JobWork, task: BatchTask): Promise<ExitCode> {
    const { session, models, inputs } = work;
    const interrupted = command.estimate ? undefined : await this.#sameJob(task, (job) => !job.prepared);
    if (interrupted) {
      this.#printer.note('Continues an interrupted submission.');
      await this.#advance([interrupted], 'submitted');
      return this.#submitted(command, await this.#find(interrupted.id));
    }
    const pending = await this.#jobs.pendingKeys();
    const keys = new Set([...pending.values()].flatMap((own) => [...own]));
    const plan = await session.planBatch({ source: inputs.source, signal: this.#signal }, models, keys);
    const waitsFor = [...pending].filter(([, own]) => [...plan.awaited].some((key) => own.has(key))).map(([id]) => id);
    const running =
      command.estimate || plan.rowCount > 0 ? undefined : await this.#sameJob(task, ({ id }) => waitsFor.includes(id));
    if (running) {
      this.#printer.note('This text is already submitted.');
      return this.#submitted(command, running);
    }
    const price = models.mapPrice && halfPrice(models.mapPrice);
    const costs = batchCosts(price ? { price } : {}, plan);
    const text = offerText(models.mapModel.model, models.config.baseUrl, plan, costs);
    if (command.estimate) {
      const { rowCount: requests, inputTokens, outputTokens } = plan;
      const figures = { requests, inputTokens, outputTokens, costUsd: getTotalUsd(costs), liveUsd: costs.liveUsd };
      process.stdout.write(command.json ? `${JSON.stringify(figures)}\n` : `${text}\n`);
      return exitCodes.complete;
    }
    checkCost(costs, session.settings.maxCostUsd, models.mapModel.model);
    if (!(await confirmSize(text, plan.inputTokens, session.settings.maxTokens, this.#signal)))
      return exitCodes.cancelled;
    const job = await this.#jobs.submit(work, plan, {
      ...task,
      waitsFor,
      title: inputs.source.title,
      ...(price ? { price } : {}),
      ...(costs.totalUsd === undefined ? {} : { estimatedUsd: costs.totalUsd }),
    });
    this.#printer.note(`Submitted ${text}.`);
    return this.#submitted(command, job);
  }

  #submitted({ json }: BatchSubmitCommand, job: JobRecord): ExitCode {
    if (!job.prepared) throw unfinished(job);
    process.stdout.write(json ? `${JSON.stringify(createJobView(job))}\n` : `${job.id}\n`);
    if (!json) this.#printer.note(`Print the summary later with: precis batch collect ${job.id}`);
    return exitCodes.complete;
  }

  async status({ id, json }: BatchJobCommand): Promise<ExitCode> {
    const chosen = id === undefined ? await this.#jobs.list() : [await this.#find(id)];
    await this.#advance(chosen, 'polled');
    const ids = new Set(chosen.map((job) => job.id));
    const jobs = (await this.#jobs.list()).filter((job) => ids.has(job.id));
    const views = jobs.map(createJobView);
    process.stdout.write(
      json ? `${JSON.stringify(id === undefined ? views : views[0])}\n` : terminalText(formatTable(views)),
    );
    if (id !== undefined && jobs[0]?.phase === 'failed') return exitCodes.error;
    return views.some(({ state }) => underWay.includes(state)) ? exitCodes.partial : exitCodes.complete;
  }

  async collect(command: BatchJobCommand): Promise<ExitCode> {
    const { id } = command.id === undefined ? await this.#onlyOpen() : await this.#find(command.id);
    for (;;) {
      const code = await this.#collectOnce(command, id);
      if (code !== undefined) return code;
      await realClock.sleep(waitMs, this.#signal);
    }
  }

  /** Undefined if the caller must wait and call again. */
  async #collectOnce(command: BatchJobCommand, id: string): Promise<ExitCode | undefined> {
    const before = await this.#find(id);
    if (before.phase === 'done') return this.#printAgain(command, before);
    if (before.phase === 'cancelled') throw new ModelError({ kind: 'cancelled', message: `${id} was cancelled.` });
    if (command.now) await this.#jobs.order(id, 'finish-anyway');
    const waitsFor = (await this.#jobs.task(id))?.waitsFor ?? [];
    const others = (await this.#jobs.list()).filter((job) => waitsFor.includes(job.id) && !isOver(job));
    const busy = await this.#advance([before, ...others], 'collected');
    let job = await this.#find(id);
    if (busy.has(id)) return this.#notReady(command, job, 'Another process works on this job.');
    if (hasTrouble(before, job)) throw unfinished(job);
    if (job.phase === 'failed') throw toProblemError(job.problem ?? { code: 'batch-not-taken' });
    if (chooseAction(job).type !== 'finish') return this.#notReady(command, job);
    const open = (await Promise.all(others.map((other) => this.#jobs.store.load(other.id)))).find(
      (other) => other && !isOver(other) && chooseAction(other).type !== 'finish',
    );
    if (open && !command.now)
      return this.#notReady(command, job, `It waits for ${open.id}, which reads some of the same text.`);
    if (others.length > 0) await this.#jobs.reopen(id);
    if (await this.#resubmit(command, job)) return this.#notReady(command, await this.#find(id));
    await this.#advance([job], 'finished');
    job = await this.#find(id);
    if (this.#signal.aborted) return exitCodes.cancelled;
    if (job.phase !== 'done') throw unfinished(job);
    return this.#print(command, id);
  }

  /** Sends lost requests as another batch, once for each job. */
  async #resubmit({ now }: BatchJobCommand, job: JobRecord): Promise<boolean> {
    const { rows, lost } = countRows(job);
    if (now || lost <= rows * smallLoss || job.parts.some(({ outdated }) => outdated)) return false;
    await this.#jobs.order(job.id, 'again');
    await this.#advance([job], 'submitted');
    this.#printer.note(`${lost} of ${plural(rows, 'request')} did not come back and were submitted again.`);
    return true;
  }

  async cancel({ id = '', json }: BatchJobCommand): Promise<ExitCode> {
    const job = await this.#find(id);
    if (isOver(job)) {
      await this.#jobs.store.remove(job);
      this.#printer.note(`${id} is removed from the list.`);
      return exitCodes.complete;
    }
    await this.#jobs.order(id, 'stop');
    await this.#advance([job], 'polled');
    const after = await this.#find(id);
    const { done, rows } = countRows(after);
    if (json) process.stdout.write(`${JSON.stringify(createJobView(after))}\n`);
    if (after.phase === 'cancelled') {
      this.#printer.note(`${id} is cancelled. Finished requests stay cached: ${done} of ${rows}.`);
      return exitCodes.complete;
    }
    if (after.problem !== undefined && after.errors > 0) throw unfinished(after);
    this.#printer.note(`${job.host} is cancelling. precis batch status ${id} shows when it is done.`);
    return exitCodes.partial;
  }

  /** Writes a partial summary again; requests only what is missing. */
  async #printAgain(command: BatchJobCommand, job: JobRecord): Promise<ExitCode> {
    const result = await this.#jobs.result(job.id);
    if (result?.status !== 'complete') await this.#jobs.summarize(job);
    if (this.#signal.aborted) return exitCodes.cancelled;
    return this.#print(command, job.id);
  }

  async #print({ json }: BatchJobCommand, id: string): Promise<ExitCode> {
    const result = await this.#jobs.result(id);
    if (!result) throw new ModelError({ kind: 'unknown', message: `The summary of ${id} was deleted.` });
    if (json) process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
    else this.#printer.finish(result, process.cwd());
    return getExitCode(result);
  }

  #notReady({ json, wait }: BatchJobCommand, job: JobRecord, reason = ''): ExitCode | undefined {
    if (wait) return undefined;
    if (json) process.stdout.write(`${JSON.stringify(createJobView(job))}\n`);
    const { done, rows } = countRows(job);
    this.#printer.note(
      `${job.id} is not ready: ${done} of ${plural(rows, 'request')} done. ${reason || 'Collect again later.'}`,
    );
    return exitCodes.partial;
  }

  /** Also finishes deletions that an earlier call began. */
  async #advance(
    jobs: readonly JobRecord[],
    milestone: Parameters<BatchJobs['advance']>[1],
  ): Promise<ReadonlySet<string>> {
    const removing = (await this.#jobs.list()).filter((job) => job.removing);
    return this.#jobs.advance(new Set([...jobs, ...removing].map(({ id }) => id)), milestone);
  }

  async #find(id: string): Promise<JobRecord> {
    const job = await this.#jobs.store.load(id);
    if (!job || job.removing)
      throw new InputError(`There is no batch job ${id}. "precis batch status" lists the jobs.`);
    return job;
  }

  async #onlyOpen(): Promise<JobRecord> {
    const open = (await this.#jobs.list()).filter((job) => !isOver(job) && !job.removing && !job.stopping);
    const [job, other] = open;
    if (!job) throw new InputError('There is no open batch job.');
    if (other) throw new UsageError(`Name one of the open jobs: ${open.map(({ id }) => id).join(', ')}`);
    return job;
  }

  async #sameJob(task: BatchTask, isWanted: (job: JobRecord) => boolean): Promise<JobRecord | undefined> {
    const wanted = toContentKey(task);
    for (const job of await this.#jobs.list()) {
      if (isOver(job) || job.stopping || job.removing || !isWanted(job)) continue;
      const other = await this.#jobs.task(job.id);
      if (other && toContentKey(other) === wanted) return job;
    }
    return undefined;
  }
}

function toContentKey({ paths, settings }: BatchTask): string {
  const { provider, model, mapModel, baseUrl, length, language, instructions } = settings;
  return JSON.stringify([paths, provider, model, mapModel, baseUrl, length, language, instructions]);
}

const getTotalUsd = ({ batchUsd, totalUsd }: BatchCosts): number | undefined => totalUsd ?? batchUsd;

function offerText(model: string, baseUrl: string, plan: BatchPlan, costs: BatchCosts): string {
  const host = URL.canParse(baseUrl) ? new URL(baseUrl).host : baseUrl;
  const live = costs.liveUsd === undefined ? '' : `, live ${priceText(costs.liveUsd)}`;
  return `${plural(plan.rowCount, 'request')} to ${model} at ${host} as a batch, about ${Math.round(plan.inputTokens)} tokens in and ${plan.outputTokens} out, ${priceText(getTotalUsd(costs))} with the summary${live}`;
}

/** @throws ModelError above the limit, or without a known price */
function checkCost(costs: BatchCosts, limitUsd: number, model: string): void {
  if (limitUsd <= 0) return;
  const usd = getTotalUsd(costs);
  if (usd === undefined) throw new ModelError({ kind: 'bad-request', code: 'price-unknown', args: [model, limitUsd] });
  if (usd <= limitUsd) return;
  throw new ConsentError(`The batch would cost ${priceText(usd)}, more than --max-cost ${limitUsd}. Nothing was sent.`);
}

function hasTrouble(before: JobRecord, after: JobRecord): boolean {
  return after.problem !== undefined && after.errors > 0 && after.errors !== before.errors;
}

function unfinished({ id, problem }: JobRecord): Error {
  const sentence = problem === undefined ? 'The job was interrupted.' : toProblemError(problem).message;
  return new ModelError({ kind: 'unknown', message: `${sentence} The next "precis batch collect ${id}" goes on.` });
}

interface JobView {
  readonly id: string;
  readonly title: string;
  readonly state: 'submitting' | 'running' | 'ready' | 'cancelling' | 'done' | 'cancelled' | 'failed';
  readonly provider: string;
  readonly host: string;
  readonly model: string;
  readonly requests: number;
  readonly done: number;
  readonly lost: number;
  readonly createdAt: string;
  readonly estimatedUsd?: number;
  readonly spentUsd?: number;
  readonly problem?: string;
}

const underWay: readonly JobView['state'][] = ['submitting', 'running', 'cancelling'];

function createJobView(job: JobRecord): JobView {
  const { rows, done, lost } = countRows(job);
  const { costUsd } = sumUsage(job);
  return {
    id: job.id,
    title: job.title,
    state: getJobState(job),
    provider: job.provider,
    host: job.host,
    model: job.mapModel,
    requests: rows,
    done,
    lost,
    createdAt: new Date(job.createdAt).toISOString(),
    ...(job.estimatedUsd === undefined ? {} : { estimatedUsd: job.estimatedUsd }),
    ...(costUsd === undefined ? {} : { spentUsd: costUsd }),
    ...(job.problem === undefined ? {} : { problem: toProblemError(job.problem).message }),
  };
}

function getJobState(job: JobRecord): JobView['state'] {
  if (job.phase === 'done' || job.phase === 'cancelled' || job.phase === 'failed') return job.phase;
  if (job.removing || (job.stopping && !job.finishAnyway)) return 'cancelling';
  if (!job.prepared) return 'submitting';
  return job.parts.some(({ state }) => state === 'running') ? 'running' : 'ready';
}

function formatTable(views: readonly JobView[]): string {
  if (views.length === 0) return 'No batch jobs.\n';
  const rows = views.map((view) => [
    view.id,
    view.state,
    `${view.done} of ${view.requests}`,
    view.createdAt.slice(0, 16).replace('T', ' '),
    priceText(view.estimatedUsd),
    view.problem === undefined ? view.title : `${view.title}: ${view.problem}`,
  ]);
  const table = [['JOB', 'STATE', 'REQUESTS', 'SUBMITTED (UTC)', 'COST', 'TITLE'], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}
