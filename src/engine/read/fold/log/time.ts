/** Computes first and last time and a histogram. */
import { toMs, dayMs, toCalendarDay, formatIso } from './calendar.ts';
import { type Header, stampText } from './header.ts';

interface TimeBucket {
  /** Start, ms. */
  readonly ms: number;
  count: number;
  readonly line: number;
  /** Level warning or above. */
  alarming: number;
}
interface TimePoint {
  readonly ms: number;
  /** Stamp as written. */
  readonly text: string;
  readonly line: number;
}
/** Times of one precision, because others cannot be compared with them. */
export interface Times {
  readonly hasYear: boolean;
  readonly hasDate: boolean;
  stamped: number;
  first: TimePoint | undefined;
  last: TimePoint | undefined;
  /** Bucket, ms. */
  unit: number;
  buckets: Map<number, TimeBucket>;
  current: TimeBucket | undefined;
  previous: number;
  /** Days or years added since the first record. */
  shift: number;
}
/** Times of a log by their precision. */
export interface Clock {
  readonly full: Times;
  readonly dated: Times;
  readonly daily: Times;
}

const createTimes = (hasYear: boolean, hasDate: boolean): Times => ({
  hasYear,
  hasDate,
  stamped: 0,
  first: undefined,
  last: undefined,
  unit: minuteMs,
  buckets: new Map(),
  current: undefined,
  previous: Number.NaN,
  shift: 0,
});
/** Returns empty counts of times. */
export const createClock = (): Clock => ({
  full: createTimes(true, true),
  dated: createTimes(false, true),
  daily: createTimes(false, false),
});

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const yearMs = 366 * dayMs;
const maxBuckets = 3000;

/** Returns the time in ms; NaN without one. */
export function noteTime(clock: Clock, text: string, header: Header, number: number): number {
  if (Number.isNaN(header.ms)) return Number.NaN;
  if (!header.hasYear && header.hasDate && header.year > 0) {
    header.ms += getYearShift(header.ms, header.year);
    header.hasYear = true;
  }
  const times = header.hasYear ? clock.full : header.hasDate ? clock.dated : clock.daily;
  const ms = header.ms + turnShift(times, header.ms);
  times.stamped++;
  if (!times.first || ms < times.first.ms) times.first = toPoint(text, header, ms, number);
  if (!times.last || ms > times.last.ms) times.last = toPoint(text, header, ms, number);
  noteBucket(times, ms, number);
  return ms;
}

/** Counts from 2000, a leap year. */
function getYearShift(ms: number, year: number): number {
  const { month, day } = toCalendarDay(ms);
  return toMs(year, month, day) - toMs(2000, month, day);
}

/** A time far before the last one belongs to the next day or year. */
function turnShift(times: Times, ms: number): number {
  if (times.hasYear) return 0;
  const turn = times.hasDate ? yearMs : dayMs;
  const step = ms - times.previous;
  if (step < -turn / 2) times.shift += turn;
  else if (step > turn / 2 && times.shift > 0) times.shift -= turn;
  times.previous = ms;
  return times.shift;
}

function toPoint(line: string, header: Header, ms: number, number: number): TimePoint {
  const own = stampText(line, header);
  const text = header.isEpoch
    ? `${formatIso(ms)} UTC (${own})`
    : header.year > 0 && !own.includes(String(header.year)) && header.hasYear && !/^\d/.test(own)
      ? `${own} ${header.year}`
      : own;
  return { ms, text, line: number };
}

function noteBucket(times: Times, ms: number, number: number): void {
  const start = Math.floor(ms / times.unit) * times.unit;
  if (times.current?.ms !== start) {
    let bucket = times.buckets.get(start);
    if (!bucket) {
      bucket = { ms: start, count: 0, line: number, alarming: 0 };
      times.buckets.set(start, bucket);
      if (times.buckets.size > maxBuckets && times.unit < dayMs) {
        times.unit = times.unit === minuteMs ? hourMs : dayMs;
        times.buckets = groupBuckets(times.buckets.values(), times.unit);
        bucket = times.buckets.get(Math.floor(ms / times.unit) * times.unit) as TimeBucket;
      }
    }
    times.current = bucket;
  }
  times.current.count++;
}

function groupBuckets(buckets: Iterable<TimeBucket>, unit: number): Map<number, TimeBucket> {
  const grouped = new Map<number, TimeBucket>();
  for (const bucket of buckets) {
    const ms = Math.floor(bucket.ms / unit) * unit;
    const old = grouped.get(ms);
    if (old) {
      old.count += bucket.count;
      old.alarming += bucket.alarming;
    } else grouped.set(ms, { ...bucket, ms });
  }
  return grouped;
}

