import type { Yield } from '../ports.ts';
import { digestTable } from '../read/fold/table.ts';
import type { TableColumn, TableFacts } from '../tableFacts.ts';
import { offlinePhrases, outlierReasons, typeNames, type Wording } from './phrases.ts';
import type { Cite, OfflinePart, Point } from './types.ts';
import { cite, toCodeSpan, escapeText, type Line } from './view.ts';

/** Undefined if the text is no table. */
export async function readTable(
  lines: readonly Line[],
  part: number,
  source: OfflinePart,
  yieldNow: Yield,
  wording: Wording,
): Promise<Point[] | undefined> {
  const facts = source.prepared.table ?? (await countTable(lines, source, yieldNow));
  if (!facts) return undefined;
  const place = (line: number): Cite => cite(part, line + facts.startLine - 1);
  return describeTable(facts, place, wording);
}

async function countTable(
  lines: readonly Line[],
  { prepared }: OfflinePart,
  yieldNow: Yield,
): Promise<TableFacts | undefined> {
  if (prepared.foldedLines > 0) return undefined;
  const digest = await digestTable(prepared.kind, lines.map(({ text }) => text).join('\n'), yieldNow, true);
  return digest?.isTable && digest.table ? { ...digest.table, startLine: lines[0]?.line ?? 1 } : undefined;
}

/** Names a table by its rows and columns. */
export const nameTable = (facts: TableFacts, { translate, count }: Wording): string =>
  translate(
    offlinePhrases.tableOf,
    count(facts.rows, offlinePhrases.row, offlinePhrases.rows),
    count(facts.columnCount, offlinePhrases.column, offlinePhrases.columnsOf),
  );

function describeTable(facts: TableFacts, place: (line: number) => Cite, wording: Wording): Point[] {
  const { count } = wording;
  const points: Point[] = [
    {
      section: '',
      text: nameTable(facts, wording),
      cite: [place(1)],
      weight: 9,
    },
  ];
  if (facts.oddRows > 0)
    points.push({
      section: offlinePhrases.odd,
      text: count(facts.oddRows, offlinePhrases.oddRow, offlinePhrases.oddRows),
      cite: [place(facts.oddLine)],
      weight: 4,
    });
  for (const column of facts.columns) points.push(...describeColumn(column, facts, place, wording));
  for (const { text, line } of facts.examples)
    points.push({ section: offlinePhrases.forExample, text: toCodeSpan(text, 240), cite: [place(line)], weight: 1.2 });
  return points;
}

function describeColumn(
  column: TableColumn,
  { examples }: TableFacts,
  place: (line: number) => Cite,
  { translate, figure }: Wording,
): Point[] {
  const name = toCodeSpan(column.name, 80);
  const line = examples[0]?.line ?? 1;
  const points: Point[] = [
    { section: offlinePhrases.columns, text: `${name}: ${formatColumn(column)}`, cite: [place(line)], weight: 2 },
  ];
  for (const { form, line, count } of column.forms)
    points.push({
      section: offlinePhrases.columns,
      text: escapeText(translate(offlinePhrases.like, figure(count), form)),
      cite: [place(line)],
      weight: 1.3,
      depth: 1,
    });
  for (const { why, text, line, count } of column.outliers) {
    const times = count > 1 ? ` (${translate(offlinePhrases.times, figure(count))})` : '';
    points.push({
      section: offlinePhrases.odd,
      text: `${name}, ${translate(outlierReasons[why])}${times}: ${toCodeSpan(text, 120)}`,
      cite: [place(line)],
      weight: 1.9,
    });
  }
  return points;

  function formatColumn({ types, top, range, dates, quartiles }: TableColumn): string {
    const nameType = (type: string): string => translate(typeNames[type as keyof typeof typeNames] ?? type);
    const parts = [
      types.length === 1
        ? nameType(types[0]![0])
        : types.map(([type, count]) => `${nameType(type)} ${figure(count)}`).join(', '),
    ];
    if (column.missing > 0) parts.push(translate(offlinePhrases.missing, figure(column.missing)));
    if (column.firstEmpty > 0) parts.push(translate(offlinePhrases.firstEmpty, column.firstEmpty));
    if (column.isAllDifferent) parts.push(translate(offlinePhrases.allDifferent));
    if (dates) parts.push(translate(offlinePhrases.dates, dates.first, dates.last));
    if (column.always !== undefined) parts.push(translate(offlinePhrases.always, column.always));
    else if (!column.isAllDifferent)
      parts.push(
        translate(column.hasMore ? offlinePhrases.moreDifferent : offlinePhrases.different, figure(column.different)),
      );
    if (range) parts.push(translate(offlinePhrases.range, range.low, range.high, figure(range.mean)));
    if (quartiles) parts.push(translate(offlinePhrases.quartiles, ...quartiles.map(figure)));
    if (top.length > 0 && column.always === undefined)
      parts.push(translate(offlinePhrases.most, top.map(({ text, count }) => `${text} ${figure(count)}×`).join(', ')));
    return escapeText(parts.join('; '));
  }
}
