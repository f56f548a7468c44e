/** What a person is told of a batch: prices and times before, and what the panel shows meanwhile. */
import * as vscode from 'vscode';
import type { JobRecord } from '../batch/index.ts';
import type { Price } from '../contributions.ts';
import type { BatchPlan } from '../engine/batchPlan.ts';
import { SettingError } from '../host/errors.ts';
import { t } from '../host/texts.ts';
import type { ActiveRun } from './activeRun.ts';
import { batchCosts, type BatchCosts } from './batchPrice.ts';
import { askBefore, dollars, priceOf } from './confirm.ts';

/** Whose batch service a provider is; undefined for those that have none. */
export function batchHost(provider: string, baseUrl: string): JobRecord['vendor'] | undefined {
  if (provider === 'openai' || provider === 'anthropic') return provider;
  if (provider !== 'openai-compatible') return undefined;
  return /\/v1beta\/openai\/?$/.test(baseUrl) ? 'gemini' : 'openai';
}

export function halfPrice({ input, output, cachedInput }: Price): Price {
  return {
    input: input / 2,
    output: output / 2,
    ...(cachedInput === undefined ? {} : { cachedInput: cachedInput / 2 }),
  };
}

/** Both ways with their prices and times: the map in batch and the rest now, or everything now. */
function offer(job: JobRecord, plan: BatchPlan): string {
  const number = (n: number): string => n.toLocaleString(vscode.env.language);
  const minutes = Math.max(1, Math.round(plan.live.seconds / 60));
  const { batchUsd, totalUsd, liveUsd } = batchCosts(job, plan);
  return t(
    'The reading in batch at {0}, the rest live afterwards: {1} requests, about {2} tokens, {3} in all, mostly within hours and at most a day. Everything now: {4}, about {5} min.',
    job.host,
    number(plan.rowCount),
    number(plan.inputTokens),
    priceOf(totalUsd ?? batchUsd),
    priceOf(liveUsd),
    number(minutes),
  );
}

/** @throws SettingError with both figures where the estimate passes the limit; 0 is no limit */
export function checkCost({ batchUsd, totalUsd }: BatchCosts, limitUsd: number): void {
  const estimate = totalUsd ?? batchUsd;
  if (limitUsd <= 0 || estimate === undefined || estimate <= limitUsd) return;
  throw new SettingError(
    t(
      'The batch would cost about {0}, more than the {1} that “precis.maxCostUsd” allows: nothing was sent.',
      dollars(estimate),
      dollars(limitUsd),
    ),
    'precis.maxCostUsd',
  );
}

/** @param limit tokens below which nobody is asked, 0: never; `always`: however few there are */
export async function confirmBatch(job: JobRecord, plan: BatchPlan, limit: number | 'always'): Promise<boolean> {
  if (limit !== 'always' && (limit <= 0 || plan.inputTokens <= limit)) return true;
  const go = t('Summarize in Batch');
  const title = t('Summarize “{0}” in batch?', job.title);
  return (await askBefore(title, offer(job, plan), [go], plan.inputTokens)) === go;
}

/** The panel while the batch is under way: what was sent where, and what it costs. */
export function showWaiting(run: ActiveRun, job: JobRecord, plan: BatchPlan): void {
  const { batchUsd, totalUsd } = batchCosts(job, plan);
  const costUsd = totalUsd ?? batchUsd;
  run.event({
    type: 'plan',
    title: job.title,
    provider: job.provider,
    model: job.model,
    mapModel: job.mapModel,
    host: job.host,
    strategy: 'map-reduce',
    kinds: [],
    lines: plan.lines,
    tokens: plan.inputTokens,
    chunks: [],
    parts: [],
    map: plan.rowCount,
    collapse: 0,
    cachedCalls: 0,
    estimate: {
      calls: plan.rowCount,
      inputTokens: plan.inputTokens,
      outputTokens: plan.outputTokens,
      // nobody knows: the notice says what is usual
      seconds: 0,
      ...(costUsd === undefined ? {} : { costUsd }),
    },
  });
  run.event({ type: 'notice', code: 'batch', message: offer(job, plan) });
  run.changed();
}

/** Rows that were answered since. */
export function showProgress(run: ActiveRun, rows: number): void {
  if (run.state.running || run.state.batchJob === undefined) return;
  const { mapDone, mapTotal } = run.view().progress;
  for (let n = Math.min(rows, mapTotal - mapDone); n > 0; n--)
    run.event({ type: 'call-end', call: 0, stage: 'map', outcome: 'done', ms: 0, attempts: 1, usage: {} });
}
