/** Summarizes a log: counts, levels and times, then kinds by severity and count. */
import type { LogFacts, LogKind, LogOutlier, LogTime } from '../logFacts.ts';
import type { Yield } from '../ports.ts';
import { endLog, createLog, readLogLine } from '../read/fold/log/log.ts';
import { formatLevel } from '../read/fold/log/logDigest.ts';
import { collectFacts, collectKinds, collectOutliers } from '../read/fold/log/logKinds.ts';
import { formatDuration } from '../read/fold/log/time.ts';
import type { Cite, OfflinePart, Point } from './types.ts';
import { cite, toCodeSpan, escapeText, type Line, plural } from './view.ts';

export async function readLog(
  lines: readonly Line[],
  part: number,
  source: OfflinePart,
  yieldNow: Yield,
): Promise<Point[]> {
  const facts = source.prepared.log;
  // Lines of folded logs count within the part, lines of chunks within the file.
  const shift = facts ? facts.startLine - 1 : 0;
  const place = (line: number, end = line): Cite => cite(part, line + shift, end + shift);
  return describeLog(facts ?? (await countLog(lines, yieldNow)), place);
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
export function roomOf(points: readonly Point[]): number {
  const errors = points.filter(({ section }) => section === errorsHeading).length;
  return errors > 4 * manyErrors ? 2 : errors > manyErrors ? 1.5 : 1;
}

const errorsHeading = 'Errors and warnings';
const isErrorKind = ({ level, alarming }: LogKind): boolean => level >= 4 || (level === 0 && alarming);

function describeLog(facts: LogFacts, place: Place): Point[] {
  const kinds = facts.kinds.length + facts.moreKinds;
  const points: Point[] = [
    {
      section: '',
      text: `Log of ${plural(facts.lines, 'line')}, ${plural(facts.records, 'record')} of ${plural(kinds, 'kind')}.`,
      cite: [place(1)],
      weight: 9,
    },
  ];
  const levels = formatLevel(facts);
  if (levels) points.push({ section: '', text: `Levels: ${levels}.`, cite: [place(1)], weight: 8 });
  if (facts.time) points.push(...createTimePoints(facts.time, place));
  const errors = facts.kinds.filter(isErrorKind).length;
  const width = errors > manyErrors ? narrow : wide;
  const forms = new Set<string>();
  facts.kinds.forEach((kind, rank) => {
    const form = `${kind.level} ${kind.form}`;
    if (!forms.has(form)) points.push(createKindPoint(kind, rank, facts, place, width));
    forms.add(form);
  });
  for (const outlier of facts.outliers.slice(0, maxOutliers)) points.push(createOutlierPoint(outlier, place));
  return points;
}

function createTimePoints(time: LogTime, place: Place): Point[] {
  const points: Point[] = [
    {
      section: '',
      text: `Time: ${escapeText(time.first)} to ${escapeText(time.last)} (${formatDuration(time.durationMs)}).`,
      cite: [place(time.firstLine), place(time.lastLine)],
      weight: 8,
    },
  ];
  const { unit, buckets, bursts } = time;
  if (buckets.length > 1) {
    const most = buckets.reduce((best, bucket) => (bucket.count > best.count ? bucket : best));
    const least = buckets.reduce((best, bucket) => (bucket.count < best.count ? bucket : best));
    const name = ({ label, count }: (typeof buckets)[number]): string => `${label} (${count.toLocaleString('en-US')})`;
    if (most.count > least.count)
      points.push({
        section: 'Timeline',
        text: `Busiest ${unit}: ${name(most)}; quietest ${unit} with records: ${name(least)}.`,
        cite: [place(most.line), place(least.line)],
        weight: 2.5,
      });
  }
  for (const burst of bursts)
    points.push({
      section: 'Timeline',
      text: `Burst at ${burst.label}: ${burst.count.toLocaleString('en-US')} ${burst.of} in one ${burst.unit}, usual ${burst.usual.toLocaleString('en-US')}.`,
      cite: [place(burst.line, burst.line + 9)],
      weight: 3,
    });
  return points;
}

/** Creates the point for a kind. Its weight falls with its rank: errors first, then frequent kinds. */
function createKindPoint(kind: LogKind, rank: number, facts: LogFacts, place: Place, width: number): Point {
  const { count, firstLine, lastLine, trace, level } = kind;
  const isError = isErrorKind(kind);
  const times = count === 1 ? '' : `${count.toLocaleString('en-US')}× `;
  const words = [toCodeSpan(kind.form, width)];
  if (trace?.cause && !kind.form.includes(trace.cause)) words.push(toCodeSpan(trace.cause, 120));
  if (trace?.frame) words.push(toCodeSpan(trace.frame, 90));
  const lines = count === 1 ? `line ${firstLine}` : `lines ${firstLine}–${lastLine}`;
  const section = isError ? errorsHeading : count <= 2 ? 'Rare records' : 'Frequent records';
  const share = Math.log10(1 + count) / Math.log10(2 + facts.records);
  return {
    section,
    text: `${times}${words.join(', ')}, ${lines}`,
    cite: count === 1 ? [place(firstLine, trace?.lastLine)] : [place(firstLine), place(lastLine)],
    weight: isError ? 4 + 2 * share + (level >= 5 || level === 0 ? 0.3 : 0) - rank / 1e6 : 1 + share,
  };
}

function createOutlierPoint({ why, text, line, count }: LogOutlier, place: Place): Point {
  const times = count > 1 ? ` (${count} times)` : '';
  return {
    section: 'Unusual values',
    text: `${why}${times}: ${toCodeSpan(text, 140)}`,
    cite: [place(line)],
    weight: why === 'rare' ? 1.8 : 1.6,
  };
}
