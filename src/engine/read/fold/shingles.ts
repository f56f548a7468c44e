/** Which blocks hold a mark, and which block shares the most of them: an open table of numbers. */
import type { Pace } from '../split/pace.ts';
import { spread, tableSize } from './spans.ts';

export interface Marks {
  /** Room for so many more. Between blocks only. */
  reserve(marks: number, pace: Pace): Promise<void>;
  /** Begins a block: they are numbered in order, at most `blocksMost`. */
  begin(): void;
  /** The block's marks, the first `count` of `marks`; one that comes again counts once. */
  add(marks: Int32Array, count: number): void;
  /** Different marks of the block. */
  size(): number;
  /** Number, from 0, of the block that shares the most of them and more than `least`; of equals the one met first; -1: none. */
  nearest(least: number): number;
  /** Ends the block: it is found from now on, or is left out. */
  end(kept: boolean): void;
}

/** Blocks and the marks of one are numbered in 15 bits. */
export const blocksMost = 20_000;
export const marksMost = 2 ** 15 - 1;
const bits = 15;
const batch = 64;
/** Blocks that a mark leads to: what is in more of them tells little. */
const holdersMost = 20;

// What a slot of the table holds.
const width = 4;
const mark = 0;
/** The last block that has it, from 1; 0: the slot is free. */
const last = 1;
/** Where its holders stand. */
const place = 2;
const held = 3;

interface Index {
  slots: Int32Array;
  mask: number;
  used: number;
  /** Holders, from 1, those of one mark side by side. */
  holders: Uint16Array;
  length: number;
  /** Keeps the readings of `touch` from being left out. */
  touched: number;
}

/** `expected` marks find room at once. */
export function marksOf(expected: number): Marks {
  const index: Index = {
    ...table(Math.min(2 ** 20, expected)),
    used: 0,
    holders: new Uint16Array(4096),
    length: 0,
    touched: 0,
  };
  const own = new Int32Array(marksMost);
  const votes = new Int32Array(blocksMost + 1);
  let block = 0;
  let count = 0;
  /** Votes of the block that has the most. */
  let top = 0;
  /** Reads places far apart before they are needed: these readings need not wait for one another. */
  const touch = (marks: Int32Array, from: number, to: number): void => {
    const { slots, mask } = index;
    let sum = 0;
    for (let i = from; i < to; i++) sum += slots[(spread(marks[i] as number) & mask) * width] as number;
    index.touched = sum | 0;
  };
  /** The block's number goes before the votes, so that those of an earlier one are none. */
  const vote = (slot: number): void => {
    const { slots, holders } = index;
    const from = slots[slot + place] as number;
    const to = from + (slots[slot + held] as number);
    const none = block << bits;
    for (let at = from; at < to; at++) {
      const holder = holders[at] as number;
      const now = Math.max(votes[holder] as number, none) + 1;
      votes[holder] = now;
      if (now > top) top = now;
    }
  };
  const enter = (value: number): void => {
    const slot = slotOf(index, value);
    if (index.slots[slot + last] === block) return;
    index.slots[slot + last] = block;
    own[count++] = slot;
    vote(slot);
  };
  const firstWith = (most: number): number => {
    const { slots, holders } = index;
    for (let i = 0; i < count; i++) {
      const from = slots[(own[i] as number) + place] as number;
      const to = from + (slots[(own[i] as number) + held] as number);
      for (let at = from; at < to; at++) if (votes[holders[at] as number] === most) return holders[at] as number;
    }
    return 0;
  };
  return {
    reserve: async (marks, pace) => {
      if ((index.used + marks) * 1.5 > index.mask) await grow(index, marks, pace);
    },
    begin: () => {
      block++;
      count = 0;
      top = block << bits;
    },
    add: (marks, length) => {
      for (let from = 0; from < length; from += batch) {
        const to = Math.min(length, from + batch);
        touch(marks, from, to);
        for (let i = from; i < to; i++) enter(marks[i] as number);
      }
    },
    size: () => count,
    nearest: (least) => (top - (block << bits) > least ? firstWith(top) - 1 : -1),
    end: (kept) => {
      if (kept) for (let i = 0; i < count; i++) hold(index, own[i] as number, block);
    },
  };
}

function slotOf(index: Index, value: number): number {
  const { slots, mask } = index;
  let slot = spread(value) & mask;
  for (; slots[slot * width + last] !== 0; slot = (slot + 1) & mask)
    if (slots[slot * width + mark] === value) return slot * width;
  slots[slot * width + mark] = value;
  index.used++;
  return slot * width;
}

function hold(index: Index, slot: number, block: number): void {
  const { slots } = index;
  const count = slots[slot + held] as number;
  if (count >= holdersMost) return;
  // Full at each power of two: the list moves to where there is twice the room.
  if ((count & (count - 1)) === 0) slots[slot + place] = moved(index, slots[slot + place] as number, count);
  index.holders[(slots[slot + place] as number) + count] = block;
  slots[slot + held] = count + 1;
}

function moved(index: Index, from: number, count: number): number {
  const to = index.length;
  index.length += Math.max(1, count * 2);
  if (index.length > index.holders.length) {
    const larger = new Uint16Array(index.length * 2);
    larger.set(index.holders);
    index.holders = larger;
  }
  index.holders.copyWithin(to, from, from + count);
  return to;
}

function table(marks: number): { slots: Int32Array; mask: number } {
  const size = tableSize(marks);
  return { slots: new Int32Array(size * width), mask: size - 1 };
}

async function grow(index: Index, marks: number, pace: Pace): Promise<void> {
  const { slots } = index;
  Object.assign(index, table((index.used + marks) * 2));
  index.used = 0;
  for (let from = 0; from < slots.length; from += width) {
    if (slots[from + last] !== 0) {
      const to = slotOf(index, slots[from + mark] as number);
      for (let field = 0; field < width; field++) index.slots[to + field] = slots[from + field] as number;
    }
    const due = pace(4);
    if (due) await due;
  }
}
