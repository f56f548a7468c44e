/** Formats prices. */
import { t } from '../host/l10n.ts';

export function dollars(usd: number): string {
  return `$${usd.toFixed(usd < 1 ? 3 : 2)}`;
}

export const formatPrice = (usd: number | undefined): string =>
  usd === undefined ? t('price not known') : dollars(usd);
