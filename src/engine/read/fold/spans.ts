/** Indexes lines by position, so that they are compared without creating strings. */
import type { Pace } from '../split/pace.ts';

/**
 * Lines end at `
 * `, without an empty last one.
 */
export interface Lines {
  readonly text: string;
  readonly count: number;
  /** Starts of lines, and the end. */
  readonly starts: Int32Array;
  /** 1 for white space. */
  readonly blank: Uint8Array;
  readonly hashes: Int32Array;
}

/** 1 for each character code that `\s` and `trim` treat as white space. */
export const spaces = new Uint8Array(0x10000);
for (let code = 0; code < spaces.length; code++) if (/\s/.test(String.fromCharCode(code))) spaces[code] = 1;

/** UTF-16 units between yields. */
const stretch = 65_536;

/** Offset of a line. */
export const getLineStart = (lines: Lines, line: number): number => lines.starts[line] as number;
/** Offset of its line break. */
export const getLineEnd = (lines: Lines, line: number): number => (lines.starts[line + 1] as number) - 1;
/** UTF-16 units without the line break. */
export const getLineLength = (lines: Lines, line: number): number =>
  getLineEnd(lines, line) - getLineStart(lines, line);
/** Returns a run of lines without the last line break. */
export const getLineText = (lines: Lines, at: number, length = 1): string =>
  lines.text.slice(getLineStart(lines, at), getLineEnd(lines, at + length - 1));

interface Reading {
  starts: Int32Array;
  blank: Uint8Array;
  hashes: Int32Array;
}

/** Returns undefined above `most` lines. */
export async function readLines(text: string, most: number, pace: Pace): Promise<Lines | undefined> {
  const into = room(1024 + (text.length >>> 5));
  let count = 0;
  let read = 0;
  for (let start = 0; start < text.length; count++) {
    if (count === most) return undefined;
    if (count === into.blank.length) Object.assign(into, room(count * 2, into));
    const broken = text.indexOf('\n', start);
    const end = broken < 0 ? text.length : broken;
    let hash = 0;
    let blank = 1;
    for (let from = start; from < end; from += stretch) {
      const to = Math.min(end, from + stretch);
      hash = hashSpan(text, from, to, hash);
      if (blank === 1) blank = isBlank(text, from, to) ? 1 : 0;
      read += to - from;
      const due = read > stretch ? pace(read >>> 2) : undefined;
      if (read > stretch) read = 0;
      if (due) await due;
    }
    into.hashes[count] = hash;
    into.blank[count] = blank;
    start = end + 1;
    into.starts[count + 1] = start;
    read += 32;
  }
  return { text, count, ...into };
}

function room(size: number, of?: Reading): Reading {
  const starts = new Int32Array(size + 1);
  const blank = new Uint8Array(size);
  const hashes = new Int32Array(size);
  if (of) {
    starts.set(of.starts);
    blank.set(of.blank);
    hashes.set(of.hashes);
  }
  return { starts, blank, hashes };
}

/** Polynomial hash of four characters at a time. */
function hashSpan(text: string, from: number, end: number, before: number): number {
  let hash = before;
  let at = from;
  for (; at + 3 < end; at += 4)
    hash =
      (Math.imul(hash, 31 ** 4) +
        Math.imul(text.charCodeAt(at), 31 ** 3) +
        Math.imul(text.charCodeAt(at + 1), 31 ** 2) +
        Math.imul(text.charCodeAt(at + 2), 31) +
        text.charCodeAt(at + 3)) |
      0;
  for (; at < end; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return hash;
}

function isBlank(text: string, from: number, end: number): boolean {
  for (let at = from; at < end; at++) if (spaces[text.charCodeAt(at)] === 0) return false;
  return true;
}

/** Returns for each line the first equal one. */
export async function findFirstEqual(lines: Lines, pace: Pace): Promise<Int32Array> {
  const first = new Int32Array(lines.count);
  const find = createFinder(lines);
  let read = 0;
  for (let line = 0; line < lines.count; line++) {
    const found = find(line);
    first[line] = found;
    read += found === line ? 8 : 8 + (getLineLength(lines, line) >>> 2);
    if (read < stretch >>> 3) continue;
    const due = pace(read);
    read = 0;
    if (due) await due;
  }
  return first;
}

/** Maximum probes; only crafted lines collide more often. */
const stepsMost = 64;

function createFinder(lines: Lines): (line: number) => number {
  const { count, hashes } = lines;
  const mask = getTableSize(count) - 1;
  // Pairs of a line, from 1, and its hash.
  const table = new Int32Array(2 * mask + 2);
  const crowded = new Map<string, number>();
  return (line) => {
    const hash = hashes[line] as number;
    const home = spread(hash);
    for (let step = 0; step < stepsMost; step++) {
      const slot = 2 * ((home + step) & mask);
      const known = (table[slot] as number) - 1;
      if (known < 0) {
        table[slot] = line + 1;
        table[slot + 1] = hash;
        return line;
      }
      if (table[slot + 1] === hash && areEqual(lines, known, line)) return known;
    }
    const text = getLineText(lines, line);
    const known = crowded.get(text) ?? line;
    if (known === line) crowded.set(text, line);
    return known;
  };
}

function areEqual({ text, starts }: Lines, one: number, other: number): boolean {
  let at = starts[one] as number;
  let its = starts[other] as number;
  const end = starts[one + 1] as number;
  if (end - at !== (starts[other + 1] as number) - its) return false;
  for (; at < end - 1; at++, its++) if (text.charCodeAt(at) !== text.charCodeAt(its)) return false;
  return true;
}

/** Smallest power of two that leaves a third of the table free. */
export function getTableSize(entries: number): number {
  let size = 64;
  while (size < entries * 1.5) size *= 2;
  return size;
}
/** Mixes a hash, whose low bits choose a slot. */
export function spread(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return mixed ^ (mixed >>> 15);
}
