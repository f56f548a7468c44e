/** Blocks that stand before but for a few words. */
import type { Yield } from '../ports.ts';

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
  readonly words: string[];
  readonly marks: number[];
}

const fewestUnits = 320;
const shingle = 4;
/** One shingle of so many is a mark of its block. */
const thin = 4;
const differencesMost = 10;
const blocksMost = 20_000;

export async function findNear(lines: readonly string[], taken: Uint8Array, yieldNow: Yield): Promise<Near[]> {
  const index = new Map<number, number[]>();
  const blocks: Block[] = [];
  const folded = new Set<number>();
  const found: Near[] = [];
  let work = 0;
  for (const [at, length] of ranges(lines, taken)) {
    if (blocks.length >= blocksMost) break;
    const block = blockOf(lines, at, length);
    work += block.words.length * 8;
    if (work > 100_000) {
      work = 0;
      await yieldNow();
    }
    const near = nearest(block, blocks, index, folded);
    const number = blocks.push(block) - 1;
    if (near) {
      found.push(near);
      folded.add(number);
      continue;
    }
    for (const mark of block.marks) {
      const holders = index.get(mark);
      if (!holders) index.set(mark, [number]);
      else if (holders.length < 20) holders.push(number);
    }
  }
  return found;
}

/** Runs of lines between blank ones that hold enough text and nothing that is told already. */
function* ranges(lines: readonly string[], taken: Uint8Array): Generator<[number, number]> {
  let at = 0;
  let units = 0;
  for (let i = 0; i <= lines.length; i++) {
    const line = lines[i];
    if (line !== undefined && line.trim() !== '' && taken[i] === 0) {
      units += line.length;
      continue;
    }
    if (i > at && units >= fewestUnits && units < 40_000) yield [at, i - at];
    at = i + 1;
    units = 0;
  }
}

function blockOf(lines: readonly string[], at: number, length: number): Block {
  const words = lines
    .slice(at, at + length)
    .join(' ')
    .trim()
    .split(/\s+/);
  const marks = new Set<number>();
  const hashes = words.map(hashOf);
  for (let i = 0; i + shingle <= words.length; i++) {
    let hash = 17;
    for (let j = i; j < i + shingle; j++) hash = (Math.imul(hash, 31) + (hashes[j] as number)) | 0;
    hash ^= hash >>> 15;
    if (hash % thin === 0) marks.add(hash);
  }
  return { at, length, words, marks: [...marks] };
}

function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  return hash;
}

function nearest(
  block: Block,
  blocks: readonly Block[],
  index: ReadonlyMap<number, number[]>,
  folded: ReadonlySet<number>,
): Near | undefined {
  const votes = new Map<number, number>();
  for (const mark of block.marks)
    for (const holder of index.get(mark) ?? []) votes.set(holder, (votes.get(holder) ?? 0) + 1);
  let best = -1;
  let most = block.marks.length * 0.4;
  for (const [holder, count] of votes) {
    if (count > most && !folded.has(holder)) {
      best = holder;
      most = count;
    }
  }
  const source = blocks[best];
  // Other numbers of lines would make "same as lines a–b" untrue.
  if (!source || source.length !== block.length) return undefined;
  const but = differences(source.words, block.words);
  return but === undefined ? undefined : { at: block.at, source: source.at, length: block.length, but };
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
