import type { Yield } from '../ports.ts';
import { digestTable } from '../read/fold/table.ts';
import type { OfflinePart, Point } from './types.ts';
import { cite, toCodeSpan, escapeText, type Line } from './view.ts';

/** A table or JSON, from its digest: shape, ranges, what is odd. */
export async function readTable(
  lines: readonly Line[],
  part: number,
  source: OfflinePart,
  yieldNow: Yield,
): Promise<Point[] | undefined> {
  const folded = source.prepared.foldedLines > 0 && source.prepared.facts !== '';
  let digest = lines;
  if (!folded) {
    const text = lines.map((line) => line.text).join('\n');
    const result = await digestTable(source.prepared.kind, text, yieldNow, true);
    if (!result?.isTable) return undefined;
    const first = lines[0]?.line ?? 1;
    digest = result.text.split('\n').map((text, i) => ({ text, line: (result.sourceLines[i] as number) + first - 1 }));
  }
  const points: Point[] = [];
  let rows = false;
  let row = 0;
  let name = '';
  for (const { text, line } of digest) {
    const odd = /^ {2}(rare|odd form|highest|lowest|only)(?: \(\d+ times\))?, line \d+: (.*)$/.exec(text);
    const column = /^(\S.*?): (?=(?:number|text|string|boolean|null|empty|object)\b)(.*)$/.exec(text);
    if (/^Table of /.test(text))
      points.push({ section: '', text: `${text.replace(/, folded:[^]*$/, '')}.`, cite: [cite(part, line)], weight: 9 });
    else if (/^[\d,]+ rows have another/.test(text))
      points.push({ section: 'Odd', text: `${escapeText(text)}.`, cite: [cite(part, line)], weight: 4 });
    else if (/^[\d,]+ of [\d,]+ rows \(/.test(text)) rows = true;
    else if (rows) {
      if (row++ < 2)
        points.push({ section: 'For example', text: toCodeSpan(text, 240), cite: [cite(part, line)], weight: 1.2 });
    } else if (odd)
      points.push({
        section: 'Odd',
        text: `${name === '' ? '' : `${toCodeSpan(name, 80)}, `}${odd[1]}: ${toCodeSpan(odd[2] as string, 120)}`,
        cite: [cite(part, line)],
        weight: 1.9,
      });
    else if (column) {
      name = column[1] as string;
      points.push({
        section: 'Columns',
        text: `${toCodeSpan(column[1] as string, 80)}: ${escapeText((column[2] as string).replace(/ \(line \d+\)/g, ''))}`,
        cite: [cite(part, line)],
        weight: 2,
      });
    } else if (/^ {2}[\d,]+× like: /.test(text))
      points.push({
        section: 'Columns',
        text: `${escapeText(text.trim())}`,
        cite: [cite(part, line)],
        weight: 1.3,
        depth: 1,
      });
  }
  return points;
}
