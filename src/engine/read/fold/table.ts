import type { Yield } from '../../ports.ts';
import type { Kind } from '../../source.ts';
import type { Column } from './column.ts';
import { type ColumnFacts, createFactReader } from './columnFacts.ts';
import { readCsv } from './csv.ts';
import { areRecords, readJson } from './jsonRows.ts';
import { clip, formatFigure, createOutput, type Output, put, putVerbatim } from './lines.ts';
import { collectTable } from './collectTable.ts';
import { describe, type Detail, details, putSlots } from './slots.ts';
import type { Rows } from './rows.ts';
import { count, showTemplate, type Template } from './log/drain.ts';
import type { Odd } from './stats.ts';
import type { FoldResult } from './types.ts';

const minRows = 40;
const minUnits = 8 * 1024;

/** Folds CSV, TSV, JSON and JSONL. */
export async function foldTable(
  kind: Kind,
  pieces: AsyncIterable<string> | string,
  yieldNow: Yield,
): Promise<FoldResult | undefined> {
  const result = await digestTable(kind, pieces, yieldNow);
  if (!result || result.length < minUnits) return undefined;
  return result.rows < minRows || result.text.length > result.length * 0.5 ? undefined : result;
}

/** A table's digest; `isTable` is false for JSON that is rather a group of settings. */
interface TableDigest extends FoldResult {
  readonly rows: number;
  readonly isTable: boolean;
}

/** @returns undefined for other text and, unless `withFreeText`, for a column of free text, which a model reads whole */
export async function digestTable(
  kind: Kind,
  pieces: AsyncIterable<string> | string,
  yieldNow: Yield,
  withFreeText = false,
): Promise<TableDigest | undefined> {
  if (kind === 'table') {
    const csv = await readCsv(pieces, yieldNow, withFreeText);
    if (!csv) return undefined;
    const header = csv.header && { text: csv.header.join(csv.delimiter), line: csv.headerLine };
    return { ...digestRows(csv.rows, header, [], 0.035), isTable: true };
  }
  const json = await readJson(pieces, yieldNow, withFreeText);
  return json && { ...digestRows(json.rows, undefined, json.outside, 0.06), isTable: areRecords(json) };
}

/** @param header as written in the text */
function digestRows(
  rows: Rows,
  header: { readonly text: string; readonly line: number } | undefined,
  outside: readonly { line: number; text: string; whole: boolean }[],
  share: number,
): FoldResult & { readonly rows: number } {
  const room = Math.min(150_000, Math.max(6000, rows.length * share));
  const output = createOutput();
  put(
    output,
    `Table of ${formatFigure(rows.rows)} rows and ${formatFigure(rows.columns.size)} columns, folded: what follows is computed over all rows exactly, with some rows word for word.`,
    1,
  );
  for (const { line, text, whole } of outside) {
    if (whole) putVerbatim(output, text, line, 600);
    else put(output, clip(text, 600), line);
  }
  if (header) putVerbatim(output, header.text, header.line, 2000);
  const getFacts = createFactReader(rows.rows);
  const odd = putColumns(output, rows, getFacts, room * 0.6);
  putRows(output, rows, odd, room);
  const facts = `${formatFigure(rows.rows)} rows, ${formatFigure(rows.columns.size)} columns (${clip([...rows.columns.keys()].slice(0, 12).join(', '), 200)}); ${formatFigure(output.verbatim.size)} lines word for word, ${formatFigure(rows.lines - output.verbatim.size)} as figures`;
  return {
    text: output.lines.join('\n'),
    sourceLines: output.sourceLines,
    foldedLines: rows.lines - output.verbatim.size,
    lines: rows.lines,
    facts,
    length: rows.length,
    rows: rows.rows,
    table: collectTable(rows, getFacts),
  };
}