/** Returns the commonest times; undefined if under half have any. */
export function chooseTimes(clock: Clock, records: number): Times | undefined {
  const all = [clock.full, clock.dated, clock.daily];
  const stamped = all.reduce((sum, times) => sum + times.stamped, 0);
  if (stamped * 2 < records) return undefined;
  const main = all.reduce((best, times) => (times.stamped > best.stamped ? times : best));
  return main.stamped > 0 ? joinYearless(clock, main) : undefined;
}

/** Applies the year that some records have to the others. */
function joinYearless({ full, dated }: Clock, main: Times): Times {
  if (!full.first || !full.last || !dated.first || !dated.last || main === undefined) return main;
  const year = toCalendarDay(full.first.ms).year;
  const first = { ...dated.first, ms: dated.first.ms + getYearShift(dated.first.ms, year) };
  const last = { ...dated.last, ms: dated.last.ms + getYearShift(dated.last.ms, year) };
  return {
    ...main,
    first: first.ms < full.first.ms ? first : full.first,
    last: last.ms > full.last.ms ? last : full.last,
    stamped: full.stamped + dated.stamped,
  };
}

type TimeUnit = 'minute' | 'hour' | 'day';
const units: readonly (readonly [TimeUnit, number])[] = [
  ['minute', minuteMs],
  ['hour', hourMs],
  ['day', dayMs],
];

/** Uses the finest unit that needs at most `limit` buckets. */
export function createHistogram(
  times: Times,
  limit: number,
): { readonly unit: TimeUnit; readonly buckets: TimeBucket[] } {
  for (const [unit, ms] of units) {
    if (ms < times.unit) continue;
    const buckets = ms === times.unit ? times.buckets : groupBuckets(times.buckets.values(), ms);
    if (buckets.size > limit && unit !== 'day') continue;
    return { unit, buckets: [...buckets.values()].sort((a, b) => a.ms - b.ms) };
  }
  return { unit: 'day', buckets: [] };
}

/** Labels a bucket with the precision of its unit. */
export function labelBucket({ ms }: TimeBucket, unit: TimeUnit, times: Times): string {
  const iso = formatIso(ms);
  const date = times.hasYear ? iso.slice(0, 10) : times.hasDate ? iso.slice(5, 10) : '';
  const time = unit === 'day' ? '' : unit === 'hour' ? `${iso.slice(11, 13)}:00` : iso.slice(11, 16);
  return [date, time].filter((part) => part !== '').join(' ');
}

/** A bucket with far more records than usual. */
export interface Burst {
  readonly bucket: TimeBucket;
  readonly count: number;
  readonly usual: number;
  readonly of: 'records' | 'errors and warnings';
}

/** Finds buckets over three times the median, strongest first. */
export function findBursts(times: Times, limit: number): Burst[] {
  const buckets = [...times.buckets.values()];
  if (buckets.length < 5) return [];
  const found: Burst[] = [];
  for (const [of, pick] of [
    ['records', (b: TimeBucket) => b.count],
    ['errors and warnings', (b: TimeBucket) => b.alarming],
  ] as const) {
    const counts = buckets.map(pick).sort((a, b) => a - b);
    const usual = counts[counts.length >> 1] as number;
    const strong = buckets
      .filter((b) => pick(b) >= 5 && pick(b) > 3 * Math.max(1, usual))
      .sort((a, b) => pick(b) - pick(a));
    for (const bucket of strong.slice(0, limit)) found.push({ bucket, count: pick(bucket), usual, of });
  }
  return found;
}

const durationUnits = { day: 86_400, hour: 3600, minute: 60, second: 1 } as const;

/** Unit of a span. */
export type DurationUnit = keyof typeof durationUnits;

/** Splits a duration into its two largest units; empty below a second. */
export function splitDuration(ms: number): readonly (readonly [unit: DurationUnit, count: number])[] {
  const parts: (readonly [DurationUnit, number])[] = [];
  let rest = Math.round(ms / 1000);
  for (const [unit, seconds] of Object.entries(durationUnits) as [DurationUnit, number][]) {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    if (count > 0 && parts.length < 2) parts.push([unit, count]);
    else if (parts.length === 1) break;
  }
  return parts;
}

/** Formats a duration in English: `21 hours 35 minutes`. */
export const formatDuration = (ms: number): string =>
  splitDuration(ms)
    .map(([unit, count]) => `${count} ${unit}${count === 1 ? '' : 's'}`)
    .join(' ') || 'under a second';
