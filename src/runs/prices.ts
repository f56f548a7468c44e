/** Formats prices. */
import { t } from '../host/l10n.ts';

/** Three decimals below $1, else two. */
export function dollars(usd: number): string {
  return `$${usd.toFixed(usd < 1 ? 3 : 2)}`;
}

/** Says if the price is unknown. */
export const formatPrice = (usd: number | undefined): string =>
  usd === undefined ? t('price not known') : dollars(usd);
