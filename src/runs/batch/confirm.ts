/** Asks before a batch, with prices and times; shows the batch while it runs. */
import type { JobRecord } from '../../batch/index.ts';
import type { BatchPlan } from '../../engine/batch/plan.ts';
import { SettingError } from '../../host/errors.ts';
import { plural, number } from '../../host/plural.ts';
import { t } from '../../host/l10n.ts';
import type { ActiveRun } from '../activeRun.ts';
import { batchCosts, type BatchCosts } from '../../batch/price.ts';
import { showPick, type PickItem } from '../../host/notify.ts';
import { OtherFiles, type ChooseFiles } from '../confirm.ts';
import { dollars, formatPrice } from '../prices.ts';

/** Batch or live, with price and time. */
function offer(job: JobRecord, plan: BatchPlan): string {
  const minutes = Math.max(1, Math.round(plan.live.seconds / 60));
  const costs = batchCosts(job, plan);
  const batch = t(
    'Parts are read in a batch at {0}, the summary is written afterwards: {1}, about {2} tokens, {3} in total. This usually takes hours, at most a day.',
    job.host,
    plural.requests(plan.rowCount),
    number(plan.inputTokens),
    formatPrice(sumCosts(costs)),
  );
  const now = t('Everything now: {0}, about {1} min.', formatPrice(costs.liveUsd), number(minutes));
  return [batch, now].join('\n\n');
}

/** USD; undefined if unknown. */
function sumCosts({ batchUsd, totalUsd }: BatchCosts): number | undefined {
  return totalUsd ?? batchUsd;
}

/** @throws SettingError if the batch costs more than `limitUsd`; 0 for no limit */
export function checkCost(costs: BatchCosts, limitUsd: number): void {
  const usd = sumCosts(costs) ?? 0;
  if (limitUsd <= 0 || usd <= limitUsd) return;
  throw new SettingError(
    t(
      'The batch would cost about {0}, more than the {1} that “precis.maxCostUsd” allows: nothing was sent.',
      dollars(usd),
      dollars(limitUsd),
    ),
    'precis.maxCostUsd',
  );
}

/** The chosen way; undefined if the user declined. */
type BatchChoice = 'batch' | 'now' | undefined;

/**
 * Asks which way to take, with requests, tokens, price and time; `batch` if no question is needed.
 * @param limit tokens up to which it does not ask; 0: never, `always`: at any number
 * @param choose absent without files to choose from
 * @throws OtherFiles if the user chose other files
 */
export async function confirmBatch(
  job: JobRecord,
  plan: BatchPlan,
  limit: number | 'always',
  choose: ChooseFiles | undefined,
): Promise<BatchChoice> {
  if (limit !== 'always' && (limit <= 0 || plan.inputTokens <= limit)) return 'batch';
  const costs = batchCosts(job, plan);
  const minutes = Math.max(1, Math.round(plan.live.seconds / 60));
  const facts = [plural.requests(plan.rowCount), t('about {0}', plural.tokens(Math.round(plan.inputTokens)))].join(
    ' · ',
  );
  const items: (PickItem & { readonly way: BatchChoice | 'files' })[] = [
    {
      way: 'batch',
      icon: 'watch',
      label: t('Half price within a day'),
      description: formatPrice(sumCosts(costs)),
      detail: `${facts} · ${t('usually hours; you can close this window')}`,
    },
    {
      way: 'now',
      icon: 'zap',
      label: t('Now'),
      description: formatPrice(costs.liveUsd),
      detail: t('about {0} min', number(minutes)),
    },
    ...(choose ? [{ way: 'files' as const, icon: 'list-selection', label: t('Choose Files…') }] : []),
  ];
  for (;;) {
    const picked = await showPick(items, {
      title: t('How should “{0}” be summarized?', job.title),
      placeHolder: job.host,
      ignoreFocusOut: true,
    });
    if (picked?.way !== 'files') return picked?.way;
    const target = await choose?.();
    if (target) throw new OtherFiles(target);
  }
}

/** Shows what was sent, where and at what cost. */
export function showWaiting(run: ActiveRun, job: JobRecord, plan: BatchPlan): void {
  const costUsd = sumCosts(batchCosts(job, plan));
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
      // unknown, so the notice names the usual time
      seconds: 0,
      ...(costUsd === undefined ? {} : { costUsd }),
    },
  });
  run.event({ type: 'notice', code: 'batch', message: offer(job, plan) });
  run.changed();
}

/** Shows the number of answered rows. */
export function showProgress(run: ActiveRun, rows: number): void {
  if (run.state.running || run.state.batchJob === undefined) return;
  const { mapDone, mapTotal } = run.view().progress;
  for (let n = Math.min(rows, mapTotal - mapDone); n > 0; n--)
    run.event({ type: 'call-end', call: 0, stage: 'map', outcome: 'done', ms: 0, attempts: 1, usage: {} });
}
