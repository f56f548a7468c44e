import { toNumber } from './stats.ts';

type NumberForm = (value: string) => number;

const currency = /^[$€£¥₹₺]\s?|\s?(?:[$€£¥₹₺%]|[A-Z]{3})$/g;
/** Removes the currency, and replaces other minus signs by a hyphen. */
const bare = (value: string): string =>
  value
    .replace(/^[−–]/, '-')
    .replace(/^-\s?[$€£¥₹₺]\s?/, '-')
    .replace(currency, '');

const decimalComma = /^[-+]?(?:\d{1,3}(?:[. \u00a0\u202f'’]\d{3})+|\d+)(?:,\d+)?$/;
const decimalPoint = /^[-+]?(?:\d{1,3}(?:[, \u00a0\u202f'’]\d{3})+|\d+)(?:\.\d+)?$/;

const read = (value: string, form: RegExp, point: string): number => {
  const digits = bare(value);
  if (!form.test(digits)) return Number.NaN;
  const whole = digits.replace(point === ',' ? /[. \u00a0\u202f'’]/g : /[, \u00a0\u202f'’]/g, '');
  return Number(point === ',' ? whole.replace(',', '.') : whole);
};
const withComma: NumberForm = (value) => read(value, decimalComma, ',');
const withPoint: NumberForm = (value) => read(value, decimalPoint, '.');

/** Whether the comma must be a decimal one: one, two or more than three digits follow, or points group before it. */
const onlyComma = (value: string): boolean =>
  /,(?:\d{1,2}|\d{4,})$/.test(value) || /\d\.\d{3},\d+$/.test(value) || /^[-+]?0,\d+$/.test(value);
const onlyPoint = (value: string): boolean =>
  /\.(?:\d{1,2}|\d{4,})$/.test(value) || /\d,\d{3}(?:\.|,\d{3}$)/.test(value) || /^[-+]?0\.\d+$/.test(value);

/**
 * Finds the number format of each column from its first cells. An undecided column takes the format of the others. Columns with
 * other cells are read plainly.
 */
export function numberForms(columns: readonly (readonly string[])[], delimiter: string): NumberForm[] {
  const filled = columns.map((cells) => cells.filter((cell) => cell !== ''));
  const own = filled.map((cells) => {
    const digits = cells.map(bare);
    const comma = cells.length > 0 && digits.every((cell) => decimalComma.test(cell)) && digits.some(onlyComma);
    const point = cells.length > 0 && digits.every((cell) => decimalPoint.test(cell)) && digits.some(onlyPoint);
    return comma === point ? undefined : comma ? withComma : withPoint;
  });
  const comma = own.includes(withComma);
  const point = own.includes(withPoint);
  return filled.map((cells, i) => {
    if (own[i]) return own[i];
    const digits = cells.map(bare);
    if (cells.length === 0 || cells.every((cell) => !/[,.\s'’]|[$€£¥₹₺%]/.test(cell))) return toNumber;
    if (comma && !point && digits.every((cell) => decimalComma.test(cell))) return withComma;
    // In comma-separated files a comma inside a quoted number groups thousands.
    const grouped = delimiter === ',' && digits.some((cell) => /^[-+]?\d{1,3}(?:,\d{3})+$/.test(cell));
    return !comma && grouped && digits.every((cell) => decimalPoint.test(cell)) ? withPoint : toNumber;
  });
}
