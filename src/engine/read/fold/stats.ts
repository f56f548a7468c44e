import { detach } from './lines.ts';

/** Exact statistics of a slot or column in bounded memory. */
export interface ValueStats {
  n: number;
  /** Counts by value; undefined above the limit. */
  distinct: Map<string, Seen> | undefined;
  beyond: number;
  numbers: number;
  sum: number;
  /** At most `extremesKept` each. */
  low: Extreme[];
  high: Extreme[];
  shapes: Map<number, Shape> | undefined;
  shapesBeyond: number;
}
/** A distinct value. */
export interface Seen {
  count: number;
  /** Line (or row) of the first occurrence. */
  readonly line: number;
  /** Value as a number; NaN if it is none. */
  number: number;
  /** Undefined if no room was left. */
  shape: Shape | undefined;
}
interface Shape {
  count: number;
  readonly examples: Map<string, number>;
}
interface Extreme {
  readonly value: number;
  readonly text: string;
  readonly line: number;
}

const extremesKept = 32;
const shapesKept = 24;

/** Returns statistics of no values. */
export const createStats = (): ValueStats => ({
  n: 0,
  distinct: new Map(),
  beyond: 0,
  numbers: 0,
  sum: 0,
  low: [],
  high: [],
  shapes: undefined,
  shapesBeyond: 0,
});

/**
 * Adds `times` occurrences. Returns whether the value is unusual: unlike earlier values, which were alike.
 * @param room maximum distinct values
 */
export function addValue(
  stats: ValueStats,
  value: string,
  line: number,
  room: number,
  times = 1,
  read: (value: string) => number = toNumber,
): boolean {
  stats.n += times;
  const known = stats.distinct?.get(value);
  if (known) {
    addKnown(stats, known, times);
    return false;
  }
  const shapes = stats.shapes?.size ?? 0;
  const seen = addNew(stats, value, line, room, times);
  const number = read(value);
  if (seen) seen.number = number;
  let isOdd = stats.distinct !== undefined && stats.n > 30 && stats.distinct.size * 8 < stats.n;
  if (Number.isNaN(number)) {
    const shape = addShape(stats, value, line, times);
    if (seen) seen.shape = shape;
    if (stats.n > 30 && (stats.shapes?.size ?? 0) > shapes) isOdd = true;
  } else if (addNumber(stats, number, value, line, times) && stats.n > 400) isOdd = true;
  return isOdd;
}

/** Does not parse it again. */
function addKnown(stats: ValueStats, seen: Seen, times: number): void {
  seen.count += times;
  if (!Number.isNaN(seen.number)) {
    stats.numbers += times;
    stats.sum += seen.number * times;
  } else if (seen.shape) seen.shape.count += times;
  else stats.shapesBeyond += times;
}

/** Undefined if no room was left. */
function addNew(stats: ValueStats, value: string, line: number, room: number, times: number): Seen | undefined {
  if (!stats.distinct) {
    stats.beyond += times;
    return undefined;
  }
  if (stats.distinct.size < room) {
    const seen: Seen = { count: times, line, number: Number.NaN, shape: undefined };
    stats.distinct.set(detach(value.length > 200 ? value.slice(0, 200) : value), seen);
    return seen;
  }
  stats.beyond += times;
  // an identifier: its single values are not informative
  if (stats.n < 4 * room || stats.beyond * 2 > stats.n) giveUp(stats);
  return undefined;
}

function giveUp(stats: ValueStats): void {
  stats.beyond = stats.n;
  stats.distinct = undefined;
}

function addNumber(stats: ValueStats, value: number, text: string, line: number, times: number): boolean {
  stats.numbers += times;
  stats.sum += value * times;
  const isHigh = keepExtreme(stats.high, value, text, line, 1);
  return keepExtreme(stats.low, value, text, line, -1) || isHigh;
}

function keepExtreme(kept: Extreme[], value: number, text: string, line: number, sign: 1 | -1): boolean {
  const last = kept[kept.length - 1];
  if (kept.length >= extremesKept && last && (value - last.value) * sign <= 0) return false;
  for (const extreme of kept) if (extreme.value === value) return false;
  let at = kept.length;
  while (at > 0 && ((kept[at - 1] as Extreme).value - value) * sign < 0) at--;
  kept.splice(at, 0, { value, text: detach(text), line });
  if (kept.length > extremesKept) kept.pop();
  return true;
}

function addShape(stats: ValueStats, value: string, line: number, times: number): Shape | undefined {
  const hash = classifyValue(value);
  stats.shapes ??= new Map();
  let shape = stats.shapes.get(hash);
  if (!shape) {
    if (stats.shapes.size >= shapesKept) {
      stats.shapesBeyond += times;
      return undefined;
    }
    stats.shapes.set(hash, (shape = { count: 0, examples: new Map() }));
  }
  shape.count += times;
  if (shape.count <= rareMost && !shape.examples.has(value)) shape.examples.set(detach(value.slice(0, 200)), line);
  return shape;
}

