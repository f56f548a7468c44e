/** Submits a batch job after a question. Cancelling leaves nothing behind. */
import type { JobRecord } from '../../batch/index.ts';
import { createJob, toProblem } from '../../batch/job.ts';
import { translateError, createErrorView, isCancel, SettingError } from '../../host/errors.ts';
import { translateProviderName } from '../../host/providerNames.ts';
import { readSettings, type Settings } from '../../host/settings.ts';
import { t } from '../../host/l10n.ts';
import { SourceError } from '../../sources/index.ts';
import type { ActiveRun } from '../activeRun.ts';
import { batchCosts, halfPrice } from '../../batch/price.ts';
import { batchHost } from './batchHost.ts';
import { checkCost, confirmBatch, showWaiting } from './confirm.ts';
import type { BatchContext, BatchRequest } from './types.ts';
import { OtherFiles } from '../confirm.ts';
import type { ChosenModels } from '../models.ts';

/** Resolves to the job's id; undefined if declined or cancelled. */
export async function submitBatch(batch: BatchContext, request: BatchRequest): Promise<string | undefined> {
  if (batch.folder.scheme !== 'file') throw new SourceError(t('Batches need a folder on this machine.'), 'none');
  const settings = readSettings(request.scope);
  if (!settings['precis.cache.enabled'])
    throw new SettingError(
      t('Batch results are stored in the cache. Turn on “precis.cache.enabled”.'),
      'precis.cache.enabled',
    );
  const chosen = await batch.deps.models.choose(settings, {}, request.scope, request);
  if (!chosen.model || !chosen.mapModel)
    throw new SourceError(
      chosen.notice ?? t('Batches need a provider. Choose one with “Select Provider”.'),
      'provider',
    );
  const vendor = batchHost(chosen.provider, chosen.baseUrl);
  if (!vendor) throw noBatches((await batch.deps.models.definition(chosen.provider)).label);
  const run = batch.deps.runs.open({
    target: request.target,
    title: request.title,
    read: (signal) => batch.deps.resolve(request.target, signal),
    ...(request.scope ? { scope: request.scope } : {}),
    interactive: request.interactive,
    show: true,
  });
  const abort = new AbortController();
  run.state.abort = abort;
  batch.deps.progress.add(run);
  let id: string | typeof summarizeNow | undefined;
  try {
    id = await submitRun(batch, request, run, toJobRecord(run, chosen, vendor, settings), abort.signal);
  } finally {
    batch.deps.progress.remove(run);
    delete run.state.abort;
    run.changed();
  }
  if (id !== summarizeNow) return id;
  const { target, title } = run.state;
  const read = (signal: AbortSignal) => batch.deps.resolve(target, signal);
  const live = { target, title, read, interactive: request.interactive, show: true, into: run, agreed: true };
  // the panel shows its failure
  void batch.deps.runs.start({ ...live, ...(request.scope ? { scope: request.scope } : {}) }).catch(() => undefined);
  return undefined;
}

/** The user chose to pay the full price instead of waiting. */
const summarizeNow = Symbol('now');

async function submitRun(
  batch: BatchContext,
  request: BatchRequest,
  run: ActiveRun,
  base: JobRecord,
  signal: AbortSignal,
): Promise<string | typeof summarizeNow | undefined> {
  const settings = readSettings(request.scope);
  try {
    const ready = await batch.planOf(base, run, new Set(), signal, request.interactive);
    signal.throwIfAborted();
    const costs = batchCosts(base, ready);
    checkCost(costs, settings['precis.maxCostUsd']);
    const limit = request.agreed === true ? 0 : settings['precis.confirmAboveTokens'];
    const { target } = run.state;
    const choose = target.kind === 'items' ? () => batch.deps.chooseFiles(target, signal) : undefined;
    const choice = await confirmBatch(base, ready, request.always === true ? 'always' : limit, choose);
    signal.throwIfAborted();
    if (choice === undefined) return declined(run);
    if (choice === 'now') return summarizeNow;
    const estimatedUsd = costs.batchUsd;
    const job: JobRecord = {
      ...base,
      inputTokens: ready.inputTokens,
      ...(estimatedUsd === undefined ? {} : { estimatedUsd }),
    };
    signal.throwIfAborted();
    run.state.batchJob = job.id;
    showWaiting(run, job, ready);
    await batch.deps.store.save(run.record());
    batch.plans.set(job.id, ready);
    await batch.expectJob();
    await (await batch.runner()).start(job, signal);
    batch.deps.log.info(`batch ${job.id}: ${ready.rowCount} requests to ${job.host}`);
    return job.id;
  } catch (error) {
    if (error instanceof OtherFiles && !signal.aborted) {
      run.state.target = error.target;
      return submitRun(batch, request, run, base, signal);
    }
    batch.plans.delete(base.id);
    const cancelled = signal.aborted || isCancel(error);
    delete run.state.batchJob;
    if (cancelled) declined(run);
    else run.fail(failure(error));
    await batch.deps.store.save(run.record());
    if (cancelled) return undefined;
    throw error;
  }
}

function declined(run: ActiveRun): undefined {
  run.fail({ kind: 'cancelled', message: t('Nothing was sent, or the batch was cancelled.'), actions: ['retry'] });
}

function failure(error: unknown): ReturnType<typeof createErrorView> {
  const view = createErrorView(error, t);
  // only our own sentences are written for users
  return error instanceof Error && view.kind === 'unknown'
    ? { ...view, message: translateError(toProblem(error), t) }
    : view;
}

function toJobRecord(run: ActiveRun, chosen: ChosenModels, vendor: JobRecord['vendor'], settings: Settings): JobRecord {
  return createJob({
    id: `precis-${run.id}`,
    runId: run.id,
    title: run.state.title,
    createdAt: Date.now(),
    provider: chosen.provider,
    model: chosen.model!.model,
    mapModel: chosen.mapModel!.model,
    host: chosen.mapModel!.host,
    vendor,
    options: {
      length: settings['precis.summary.length'],
      language: settings['precis.summary.language'],
      instructions: settings['precis.summary.instructions'],
      chunkTokens: settings['precis.chunkTokens'],
    },
    ...(chosen.mapPrice ? { price: halfPrice(chosen.mapPrice) } : {}),
  });
}

/** Error of a provider without batches. */
export function noBatches(label: string): SourceError {
  return new SourceError(
    t(
      '{0} has no batches at half the price. Choose another provider, or summarize now.',
      translateProviderName(label, t),
    ),
    'provider',
  );
}
