/** Replaces repeated passages by a line that names their source, and encoded data by a note and a gap. */
import type { Yield } from '../../ports.ts';
import { encodedReason, type PartGap } from '../../source.ts';
import { createPacer, type Pace } from '../split/pace.ts';
import { findEncodedRun, minValueLength, replaceEncodedValues } from './encoded.ts';
import { formatFigure } from './lines.ts';
import {
  findFirstEqual,
  getLineLength,
  type Lines,
  readLines,
  spread,
  getLineStart,
  getTableSize,
  getLineText,
} from './spans.ts';
import type { FoldResult } from './types.ts';

/** Lines from `at` that equal the lines from `source`; from 0. */
interface Repeat {
  readonly at: number;
  readonly source: number;
  readonly length: number;
}
/** Lines from `at` that one line replaces. */
interface Stub {
  readonly at: number;
  readonly length: number;
  readonly text: string;
  /** Whether the lines are a copy, rather than encoded data. */
  readonly isRepeat: boolean;
}

const windowLines = 4;
/** UTF-16 units. */
const minRepeatLength = 240;
const maxLines = 400_000;
const linesPerYield = 512;

/** Returns undefined for short, huge or hardly repetitive (< 5 %) texts. */
export async function foldDuplicates(text: string, yieldNow: Yield): Promise<FoldResult | undefined> {
  if (text.length < 1000) return undefined;
  const pace = createPacer(yieldNow);
  const lines = await readLines(text, maxLines, pace);
  if (!lines) return undefined;
  const repeats = await findRepeats(lines, pace);
  const stubs = await collectStubs(lines, repeats, pace);
  const output = measureWith(lines, stubs);
  return output > text.length * 0.95 ? undefined : writeFolded(lines, stubs, pace);
}

