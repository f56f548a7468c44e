/** Ways to make a large summary: now, slower at half price, or within a day at half price. */
import type { Estimate } from '../engine/events.ts';
import { t } from '../host/l10n.ts';
import { number } from '../host/plural.ts';
import { dollars, formatPrice } from './prices.ts';
import { wayUsd, type Way } from './wayPrice.ts';

export type { Way };

/** Ways that the provider offers besides `now`. */
export interface OtherWays {
  readonly flex: boolean;
  readonly batch: boolean;
}

/** For models with one price. */
export const onlyNow: OtherWays = { flex: false, batch: false };

/** Label of a way's button. */
export function wayLabel(way: Way): string {
  if (way === 'flex') return t('Slower at Half Price');
  return way === 'batch' ? t('Half Price Within a Day') : t('Summarize');
}

/** Describes each way on a line, with price and time; '' if there is only one. */
export function waysText(ways: readonly Way[], estimate: Estimate): string {
  if (ways.length < 2) return '';
  return ways.map((way) => `${wayLabel(way)}: ${wayPrice(way, estimate)}, ${wayTime(way, estimate)}`).join('\n');
}

function wayPrice(way: Way, estimate: Estimate): string {
  const usd = wayUsd(way, estimate);
  return usd === undefined ? formatPrice(usd) : t('about {0}', dollars(usd));
}

function wayTime(way: Way, { seconds }: Estimate): string {
  if (way === 'batch') return t('usually hours; you can close this window');
  const time = timeText(seconds);
  return way === 'flex' ? t('{0} or longer, by how busy the provider is', time) : time;
}

/** `about 40 s`, `about 3 min` */
export function timeText(seconds: number): string {
  return seconds < 90
    ? t('about {0} s', Math.max(1, Math.round(seconds)))
    : t('about {0} min', number(Math.round(seconds / 60)));
}
