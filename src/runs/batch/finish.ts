import { countRows, sumUsage, type JobRecord } from '../../batch/job.ts';
import { isOne, number } from '../../host/plural.ts';
import { translateError } from '../../host/errors.ts';
import { readSettings } from '../../host/settings.ts';
import { t } from '../../host/l10n.ts';
import { showInformation, showWarning } from '../../host/notify.ts';
import type { ErrorView } from '../../shared/runView.ts';
import type { ActiveRun } from '../activeRun.ts';
import type { BatchContext } from './types.ts';

/** Share of missing rows that are requested live without a question. */
const smallLoss = 0.1;

/** Whether too many rows are missing to continue without a question. */
function waitsForUser(batch: BatchContext, job: JobRecord): boolean {
  const { rows, lost } = countRows({ parts: job.parts.filter(({ stage }) => !stage) });
  if (lost <= rows * smallLoss || job.finishAnyway || !isMuch(job, lost / rows)) return false;
  void askAboutLost(batch, job, lost, rows);
  return true;
}

/** Returns false if the job waits for its user or the next window. */
export async function finishBatch(batch: BatchContext, job: JobRecord): Promise<boolean> {
  if (waitsForUser(batch, job)) return false;
  const run = await batch.runOf(job);
  delete run.state.batchJob;
  const request = batch.requestOf(job, run);
  const spent = sumUsage(job);
  const result = await batch.deps.runs.start({
    ...request,
    engine: { batched: true, spent },
    paid: { provider: job.provider, model: job.mapModel, usage: spent, ...spent },
    agreed: !job.finishAnyway,
  });
  // the window closes: the next one finishes it
  if (result.status === 'cancelled') {
    run.state.batchJob = job.id;
    await batch.deps.store.save(run.record());
    return false;
  }
  void notifyReady(batch, job, run);
  return true;
}

function isMuch(job: JobRecord, share: number): boolean {
  const limit = readSettings(undefined)['precis.confirmAboveTokens'];
  return limit > 0 && (job.inputTokens ?? 0) * share > limit;
}

async function askAboutLost(batch: BatchContext, job: JobRecord, lost: number, rows: number): Promise<void> {
  const live = t('Finish Now');
  const anew = t('New Batch');
  const answer = await showWarning(
    t(
      isOne(rows)
        ? '{0} of {1} request of “{2}” did not come back.'
        : '{0} of {1} requests of “{2}” did not come back.',
      number(lost),
      number(rows),
      job.title,
    ),
    live,
    anew,
  );
  if (answer === live) await batch.order(job.id, 'finish-anyway');
  if (answer === anew) await batch.order(job.id, 'again');
}

async function notifyReady({ deps }: BatchContext, job: JobRecord, run: ActiveRun): Promise<void> {
  const open = t('Show Summary');
  const answer = await showInformation(t('The batch of “{0}” is summarized.', job.title), open);
  if (answer === open) deps.show(run, true);
}

/** Describes why a job has no summary. */
export function describeEnd(job: JobRecord): ErrorView {
  if (job.phase === 'failed') {
    const message = job.problem === undefined ? t('The batch failed.') : translateError(job.problem, t);
    return { kind: 'unknown', message, actions: ['retry', 'showLog'] };
  }
  const message = t('The batch was cancelled. Results that arrived are kept: summarizing now requests only the rest.');
  return { kind: 'cancelled', message, actions: ['retry'] };
}
