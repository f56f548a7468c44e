/** Estimates `o200k_base` tokens from runs of character classes. Frozen, because chunk boundaries depend on it. */
import { classes, costs, lengths, slopes, unitsPerToken } from './tokenCosts.ts';

export { unitsPerToken };

const newline = 0;
const space = 1;
const lower = 2;
const upper = 3;
const digit = 4;
const punctuation = 5;
const han = 6;
const kana = 7;
const hangul = 8;
const letter = 9;
const surrogate = 10;
const symbol = 11;

const ranges: readonly (readonly [number, number])[] = [
  [0x00, symbol],
  [0x09, space],
  [0x0a, newline],
  [0x0b, space],
  [0x0e, symbol],
  [0x20, space],
  [0x21, punctuation],
  [0x30, digit],
  [0x3a, punctuation],
  [0x41, upper],
  [0x5b, punctuation],
  [0x61, lower],
  [0x7b, punctuation],
  [0x7f, symbol],
  [0xa1, symbol],
  [0xc0, letter],
  [0x0e00, letter],
  [0x1100, hangul],
  [0x1200, letter],
  [0x2000, symbol],
  [0x2e80, han],
  [0x3000, symbol],
  [0x3040, kana],
  [0x3100, han],
  [0x3130, hangul],
  [0x3190, han],
  [0xa000, letter],
  [0xac00, hangul],
  [0xd7b0, symbol],
  [0xd800, surrogate],
  [0xe000, symbol],
  [0xf900, han],
  [0xfb00, letter],
  [0xfe00, symbol],
  [0xff10, symbol],
  [0xff66, kana],
  [0xffa0, hangul],
  [0xffe0, symbol],
];

/** Class of each UTF-16 unit. */
export const characterClasses = new Uint8Array(0x10000);
ranges.forEach(([from, kind], index) => characterClasses.fill(kind, from, ranges[index + 1]?.[0] ?? 0x10000));

const maxLength = lengths - 1;
/**
 * Transition table: `steps[state + class]` holds the added units (upper 16 bits) and next state (lower 16).
 * A state encodes class, previous class and run length, times the number of classes.
 */
export const steps = new Int32Array(classes * classes * maxLength * classes);
/** State at a text's start. */
export const stateAtStart = toState(newline, newline, 1);

function toState(kind: number, previous: number, length: number): number {
  return ((kind * classes + previous) * maxLength + length - 1) * classes;
}
for (let kind = 0; kind < classes; kind++)
  for (let previous = 0; previous < classes; previous++)
    for (let length = 1; length <= maxLength; length++) fillSteps(kind, previous, length);

function fillSteps(kind: number, previous: number, length: number): void {
  const state = toState(kind, previous, length);
  const row = kind * classes + previous;
  for (let next = 0; next < classes; next++) {
    const goesOn = next === kind && kind !== newline;
    const to = goesOn ? toState(kind, previous, Math.min(length + 1, maxLength)) : toState(next, kind, 1);
    const first = costs[(next * classes + kind) * lengths + 1]!;
    const more =
      length === maxLength ? slopes[row]! : costs[row * lengths + length + 1]! - costs[row * lengths + length]!;
    steps[state + next] = ((goesOn ? more : first) << 16) | to;
  }
}

/** Tokens in units of 1/64: the sum over lines. */
export function countTokenUnits(text: string, start = 0, end = text.length): number {
  let units = 0;
  let state = stateAtStart;
  for (let at = start; at < end; at++) {
    const step = steps[state + characterClasses[text.charCodeAt(at)]!]!;
    units += step >> 16;
    state = step & 0xffff;
  }
  return units;
}

/** Estimated tokens; 0 only for empty text. */
export function estimateTokens(text: string): number {
  return Math.ceil(countTokenUnits(text) / unitsPerToken);
}
