/** Collects kinds of record (form and level) by severity and count. */
import type { LogFacts, LogKind, LogOutlier, LogTime } from '../../../logFacts.ts';
import { count, type Example, rareKept, type Template, type Variant } from './drain.ts';
import { clip } from '../lines.ts';
import type { LogFigures } from './log.ts';
import { isCause, isFrame, type StackRecord } from './records.ts';
import { writeForm, type Outlier, findOutliers } from '../slots.ts';
import { findOutlierValues } from '../stats.ts';
import { labelBucket, findBursts, createHistogram, chooseTimes } from './time.ts';

/** A kind of records to show. */
export interface Kind {
  readonly template: Template;
  readonly variant: Variant;
  /** 6 fatal to 4 warning, 3 words of failure, 0 none. */
  readonly severity: number;
  /** Whether its lines are inside records of several lines. */
  readonly isInner: boolean;
  readonly isKept: boolean;
}

/** Sorts by severity, then count. Slots are counted from three records on. */
export function collectKinds(log: LogFigures): Kind[] {
  const kinds: Kind[] = [];
  for (const template of log.miner.templates) {
    if (!template.counting && template.count > 2) count(log.miner, template);
    for (const variant of template.variants) {
      if (!variant) continue;
      const isInner = template.inner * 2 > template.count;
      const isKept = variant.examples.length === variant.count;
      kinds.push({ template, variant, severity: isInner ? 0 : getSeverity(template, variant), isInner, isKept });
    }
  }
  return kinds.sort(
    (a, b) => b.severity - a.severity || b.variant.count - a.variant.count || a.variant.first - b.variant.first,
  );
}

function getSeverity(template: Template, { level }: Variant): number {
  if (level >= 4) return level;
  if (!template.alarming) return 0;
  return level === 0 ? 4.5 : 3;
}

/** Whether it has few records, all of them kept verbatim. */
export const isRare = ({ variant, isKept }: Kind, records: number): boolean =>
  isKept && (variant.count <= rareKept || variant.count * 10_000 <= records);

const maxKinds = 300;
const maxOutliers = 120;
const maxForm = 240;

/** Collects the facts that the offline summary and the panel show. */
export function collectFacts(log: LogFigures, kinds: readonly Kind[], outliers: readonly Outlier[]): LogFacts {
  const traces = new Map<number, StackRecord>();
  for (const stack of log.stacks.kinds.values()) traces.set(stack.head, stack);
  const outer = kinds.filter((kind) => !kind.isInner);
  const time = createTimeFacts(log);
  return {
    startLine: 1,
    lines: log.lines,
    records: log.records,
    levels: [...log.levels],
    ...(time ? { time } : {}),
    kinds: outer.slice(0, maxKinds).map((kind) => createKindFact(kind, traces)),
    moreKinds: Math.max(0, outer.length - maxKinds),
    outliers: outliers
      .slice(0, maxOutliers)
      .map(({ why, inPlace, line, count: times }): LogOutlier => ({ why, text: inPlace, line, count: times })),
  };
}

function createKindFact({ template, variant }: Kind, traces: ReadonlyMap<number, StackRecord>): LogKind {
  const example = variant.examples[0] as Example;
  const own = example.mined.slice(example.from);
  const stack = variant.examples.map(({ line }) => traces.get(line)).find((found) => found !== undefined);
  return {
    level: variant.level,
    alarming: template.alarming,
    count: variant.count,
    firstLine: variant.first,
    lastLine: variant.last,
    form: variant.count === 1 || !template.counting ? clip(own.trim(), maxForm) : writeForm(template, maxForm),
    example: clip(example.text, 600),
    ...(stack ? { trace: createTraceFact(stack) } : {}),
  };
}

function createTraceFact(stack: StackRecord): NonNullable<LogKind['trace']> {
  const body = stack.lines.slice(1);
  const causes = body.filter(({ text }) => isCause(text));
  const cause = causes.find(({ text }) => /^\s*Caused by/.test(text)) ?? causes[0];
  const frame = body.find(({ text }) => isFrame(text));
  return {
    lastLine: stack.lines.at(-1)?.line ?? stack.head,
    cause: clip(cause?.text.trim() ?? '', 160),
    frame: clip(frame?.text.trim() ?? '', 120),
    count: stack.count,
  };
}

/** Collects all outliers, those of slots with few outliers first. */
export function collectOutliers(log: LogFigures, kinds: readonly Kind[]): Outlier[] {
  const found: Outlier[] = [];
  const seen = new Set<Template>();
  for (const { template } of kinds) {
    if (!template.counting || seen.has(template)) continue;
    seen.add(template);
    for (const outlier of findOutliers(template)) found.push(outlier);
  }
  for (const stats of log.fields) {
    const odd = findOutlierValues(stats);
    for (const one of odd) found.push({ ...one, inPlace: one.text, crowd: odd.length });
  }
  const seenAt = new Set<string>();
  return found
    .sort((a, b) => a.crowd - b.crowd || a.line - b.line)
    .filter(({ line, text }) => {
      const key = `${line} ${text}`;
      return !seenAt.has(key) && seenAt.add(key);
    });
}

function createTimeFacts({ clock, records }: LogFigures): LogTime | undefined {
  const times = chooseTimes(clock, records);
  if (!times?.first || !times.last) return undefined;
  const { unit, buckets } = createHistogram(times, 48);
  const label = (bucket: (typeof buckets)[number]): string => labelBucket(bucket, unit, times);
  const own = times.unit < 3_600_000 ? 'minute' : times.unit < 86_400_000 ? 'hour' : 'day';
  return {
    first: times.first.text,
    firstLine: times.first.line,
    last: times.last.text,
    lastLine: times.last.line,
    durationMs: times.last.ms - times.first.ms,
    unit,
    buckets: buckets.slice(0, 200).map((bucket) => ({ label: label(bucket), count: bucket.count, line: bucket.line })),
    bursts: findBursts(times, 3).map(({ bucket, count: found, usual, of }) => ({
      label: labelBucket(bucket, own, times),
      line: bucket.line,
      count: found,
      usual,
      of,
      unit: own,
    })),
  };
}
