/** All that will come of a batch has come: its summary, or what a person is asked first. */
import { countsOf, spentOf, type JobRecord } from '../../batch/job.ts';
import { isOne, number } from '../../host/plural.ts';
import { errorText } from '../../host/errors.ts';
import { readSettings } from '../../host/settings.ts';
import { t } from '../../host/l10n.ts';
import { showInformation, showWarning } from '../../host/notify.ts';
import type { ErrorView } from '../../shared/runView.ts';
import type { ActiveRun } from '../activeRun.ts';
import type { JobOrder } from './batches.ts';
import type { Runs, StartRequest } from '../runs.ts';
import type { RunStore } from '../history.ts';

export interface EndPorts {
  readonly runs: Runs;
  readonly store: RunStore;
  readonly runOf: (job: JobRecord) => Promise<ActiveRun>;
  readonly requestOf: (job: JobRecord, run: ActiveRun) => StartRequest;
  readonly tell: (id: string, order: JobOrder) => Promise<void>;
  readonly show: (run: ActiveRun, focus: boolean) => void;
}

/** Rows that did not come back are asked live without a question up to this share of them. */
const smallLoss = 0.1;

/** Whether so much of the map did not come back that the job's user is asked what becomes of it. */
function waitsForUser(ports: EndPorts, job: JobRecord): boolean {
  const { rows, lost } = countsOf({ parts: job.parts.filter(({ stage }) => !stage) });
  if (lost <= rows * smallLoss || job.finishAnyway || !isMuch(job, lost / rows)) return false;
  void askAboutLost(ports, job, lost, rows);
  return true;
}

/** Resolves with false where the job waits for its user, or for the next window. */
export async function finishBatch(ports: EndPorts, job: JobRecord): Promise<boolean> {
  if (waitsForUser(ports, job)) return false;
  const run = await ports.runOf(job);
  delete run.state.batchJob;
  const request = ports.requestOf(job, run);
  const result = await ports.runs.start({
    ...request,
    engine: { batched: true, spent: spentOf(job) },
    agreed: !job.finishAnyway,
  });
  // the window closes: the next one finishes it
  if (result.status === 'cancelled') {
    run.state.batchJob = job.id;
    await ports.store.save(run.record());
    return false;
  }
  void tellReady(ports, job, run);
  return true;
}

function isMuch(job: JobRecord, share: number): boolean {
  const limit = readSettings(undefined)['precis.confirmAboveTokens'];
  return limit > 0 && (job.inputTokens ?? 0) * share > limit;
}

async function askAboutLost({ tell }: EndPorts, job: JobRecord, lost: number, rows: number): Promise<void> {
  const live = t('Finish Now');
  const batch = t('New Batch');
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
    batch,
  );
  if (answer === live) await tell(job.id, 'finish-anyway');
  if (answer === batch) await tell(job.id, 'again');
}

async function tellReady({ show }: EndPorts, job: JobRecord, run: ActiveRun): Promise<void> {
  const open = t('Show Summary');
  const answer = await showInformation(t('The batch of “{0}” is summarized.', job.title), open);
  if (answer === open) show(run, true);
}

/** What the panel says of a job that made no summary. */
export function endOf(job: JobRecord): ErrorView {
  if (job.phase === 'failed') {
    const message = job.problem === undefined ? t('The batch failed.') : errorText(job.problem, t);
    return { kind: 'unknown', message, actions: ['retry', 'showLog'] };
  }
  const message = t('The batch was cancelled. What had come back is kept: to summarize now asks only for the rest.');
  return { kind: 'cancelled', message, actions: ['retry'] };
}
