/** Describes a batch job in words. */
import * as vscode from 'vscode';
import type { JobRecord } from '../../batch/index.ts';
import { countRows, isOver, sumUsage, type PartRecord } from '../../batch/job.ts';
import { translateError } from '../../host/errors.ts';
import { plural, isOne, number } from '../../host/plural.ts';
import { t } from '../../host/l10n.ts';
import { dollars } from '../prices.ts';

interface JobWords {
  readonly icon: string;
  readonly state: string;
  readonly counts: string;
  readonly problem: string;
}

type JobCommand = 'cancel' | 'finish' | 'again';

const dayMs = 24 * 3_600_000;

const isUnderWay = ({ state }: PartRecord): boolean => state === 'running' || state === 'creating';

/** Commands that the job's phase allows. */
export function listJobCommands(job: JobRecord): JobCommand[] {
  const live = !isOver(job);
  const failed = job.phase === 'failed';
  const orders: JobCommand[] = [];
  if (live && !job.stopping) orders.push('cancel');
  if ((live && job.prepared) || failed) orders.push('finish');
  if (countRows(job).lost > 0 || failed) orders.push('again');
  return orders;
}

/** Wording of a job in lists. */
export function describeJob(
  job: JobRecord,
  summarizing: boolean,
): JobWords & { readonly price: string; readonly left: string } {
  const { rows, done, lost } = countRows(job);
  const left = rows - done - lost;
  const since = Math.max(job.createdAt, ...job.parts.filter(isUnderWay).map((part) => part.since));
  const latest = new Date(since + dayMs).toLocaleString(vscode.env.language, {
    dateStyle: 'short',
    timeStyle: 'short',
  });
  return {
    ...(summarizing ? { icon: 'sync~spin', state: t('writing the summary') } : describeState(job)),
    counts: [formatCounts(job, rows, done), ...(lost ? [t('{0} did not come back', number(lost))] : [])].join(' · '),
    price: formatPrice(job),
    left: !isOver(job) && left > 0 ? formatTimeLeft(left, latest) : '',
    problem: translateError(job.problem ?? '', t),
  };
}

/** Wording of one batch of a job. */
export function describePart(job: JobRecord, part: PartRecord): JobWords {
  const { rows, done, lost } = countRows({ ...job, parts: [part] });
  return {
    ...partStates[part.state],
    state: getPartState(part.state),
    counts: [formatCounts(job, rows, done), ...(lost ? [t('{0} did not come back', number(lost))] : [])].join(' · '),
    problem: translateError(part.problem ?? '', t),
  };
}

/** Anthropic reports no counts before the end. */
function formatCounts(job: JobRecord, rows: number, done: number): string {
  const uncounted = job.vendor === 'anthropic' && !done && !isOver(job);
  if (uncounted) return plural.requests(rows);
  return t(isOne(rows) ? '{0} of {1} request' : '{0} of {1} requests', number(done), number(rows));
}

function formatTimeLeft(left: number, latest: string): string {
  return t(isOne(left) ? '{0} request pending, due by {1}' : '{0} requests pending, due by {1}', number(left), latest);
}

/** Returns the price so far, else the estimate. */
function formatPrice(job: JobRecord): string {
  const { calls, costUsd } = sumUsage(job);
  if (calls > 0) return costUsd === undefined ? '' : dollars(costUsd);
  return job.estimatedUsd === undefined ? '' : t('about {0}', dollars(job.estimatedUsd));
}

function describeState(job: JobRecord): { icon: string; state: string } {
  switch (job.phase) {
    case 'submitting':
      return { icon: 'cloud-upload', state: t('being submitted') };
    case 'done':
      return { icon: 'check', state: t('summarized') };
    case 'cancelled':
      return { icon: 'circle-slash', state: t('cancelled') };
    case 'failed':
      return { icon: 'error', state: t('failed') };
    default:
      if (job.stopping && !job.finishAnyway) return { icon: 'debug-stop', state: t('being cancelled') };
      return job.parts.every(({ state }) => state === 'removed' || state === 'failed') && !job.finishAnyway
        ? { icon: 'question', state: t('waits for you') }
        : { icon: 'watch', state: t('under way') };
  }
}

const partStates: Readonly<Record<PartRecord['state'], { readonly icon: string }>> = {
  intent: { icon: 'cloud-upload' },
  uploaded: { icon: 'cloud-upload' },
  creating: { icon: 'cloud-upload' },
  running: { icon: 'watch' },
  ended: { icon: 'cloud-download' },
  collected: { icon: 'check' },
  removed: { icon: 'check' },
  failed: { icon: 'error' },
};

function getPartState(state: PartRecord['state']): string {
  switch (state) {
    case 'running':
      return t('under way');
    case 'ended':
      return t('being collected');
    case 'collected':
    case 'removed':
      return t('collected');
    case 'failed':
      return t('failed');
    default:
      return t('being submitted');
  }
}

/** Minutes, hours or days since a time in ms. */
export function formatAge(since: number): string {
  const minutes = Math.max(0, Math.round((Date.now() - since) / 60_000));
  if (minutes < 90) return t('{0} min', minutes);
  const hours = Math.round(minutes / 60);
  return hours < 48 ? t('{0} h', hours) : t('{0} days', Math.round(hours / 24));
}
