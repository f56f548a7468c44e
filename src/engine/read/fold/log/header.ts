/**
 * Reads headers of log records: time, level, host, process, component. Learns their columns from the first lines; a line that
 * does not fit keeps the fields that do.
 */
import { toMs, toCalendarDay } from './calendar.ts';
import { toRank, rankOfSeverity, rankOfWord } from './levels.ts';
import { detach } from '../lines.ts';
import { StampReader } from './stamps.ts';

/** Kind of a header field; `letter` is a level of one letter. */
type ItemKind = 'stamp' | 'level' | 'letter' | 'number' | 'bracket' | 'component' | 'dash' | 'word';

/** Columns in order; empty if no header was found. */
export interface Layout {
  readonly columns: readonly ItemKind[];
  /** Whether numbers of ten or more digits are times. */
  readonly epoch: boolean;
  /** Whether fields such as `time="…"` tell the time. */
  readonly isKeyed: boolean;
}
/** For records without columns. */
export const noLayout: Layout = { columns: [], epoch: false, isKeyed: false };

/** The service that `docker compose logs` writes before a line. */
export const servicePrefix = /^([A-Za-z0-9][\w.-]{0,60}) +\| /;
/** The time of logfmt. */
const keyedTime = /(?:^|\s)(?:time|ts|t|timestamp|datetime|at)="?(?=\d)/;

/** Result of `readHeader` for a line; reused between lines. */
export interface Header {
  message: number;
  /** 0 without one. */
  level: number;
  /** Most reliable time, Unix ms; NaN without one. */
  ms: number;
  stampFrom: number;
  stampTo: number;
  hasYear: boolean;
  hasDate: boolean;
  isEpoch: boolean;
  /** From another stamp; 0 without one. */
  year: number;
  /** Starts and ends, in pairs. */
  readonly fields: number[];
  fieldCount: number;
}
/** Returns an empty header, to be reused. */
export const createHeader = (): Header => ({
  message: 0,
  level: 0,
  ms: Number.NaN,
  stampFrom: -1,
  stampTo: -1,
  hasYear: false,
  hasDate: false,
  isEpoch: false,
  year: 0,
  fields: [],
  fieldCount: 0,
});

const maxColumns = 12;
const maxHeader = 260;
/** Number of lines from which a layout is learned. */
export const sampleLines = 400;

const stamp = new StampReader();
let itemKind: ItemKind = 'word';
let itemEnd = 0;
let itemLevel = 0;

function readItem(line: string, at: number, epoch: boolean): void {
  itemLevel = 0;
  const code = line.charCodeAt(at);
  if (code === 91) return readBracket(line, at);
  if (code === 60 && readPriority(line, at)) return;
  if (stamp.read(line, at, epoch)) {
    itemKind = 'stamp';
    itemEnd = stamp.end;
    return;
  }
  itemLevel = toRank(code);
  if (itemLevel > 0 && isGlog(line, at)) {
    itemKind = 'stamp';
    itemEnd = stamp.end;
    return;
  }
  readWord(line, at, code);
}

/** `E1103 12:00:00.702185`: level, month and day, then time. */
function isGlog(line: string, at: number): boolean {
  if (line.charCodeAt(at + 5) !== 32 || !isDigits(line, at + 1, 4)) return false;
  const month = Number(line.slice(at + 1, at + 3));
  const day = Number(line.slice(at + 3, at + 5));
  if (month < 1 || month > 12 || day < 1 || day > 31 || !stamp.read(line, at + 6, false)) return false;
  stamp.ms += toMs(2000, month, day);
  stamp.hasDate = true;
  stamp.hasYear = false;
  return true;
}

function isDigits(line: string, at: number, count: number): boolean {
  for (let i = at; i < at + count; i++) if (!(line.charCodeAt(i) >= 48 && line.charCodeAt(i) <= 57)) return false;
  return true;
}

