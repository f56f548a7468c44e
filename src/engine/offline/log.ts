/** Summarizes a log: counts, levels and times, then kinds by severity and count. */
import type { LogFacts, LogKind, LogOutlier, LogTime } from '../logFacts.ts';
import type { Yield } from '../ports.ts';
import { endLog, createLog, readLogLine } from '../read/fold/log/log.ts';
import { formatLevels } from '../read/fold/log/logDigest.ts';
import { splitDuration, type DurationUnit } from '../read/fold/log/time.ts';
import { collectFacts, collectKinds, collectOutliers } from '../read/fold/log/logKinds.ts';
import { offlinePhrases, outlierReasons, type Wording } from './phrases.ts';
import type { Cite, OfflinePart, Point } from './types.ts';
import { cite, toCodeSpan, escapeText, type Line } from './view.ts';

/** Returns counts, times, kinds and bursts of a log. */
export async function readLog(
  lines: readonly Line[],
  part: number,
  source: OfflinePart,
  yieldNow: Yield,
  wording: Wording,
): Promise<Point[]> {
  const facts = source.prepared.log;
  // Lines of folded logs count within the part, lines of chunks within the file.
  const shift = facts ? facts.startLine - 1 : 0;
  const place = (line: number, end = line): Cite => cite(part, line + shift, end + shift);
  return describeLog(facts ?? (await countLog(lines, yieldNow)), place, wording);
}

async function countLog(lines: readonly Line[], yieldNow: Yield): Promise<LogFacts> {
  const log = createLog();
  for (const [i, { text, line }] of lines.entries()) {
    if (i % 1000 === 999) await yieldNow();
    readLogLine(log, text, line);
  }
  endLog(log);
  log.lines = lines.length;
  const kinds = collectKinds(log);
  await yieldNow();
  return collectFacts(log, kinds, collectOutliers(log, kinds));
}

type Place = (line: number, end?: number) => Cite;

const maxOutliers = 30;
/** Number of error kinds from which each one gets fewer characters. */
const manyErrors = 12;
const narrow = 125;
const wide = 150;

/** Share of the length's words: larger if many kinds of error must be named. */
export function getRoom(points: readonly Point[]): number {
  const errors = points.filter(({ section }) => section === errorsHeading).length;
  return errors > 4 * manyErrors ? 2 : errors > manyErrors ? 1.5 : 1;
}

const errorsHeading = 'Errors and warnings';
const isErrorKind = ({ level, alarming }: LogKind): boolean => level >= 4 || (level === 0 && alarming);

/** Names a log by its lines, records and kinds. */
export const nameLog = (facts: LogFacts, { translate, count }: Wording): string =>
  translate(
    offlinePhrases.logOf,
    count(facts.lines, offlinePhrases.line, offlinePhrases.lines),
    count(facts.records, offlinePhrases.record, offlinePhrases.records),
    count(facts.kinds.length + facts.moreKinds, offlinePhrases.kind, offlinePhrases.kinds),
  );

function describeLog(facts: LogFacts, place: Place, wording: Wording): Point[] {
  const { translate } = wording;
  const points: Point[] = [
    {
      section: '',
      text: nameLog(facts, wording),
      cite: [place(1)],
      weight: 9,
    },
  ];
  const levels = formatLevels(facts, wording.figure);
  if (levels) points.push({ section: '', text: translate(offlinePhrases.levels, levels), cite: [place(1)], weight: 8 });
  if (facts.time) points.push(...createTimePoints(facts.time, place, wording));
  const errors = facts.kinds.filter(isErrorKind).length;
  const width = errors > manyErrors ? narrow : wide;
  const forms = new Set<string>();
  facts.kinds.forEach((kind, rank) => {
    const form = `${kind.level} ${kind.form}`;
    if (!forms.has(form)) points.push(createKindPoint(kind, rank, facts, { place, width, wording }));
    forms.add(form);
  });
  for (const outlier of facts.outliers.slice(0, maxOutliers)) points.push(createOutlierPoint(outlier, place, wording));
  return points;
}

