import type { Yield } from '../../ports.ts';
import { forEachLine } from './lines.ts';
import { numberForms } from './numberForms.ts';
import { addCell, getColumn, endRow, findFreeText, createRows, noteOddRow, type Rows } from './rows.ts';
import { toNumber } from './stats.ts';

/** First line of a spreadsheet's CSV that names the delimiter. */
export const separatorLine = /^\ufeff?"?sep=(.)"?\s*$/i;
const delimiters = [',', '\t', ';', '|'] as const;
/** UTF-16 units. */
const decideAfter = 192 * 1024;
const cellLines = 2000;
const cellUnits = 1_000_000;

interface Csv {
  readonly rows: Rows;
  delimiter: string;
  header: string[] | undefined;
  /** Line number of `header`, from 1. */
  headerLine: number;
  width: number;
  /** Delimiter that the first line names, as in `sep=;`. */
  named: string | undefined;
}

/** @returns undefined for other text and, unless `withFreeText`, for a table with a column of free text */
export async function readCsv(
  pieces: AsyncIterable<string> | string,
  yieldNow: Yield,
  withFreeText = false,
): Promise<Csv | undefined> {
  const csv: Csv = { rows: createRows(), delimiter: '', header: undefined, headerLine: 1, width: 0, named: undefined };
  const { rows } = csv;
  let head: { text: string; line: number }[] = [];
  let open: string[] = [];
  let openUnits = 0;
  let openLine = 0;
  let openLines = 0;
  let refused = false;
  let decided = false;
  const record = (text: string, line: number): boolean => {
    if (csv.delimiter !== '') return readRecord(csv, text, line);
    head.push({ text, line });
    if (head.length < 20) return true;
    return startCsv(csv, head) && readHead(csv, head);
  };
  const totals = await forEachLine(pieces, yieldNow, (line, number, length) => {
    rows.lines = number;
    if (number === 1) {
      csv.named = separatorLine.exec(line)?.[1];
      if (csv.named) return true;
    }
    const turns = hasOddQuotes(line);
    if (openLines > 0 || turns) {
      if (openLines === 0) openLine = number;
      open.push(line);
      openUnits += line.length + 1;
      openLines++;
      if (openLines > cellLines || openUnits > cellUnits) return !(refused = true);
      if (!turns || openLines === 1) return true;
      line = open.join('\n');
      number = openLine;
      open = [];
      openLines = 0;
      openUnits = 0;
    }
    if (line.trim() === '') return true;
    if (!record(line, number)) return !(refused = true);
    if (!decided && !withFreeText && length >= decideAfter) {
      decided = true;
      if (findFreeText(rows)) return !(refused = true);
    }
    return true;
  });
  if (refused || openLines > 0) return undefined;
  rows.length = totals.length;
  if (csv.delimiter === '') {
    if (!startCsv(csv, head) || !readHead(csv, head)) return undefined;
  }
  head = [];
  return (!withFreeText && findFreeText(rows)) || rows.odd * 5 > rows.rows ? undefined : csv;
}

/** Whether quotes are unbalanced, so that a cell spans lines. */
export function hasOddQuotes(text: string): boolean {
  let at = text.indexOf('"');
  if (at < 0) return false;
  let count = 0;
  for (; at >= 0; at = text.indexOf('"', at + 1)) count++;
  return count % 2 === 1;
}

function startCsv(csv: Csv, head: readonly { text: string }[]): boolean {
  let best = 0;
  for (const delimiter of csv.named ? [csv.named] : delimiters) {
    const widths = head.map((row) => splitRecord(row.text, delimiter).length);
    const first = widths[0] ?? 0;
    const same = widths.filter((width) => width === first).length;
    if (first < 2 || same * 10 < widths.length * 9) continue;
    if (first > best) {
      best = first;
      csv.delimiter = delimiter;
    }
  }
  csv.width = best;
  return best > 0;
}

function readHead(csv: Csv, head: readonly { text: string; line: number }[]): boolean {
  const first = splitRecord((head[0] as { text: string }).text, csv.delimiter);
  const named = isHeader(first);
  csv.header = named ? first : undefined;
  csv.headerLine = (head[0] as { line: number }).line;
  const body = (named ? head.slice(1) : head).map(({ text }) => splitRecord(text, csv.delimiter));
  const columns = Array.from({ length: csv.width }, (_, i) => body.map((cells) => (cells[i] ?? '').trim()));
  numberForms(columns, csv.delimiter).forEach((form, i) => {
    const column = getColumn(csv.rows, csv.header?.[i] || `column ${i + 1}`);
    if (column) column.numberOf = form;
  });
  for (const row of named ? head.slice(1) : head) readRecord(csv, row.text, row.line);
  return true;
}

/** Whether the cells name columns; the first may be empty (an index), and the last (a delimiter that ends each row). */
function isHeader(cells: readonly string[]): boolean {
  const from = cells.length > 2 && cells[0] === '' ? 1 : 0;
  const names = cells.slice(from, cells.length - from > 2 && cells.at(-1) === '' ? -1 : undefined);
  return (
    names.every((cell) => cell !== '' && Number.isNaN(toNumber(cell)) && cell.length < 80) &&
    new Set(names).size === names.length
  );
}

function readRecord(csv: Csv, text: string, line: number): boolean {
  const cells = splitRecord(text, csv.delimiter);
  if (cells.length !== csv.width) noteOddRow(csv.rows, text, line);
  let notable = false;
  for (let i = 0; i < cells.length && i < csv.width; i++) {
    const name = csv.header?.[i] || `column ${i + 1}`;
    if (addCell(csv.rows, name, (cells[i] as string).trim(), '', line)) notable = true;
  }
  endRow(csv.rows, text, line, notable);
  return true;
}

/** Splits a record into cells; removes quotes and halves doubled ones. */
export function splitRecord(text: string, delimiter: string): string[] {
  if (!text.includes('"')) return text.split(delimiter);
  const cells: string[] = [];
  let at = 0;
  while (at <= text.length) {
    if (text.charCodeAt(at) === 34) {
      let end = at + 1;
      for (;;) {
        end = text.indexOf('"', end);
        if (end < 0) end = text.length;
        else if (text.charCodeAt(end + 1) === 34) {
          end += 2;
          continue;
        }
        break;
      }
      const next = text.indexOf(delimiter, end);
      cells.push(text.slice(at + 1, end).replaceAll('""', '"'));
      if (next < 0) return cells;
      at = next + 1;
    } else {
      const next = text.indexOf(delimiter, at);
      if (next < 0) {
        cells.push(text.slice(at));
        return cells;
      }
      cells.push(text.slice(at, next));
      at = next + 1;
    }
  }
  return cells;
}
