/** Finds the order of day, month and year that fits all dates of a column, and their first and last day. */
import { detach } from './lines.ts';
import { countDays } from './log/calendar.ts';

type DateOrder = 'year-month-day' | 'day-month-year' | 'month-day-year';
interface Range {
  /** Days as `yyyymmdd`. */
  first: number;
  last: number;
  firstText: string;
  lastText: string;
}
/** Earliest and latest date by possible order. */
export interface DateRanges {
  readonly orders: Map<DateOrder, Range>;
}

/** Returns empty ranges. */
export const createDateRanges = (): DateRanges => ({
  orders: new Map(
    (['year-month-day', 'day-month-year', 'month-day-year'] as const).map((order) => [
      order,
      { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY, firstText: '', lastText: '' },
    ]),
  ),
});

const form =
  /^(\d{1,4})([-./])(\d{1,2})\2(\d{1,4})(?:[T ,]+\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?[AP]M)?(?:Z|[+-]\d\d:?\d\d)?)?$/i;

/** Adds a cell; removes the orders in which it is no date. */
export function addDate({ orders }: DateRanges, value: string): void {
  if (orders.size === 0) return;
  const parts = value.length <= 40 ? form.exec(value) : null;
  for (const [order, range] of orders) {
    const day = parts ? toDay(parts, order) : undefined;
    if (day === undefined) {
      orders.delete(order);
      continue;
    }
    if (day < range.first) {
      range.first = day;
      range.firstText = detach(value);
    }
    if (day > range.last) {
      range.last = day;
      range.lastText = detach(value);
    }
  }
}

function toDay([, a = '', , b = '', c = '']: readonly string[], order: DateOrder): number | undefined {
  const [year, month, day] =
    order === 'year-month-day' ? [a, b, c] : order === 'day-month-year' ? [c, b, a] : [c, a, b];
  if (
    (year!.length !== 4 && (year!.length !== 2 || order === 'year-month-day')) ||
    month!.length > 2 ||
    day!.length > 2
  )
    return undefined;
  const [y, m, d] = [Number(year) + (year!.length === 2 ? 2000 : 0), Number(month), Number(day)];
  if (m < 1 || m > 12 || d < 1 || d > countDays(m, y)) return undefined;
  return y * 10_000 + m * 100 + d;
}

/** First and last day of a column of dates; undefined if other cells occur, or day and month cannot be distinguished. */
export function findDates({ orders }: DateRanges, values: number): { first: string; last: string } | undefined {
  if (values === 0 || orders.size !== 1) return undefined;
  const { firstText, lastText } = [...orders.values()][0]!;
  return { first: firstText, last: lastText };
}
