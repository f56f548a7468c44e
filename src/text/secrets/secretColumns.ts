/** Finds secrets below headings such as `password`, in CSV, TSV and Markdown. */
import type { Finding } from './secretPatterns.ts';
import { strengthOf } from './secretNames.ts';
import { isSecretValue, type Strength } from './secretValues.ts';

/** An open table and its secret columns. */
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
/** Shorter ones below `token` are words. */
const minSecret = 12;

/**
 * @param open the table that the text continues
 * @returns findings in order, and the open table
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

/** Undefined for other lines. */
function readHeading(line: string): OpenTable | undefined {
  for (const separator of separators) {
    if (!line.includes(separator)) continue;
    const cells = splitCells(line, separator);
    if (cells.length < 2 || cells.length > maxCells) continue;
    // a log or string may frame the row
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

/** Whether the line belongs to the table; adds its secrets. */
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

/** Without spaces and quotes; quoted separators count not. */
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
