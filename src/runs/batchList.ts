/** A batch job in words: state, counts, age, price, what is left. */
import * as vscode from 'vscode';
import type { JobRecord } from '../batch/index.ts';
import { countsOf, isOver, spentOf } from '../batch/job.ts';
import { t } from '../host/texts.ts';

export interface JobState {
  readonly icon: string;
  readonly text: string;
  readonly detail: string;
  readonly over: boolean;
  readonly failed: boolean;
}

export const jobCounts = countsOf;

export function jobState(job: JobRecord): JobState {
  const { rows, done, lost } = countsOf(job);
  const { costUsd } = spentOf(job);
  const number = (n: number): string => n.toLocaleString(vscode.env.language);
  // Anthropic counts nothing before the end
  const uncounted = job.vendor === 'anthropic' && !done && !isOver(job);
  const counts = uncounted ? t('{0} requests', number(rows)) : t('{0} of {1} requests', number(done), number(rows));
  const detail = [
    counts,
    ...(lost ? [t('{0} did not come back', number(lost))] : []),
    ...(costUsd ? [`$${costUsd.toFixed(costUsd < 1 ? 3 : 2)}`] : []),
    `${job.host} · ${job.mapModel}`,
    ...(job.problem ? [job.problem] : []),
  ].join(' · ');
  return { ...stateText(job), detail, over: isOver(job), failed: job.phase === 'failed' };
}

function stateText(job: JobRecord): { icon: string; text: string } {
  switch (job.phase) {
    case 'submitting':
      return { icon: 'cloud-upload', text: t('being submitted') };
    case 'done':
      return { icon: 'check', text: t('summarized') };
    case 'cancelled':
      return { icon: 'circle-slash', text: t('cancelled') };
    case 'failed':
      return { icon: 'error', text: t('failed') };
    default:
      if (job.stopping) return { icon: 'debug-stop', text: t('being cancelled') };
      return job.parts.every(({ state }) => state === 'removed' || state === 'failed')
        ? { icon: 'question', text: t('waits for you') }
        : { icon: 'watch', text: t('under way') };
  }
}

export function ageText(since: number): string {
  const minutes = Math.max(0, Math.round((Date.now() - since) / 60_000));
  if (minutes < 90) return t('{0} min', minutes);
  const hours = Math.round(minutes / 60);
  return hours < 48 ? t('{0} h', hours) : t('{0} days', Math.round(hours / 24));
}
