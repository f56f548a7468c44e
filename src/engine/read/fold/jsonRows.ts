import type { Yield } from '../../ports.ts';
import { detach, cutSlices } from './lines.ts';
import { addCell, endRow, findFreeText, createRows, noteOddRow, type Rows } from './rows.ts';

/** Text outside the outermost arrays, with line numbers. */
interface JsonText {
  readonly rows: Rows;
  readonly outside: { readonly line: number; readonly text: string; readonly whole: boolean }[];
  outsideUnits: number;
  /** Rows by path. */
  readonly arrays: Map<string, number>;
  /** Rows that are objects. */
  objects: number;
}

/** Whether the rows are records: lines, one array alone, or nearly all in one array of objects. Settings have lists too. */
export function areRecords({ arrays, objects, rows }: JsonText): boolean {
  if (arrays.has('') || arrays.has('[]')) return true;
  const most = Math.max(0, ...arrays.values());
  return most >= minRecords && most >= 0.8 * rows.rows && objects >= 0.8 * rows.rows;
}
const minRecords = 3;

const decideAfter = 192 * 1024;
/** A longer row is read as text. */
const rowMost = 2 * 1024 * 1024;
const outsideMost = 20_000;

interface Scanner {
  depth: number;
  /** Nesting depth of rows: 0 for JSONL, else inside the outermost array. */
  rowDepth: number;
  inString: boolean;
  escaped: boolean;
  line: number;
  /** From earlier pieces. */
  row: string;
  inRow: boolean;
  rowLine: number;
  /** Stack of open brackets. */
  readonly stack: string[];
  path: string;
  outside: string;
  /** 0 without an array. */
  outsideLine: number;
  lineOpen: boolean;
}

/** @returns undefined for other text, no rows and, unless `withFreeText`, for free text */
export async function readJson(
  pieces: AsyncIterable<string> | string,
  yieldNow: Yield,
  withFreeText = false,
): Promise<JsonText | undefined> {
  const json: JsonText = { rows: createRows(), outside: [], outsideUnits: 0, arrays: new Map(), objects: 0 };
  const s: Scanner = {
    depth: 0,
    rowDepth: -1,
    inString: false,
    escaped: false,
    line: 1,
    row: '',
    inRow: false,
    rowLine: 0,
    stack: [],
    path: '',
    outside: '',
    outsideLine: 0,
    lineOpen: false,
  };
  let decided = false;
  let sequence: boolean | undefined;
  let buffered = '';
  for await (const piece of cutSlices(pieces, yieldNow)) {
    json.rows.length += piece.length;
    let text = piece;
    if (sequence === undefined) {
      buffered += piece;
      if (buffered.length < 4096 && !hasSecondLine(buffered)) continue;
      sequence = isSequence(buffered);
      if (sequence) s.rowDepth = 0;
      text = buffered;
      buffered = '';
    }
    if (!scan(json, s, text)) return undefined;
    if (!decided && json.rows.length >= decideAfter) {
      decided = true;
      if ((!withFreeText && findFreeText(json.rows)) || json.rows.rows < 5) return undefined;
    }
  }
  if (sequence === undefined) {
    if (isSequence(buffered)) s.rowDepth = 0;
    if (!scan(json, s, buffered)) return undefined;
  }
  if (s.inRow && s.rowDepth === 0 && s.row.trim() !== '') finishRow(json, s, s.row);
  flushOutside(json, s);
  json.rows.lines = s.lineOpen ? s.line : s.line - 1;
  if (json.rows.rows === 0 || json.rows.odd * 10 > json.rows.rows) return undefined;
  if (!withFreeText && findFreeText(json.rows)) return undefined;
  return json;
}

function isSequence(head: string): boolean {
  const text = head.trimStart();
  const end = text.indexOf('\n');
  const first = (end < 0 ? text : text.slice(0, end)).trim();
  if (!first.startsWith('{') && !first.startsWith('[')) return false;
  try {
    JSON.parse(first);
    return end >= 0 && /\S/.test(text.slice(end));
  } catch {
    return false;
  }
}

const quote = 34;
const backslash = 92;
const newline = 10;