const busiest = {
  minute: offlinePhrases.perMinute,
  hour: offlinePhrases.perHour,
  day: offlinePhrases.perDay,
} as const;

const durationUnits: Readonly<Record<DurationUnit, readonly [one: string, many: string]>> = {
  day: [offlinePhrases.day, offlinePhrases.days],
  hour: [offlinePhrases.hour, offlinePhrases.hours],
  minute: [offlinePhrases.minute, offlinePhrases.minutes],
  second: [offlinePhrases.second, offlinePhrases.seconds],
};

const formatDuration = (ms: number, { translate, count }: Wording): string =>
  splitDuration(ms)
    .map(([unit, n]) => count(n, ...durationUnits[unit]))
    .join(' ') || translate(offlinePhrases.underSecond);

function createTimePoints(time: LogTime, place: Place, wording: Wording): Point[] {
  const { translate, figure } = wording;
  const points: Point[] = [
    {
      section: '',
      text: translate(
        offlinePhrases.time,
        escapeText(time.first),
        escapeText(time.last),
        formatDuration(time.durationMs, wording),
      ),
      cite: [place(time.firstLine), place(time.lastLine)],
      weight: 8,
    },
  ];
  const { unit, buckets, bursts } = time;
  if (buckets.length > 1) {
    const most = buckets.reduce((best, bucket) => (bucket.count > best.count ? bucket : best));
    const least = buckets.reduce((best, bucket) => (bucket.count < best.count ? bucket : best));
    const name = ({ label, count }: (typeof buckets)[number]): string => `${label} (${figure(count)})`;
    if (most.count > least.count)
      points.push({
        section: 'Timeline',
        text: translate(busiest[unit], name(most), name(least)),
        cite: [place(most.line), place(least.line)],
        weight: 2.5,
      });
  }
  for (const burst of bursts)
    points.push({
      section: 'Timeline',
      text: translate(
        burst.of === 'records' ? offlinePhrases.burst : offlinePhrases.burstOfErrors,
        burst.label,
        figure(burst.count),
        figure(burst.usual),
      ),
      cite: [place(burst.line, burst.line + 9)],
      weight: 3,
    });
  return points;
}

/** Creates the point for a kind. Its weight falls with its rank: errors first, then frequent kinds. */
interface KindStyle {
  readonly place: Place;
  readonly width: number;
  readonly wording: Wording;
}

function createKindPoint(
  kind: LogKind,
  rank: number,
  facts: LogFacts,
  { place, width, wording: { translate, figure } }: KindStyle,
): Point {
  const { count, firstLine, lastLine, trace, level } = kind;
  const isError = isErrorKind(kind);
  const times = count === 1 ? '' : `${figure(count)}× `;
  const words = [toCodeSpan(kind.form, width)];
  if (trace?.cause && !kind.form.includes(trace.cause)) words.push(toCodeSpan(trace.cause, 120));
  if (trace?.frame) words.push(toCodeSpan(trace.frame, 90));
  const lines =
    count === 1 ? translate(offlinePhrases.atLine, firstLine) : translate(offlinePhrases.atLines, firstLine, lastLine);
  const section = isError ? errorsHeading : count <= 2 ? 'Rare records' : 'Frequent records';
  const share = Math.log10(1 + count) / Math.log10(2 + facts.records);
  return {
    section,
    text: `${times}${words.join(', ')}, ${lines}`,
    cite: count === 1 ? [place(firstLine, trace?.lastLine)] : [place(firstLine), place(lastLine)],
    weight: isError ? 4 + 2 * share + (level >= 5 || level === 0 ? 0.3 : 0) - rank / 1e6 : 1 + share,
  };
}

function createOutlierPoint(
  { why, text, line, count }: LogOutlier,
  place: Place,
  { translate, figure }: Wording,
): Point {
  const times = count > 1 ? ` (${translate(offlinePhrases.times, figure(count))})` : '';
  return {
    section: 'Unusual values',
    text: `${translate(outlierReasons[why])}${times}: ${toCodeSpan(text, 140)}`,
    cite: [place(line)],
    weight: why === 'rare' ? 1.8 : 1.6,
  };
}
