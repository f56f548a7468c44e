/** Reads a stream of rows: exact statistics of columns, and a few rows to show. */
import { addToColumn, type Column, isFreeText, createColumn } from './column.ts';
import { detach } from './lines.ts';

/** A table's rows so far. */
export interface Rows {
  /** By name (JSON path) or position. */
  readonly columns: Map<string, Column>;
  rows: number;
  lines: number;
  length: number;
  /** By first line. */
  readonly kept: Map<number, string>;
  keptUnits: number;
  readonly first: { line: number; text: string }[];
  readonly last: { line: number; text: string }[];
  /** Rows with the smallest hashes, a sample that depends only on content. */
  readonly random: { line: number; text: string; hash: number }[];
  /** Values without room for their column. */
  beyond: number;
  /** Unreadable, or another number of cells. */
  odd: number;
  readonly oddLines: { line: number; text: string }[];
  /** Whether multi-line rows were joined, so that none is verbatim. */
  compacted: boolean;
}
/** Returns a table without rows. */
export const createRows = (): Rows => ({
  columns: new Map(),
  rows: 0,
  lines: 0,
  length: 0,
  kept: new Map(),
  keptUnits: 0,
  first: [],
  last: [],
  random: [],
  beyond: 0,
  odd: 0,
  oddLines: [],
  compacted: false,
});

const columnsKept = 400;
const keptMost = 4 * 1024 * 1024;
const shown = 3;
const randomShown = 24;
const rowMost = 4000;

/** Returns or adds a column; undefined beyond `columnsKept`. */
export function getColumn(rows: Rows, name: string): Column | undefined {
  let column = rows.columns.get(name);
  if (column) return column;
  if (rows.columns.size >= columnsKept) {
    rows.beyond++;
    return undefined;
  }
  column = createColumn(name);
  rows.columns.set(column.name, column);
  return column;
}

/** Returns whether the row may be worth showing. */
export const addCell = (rows: Rows, name: string, value: string, type: string, line: number): boolean => {
  const column = getColumn(rows, name);
  return column ? addToColumn(column, value, type, line) : false;
};

/** Ends a row and decides whether to keep its text. */
export function endRow(rows: Rows, text: string, line: number, notable: boolean): void {
  rows.rows++;
  const row = { line, text: text.length > rowMost ? text.slice(0, rowMost) : text };
  if (rows.first.length < shown) rows.first.push({ line, text: detach(row.text) });
  rows.last.push(row);
  if (rows.last.length > shown) rows.last.shift();
  if (notable && rows.keptUnits < keptMost) {
    rows.kept.set(line, detach(row.text));
    rows.keptUnits += row.text.length;
  }
  const hash = hashRow(text);
  const weakest = rows.random[rows.random.length - 1];
  if (rows.random.length >= randomShown && weakest && hash >= weakest.hash) return;
  let at = rows.random.length;
  while (at > 0 && (rows.random[at - 1] as { hash: number }).hash > hash) at--;
  rows.random.splice(at, 0, { line, text: detach(row.text), hash });
  if (rows.random.length > randomShown) rows.random.pop();
}

/** Counts a row that does not fit the header. */
export function noteOddRow(rows: Rows, text: string, line: number): void {
  rows.odd++;
  if (rows.oddLines.length < 8) rows.oddLines.push({ line, text: detach(text.slice(0, rowMost)) });
}

/** FNV-1a hash of at most 400 units. */
function hashRow(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length && i < 400; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return (hash ^ (hash >>> 12)) >>> 0;
}

/** Finds a column of free text, which must be read in full. */
export const findFreeText = (rows: Rows): Column | undefined => [...rows.columns.values()].find(isFreeText);
