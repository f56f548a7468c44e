/** A log, from its digest: the folded text, or one made here when the text was too short to fold. */
import type { Yield } from '../ports.ts';
import { digestLog } from '../read/fold/logDigest.ts';
import { closeRecord, newLog, readLogLine } from '../read/fold/log.ts';
import { speaksOfFailure } from '../read/fold/levels.ts';
import type { OfflinePart, Point } from './types.ts';
import { cite, codeSpan, escapeText, type Line } from './view.ts';

export async function readLog(
  lines: readonly Line[],
  part: number,
  source: OfflinePart,
  yieldNow: Yield,
): Promise<Point[]> {
  const digest =
    source.prepared.facts !== '' && source.prepared.foldedLines > 0 ? lines : await digestOf(lines, yieldNow);
  const points: Point[] = [];
  let section = '';
  const told = new Set<number>();
  for (let i = 0; i < digest.length; i++) {
    const { text, line } = digest[i] as Line;
    if (/^Log of /.test(text))
      points.push({
        section: '',
        text: `${escapeText(text.replace(/, folded: ((?:(?!, folded: ).)*?)\. All counts[^]*$/, ': $1'))}.`,
        cite: [cite(part, line)],
        weight: 9,
      });
    else if (/^(?:Levels|Time): /.test(text))
      points.push({ section: '', text: `${escapeText(text)}.`, cite: [cite(part, line)], weight: 8 });
    else if (/^Burst at /.test(text))
      points.push({
        section: 'Timeline',
        text: `${escapeText(text.replace(/ \(from line \d+\)/, ''))}.`,
        cite: [cite(part, line, line + 9)],
        weight: 3,
      });
    else if (/^Lines per /.test(text)) points.push(...timeline(text, part, line));
    else if (/^(?:Records of several lines|Rare records|Frequent kinds)/.test(text)) section = text.slice(0, 4);
    else if (section === 'Reco') i = stackPoint(digest, i, part, points, told);
    else if (section === 'Rare') points.push(rarePoint(text, line, part));
    else if (section === 'Freq') frequentPoint(digest, i, part, points, told);
  }
  return points;
}

async function digestOf(lines: readonly Line[], yieldNow: Yield): Promise<Line[]> {
  const log = newLog();
  for (const [i, { text, line }] of lines.entries()) {
    if (i % 1000 === 999) await yieldNow();
    readLogLine(log, text, line);
  }
  closeRecord(log);
  log.lines = lines.length;
  log.length = lines.reduce((sum, line) => sum + line.text.length + 1, 0);
  const result = await digestLog(log, yieldNow);
  return result.text.split('\n').map((text, i) => ({ text, line: result.sourceLines[i] as number }));
}

function timeline(text: string, part: number, line: number): Point[] {
  const buckets = text
    .replace(/^Lines per \w+: /, '')
    .split(' · ')
    .map((bucket) => /^(.*) ([\d,]+)$/.exec(bucket))
    .filter((found) => found !== null);
  if (buckets.length < 2) return [];
  const counts = buckets.map((found) => Number((found[2] as string).replaceAll(',', '')));
  const most = counts.indexOf(Math.max(...counts));
  const least = counts.indexOf(Math.min(...counts));
  const name = (i: number): string =>
    `${escapeText((buckets[i] as RegExpExecArray)[1] as string)} (${(buckets[i] as RegExpExecArray)[2]})`;
  const unit = /^Lines per (\w+)/.exec(text)?.[1] ?? 'unit';
  return [
    {
      section: 'Timeline',
      text: `Over ${buckets.length} ${unit}s: most lines at ${name(most)}, fewest at ${name(least)}.`,
      cite: [cite(part, line)],
      weight: 2.5,
    },
  ];
}

function stackPoint(digest: readonly Line[], at: number, part: number, points: Point[], told: Set<number>): number {
  const { text } = digest[at] as Line;
  const count = /^(?:once|([\d,]+) times, last from line (\d+)):$/.exec(text);
  if (!count) return at;
  let end = at + 1;
  while (
    end < digest.length &&
    !/^(?:once|[\d,]+ times, last from line \d+):$/.test((digest[end] as Line).text) &&
    !/^(?:Rare records|Frequent kinds|[\d,]+ more such)/.test((digest[end] as Line).text)
  )
    end++;
  const body = digest.slice(at + 1, end);
  const head = body[0];
  if (!head) return at;
  const cause =
    body.slice(1).find((line) => /Caused by|^\s*[\w.]+(?:Exception|Error)\b/.test(line.text)) ??
    body.slice(1).find((line) => speaksOfFailure(line.text));
  const where = body.slice(1).find((line) => /^\s*(?:at |File ")/.test(line.text));
  for (const { line } of body) told.add(line);
  points.push({
    section: 'Errors and warnings',
    text: `${count[1] ? `${count[1]}×` : 'Once:'} ${codeSpan(head.text, 200)}${cause ? `, ${codeSpan(cause.text, 120)}` : ''}${where ? ` ${codeSpan(where.text, 90)}` : ''}`,
    cite: [
      cite(part, head.line, (body[body.length - 1] as Line).line),
      ...(count[2] ? [cite(part, Number(count[2]))] : []),
    ],
    weight: 4,
  });
  return end - 1;
}

function rarePoint(text: string, line: number, part: number): Point {
  const bad = speaksOfFailure(text) || /\b(?:ERROR|FATAL|CRIT|SEVERE|WARN)/i.test(text.slice(0, 120));
  return {
    section: bad ? 'Errors and warnings' : 'Rare records',
    text: codeSpan(text, 220),
    cite: [cite(part, line)],
    weight: bad ? 3.5 : 2,
  };
}

function frequentPoint(
  digest: readonly Line[],
  at: number,
  part: number,
  points: Point[],
  told: ReadonlySet<number>,
): void {
  const { text, line } = digest[at] as Line;
  const head = /^([\d,]+)× in lines (\d+) to (\d+)/.exec(text);
  const odd = /^ {2}(rare|odd form|highest|lowest)(?: \(\d+ times\))?, line (\d+): (.*)$/.exec(text);
  if (odd) {
    const next = digest[at + 1];
    const whole =
      next?.line === line && !/^ {2}\S.*, line \d+: /.test(next.text) ? ` in ${codeSpan(next.text, 170)}` : '';
    points.push({
      section: 'Unusual values',
      text: `${odd[1]}: ${codeSpan(odd[3] as string, 140)}${whole}`,
      cite: [cite(part, line)],
      weight: odd[1] === 'rare' ? 1.8 : 1.6,
    });
    return;
  }
  if (!head) return;
  const example = digest[at + 1];
  // A record of several lines was told with its head.
  if (!example || told.has(example.line)) return;
  const bad = speaksOfFailure(example.text) || /\b(?:ERROR|FATAL|CRIT|SEVERE)/.test(example.text.slice(0, 120));
  points.push({
    section: bad ? 'Errors and warnings' : 'Frequent records',
    text: `${head[1]}× like ${codeSpan(example.text, 180)}`,
    cite: [cite(part, Number(head[2])), cite(part, Number(head[3]))],
    weight: bad ? 3 : 1 + Math.min(1, Math.log10(Number((head[1] as string).replaceAll(',', ''))) / 6),
  });
}
