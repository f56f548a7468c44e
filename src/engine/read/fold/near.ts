/** Blocks that stand before but for a few words. */
import type { Pace } from '../split/pace.ts';
import { endOf, lengthOf, type Lines, spaces, startOf, textOf } from './spans.ts';
import { blocksMost, type Marks, marksMost, marksOf } from './shingles.ts';

export interface Near {
  readonly at: number;
  readonly source: number;
  readonly length: number;
  /** What differs, in words. */
  readonly but: string;
}
interface Block {
  readonly at: number;
  readonly length: number;
  words?: readonly string[];
}

const fewestUnits = 320;
const mostUnits = 40_000;
const shingle = 4;
const differencesMost = 10;
/** Units of text for one mark: a word has about six, and one shingle of four is a mark. */
const unitsPerMark = 24;

export async function findNear(lines: Lines, taken: Uint8Array, pace: Pace): Promise<Near[]> {
  const marks = marksOf(Math.ceil(lines.text.length / unitsPerMark));
  const own = new Int32Array(marksMost);
  const blocks: Block[] = [];
  const found: Near[] = [];
  let at = 0;
  let units = 0;
  for (let i = 0; i <= lines.count; i++) {
    const due = (i & 511) === 0 ? pace(4096) : undefined;
    if (due) await due;
    if (i < lines.count && lines.blank[i] === 0 && taken[i] === 0) {
      units += lengthOf(lines, i);
      continue;
    }
    if (i > at && units >= fewestUnits && units < mostUnits) {
      if (blocks.length >= blocksMost) break;
      const pause = pace(units);
      if (pause) await pause;
      await marks.reserve(Math.min(units >>> 1, marksMost), pace);
      const near = findFor({ at, length: i - at }, lines, blocks, marks, own);
      if (near) found.push(near);
    }
    at = i + 1;
    units = 0;
  }
  return found;
}

/** Enters a block; one that stands before is not found again. */
function findFor(block: Block, lines: Lines, blocks: Block[], marks: Marks, own: Int32Array): Near | undefined {
  blocks.push(block);
  marks.begin();
  const count = readMarks(lines.text, startOf(lines, block.at), endOf(lines, block.at + block.length - 1), own);
  marks.add(own, count);
  const source = blocks[marks.nearest(marks.size() * 0.4)];
  // Other numbers of lines would make "same as lines a–b" untrue.
  const but = source?.length === block.length ? differences(wordsOf(lines, source), wordsOf(lines, block)) : undefined;
  marks.end(but === undefined);
  return source && but !== undefined ? { at: block.at, source: source.at, length: block.length, but } : undefined;
}

const wordsOf = (lines: Lines, block: Block): readonly string[] =>
  (block.words ??= textOf(lines, block.at, block.length).trim().split(/\s+/));

const noWord = 0x811c9dc5 | 0;

/** Hashes of one in four runs of four words, from the characters themselves. */
function readMarks(text: string, from: number, end: number, marks: Int32Array): number {
  let count = 0;
  let words = 0;
  // Hashes of the three words before.
  let first = 0;
  let second = 0;
  let third = 0;
  let at = from;
  while (at < end) {
    let code = text.charCodeAt(at++);
    if (spaces[code] === 1) continue;
    let hash = noWord;
    do {
      hash = Math.imul(hash ^ code, 0x01000193);
      if (at === end) break;
      code = text.charCodeAt(at++);
    } while (spaces[code] === 0);
    if (++words >= shingle) {
      let mark =
        (17 * 31 ** 4 + Math.imul(first, 31 ** 3) + Math.imul(second, 31 ** 2) + Math.imul(third, 31) + hash) | 0;
      mark ^= mark >>> 15;
      if ((mark & 3) === 0) marks[count++] = mark;
    }
    first = second;
    second = third;
    third = hash;
  }
  return count;
}

/** What the second has instead of the first; undefined where too much differs. Applied to the first, it gives the second. */
function differences(first: readonly string[], second: readonly string[]): string | undefined {
  if (first.length !== second.length) return middle(first, second);
  const told: string[] = [];
  for (let i = 0; i < first.length; i++) {
    if (first[i] === second[i]) continue;
    let end = i;
    while (end < first.length && first[end] !== second[end]) end++;
    told.push(instead(first.slice(i, end), second.slice(i, end)));
    i = end;
    if (told.length > differencesMost) return undefined;
  }
  const text = told.join('; ');
  if (told.length === 0) return 'white space';
  return text.length * 3 > second.join(' ').length ? undefined : text;
}

function middle(first: readonly string[], second: readonly string[]): string | undefined {
  let start = 0;
  while (start < Math.min(first.length, second.length) && first[start] === second[start]) start++;
  let end = 0;
  while (
    end < Math.min(first.length, second.length) - start &&
    first[first.length - 1 - end] === second[second.length - 1 - end]
  )
    end++;
  const text = instead(first.slice(start, first.length - end), second.slice(start, second.length - end));
  return text.length * 4 > second.join(' ').length ? undefined : text;
}

function instead(first: readonly string[], second: readonly string[]): string {
  if (first.length === 0) return `“${second.join(' ')}” added`;
  if (second.length === 0) return `“${first.join(' ')}” left out`;
  return `“${second.join(' ')}” instead of “${first.join(' ')}”`;
}