/** Reads `[…]` with a time, a level or anything else in it. */
function readBracket(line: string, at: number): void {
  itemKind = 'bracket';
  if (stamp.read(line, at + 1, false) && line.charCodeAt(stamp.end) === 93) {
    itemKind = 'stamp';
    itemEnd = stamp.end + 1;
    return;
  }
  let depth = 0;
  const limit = Math.min(line.length, at + 200);
  let end = at;
  for (; end < limit; end++) {
    const code = line.charCodeAt(end);
    if (code === 91) depth++;
    else if (code === 93 && --depth === 0) break;
  }
  if (end === limit) {
    itemKind = 'word';
    itemEnd = findWordEnd(line, at);
    return;
  }
  itemEnd = end + 1;
  if (line.charCodeAt(itemEnd) === 58) itemEnd++;
  if (end - at < 16) {
    const inner = line.slice(at + 1, end).trim();
    const colon = inner.lastIndexOf(':');
    itemLevel = rankOfWord(colon >= 0 ? inner.slice(colon + 1) : inner);
    if (itemLevel > 0) itemKind = 'level';
  }
}

/** Reads syslog's `<34>` and the version after it. */
function readPriority(line: string, at: number): boolean {
  const end = line.indexOf('>', at);
  const digits = end - at - 1;
  if (digits >= 1 && digits <= 3 && isDigits(line, at + 1, digits)) {
    itemKind = 'level';
    itemLevel = rankOfSeverity(Number(line.slice(at + 1, end)) & 7);
    itemEnd = line.startsWith('1 ', end + 1) ? end + 3 : end + 1;
    return true;
  }
  if (digits < 3 || digits > 12) return false;
  itemLevel = rankOfWord(line.slice(at + 1, end));
  itemKind = 'level';
  itemEnd = end + 1;
  return itemLevel > 0;
}

/** A word ends at white space, at `|`, and at `,` before white space. */
function findWordEnd(line: string, at: number): number {
  let end = at;
  for (; end < line.length; end++) {
    const code = line.charCodeAt(end);
    if (code <= 32 || (code === 124 && end > at)) break;
  }
  return end;
}

function readWord(line: string, at: number, code: number): void {
  const end = findWordEnd(line, at);
  itemEnd = end;
  const last = line.charCodeAt(end - 1);
  const length = end - at;
  if ((code === 45 || code === 124) && (length === 1 || (length === 2 && last === code))) {
    itemKind = 'dash';
    itemLevel = 0;
    return;
  }
  if (length === 1 && itemLevel > 0) {
    itemKind = 'letter';
    return;
  }
  const bare = last === 58 || last === 44 ? end - 1 : end;
  itemLevel = bare - at >= 3 && bare - at <= 13 && isCapital(code) ? findLevelWord(line, at, bare) : 0;
  if (itemLevel > 0) itemKind = 'level';
  else if (isDigits(line, at, bare - at)) itemKind = 'number';
  else if (isComponent(line, at, end, code)) itemKind = 'component';
  else itemKind = 'word';
}

const isCapital = (code: number): boolean => code >= 65 && code <= 90;

/** Finds a level: `ERROR` may be one, `error` is a word; `ERROR:root` includes its logger. */
function findLevelWord(line: string, at: number, end: number): number {
  const rank = rankOfWord(line.slice(at, end));
  if (rank > 0) return rank;
  const colon = line.indexOf(':', at);
  return colon > at && colon < end ? rankOfWord(line.slice(at, colon)) : 0;
}

/** Whether a word is a name before `:` or before its process, as in `sshd(pam_unix)[19939]:`. */
function isComponent(line: string, at: number, end: number, code: number): boolean {
  if (!(isCapital(code) || (code >= 97 && code <= 122) || code === 47 || code === 95)) return false;
  const last = line.charCodeAt(end - 1);
  if (last === 93 && line.charCodeAt(end) === 32 && line.charCodeAt(end + 1) === 40) {
    // launchd writes the job in parentheses before the colon.
    const close = line.indexOf('):', end);
    if (close < 0 || close - end > 120) return false;
    itemEnd = close + 2;
    return line.slice(at, end).includes('[');
  }
  if (last !== 58 || end - at > 90 || end - at < 3) return false;
  for (let i = at; i < end; i++) {
    const c = line.charCodeAt(i);
    if (c === 61 || c === 34 || c === 39 || c === 44) return false;
  }
  return true;
}

