/** Asks once before a large run, with what it sends and costs. */
import type { PlanReady } from '../engine/events.ts';
import { plural, isOne, number } from '../host/plural.ts';
import { t } from '../host/l10n.ts';
import { askModal } from '../host/notify.ts';
import { openSetting } from '../host/openSetting.ts';
import { SourceError } from '../sources/index.ts';
import { formatPrice } from './prices.ts';
import type { SummaryTarget } from './target.ts';
import { isCheaper } from './wayPrice.ts';
import { onlyNow, timeText, wayLabel, waysText, type OtherWays, type Way } from './ways.ts';

/** Formats an estimate without a fraction. */
const whole = (n: number): string => number(Math.round(n));

type Told = Pick<PlanReady, 'estimate' | 'host' | 'model' | 'mapModel' | 'strategy'>;

/** Names the reading and the writing model, each with its price; '' if they are the same. */
function describeModels({ estimate, model, mapModel, strategy }: Told): string {
  if (strategy !== 'map-reduce' || mapModel === model || mapModel === '') return '';
  const { costUsd, readUsd } = estimate;
  const writeUsd = costUsd === undefined || readUsd === undefined ? undefined : costUsd - readUsd;
  return t(
    'Read with {0} ({1}), written with {2} ({3}).',
    mapModel,
    formatPrice(readUsd),
    model,
    formatPrice(writeUsd),
  );
}

/** Describes tokens, calls, price and time of a plan; a second line names reader and writer if they differ. */
export function estimateText(plan: Told): string {
  const { calls, inputTokens, outputTokens, costUsd, seconds } = plan.estimate;
  const estimate = t(
    isOne(calls)
      ? '{0} tokens in {1} call to {2} ({3}), about {4} tokens of answers, {5}, {6}'
      : '{0} tokens in {1} calls to {2} ({3}), about {4} tokens of answers, {5}, {6}',
    whole(inputTokens),
    whole(calls),
    plan.host || plan.model,
    plan.model,
    whole(outputTokens),
    formatPrice(costUsd),
    timeText(seconds),
  );
  return [estimate, describeModels(plan)].filter((line) => line !== '').join('\n');
}

/** The user chose other files, so the run starts again. */
export class OtherFiles extends Error {
  readonly target: SummaryTarget;
  constructor(target: SummaryTarget) {
    super('other files were chosen');
    this.target = target;
  }
}

/** The user chose the slower tier, so the run starts again. */
export class AtFlex extends Error {
  constructor() {
    super('the slower tier was chosen');
  }
}

/** Resolves to the ticked files; undefined if closed. */
export type ChooseFiles = () => Promise<SummaryTarget | undefined>;

/** Returns `now` below the limit without a question; undefined if declined. */
export async function confirmRun(
  plan: PlanReady,
  limit: number,
  maxCostUsd: number,
  choose?: ChooseFiles,
  others: OtherWays = onlyNow,
): Promise<Way | undefined> {
  const { estimate } = plan;
  if (estimate.inputTokens <= limit) return 'now';
  const isBatch = others.batch && plan.strategy === 'map-reduce' && isCheaper('batch', estimate);
  const ways: Way[] = ['now', ...(others.flex ? ['flex' as const] : []), ...(isBatch ? ['batch' as const] : [])];
  const cap = maxCostUsd > 0 ? t('The cost limit is ${0}.', maxCostUsd) : '';
  const title = t('Summarize “{0}”?', plan.title);
  const detail = [estimateText(plan), waysText(ways, estimate), cap].filter((line) => line !== '').join('\n');
  const answer = await askOrChoose(title, detail, ways.map(wayLabel), estimate.inputTokens, choose);
  return ways.find((way) => wayLabel(way) === answer);
}

/** Asks if the model has no price that the cost limit could use. */
export async function confirmUnpriced(plan: PlanReady, maxCostUsd: number): Promise<boolean> {
  const go = t('Summarize Anyway');
  const setPrice = t('Set Prices…');
  const answer = await askModal(
    t('The price of {0} isn’t known.', plan.model),
    t('The cost limit of ${0} can’t be applied. {1}', maxCostUsd, estimateText(plan)),
    go,
    setPrice,
  );
  if (answer === setPrice) await openSetting('precis.prices');
  return answer === go;
}

/**
 * Returns the pressed button.
 * @throws OtherFiles if the user chose other files
 */
async function askOrChoose(
  title: string,
  detail: string,
  buttons: readonly string[],
  inputTokens: number,
  choose: ChooseFiles | undefined,
): Promise<string | undefined> {
  const others = t('Choose Files…');
  for (;;) {
    const answer = await askBefore(title, detail, choose ? [...buttons, others] : buttons, inputTokens);
    if (answer !== others) return answer;
    const target = await choose?.();
    if (target) throw new OtherFiles(target);
  }
}

/**
 * Returns the pressed button.
 * @throws Error if nobody can be asked
 */
async function askBefore(
  title: string,
  detail: string,
  buttons: readonly string[],
  inputTokens: number,
): Promise<string | undefined> {
  try {
    return await askModal(title, detail, ...buttons);
  } catch {
    // VS Code shows no dialog under test, so nobody could agree
    const tokens = whole(inputTokens);
    throw new SourceError(
      t(
        'About {0} tokens would be sent, more than “precis.confirmAboveTokens” allows, and nobody could be asked.',
        tokens,
      ),
      'again',
    );
  }
}

/** Maximum names to list. */
const maxNames = 20;

interface KeyFiles {
  readonly keyFiles: readonly string[];
  readonly keyFilesAgreed: string[];
}

/**
 * Asks before files that may hold keys go to a destination; stores the answer with the run.
 * @throws SourceError if declined, or if nobody can be asked
 */
export async function confirmKeyFiles(run: KeyFiles, host: string, interactive: boolean): Promise<void> {
  const names = unconfirmed(run, host);
  if (!names.length) return;
  const send = t('Send It');
  const detail = t(
    'Files like this often hold keys or passwords. Those that are recognized are masked; others would be sent.',
  );
  const [first = ''] = names;
  const title =
    names.length === 1 ? t('Send {0} to {1}?', first, host) : t('Send {0} to {1}?', plural.files(names.length), host);
  const list = names.length === 1 ? detail : `${detail}\n\n${listed(names)}`;
  const answer = interactive ? await askModal(title, list, send).catch(() => undefined) : undefined;
  if (answer !== send)
    throw new SourceError(
      t('{0} may hold keys or passwords: it was not sent. Choose “Offline” to summarize it on this machine.', first),
      'offline',
    );
  run.keyFilesAgreed.push(...names.map((name) => `${host}|${name}`));
}

/** Asks whether a summary of such files may leave the panel. */
export async function confirmExport(run: KeyFiles): Promise<boolean> {
  const names = unconfirmed(run, 'export');
  if (!names.length) return true;
  const go = t('Export');
  const title = t('Export this summary?');
  const detail = t('This summary was made from files that may hold keys or passwords, and may quote them.');
  if ((await askModal(title, `${detail}\n\n${listed(names)}`, go)) !== go) return false;
  run.keyFilesAgreed.push(...names.map((name) => `export|${name}`));
  return true;
}

function unconfirmed({ keyFiles, keyFilesAgreed }: KeyFiles, destination: string): readonly string[] {
  return keyFiles.filter((name) => !keyFilesAgreed.includes(`${destination}|${name}`));
}

function listed(names: readonly string[]): string {
  const more = names.length - maxNames;
  return [...names.slice(0, maxNames), ...(more > 0 ? [t('and {0} more', number(more))] : [])].join('\n');
}
