/** What a person is told of a batch: prices and times before, and what the panel shows meanwhile. */
import type { JobRecord } from '../../batch/index.ts';
import type { Price } from '../../contributions.ts';
import type { BatchPlan } from '../../engine/batch/plan.ts';
import { SettingError } from '../../host/errors.ts';
import { counted, number } from '../../host/plural.ts';
import { t } from '../../host/l10n.ts';
import type { ActiveRun } from '../activeRun.ts';
import { batchCosts, type BatchCosts } from './batchPrice.ts';
import { askOrChoose, dollars, priceOf, type ChooseFiles } from '../confirm.ts';

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

/** How much of a run goes in batches: what reads the text, or that and all merges. */
export type Mix = 'map' | 'everything';

/** The ways that are open, each with its price and time. */
function offer(job: JobRecord, plan: BatchPlan, mixes: readonly Mix[]): string {
  const minutes = Math.max(1, Math.round(plan.live.seconds / 60));
  const { batchUsd, totalUsd, everythingUsd, liveUsd } = batchCosts(job, plan);
  const ways = {
    map: t(
      'The reading in batch at {0}, the rest live afterwards: {1}, about {2} tokens, {3} in all, mostly within hours and at most a day.',
      job.host,
      counted.requests(plan.rowCount),
      number(plan.inputTokens),
      priceOf(totalUsd ?? batchUsd),
    ),
    everything: t(
      'Everything in batch at {0}: {1} batches one after the other, {2} in all, at most a day for each.',
      job.host,
      number(plan.rounds),
      priceOf(everythingUsd ?? batchUsd),
    ),
  };
  const now = t('Everything now: {0}, about {1} min.', priceOf(liveUsd), number(minutes));
  return [...mixes.map((mix) => ways[mix]), now].join('\n\n');
}

/** USD of a mix; undefined where it is unknown. */
export function costOf(mix: Mix, { batchUsd, totalUsd, everythingUsd }: BatchCosts): number | undefined {
  return (mix === 'map' ? totalUsd : everythingUsd) ?? batchUsd;
}

/** The ways that the limit allows. @throws SettingError with both figures where it allows none; 0 is no limit */
export function allowedMixes(costs: BatchCosts, limitUsd: number): Mix[] {
  const usd = (mix: Mix): number => costOf(mix, costs) ?? 0;
  const all: readonly Mix[] = ['map', 'everything'];
  const allowed = all.filter((mix) => limitUsd <= 0 || usd(mix) <= limitUsd);
  if (allowed.length) return allowed;
  throw new SettingError(
    t(
      'The batch would cost about {0}, more than the {1} that “precis.maxCostUsd” allows: nothing was sent.',
      dollars(Math.min(...all.map(usd))),
      dollars(limitUsd),
    ),
    'precis.maxCostUsd',
  );
}

/**
 * The way that a person chose; undefined: none.
 * @param limit tokens below which nobody is asked and the first way is taken, 0: never; `always`: however few there are
 * @param choose as in `askOrChoose`
 */
export async function confirmBatch(
  job: JobRecord,
  plan: BatchPlan,
  mixes: readonly Mix[],
  limit: number | 'always',
  choose: ChooseFiles | undefined,
): Promise<Mix | undefined> {
  if (limit !== 'always' && (limit <= 0 || plan.inputTokens <= limit)) return mixes[0];
  const buttons: Readonly<Record<Mix, string>> = { map: t('Summarize in Batch'), everything: t('Everything in Batch') };
  const title = t('Summarize “{0}” in batch?', job.title);
  const offered = mixes.map((mix) => buttons[mix]);
  const answer = await askOrChoose(title, offer(job, plan, mixes), offered, plan.inputTokens, choose);
  return mixes.find((mix) => buttons[mix] === answer);
}

/** The panel while the batch is under way: what was sent where, and what it costs. */
export function showWaiting(run: ActiveRun, job: JobRecord, plan: BatchPlan): void {
  const mix = job.everything ? 'everything' : 'map';
  const costUsd = costOf(mix, batchCosts(job, plan));
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
  run.event({ type: 'notice', code: 'batch', message: offer(job, plan, [mix]) });
  run.changed();
}

/** Rows that were answered since. */
export function showProgress(run: ActiveRun, rows: number): void {
  if (run.state.running || run.state.batchJob === undefined) return;
  const { mapDone, mapTotal } = run.view().progress;
  for (let n = Math.min(rows, mapTotal - mapDone); n > 0; n--)
    run.event({ type: 'call-end', call: 0, stage: 'map', outcome: 'done', ms: 0, attempts: 1, usage: {} });
}