/** Finds the longest repeat from each line. It never overlaps its source, which is read in full. */
async function findRepeats(lines: Lines, pace: Pace): Promise<Repeat[]> {
  const ids = await findFirstEqual(lines, pace);
  const shared = markShared(ids);
  const windows = createWindows(ids);
  const long = new Map<number, number>();
  const taken = new Uint8Array(lines.count);
  const repeats: Repeat[] = [];
  let yieldAt = 0;
  for (let i = 0; i < lines.count; i++) {
    if (i >= yieldAt) {
      yieldAt = i + linesPerYield;
      const due = pace(8 * linesPerYield);
      if (due) await due;
    }
    if (shared[i] === 0) continue;
    const id = ids[i] as number;
    // a line that occurs once is in no repeated window
    const isWindow =
      i + windowLines <= lines.count && shared[i + 1] === 1 && shared[i + 2] === 1 && shared[i + 3] === 1;
    const isLong = getLineLength(lines, i) >= minRepeatLength;
    const known = isWindow ? windows.find(i) : -1;
    const source = known >= 0 ? known : isLong ? long.get(id) : undefined;
    const length = source === undefined ? 0 : extend(ids, taken, source, i);
    if (source !== undefined && countUnits(lines, i, length) >= minRepeatLength) {
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

/** 1 for a line that occurs more than once. */
function markShared(ids: Int32Array): Uint8Array {
  const shared = new Uint8Array(ids.length);
  for (let i = 0; i < ids.length; i++) {
    const first = ids[i] as number;
    if (first !== i) shared[i] = shared[first] = 1;
  }
  return shared;
}

/** Windows of four lines. */
function createWindows(ids: Int32Array) {
  const mask = getTableSize(ids.length) - 1;
  const table = new Int32Array(mask + 1).fill(-1);
  const alike = (one: number, other: number): boolean => {
    for (let i = 0; i < windowLines; i++) if (ids[one + i] !== ids[other + i]) return false;
    return true;
  };
  const findSlot = (at: number): number => {
    let hash = 0;
    for (let i = at; i < at + windowLines; i++) hash = spread(Math.imul(hash, 31) + (ids[i] as number));
    let free = hash & mask;
    while ((table[free] as number) >= 0 && !alike(table[free] as number, at)) free = (free + 1) & mask;
    return free;
  };
  let slot = 0;
  return {
    /** −1 if it is new. */
    find(at: number): number {
      slot = findSlot(at);
      return table[slot] as number;
    },
    /** Adds the window that the last `find` did not find. */
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

function countUnits(lines: Lines, at: number, length: number): number {
  let units = 0;
  for (let i = at; i < at + length && units < minRepeatLength; i++) units += getLineText(lines, i).trim().length + 1;
  return units;
}

async function collectStubs(lines: Lines, repeats: readonly Repeat[], pace: Pace): Promise<Stub[]> {
  const stubs: Stub[] = [];
  let next = 0;
  let yieldAt = 0;
  for (let i = 0; i < lines.count; i++) {
    if (i >= yieldAt) {
      yieldAt = i + linesPerYield;
      const due = pace(8 * linesPerYield);
      if (due) await due;
    }
    const repeat = repeats[next];
    if (repeat?.at === i) {
      const text = `[${span(i, repeat.length)}: same as ${span(repeat.source, repeat.length)}]`;
      stubs.push({ at: i, length: repeat.length, text, isRepeat: true });
      next++;
      i += repeat.length - 1;
      continue;
    }
    const limit = repeat?.at ?? lines.count;
    const stub = runStub(lines, i, limit) ?? (await writeStub(lines, i, pace));
    if (!stub) continue;
    stubs.push(stub);
    i += stub.length - 1;
  }
  return stubs;
}

function runStub(lines: Lines, at: number, limit: number): Stub | undefined {
  const run = findEncodedRun(lines, at, limit);
  if (!run) return undefined;
  const units = (lines.starts[at + run.length] as number) - getLineStart(lines, at) - run.length;
  const size = `${formatFigure(run.length)} lines, ${formatFigure(units)} characters`;
  const text = `[${span(at, run.length)}: encoded data (${run.kind}), ${size} left out]`;
  return { at, length: run.length, text, isRepeat: false };
}

async function writeStub(lines: Lines, at: number, pace: Pace): Promise<Stub | undefined> {
  if (getLineLength(lines, at) < minValueLength) return undefined;
  const text = await replaceEncodedValues(lines, at, pace);
  return text === undefined ? undefined : { at, length: 1, text, isRepeat: false };
}

/** UTF-16 units. */
function measureWith(lines: Lines, stubs: readonly Stub[]): number {
  let length = lines.starts[lines.count] as number;
  for (const { at, length: count, text } of stubs)
    length += text.length + 1 - ((lines.starts[at + count] as number) - getLineStart(lines, at));
  return length;
}

async function writeFolded(lines: Lines, stubs: readonly Stub[], pace: Pace): Promise<FoldResult> {
  const pieces: string[] = [];
  const sourceLines: number[] = [];
  let next = 0;
  for (const stub of [...stubs, undefined]) {
    const at = stub?.at ?? lines.count;
    if (at > next) pieces.push(getLineText(lines, next, at - next));
    const due = pace(8 * (at - next));
    for (; next < at; next++) sourceLines.push(next + 1);
    if (due) await due;
    if (!stub) break;
    pieces.push(stub.text);
    sourceLines.push(at + 1);
    next = at + stub.length;
  }
  const repeats = stubs.filter((stub) => stub.isRepeat);
  const repeated = repeats.reduce((sum, stub) => sum + stub.length, 0);
  return {
    text: pieces.join('\n'),
    sourceLines,
    foldedLines: repeated,
    lines: lines.count,
    facts:
      repeated === 0
        ? ''
        : `${formatFigure(repeated)} lines repeat earlier ones, in ${formatFigure(repeats.length)} passages.`,
    length: lines.text.length,
    gaps: stubs.filter((stub) => !stub.isRepeat).map(toGap),
  };
}

const toGap = ({ at, length }: Stub): PartGap => ({
  startLine: at + 1,
  endLine: at + length,
  lines: length,
  reason: encodedReason,
});

const span = (at: number, length: number): string =>
  length === 1 ? `line ${at + 1}` : `lines ${at + 1}–${at + length}`;
