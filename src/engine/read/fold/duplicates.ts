/** Passages that come again, and boilerplate: said in one line, with where the same is read. */
import type { Yield } from '../../ports.ts';
import type { Kind } from '../../source.ts';
import { pacer, type Pace } from '../split/pace.ts';
import { clip, figure } from './lines.ts';
import { findNear, type Near } from './near.ts';
import { firstEqual, lengthOf, type Lines, readLines, spaces, spread, startOf, tableSize, textOf } from './spans.ts';
import type { FoldResult } from './types.ts';

/** Lines from `at` on that stand again as `source` on (positions from 0). */
interface Repeat {
  readonly at: number;
  readonly source: number;
  readonly length: number;
}
/** Lines from `at` on that one line of text stands for. */
interface Stub {
  readonly at: number;
  readonly length: number;
  readonly text: string;
  readonly again: boolean;
}

const windowLines = 4;
const fewestUnits = 240;
const linesMost = 400_000;
const linesATurn = 512;
const minified = 5000;
const stubFrom = 400;
const encodedLeast = 56;
const base64Line = /^\s*["']?[A-Za-z0-9+/]{56,}={0,2}["']?,?\\?\s*\r?$/;
const dataUri = /(data:[\w./+-]+;base64,)([A-Za-z0-9+/=]{400,})/g;

export async function foldDuplicates(kind: Kind, text: string, yieldNow: Yield): Promise<FoldResult | undefined> {
  if (text.length < 1000) return undefined;
  const pace = pacer(yieldNow);
  const lines = await readLines(text, linesMost, pace);
  if (!lines) return undefined;
  const repeats = await findRepeats(lines, pace);
  const taken = new Uint8Array(lines.count);
  for (const { at, length } of repeats) taken.fill(1, at, at + length);
  const near = await findNear(lines, taken, pace);
  const stubs = await stubsOf(lines, kind, repeats, near, pace);
  const output = lengthWith(lines, stubs);
  return output > text.length * 0.95 ? undefined : written(lines, stubs, pace);
}

/** Exact repeats, longest from each place on, none overlapping its source; the source is always read in full. */
async function findRepeats(lines: Lines, pace: Pace): Promise<Repeat[]> {
  const ids = await firstEqual(lines, pace);
  const shared = sharedOf(ids);
  const windows = windowsOf(ids);
  const long = new Map<number, number>();
  const taken = new Uint8Array(lines.count);
  const repeats: Repeat[] = [];
  let turn = 0;
  for (let i = 0; i < lines.count; i++) {
    if (i >= turn) {
      turn = i + linesATurn;
      const due = pace(8 * linesATurn);
      if (due) await due;
    }
    if (shared[i] === 0) continue;
    const id = ids[i] as number;
    // A line that stands once is in no window that comes again.
    const isWindow =
      i + windowLines <= lines.count && shared[i + 1] === 1 && shared[i + 2] === 1 && shared[i + 3] === 1;
    const isLong = lengthOf(lines, i) >= fewestUnits;
    const known = isWindow ? windows.find(i) : -1;
    const source = known >= 0 ? known : isLong ? long.get(id) : undefined;
    const length = source === undefined ? 0 : extend(ids, taken, source, i);
    if (source !== undefined && unitsOf(lines, i, length) >= fewestUnits) {
      repeats.push({ at: i, source, length });
      taken.fill(1, i, i + length);
      i += length - 1;
      continue;
    }
    if (isWindow && known < 0) windows.add(i);
    if (isLong && !long.has(id)) long.set(id, i);
  }
  return repeats;
}

/** 1: the line stands more than once. */
function sharedOf(ids: Int32Array): Uint8Array {
  const shared = new Uint8Array(ids.length);
  for (let i = 0; i < ids.length; i++) {
    const first = ids[i] as number;
    if (first !== i) shared[i] = shared[first] = 1;
  }
  return shared;
}

/** Where four lines stood first. */
function windowsOf(ids: Int32Array) {
  const mask = tableSize(ids.length) - 1;
  const table = new Int32Array(mask + 1).fill(-1);
  const alike = (one: number, other: number): boolean => {
    for (let i = 0; i < windowLines; i++) if (ids[one + i] !== ids[other + i]) return false;
    return true;
  };
  const slotOf = (at: number): number => {
    let hash = 0;
    for (let i = at; i < at + windowLines; i++) hash = spread(Math.imul(hash, 31) + (ids[i] as number));
    let free = hash & mask;
    while ((table[free] as number) >= 0 && !alike(table[free] as number, at)) free = (free + 1) & mask;
    return free;
  };
  let slot = 0;
  return {
    /** -1: nowhere yet. */
    find(at: number): number {
      slot = slotOf(at);
      return table[slot] as number;
    },
    /** The one that was looked for last and not found. */
    add(at: number): void {
      table[slot] = at;
    },
  };
}

function extend(ids: Int32Array, taken: Uint8Array, source: number, at: number): number {
  let length = 0;
  while (
    at + length < ids.length &&
    source + length < at &&
    taken[source + length] === 0 &&
    ids[source + length] === ids[at + length]
  )
    length++;
  return length;
}

function unitsOf(lines: Lines, at: number, length: number): number {
  let units = 0;
  for (let i = at; i < at + length && units < fewestUnits; i++) units += textOf(lines, i).trim().length + 1;
  return units;
}

/** All that is told in a line of its own, in order. */
async function stubsOf(
  lines: Lines,
  kind: Kind,
  repeats: readonly Repeat[],
  near: readonly Near[],
  pace: Pace,
): Promise<Stub[]> {
  const again: readonly (Repeat | Near)[] = [...repeats, ...near].sort((one, other) => one.at - other.at);
  const holdsData = await holds(lines.text, ';base64,', pace);
  const stubs: Stub[] = [];
  let next = 0;
  let turn = 0;
  for (let i = 0; i < lines.count; i++) {
    if (i >= turn) {
      turn = i + linesATurn;
      const due = pace(8 * linesATurn);
      if (due) await due;
    }
    const repeat = again[next];
    if (repeat?.at === i) {
      const but = 'but' in repeat ? ` but for: ${repeat.but}` : '';
      const text = `[${span(i, repeat.length)}: same as ${span(repeat.source, repeat.length)}${but}]`;
      stubs.push({ at: i, length: repeat.length, text, again: true });
      next++;
      i += repeat.length - 1;
      continue;
    }
    const encoded = encodedRun(lines, i, repeat?.at ?? lines.count);
    const text = encoded > 0 ? encodedStub(lines, i, encoded) : stubOf(lines, i, kind, holdsData);
    if (text === undefined) continue;
    const length = Math.max(1, encoded);
    stubs.push({ at: i, length, text, again: false });
    i += length - 1;
  }
  return stubs;
}

/** Units of the output, a line break behind each line. */
function lengthWith(lines: Lines, stubs: readonly Stub[]): number {
  let length = lines.starts[lines.count] as number;
  for (const { at, length: count, text } of stubs)
    length += text.length + 1 - ((lines.starts[at + count] as number) - startOf(lines, at));
  return length;
}

async function written(lines: Lines, stubs: readonly Stub[], pace: Pace): Promise<FoldResult> {
  const pieces: string[] = [];
  const sourceLines: number[] = [];
  let told = 0;
  let repeated = 0;
  let next = 0;
  for (const stub of [...stubs, undefined]) {
    const at = stub?.at ?? lines.count;
    if (at > next) pieces.push(textOf(lines, next, at - next));
    const due = pace(8 * (at - next));
    for (; next < at; next++) sourceLines.push(next + 1);
    if (due) await due;
    if (!stub) break;
    pieces.push(stub.text);
    sourceLines.push(at + 1);
    next = at + stub.length;
    told += stub.length;
    if (stub.again) repeated += stub.length;
  }
  const facts = [
    repeated > 0
      ? `${figure(repeated)} lines in ${figure(stubs.filter((stub) => stub.again).length)} passages that come again`
      : '',
    told > repeated ? `${figure(told - repeated)} lines of encoded or minified data` : '',
  ];
  return {
    text: pieces.join('\n'),
    sourceLines,
    foldedLines: told,
    lines: lines.count,
    facts: `Told as one line each: ${facts.filter((one) => one !== '').join(', ')}.`,
    length: lines.text.length,
  };
}

const span = (at: number, length: number): string =>
  length === 1 ? `line ${at + 1}` : `lines ${at + 1}–${at + length}`;

/** Lines of encoded data from `at` on and before `most`; 0 where they are few. */
function encodedRun(lines: Lines, at: number, most: number): number {
  let end = at;
  while (end < most && isEncoded(lines, end)) end++;
  return end - at >= 12 ? end - at : 0;
}

function isEncoded({ text, starts }: Lines, line: number): boolean {
  let at = starts[line] as number;
  const end = (starts[line + 1] as number) - 1;
  if (end - at >= stubFrom || end - at < encodedLeast) return false;
  while (at < end && spaces[text.charCodeAt(at)] === 1) at++;
  const quote = text.charCodeAt(at);
  if (quote === 34 || quote === 39) at++;
  // Most lines have a space or a point among so many.
  for (const least = at + encodedLeast; at < least; at++) if (encodes[text.charCodeAt(at) & 127] === 0) return false;
  return base64Line.test(text.slice(starts[line], end));
}

const encodes = new Uint8Array(128);
for (let code = 0; code < 128; code++) if (/[A-Za-z0-9+/]/.test(String.fromCharCode(code))) encodes[code] = 1;

function encodedStub(lines: Lines, at: number, length: number): string {
  const units = (lines.starts[at + length] as number) - startOf(lines, at) - length;
  return `[${span(at, length)}: ${figure(length)} lines of encoded data, ${figure(units)} characters]`;
}

/** A line of encoded or minified data in one short line; undefined for any other. */
function stubOf(lines: Lines, at: number, kind: Kind, holdsData: boolean): string | undefined {
  const length = lengthOf(lines, at);
  const mayBeMinified = (kind === 'code' || kind === 'config') && length > minified;
  if (length < stubFrom || !(holdsData || mayBeMinified)) return undefined;
  const line = textOf(lines, at);
  const shorter = holdsData
    ? line.replace(dataUri, (_, head: string, data: string) => `${head}[${figure(data.length)} characters]`)
    : line;
  if (
    mayBeMinified &&
    shorter.length > minified &&
    !/\s\S{1,20}\s\S{1,20}\s\S{1,20}\s\S{1,20}\s/.test(shorter.slice(0, 400))
  )
    return clip(shorter, 300);
  return shorter === line ? undefined : shorter;
}

/** Whether a text holds something short, found without holding the thread. */
async function holds(text: string, what: string, pace: Pace): Promise<boolean> {
  for (let at = 0; at < text.length; at += searched) {
    if (text.slice(at, at + searched + what.length).includes(what)) return true;
    const due = pace(searched >>> 4);
    if (due) await due;
  }
  return false;
}
const searched = 1_000_000;
