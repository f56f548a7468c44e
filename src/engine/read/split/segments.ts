import { characterClasses, stateAtStart, steps, countTokenUnits, unitsPerToken } from '../../tokens.ts';
import type { Pace } from './pace.ts';

/** Smallest pieces of a text: lines, or parts of long ones. `starts` and `units` have a final entry for the end. */
export interface Atoms {
  readonly count: number;
  /** UTF-16 offset. */
  readonly starts: Float64Array;
  readonly units: Float64Array;
  /** Hash of each atom without its line break and trailing white space. */
  readonly hashes: Uint32Array;
  readonly lines: Uint32Array;
  /** Start of each atom: 0 a line, 1 a sentence, 2 anywhere. */
  readonly inside: Uint8Array;
}

/** Longer lines are cut inside, so that every window contains a cut. */
const maxWholeLine = 1000 * unitsPerToken;
/** Roles need only a line's start. */
const maxShown = 131_072;
/** Lines with fewer characters are certainly short enough. */
const surelyShort = 320;

interface Growing {
  count: number;
  starts: Float64Array;
  units: Float64Array;
  hashes: Uint32Array;
  lines: Uint32Array;
  inside: Uint8Array;
  total: number;
}

function room(size: number, of?: Growing): Growing {
  const filled = <T extends { set(from: T): void }>(array: T, from: T | undefined) => {
    if (from) array.set(from);
    return array;
  };
  return {
    count: of?.count ?? 0,
    total: of?.total ?? 0,
    starts: filled(new Float64Array(size), of?.starts),
    units: filled(new Float64Array(size), of?.units),
    hashes: filled(new Uint32Array(size), of?.hashes),
    lines: filled(new Uint32Array(size), of?.lines),
    inside: filled(new Uint8Array(size), of?.inside),
  };
}

/** Reads a text into atoms. `visit` sees each line once, in order. */
export async function readSegments(
  text: string,
  pace: Pace,
  visit: (start: number, end: number, line: number) => void,
): Promise<Atoms> {
  const into = room(1024 + (text.length >>> 5));
  let line = 0;
  for (let start = 0; start < text.length; line++) {
    const broken = text.indexOf('\n', start);
    const next = broken < 0 ? text.length : broken + 1;
    const end = broken < 0 ? next : broken;
    const shown = end > start && text.charCodeAt(end - 1) === 13 ? end - 1 : end;
    visit(start, Math.min(shown, start + maxShown), line);
    if (next - start < surelyShort) push(into, text, start, next, line, 0);
    else await readLong(into, text, start, next, line, pace);
    start = next;
    const due = pace(next - into.starts[into.count - 1]! + 40);
    if (due) await due;
  }
  const { count } = into;
  into.starts[count] = text.length;
  into.units[count] = into.total;
  return {
    count,
    starts: into.starts.subarray(0, count + 1),
    units: into.units.subarray(0, count + 1),
    hashes: into.hashes.subarray(0, count),
    lines: into.lines.subarray(0, count),
    inside: into.inside.subarray(0, count),
  };
}

function push(
  into: Growing,
  text: string,
  start: number,
  end: number,
  line: number,
  inside: number,
  units?: number,
): void {
  const { count } = into;
  if (count + 2 > into.starts.length) Object.assign(into, room(2 * count + 2, into));
  into.starts[count] = start;
  into.units[count] = into.total;
  into.lines[count] = line;
  into.inside[count] = inside;
  into.count++;
  // one pass, because this loop is hot
  let visible = end;
  while (visible > start && text.charCodeAt(visible - 1) <= 32) visible--;
  let hash = 0x811c9dc5;
  let total = 0;
  let state = stateAtStart;
  for (let at = start; at < visible; at++) {
    const code = text.charCodeAt(at);
    hash = Math.imul(hash ^ code, 0x01000193);
    const step = steps[state + characterClasses[code]!]!;
    total += step >> 16;
    state = step & 0xffff;
  }
  for (let at = visible; at < end; at++) {
    const step = steps[state + characterClasses[text.charCodeAt(at)]!]!;
    total += step >> 16;
    state = step & 0xffff;
  }
  into.hashes[count] = mix(hash);
  into.total += units ?? total;
}

async function readLong(
  into: Growing,
  text: string,
  start: number,
  end: number,
  line: number,
  pace: Pace,
): Promise<void> {
  if (end - start < 100_000) {
    const units = countTokenUnits(text, start, end);
    if (units <= maxWholeLine) return push(into, text, start, end, line, 0, units);
  }
  let from = start;
  let kind = 0;
  const places = findPlacesInside(text, start, end);
  for (let place = places(); place; place = places()) {
    push(into, text, from, place.at, line, kind);
    const due = pace(place.at - from);
    if (due) await due;
    from = place.at;
    kind = place.sentence ? 1 : 2;
  }
  push(into, text, from, end, line, kind);
}

const gear = Uint32Array.from({ length: 256 }, (_, index) => mix(index + 1));
const minInside = 16;
const maxInside = 256;

/** Cuts after sentences, else by a rolling hash, within 256 characters. */
function findPlacesInside(
  text: string,
  start: number,
  end: number,
): () => { at: number; sentence: boolean } | undefined {
  let at = start;
  let last = start;
  let roll = 0;
  return () => {
    while (at < end - minInside) {
      const code = text.charCodeAt(at++);
      roll = ((roll << 1) + gear[(code ^ (code >>> 8)) & 255]!) >>> 0;
      const length = at - last;
      if (length < minInside) continue;
      const sentence = endsSentence(text, at, code);
      if (!sentence && length < maxInside && !(roll >>> 25 === 0 || (isSeparator(code) && roll >>> 28 === 0))) continue;
      if (code >= 0xd800 && code < 0xdc00 && isLow(text.charCodeAt(at))) at++;
      last = at;
      return { at, sentence };
    }
    return undefined;
  };
}

const isLow = (code: number) => code >= 0xdc00 && code < 0xe000;
const isSeparator = (code: number) =>
  code === 32 || code === 44 || code === 59 || code === 125 || code === 93 || code === 0x3001 || code === 0xff0c;

/** @param code of the character before `at` */
function endsSentence(text: string, at: number, code: number): boolean {
  if (code === 32) {
    const before = text.charCodeAt(at - 2);
    return before === 46 || before === 33 || before === 63;
  }
  if (code === 0x3002 || code === 0xff01 || code === 0xff1f || code === 0xff0e) return true;
  if (code === 44 || code === 59) {
    const before = text.charCodeAt(at - 2);
    return before === 125 || before === 93;
  }
  return false;
}

/** Mixes a hash to 32 unsigned bits. */
export function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