function putColumns(output: Output, rows: Rows, getFacts: (column: Column) => ColumnFacts, room: number): Set<number> {
  const oddLines = new Set<number>();
  const line = rows.first[0]?.line ?? 1;
  let left = 0;
  for (const column of rows.columns.values()) {
    if (output.length > room) {
      left++;
      continue;
    }
    const facts = getFacts(column);
    put(output, clip(`${column.name}: ${describeColumn(column, facts)}`, 700), line);
    const odd = facts.outliers;
    for (const one of odd.slice(0, 40)) {
      put(
        output,
        `  ${one.why}${one.count > 1 ? ` (${one.count} times)` : ''}, line ${one.line}: ${clip(one.text, 200)}`,
        one.line,
      );
      oddLines.add(one.line);
    }
    if (odd.length > 40) put(output, `  ${formatFigure(odd.length - 40)} more odd values`, (odd[40] as Odd).line);
    putTemplates(output, column, facts.templates, room);
  }
  if (left > 0) put(output, `${formatFigure(left)} more columns are not described.`, line);
  if (rows.beyond > 0)
    put(output, `${formatFigure(rows.beyond)} values under further paths are told as this count only.`, line);
  return oddLines;
}

function describeColumn({ stats, thin }: Column, facts: ColumnFacts): string {
  const { types, missing, firstEmpty, isAllDifferent, only, dates, quartiles } = facts;
  const parts = [types.length === 1 ? types[0]![0] : types.map(([type, n]) => `${type} ${formatFigure(n)}`).join(', ')];
  if (missing > 0) parts.push(`missing in ${formatFigure(missing)} rows`);
  if (firstEmpty > 0) parts.push(`first empty in line ${firstEmpty}`);
  if (isAllDifferent) parts.push('all different');
  if (dates) parts.push(`dates from ${dates.first} to ${dates.last}`);
  parts.push(only === undefined ? describe(stats) : `always ${clip(only, 80)}`);
  if (quartiles) {
    const [a, b, c] = quartiles.map(formatFigure);
    parts.push(`quartiles ${a}, ${b}, ${c}${thin > 1 ? ' (of a sample)' : ''}`);
  }
  return parts.filter((part) => part !== '').join('; ');
}

function putTemplates(output: Output, { miner }: Column, templates: readonly Template[], room: number): void {
  if (!miner || templates.length === 0) return;
  for (const template of templates.slice(0, 40)) {
    put(output, `  ${formatFigure(template.count)}× like: ${clip(showTemplate(template), 240)}`, template.first);
    if (!template.counting) count(miner, template);
    putSlots(output, { ...miner, odd: new Map() }, template, details[output.length > room * 0.3 ? 3 : 1] as Detail);
  }
  const rest = templates.slice(40);
  const counted = rest.reduce((sum, t) => sum + t.count, miner.overflow.count);
  if (counted > 0)
    put(
      output,
      `  ${formatFigure(counted)} more texts of ${formatFigure(rest.length)} other patterns`,
      rest[0]?.first ?? miner.overflow.first,
    );
}

function putRows(output: Output, rows: Rows, oddLines: ReadonlySet<number>, room: number): void {
  const shown = new Map<number, string>();
  for (const row of [...rows.first, ...rows.last]) shown.set(row.line, row.text);
  for (const line of [...oddLines].sort((a, b) => a - b)) {
    const text = rows.kept.get(line);
    if (text !== undefined) shown.set(line, text);
  }
  for (const row of rows.oddLines) shown.set(row.line, row.text);
  for (const column of rows.columns.values()) {
    for (const extreme of [column.stats.high[0], column.stats.low[0]]) {
      const text = extreme && rows.kept.get(extreme.line);
      if (extreme && text !== undefined) shown.set(extreme.line, text);
    }
  }
  for (const row of rows.random) shown.set(row.line, row.text);
  const chosen: [number, string][] = [];
  let length = output.length;
  for (const [line, text] of shown) {
    if (length + text.length > room) continue;
    length += text.length + 1;
    chosen.push([line, text]);
  }
  if (rows.odd > 0)
    put(
      output,
      `${formatFigure(rows.odd)} rows have another number of cells or cannot be read`,
      rows.oddLines[0]?.line ?? 1,
    );
  if (chosen.length === 0) return;
  put(
    output,
    `${formatFigure(chosen.length)} of ${formatFigure(rows.rows)} rows (first, last, extreme, odd and random ones):`,
    rows.first[0]?.line ?? 1,
  );
  chosen.sort((a, b) => a[0] - b[0]);
  for (const [line, text] of chosen) {
    if (rows.compacted) put(output, clip(text, 4000), line);
    else for (const [i, part] of text.split('\n').entries()) putVerbatim(output, part, line + i, 4000);
  }
}