/** Scans a piece; returns false if the text is no JSON that it can fold. */
function scan(json: JsonText, s: Scanner, text: string): boolean {
  let from = 0;
  if (text !== '') s.lineOpen = text.charCodeAt(text.length - 1) !== newline;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === newline) s.line++;
    if (s.inString) {
      if (s.escaped) s.escaped = false;
      else if (c === backslash) s.escaped = true;
      else if (c === quote) s.inString = false;
      continue;
    }
    if (c === quote) s.inString = true;
    const rowStart = !s.inRow && s.depth === s.rowDepth && c > 32 && c !== 44 && c !== 93;
    if (rowStart) {
      s.inRow = true;
      s.rowLine = s.line;
      s.row = '';
      from = i;
    }
    if (c === 123 || c === 91) {
      if (!s.inRow && c === 91 && s.rowDepth < 0) {
        s.outside += text.slice(from, i + 1);
        if (s.outsideLine === 0) s.outsideLine = s.line;
        from = i + 1;
        s.rowDepth = s.depth + 1;
        s.path = getPath(s);
      }
      s.stack.push(c === 123 ? '{' : '[');
      s.depth++;
    } else if (c === 125 || c === 93) {
      s.depth--;
      if (s.depth < 0) return false;
      s.stack.pop();
      if (s.inRow && s.depth < s.rowDepth) {
        s.row += text.slice(from, i);
        from = i;
        finishRow(json, s, s.row);
      }
      if (s.depth < s.rowDepth && s.rowDepth > 0) {
        s.outside += listFigures(json, s);
        from = i;
        s.rowDepth = -1;
      }
    } else if (s.inRow && s.depth === s.rowDepth && c === 44) {
      s.row += text.slice(from, i);
      from = i + 1;
      finishRow(json, s, s.row);
    }
    if (
      s.inRow &&
      s.rowDepth === 0 &&
      s.depth === 0 &&
      (c === 125 || c === 93 || (c === newline && s.row + text.slice(from, i) !== ''))
    ) {
      s.row += text.slice(from, i + 1);
      from = i + 1;
      finishRow(json, s, s.row);
    } else if (!s.inRow && s.rowDepth < 0 && c === newline) {
      s.outside += text.slice(from, i);
      from = i + 1;
      s.line--;
      flushOutside(json, s);
      s.line++;
      if (json.outsideUnits > outsideMost) return false;
    } else if (!s.inRow && s.rowDepth >= 0) from = i + 1;
  }
  if (s.inRow) {
    s.row += text.slice(from);
    if (s.row.length > rowMost) return false;
  } else if (s.rowDepth < 0) s.outside += text.slice(from);
  return s.outside.length < outsideMost;
}

function hasSecondLine(text: string): boolean {
  const end = text.indexOf('\n');
  return end >= 0 && text.slice(end).trimStart() !== '';
}

/** Returns the key of the array, if visible. */
function getPath(s: Scanner): string {
  const key = /(?<!\\)"((?:[^"\\]|\\.)*)"\s*:\s*\[$/.exec(s.outside);
  return key ? `${key[1]}[]` : '[]';
}

const listFigures = (json: JsonText, s: Scanner): string => `… ${json.arrays.get(s.path) ?? 0} rows …`;

function flushOutside(json: JsonText, s: Scanner): void {
  if (s.outside.trim() !== '') {
    const whole = s.outsideLine === 0;
    json.outside.push({ line: whole ? s.line : s.outsideLine, text: detach(s.outside.replace(/\r$/, '')), whole });
    json.outsideUnits += s.outside.length;
  }
  s.outside = '';
  s.outsideLine = 0;
}

function finishRow(json: JsonText, s: Scanner, text: string): void {
  s.inRow = false;
  s.row = '';
  const trimmed = text.trim();
  if (trimmed === '') return;
  json.arrays.set(s.path, (json.arrays.get(s.path) ?? 0) + 1);
  let value: unknown;
  try {
    value = JSON.parse(trimmed);
    if (nesting(trimmed) > maxNesting) throw new RangeError();
  } catch {
    noteOddRow(json.rows, trimmed, s.rowLine);
    return;
  }
  if (trimmed.startsWith('{')) json.objects++;
  const prefix = s.path === '[]' || s.path === '' ? '' : `${s.path}.`;
  const notable = walk(json.rows, value, prefix, s.rowLine, 0);
  const compact = trimmed.includes('\n') ? JSON.stringify(value) : trimmed;
  if (compact !== trimmed || s.rowLine === json.rows.last.at(-1)?.line) json.rows.compacted = true;
  endRow(json.rows, compact, s.rowLine, notable);
}

/** Maximum nesting; deeper rows stay as written, because recursion would exhaust the stack. */
const maxNesting = 500;

/** Lower bound of the nesting; brackets in strings count. */
function nesting(text: string): number {
  let depth = 0;
  let most = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i) | 32;
    if (code === 123) most = Math.max(most, ++depth);
    else if (code === 125) depth--;
  }
  return most;
}

const deepest = 12;

/** Adds leaf values by path, without positions in arrays. */
function walk(rows: Rows, value: unknown, path: string, line: number, depth: number): boolean {
  if (value === null) return addCell(rows, toColumnName(path), '', 'null', line);
  if (Array.isArray(value)) {
    let notable = addCell(rows, `${toColumnName(path)}[] length`, String(value.length), 'number', line);
    for (const item of value) if (walk(rows, item, `${toColumnName(path)}[].`, line, depth + 1)) notable = true;
    return notable;
  }
  if (typeof value === 'object') {
    if (depth > deepest) return addCell(rows, toColumnName(path), JSON.stringify(value), 'object', line);
    let notable = false;
    for (const [key, inner] of Object.entries(value as Record<string, unknown>))
      if (walk(rows, inner, `${path}${key}.`, line, depth + 1)) notable = true;
    return notable;
  }
  return addCell(rows, toColumnName(path), String(value), typeof value, line);
}

const toColumnName = (path: string): string => (path === '' ? 'value' : path.endsWith('.') ? path.slice(0, -1) : path);
