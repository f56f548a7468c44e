/** Timestamps at (or near) the start of a log line, and how many lines there are a minute, an hour, a day. */

interface Format {
  readonly pattern: RegExp;
  /** Units of the match that name the day, the hour, the minute. */
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

// Each is tried within the first 120 units; what comes before it (a host, a bracket) stays part of the record.
const formats: readonly Format[] = [
  {
    pattern: /\d{4}[-/.]\d\d[-/.]\d\d[T _]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?/,
    day: 10,
    hour: 13,
    minute: 16,
  },
  { pattern: /\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d(?: [+-]\d{4})?/, day: 11, hour: 14, minute: 17 },
  {
    pattern:
      /(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d(?: \d{4})?/,
    day: 10,
    hour: 13,
    minute: 16,
  },
  {
    pattern: /(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)?/,
    day: 6,
    hour: 9,
    minute: 12,
  },
  { pattern: /\b\d\d\d\d\d\d \d\d\d\d\d\d\b/, day: 6, hour: 9, minute: 11 },
  { pattern: /\d\d[-/.]\d\d \d\d:\d\d:\d\d(?:[.,]\d{1,9})?/, day: 5, hour: 8, minute: 11 },
  { pattern: /\b[IWEF]?\d{4} \d\d:\d\d:\d\d(?:\.\d+)?/, day: 5, hour: 8, minute: 11 },
  { pattern: /\b\d\d:\d\d:\d\d(?:[.,]\d{1,9})?/, day: 0, hour: 2, minute: 5 },
];

export interface TimeBucket {
  readonly label: string;
  count: number;
  readonly line: number;
  alarming: number;
}
export interface Times {
  format: Format | undefined;
  misses: number;
  first: string;
  last: string;
  stamped: number;
  unit: 'minute' | 'hour' | 'day';
  buckets: Map<string, TimeBucket>;
  current: TimeBucket | undefined;
  /** Where the last match stands in its line. */
  start: number;
  end: number;
}
export const newTimes = (): Times => ({
  format: undefined,
  misses: 0,
  first: '',
  last: '',
  stamped: 0,
  unit: 'minute',
  buckets: new Map(),
  current: undefined,
  start: -1,
  end: -1,
});

const bucketsKept = 3000;

/** Notes the line's time. True where it has one: `times.start` and `times.end` say where. */
export function noteTime(times: Times, line: string, number: number): boolean {
  const head = line.length > 120 ? line.slice(0, 120) : line;
  let match = times.format?.pattern.exec(head) ?? null;
  if (!match) {
    if (times.format && times.stamped > times.misses * 2) times.misses++;
    else {
      if (times.misses > 200) return false;
      match = detect(times, head);
      if (!match) times.misses++;
    }
    if (!match) return false;
  }
  const format = times.format as Format;
  const text = match[0];
  times.start = match.index;
  times.end = match.index + text.length;
  if (times.stamped++ === 0) times.first = ` ${text}`.slice(1);
  times.last = text;
  noteBucket(times, format, text, number);
  return true;
}

function detect(times: Times, head: string): RegExpExecArray | null {
  for (const format of formats) {
    const match = format.pattern.exec(head);
    if (match) {
      if (times.format === undefined) times.format = format;
      return times.format === format ? match : null;
    }
  }
  return null;
}

function noteBucket(times: Times, format: Format, text: string, number: number): void {
  const label = text.slice(0, format[times.unit]);
  if (times.current?.label !== label) {
    let bucket = times.buckets.get(label);
    if (!bucket) {
      bucket = { label: label.split('').join(''), count: 0, line: number, alarming: 0 };
      times.buckets.set(bucket.label, bucket);
      if (times.buckets.size > bucketsKept) {
        coarsen(times, format);
        bucket = times.current as TimeBucket;
      }
    }
    times.current = bucket;
  }
  (times.current as TimeBucket).count++;
}

function coarsen(times: Times, format: Format): void {
  if (times.unit === 'day') {
    times.current = { label: 'later', count: 0, line: 0, alarming: 0 };
    return;
  }
  times.unit = times.unit === 'minute' ? 'hour' : 'day';
  times.buckets = groupBuckets(times.buckets.values(), format[times.unit]);
  times.current = [...times.buckets.values()].at(-1);
}

function groupBuckets(buckets: Iterable<TimeBucket>, units: number): Map<string, TimeBucket> {
  const grouped = new Map<string, TimeBucket>();
  for (const bucket of buckets) {
    const label = bucket.label.slice(0, units);
    const old = grouped.get(label);
    if (old) {
      old.count += bucket.count;
      old.alarming += bucket.alarming;
    } else grouped.set(label, { ...bucket, label });
  }
  return grouped;
}

/** At most `most` buckets of the finest unit that fits, in the order of the text. */
export function histogram(times: Times, most: number): { unit: string; buckets: TimeBucket[] } {
  let unit = times.unit;
  let buckets = times.buckets;
  while (buckets.size > most && unit !== 'day' && times.format) {
    unit = unit === 'minute' ? 'hour' : 'day';
    buckets = groupBuckets(buckets.values(), times.format[unit]);
  }
  return { unit, buckets: [...buckets.values()] };
}

/** Buckets with far more lines (or alarming lines) than the median, the strongest first. */
export function bursts(
  times: Times,
  most: number,
): (TimeBucket & { readonly usual: number; readonly of: 'lines' | 'errors and warnings' })[] {
  const buckets = [...times.buckets.values()];
  if (buckets.length < 5) return [];
  const found: (TimeBucket & { usual: number; of: 'lines' | 'errors and warnings' })[] = [];
  for (const [of, pick] of [
    ['lines', (b: TimeBucket) => b.count],
    ['errors and warnings', (b: TimeBucket) => b.alarming],
  ] as const) {
    const counts = buckets.map(pick).sort((a, b) => a - b);
    const usual = counts[counts.length >> 1] as number;
    const strong = buckets
      .filter((b) => pick(b) >= 5 && pick(b) > 3 * Math.max(1, usual))
      .sort((a, b) => pick(b) - pick(a));
    for (const bucket of strong.slice(0, most)) found.push({ ...bucket, count: pick(bucket), usual, of });
  }
  return found;
}
