/** Secrets in tables: the cells below a heading such as `password`, in CSV, TSV and Markdown. */
import type { Finding } from './secretPatterns.ts';
import { strengthOf } from './secretNames.ts';
import { isSecretValue, type Strength } from './secretValues.ts';

/** A table whose rows go on: which of its columns hold secrets. */
export interface OpenTable {
  readonly separator: string;
  readonly cells: number;
  readonly columns: readonly { readonly index: number; readonly strength: Strength }[];
}

const headingWord =
  /pass|pwd|secret|token|api.?key|private.?key|access.?key|kennw|contrase|senha|mdp|парол|密[码碼]|パスワード/gi;
const separators = [',', ';', '\t', '|'];
const maxHeading = 2_000;
const maxCells = 200;
/** Shorter ones in a column named `token` are words of a text. */
const minSecret = 12;

/**
 * Finds secrets in the tables of a text.
 * @param open the table that the text continues, if any
 * @returns the findings in order, and the table that is open at the end
 */
export function findInTables(
  text: string,
  open: OpenTable | undefined,
): { findings: Finding[]; open: OpenTable | undefined } {
  const findings: Finding[] = [];
  let table = open;
  for (let start = 0; start < text.length;) {
    if (!table) {
      headingWord.lastIndex = start;
      const word = headingWord.exec(text);
      if (!word) break;
      start = Math.max(start, text.lastIndexOf('\n', word.index) + 1);
    }
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, end);
    if (table && !addRow(line, start, table, findings)) table = undefined;
    if (!table && line.length <= maxHeading) table = readHeading(line);
    start = end + 1;
  }
  return { findings, open: table };
}

/** The table that a heading begins; undefined for any other line. */
function readHeading(line: string): OpenTable | undefined {
  for (const separator of separators) {
    if (!line.includes(separator)) continue;
    const cells = splitCells(line, separator);
    if (cells.length < 2 || cells.length > maxCells) continue;
    // before the first and behind the last there may be what a log or a string puts around them
    const inner = cells.slice(1, -1).map((cell) => cell.text);
    if (!inner.every((cell) => cell === '' || /^[\p{L}_][\p{L}\p{N} _.-]{0,30}$/u.test(cell))) continue;
    const columns = cells.flatMap(({ text }, index) => {
      const heading = /(?<![\p{L}\p{N}_-])[\p{L}\p{N}_-]{1,40}$/u.exec(text.slice(-40))?.[0] ?? '';
      const strength = index > 0 && index < cells.length - 1 ? strengthOf(text) : strengthOf(heading);
      return strength && /^[\p{L}\p{N}_. -]{1,40}$/u.test(heading) ? [{ index, strength }] : [];
    });
    if (columns.length) return { separator, cells: cells.length, columns };
  }
  return undefined;
}

/** Whether a line belongs to the table; adds the secrets of its cells. */
function addRow(line: string, offset: number, table: OpenTable, findings: Finding[]): boolean {
  const cells = splitCells(line, table.separator);
  if (cells.length !== table.cells) return false;
  for (const { index, strength } of table.columns) {
    const { text, start } = cells[index]!;
    const enough = strength === 'password' || text.length >= minSecret;
    if (enough && isSecretValue(text, { name: '', strength, quoted: true, loud: false, strict: false }))
      findings.push({ start: offset + start, end: offset + start + text.length });
  }
  return true;
}

/** Cells without the space and quotation marks around them; a separator in quotation marks separates nothing. */
function splitCells(line: string, separator: string): { text: string; start: number }[] {
  const cells: { text: string; start: number }[] = [];
  let start = 0;
  let quoted = false;
  for (let i = 0; i <= line.length && cells.length <= maxCells; i++) {
    if (line[i] === '"') quoted = !quoted;
    if (i < line.length && (quoted || line[i] !== separator)) continue;
    const cell = line.slice(start, i);
    const lead = /^[\s"']*/.exec(cell)![0].length;
    const text = cell.slice(lead).replace(/(?<![\s"'])[\s"']+$/, '');
    cells.push({ text, start: start + lead });
    start = i + 1;
  }
  return cells;
}