function skipSpaces(line: string, at: number): number {
  let next = at;
  for (; next < line.length; next++) {
    const code = line.charCodeAt(next);
    if (code > 32 && !(code === 124 && next > 0 && line.charCodeAt(next - 1) > 32)) break;
  }
  return next;
}

/** Frames of traces that stand at the margin: they have columns of their own. */
const bareFrame = /^(?:#\d+ |at \S|\[stacktrace\]|"\}|Caused by: )/;

/** Learns columns that most lines share. */
export function learnLayout(lines: readonly string[]): Layout {
  const heads = lines
    .filter((line) => line !== '' && line.charCodeAt(0) > 32 && !bareFrame.test(line))
    .slice(0, sampleLines);
  const plain = findColumns(heads, false);
  const epoch = findColumns(heads, true);
  const withEpoch = epoch.filter((kind) => kind === 'stamp').length > plain.filter((kind) => kind === 'stamp').length;
  const columns = withEpoch ? epoch : plain;
  const isMost = (form: RegExp): boolean =>
    heads.filter((line) => form.test(line.slice(0, 300))).length > 0.6 * heads.length;
  return {
    columns: columns.length === 0 && heads.length > 1 && isMost(servicePrefix) ? ['word', 'dash'] : columns,
    epoch: withEpoch,
    isKeyed: !columns.includes('stamp') && isMost(keyedTime),
  };
}

/** Share of lines that must agree; higher for items that messages also contain. */
const shares: Readonly<Record<ItemKind, number>> = {
  stamp: 0.6,
  level: 0.6,
  letter: 0.9,
  component: 0.6,
  dash: 0.7,
  bracket: 0.9,
  number: 0.97,
  word: 2,
};

function findColumns(lines: readonly string[], epoch: boolean): ItemKind[] {
  const columns: ItemKind[] = [];
  const places = lines.map((line) => ({ line, at: skipSpaces(line, 0) }));
  let length = 0;
  let words = 0;
  for (let column = 0; column < maxColumns && words <= 4; column++) {
    const counts = new Map<ItemKind, number>();
    let open = 0;
    for (const { line, at } of places) {
      if (at >= line.length || at > maxHeader) continue;
      readItem(line, at, epoch);
      counts.set(itemKind, (counts.get(itemKind) ?? 0) + 1);
      open++;
    }
    const [kind, count] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? ['word', 0];
    const agrees = count >= shares[kind] * lines.length && open > 1;
    const mayFollow = kind !== 'number' || words === 0;
    columns.push(agrees && mayFollow ? kind : 'word');
    if (agrees && mayFollow && !(kind === 'component' && length === 0 && column > 2)) {
      length = columns.length;
      words = 0;
      if (kind === 'component') break;
    } else words++;
    for (const place of places) {
      if (place.at >= place.line.length) continue;
      readItem(place.line, place.at, epoch);
      place.at = agrees && itemKind !== kind ? place.line.length : skipSpaces(place.line, itemEnd);
    }
  }
  const found = columns.slice(0, length);
  return found.some((kind) => kind === 'stamp' || kind === 'level' || kind === 'component') ? found : [];
}

/** Reads the header of a line into `header`. */
export function readHeader(line: string, layout: Layout, header: Header): void {
  header.message = 0;
  header.level = 0;
  header.ms = Number.NaN;
  header.stampFrom = -1;
  header.year = 0;
  header.fieldCount = 0;
  let at = skipSpaces(line, 0);
  let score = -1;
  for (const column of layout.columns) {
    if (at >= line.length) break;
    readItem(line, at, layout.epoch);
    if (itemKind !== column && column !== 'word' && !isLabel(line, at, layout)) {
      const dash = column === 'dash' ? line.indexOf(' - ', at) : -1;
      if (dash < 0 || dash > at + 24) break;
      itemEnd = dash + 2;
    }
    score = takeItem(line, at, header, score, column);
    at = skipSpaces(line, itemEnd);
    header.message = at;
  }
  readInner(line, at, header, score);
  if (layout.isKeyed && Number.isNaN(header.ms)) readKeyedTime(line, header);
}

function readKeyedTime(line: string, header: Header): void {
  const found = keyedTime.exec(line.slice(header.message, header.message + 400));
  const at = found ? header.message + found.index + found[0].length : 0;
  if (found && stamp.read(line, at, true)) takeStamp(line, at, header, -1);
  if (found && header.stampFrom >= 0) header.stampTo = stamp.end;
}

/** Whether a label replaces the dash at the start, as in `KERNDTLB 1118536327 …`. Reads the label again. */
function isLabel(line: string, at: number, { columns, epoch }: Layout): boolean {
  if (at > 0 || columns[0] !== 'dash' || columns[1] !== 'stamp' || !isCapital(line.charCodeAt(0))) return false;
  const end = findWordEnd(line, at);
  readItem(line, skipSpaces(line, end), epoch);
  const isFollowed = itemKind === 'stamp';
  itemKind = 'dash';
  itemLevel = 0;
  itemEnd = end;
  return isFollowed;
}

/** Returns the best stamp's score. */
function takeItem(line: string, at: number, header: Header, score: number, column: ItemKind): number {
  if (itemKind === 'stamp') {
    if (itemLevel > 0) header.level = itemLevel;
    return takeStamp(line, at, header, score);
  }
  if (itemKind === 'level' || (itemKind === 'letter' && column === 'letter')) header.level = itemLevel;
  else if (itemKind !== 'dash' && itemKind !== 'number') {
    header.fields[2 * header.fieldCount] = at;
    header.fields[2 * header.fieldCount + 1] = itemEnd;
    header.fieldCount++;
  }
  return score;
}

function takeStamp(line: string, at: number, header: Header, score: number): number {
  const year = stamp.hasYear && !stamp.isEpoch ? toCalendarDay(stamp.ms).year : 0;
  if (year > 0) header.year = year;
  const own = (stamp.hasTime ? 4 : 0) + (stamp.hasDate ? 2 : 0) + (stamp.hasYear ? 1 : 0) - (stamp.isEpoch ? 2 : 0);
  if (own <= score) return score;
  const open = line.charCodeAt(at) === 91 ? 1 : 0;
  header.ms = stamp.ms;
  header.stampFrom = at + open;
  header.stampTo = itemEnd - open;
  header.hasYear = stamp.hasYear;
  header.hasDate = stamp.hasDate;
  header.isEpoch = stamp.isEpoch;
  return own;
}

function readInner(line: string, from: number, header: Header, best: number): void {
  let at = from;
  let score = best;
  for (let i = 0; i < 6 && at < line.length; i++) {
    const code = line.charCodeAt(at);
    if (!mayOpenInner(code)) break;
    readItem(line, at, false);
    const isGlogHead = itemKind === 'stamp' && itemLevel > 0;
    const takes =
      itemKind === 'stamp' ||
      (itemKind === 'level' && header.level === 0 && isMarked(line, at)) ||
      (itemKind === 'dash' && header.message > 0);
    if (!takes) break;
    // The collector's time counts only if there is no other.
    if (itemKind !== 'stamp' || score < 4) score = takeItem(line, at, header, score, 'word');
    else if (header.level === 0) header.level = itemLevel;
    at = skipSpaces(line, itemEnd);
    header.message = at;
    if (!isGlogHead) continue;
    const close = line.indexOf('] ', at);
    if (close >= 0 && close - at < 120) header.message = at = close + 2;
  }
}

/** Whether brackets or a colon mark a word as a level; `ALERT exited` is none. */
const isMarked = (line: string, at: number): boolean =>
  line.charCodeAt(at) === 91 || line.charCodeAt(at) === 60 || line.charCodeAt(itemEnd - 1) === 58;

/** Whether an inner header may begin with this character; most messages begin otherwise. */
const mayOpenInner = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 91 || code === 60 || code === 45 || code === 124;

/** Returns a copy of the stamp, so that the line can be freed. */
export const stampText = (line: string, header: Header): string => detach(line.slice(header.stampFrom, header.stampTo));
