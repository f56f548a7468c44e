/** Finds secrets below headings such as `password`, in CSV, TSV and Markdown. */
import type { Finding } from './patternChecks.ts';
import { findStrength } from './secretWords.ts';
import { isSecretValue, type Strength } from './secretValues.ts';

/** An open table and its secret columns. */
export interface OpenTable {
  readonly separator: string;
  readonly cells: number;
  readonly columns: readonly { readonly index: number; readonly strength: Strength }[];
}

const headingWord =
  /pass|pwd|secret|token|api.?key|private.?key|access.?key|kennw|contrase|senha|mdp|парол|密[码碼]|パスワード/gi;
/** A line of an ASCII or reStructuredText table that contains no words. */
const rule = /^[ \t]*[+|:=-][-+|:= \t]{2,2000}\r?$/;
/** Separator of aligned columns: two spaces or more. */
const aligned = '  ';
const separators = [',', ';', '\t', '|', aligned];
const maxHeading = 2_000;
const maxCells = 200;
/** Minimum length of a secret in a column named `token`; shorter ones are words. */
const minSecret = 12;
const minMixed = 8;

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
    // a line between heading and rows
    if (table && rule.test(line)) {
      start = end + 1;
      continue;
    }
    if (table && !addRow(line, start, table, findings)) table = undefined;
    if (!table && line.length <= maxHeading) table = readHeading(line);
    start = end + 1;
  }
  return { findings, open: table };
}

const cell = /<(?:(tr)\b[^<>]{0,200}>|(t[hd])\b[^<>]{0,300}>([^<]{0,400}))/gi;

/** Finds secrets in HTML tables. */
export function findInHtmlTables(text: string): Finding[] {
  const findings: Finding[] = [];
  if (!/<th\b/i.test(text) && !/<td\b/i.test(text)) return findings;
  let columns = new Map<number, Strength>();
  let heading = false;
  let index = 0;
  cell.lastIndex = 0;
  for (let match = cell.exec(text); match; match = cell.exec(text)) {
    const [whole, row, kind, content = ''] = match;
    if (row !== undefined) {
      index = 0;
      heading = false;
      continue;
    }
    const words = content.trim();
    const strength = words.length <= 40 ? findStrength(words) : undefined;
    if (kind?.toLowerCase() === 'th' || (strength && columns.size === 0)) {
      if (!heading) columns = new Map();
      heading = true;
      if (strength) columns.set(index, strength);
    } else {
      const wanted = heading ? undefined : columns.get(index);
      const start = match.index + whole.length - content.trimStart().length;
      if (wanted && isCellSecret(words, wanted)) findings.push({ start, end: start + words.length });
    }
    index++;
  }
  return findings;
}

function isCellSecret(text: string, strength: Strength): boolean {
  const enough = strength === 'password' || text.length >= (/\d/.test(text) ? minMixed : minSecret);
  return enough && isSecretValue(text, { name: '', strength, quoted: true, loud: false, strict: false });
}

/** Returns undefined for other lines. */
function readHeading(line: string): OpenTable | undefined {
  for (const separator of separators) {
    if (!line.includes(separator)) continue;
    const cells = splitCells(line, separator);
    if (cells.length < 2 || cells.length > maxCells) continue;
    // a list of words has one on each line
    if (cells.filter((cell) => cell.text !== '').length < 2) continue;
    // the row may be part of a log line or string
    const inner = cells.slice(1, -1).map((cell) => cell.text);
    if (!inner.every((cell) => cell === '' || /^[\p{L}_][\p{L}\p{N} _.-]{0,30}$/u.test(cell))) continue;
    const columns = cells.flatMap(({ text }, index) => {
      const heading = /(?<![\p{L}\p{N}_-])[\p{L}\p{N}_-]{1,40}$/u.exec(text.slice(-40))?.[0] ?? '';
      const strength = index > 0 && index < cells.length - 1 ? findStrength(text) : findStrength(heading);
      return strength && /^[\p{L}\p{N}_. -]{1,40}$/u.test(heading) ? [{ index, strength }] : [];
    });
    if (columns.length) return { separator, cells: cells.length, columns };
  }
  return undefined;
}

/** Returns whether the line belongs to it. */
function addRow(line: string, offset: number, table: OpenTable, findings: Finding[]): boolean {
  const cells = splitCells(line, table.separator);
  if (cells.length !== table.cells) return false;
  for (const { index, strength } of table.columns) {
    const { text, start } = cells[index]!;
    if (isCellSecret(text, strength)) findings.push({ start: offset + start, end: offset + start + text.length });
  }
  return true;
}

/** Replaces each run of spaces by a tab, keeping the length. */
const joinSpaces = (row: string): string =>
  row.trimEnd().replace(/(?<=\S) {2,200}(?=\S)/g, (run) => '\t'.padEnd(run.length));

/** Splits cells without spaces and quotes; quoted separators do not count. */
function splitCells(row: string, separator: string): { text: string; start: number }[] {
  const cells: { text: string; start: number }[] = [];
  // headings of wikis have two bars
  const isWiki = separator === '|' && /^\s*\|\|/.test(row);
  const line = isWiki ? row.replaceAll('||', ' |') : separator === aligned ? joinSpaces(row) : row;
  // a string that continues on the next line
  const ignoresQuotes = (line.split('"').length & 1) === 0;
  const sign = separator === aligned ? '\t' : separator;
  let start = 0;
  let quoted = false;
  for (let i = 0; i <= line.length && cells.length <= maxCells; i++) {
    if (line[i] === '"' && !ignoresQuotes) quoted = !quoted;
    if (i < line.length && (quoted || line[i] !== sign)) continue;
    const cell = line.slice(start, i);
    const lead = /^[\s"']*/.exec(cell)![0].length;
    const text = cell.slice(lead).replace(/(?<![\s"'])[\s"']+$/, '');
    cells.push({ text, start: start + lead });
    start = i + 1;
  }
  return cells;
}