/** Hashes runs of letters, digits and others; a hex identifier is one run. */
function classifyValue(value: string): number {
  let hash = 7;
  let last = -1;
  let word = 0;
  for (let i = 0; i < value.length && i < 64; i++) {
    const c = value.charCodeAt(i);
    const kind = (c >= 48 && c <= 57) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122) ? 1 : c > 127 ? 2 : c;
    if (kind === 1) word |= c <= 57 ? 1 : 2;
    else {
      if (last === 1) hash = (Math.imul(hash, 31) + word) | 0;
      word = 0;
    }
    if (kind !== last && kind !== 1) hash = (Math.imul(hash, 31) + kind + 3) | 0;
    last = kind;
  }
  return last === 1 ? (Math.imul(hash, 31) + word) | 0 : hash;
}

/** Parses a number, ignoring a unit of up to three letters or %; NaN otherwise. */
export function toNumber(value: string): number {
  let i = 0;
  const first = value.charCodeAt(0);
  if (first === 45 || first === 43) i = 1;
  const from = i;
  let whole = 0;
  let dot = false;
  for (; i < value.length; i++) {
    const c = value.charCodeAt(i);
    if (c >= 48 && c <= 57) whole = whole * 10 + c - 48;
    else if (c === 46 && !dot && i > from) dot = true;
    else break;
  }
  if (i === from || (dot && i === from + 1)) return Number.NaN;
  let end = i;
  if (end < value.length && (value.charCodeAt(end) === 101 || value.charCodeAt(end) === 69)) {
    const scientific = /^[-+]?\d+(?:\.\d+)?[eE][-+]?\d+$/.test(value);
    if (scientific) return Number(value);
  }
  for (; end < value.length; end++) {
    const c = value.charCodeAt(end);
    if (!((c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 37 || c === 0xb5)) return Number.NaN;
  }
  if (end - i > 3) return Number.NaN;
  if (dot) return Number(value.slice(0, i));
  return first === 45 ? -whole : whole;
}

/** An unusual value with the reason. */
export interface Odd {
  readonly text: string;
  readonly line: number;
  readonly why: 'rare' | 'odd form' | 'highest' | 'lowest' | 'only';
  readonly count: number;
}

/** More of them are usual. */
const rareMost = 64;
const countRare = (stats: ValueStats): number =>
  Math.min(rareMost, Math.max(12, Math.floor(stats.n / 500), Math.min(32, Math.floor(stats.n / 20))));

/**
 * Finds rare values, rare shapes and outliers, by line.
 * @param fewest minimum number of values
 */
export function findOutlierValues(stats: ValueStats, fewest = 12): Odd[] {
  const found = new Map<string, Odd>();
  const note = (text: string, line: number, why: Odd['why'], count: number): void => {
    if (!found.has(text)) found.set(text, { text, line, why, count });
  };
  if (stats.n < fewest) return [];
  noteExtremes(stats, note);
  const most = countRare(stats);
  if (stats.distinct && stats.distinct.size > 1) {
    const rare = [...stats.distinct].filter(([, seen]) => seen.count <= 2);
    if (rare.length <= most && stats.n >= 3 * rare.length) {
      for (const [text, seen] of rare) note(text, seen.line, 'rare', seen.count);
    }
  }
  if (stats.shapes && (stats.shapes.size > 1 || stats.numbers > 0)) {
    for (const shape of stats.shapes.values()) {
      if (shape.count > most || shape.count * 10 > stats.n) continue;
      for (const [text, line] of shape.examples) note(text, line, 'odd form', 1);
    }
  }
  return [...found.values()].sort((a, b) => a.line - b.line);
}

function noteExtremes(
  stats: ValueStats,
  note: (text: string, line: number, why: Odd['why'], count: number) => void,
): void {
  const different = stats.distinct ? stats.distinct.size : stats.numbers;
  const aside = different < 12 ? 1 : Math.max(2, Math.floor(different * 0.1));
  const high = stats.high[Math.min(aside, stats.high.length - 1)];
  const low = stats.low[Math.min(aside, stats.low.length - 1)];
  if (!high || !low || high.value < low.value) return;
  // Frequent values are no outliers.
  const isRare = (text: string): boolean => (stats.distinct?.get(text)?.count ?? 1) * 20 <= stats.n;
  const margin = Math.max((high.value - low.value) * 0.5, Math.abs(high.value) * 1e-9);
  for (const extreme of stats.high)
    if (extreme.value > high.value + margin && isRare(extreme.text)) note(extreme.text, extreme.line, 'highest', 1);
  for (const extreme of stats.low)
    if (extreme.value < low.value - margin && isRare(extreme.text)) note(extreme.text, extreme.line, 'lowest', 1);
}

/** The most frequent values, at most `most`. */
export function listTopValues(stats: ValueStats, most: number): [string, Seen][] {
  if (!stats.distinct) return [];
  return [...stats.distinct].sort((a, b) => b[1].count - a[1].count || a[1].line - b[1].line).slice(0, most);
}

/** Values that occur three times or more, the most frequent first. */
export const listFrequentValues = (stats: ValueStats, most = 6): [string, Seen][] =>
  listTopValues(stats, most).filter(([, { count }]) => count > 2);

/** Undefined if one value is always the same, or under nine of ten are numbers. */
export function computeRange(
  stats: ValueStats,
): { readonly low: Extreme; readonly high: Extreme; readonly mean: number } | undefined {
  const [low, high] = [stats.low[0], stats.high[0]];
  if (!low || !high || stats.distinct?.size === 1 || stats.numbers * 10 < stats.n * 9) return undefined;
  return { low, high, mean: stats.sum / stats.numbers };
}
