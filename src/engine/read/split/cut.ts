import { unitsPerToken } from '../../tokens.ts';
import { mix, type Atoms } from './segments.ts';
import type { Pace } from './pace.ts';
import { rank } from './splitter.ts';

/** Minimum chunk size, estimated tokens. Independent of model and options, because they would move boundaries. */
export const smallest = 300;
/** Maximum tokens of a chunk. */
export const largest = 2600;
/** Preferred minimum, unless a much better boundary is near. */
const preferred = 700;

/** Rank of the boundary before a text's first chunk, above all others. */
const firstRank = 15;
const hashSpan = 2 ** 32;
/** Number of ranks for cuts inside a line, which are below all cuts between lines. */
const ranksInside = 2;
/** Minimum strength of a cut that goes through no unit of the text. */
const wholeFrom = (ranksInside + rank.blank) * hashSpan;

/**
 * Computes strengths: rank · 2³² + hash of the atom after the boundary. Three atoms on each side distinguish equal ones, so
 * that edits have local effect.
 */
export async function computePriorities(
  atoms: Atoms,
  rankOfLine: (line: number) => number,
  pace: Pace,
): Promise<Float64Array> {
  const { count, hashes, inside, lines } = atoms;
  const result = new Float64Array(count);
  const windows = new Uint32Array(count);
  const runs = new Uint32Array(count);
  // Removes the oldest atom from the rolling hash.
  const leaving = (31 ** 6) | 0;
  let window = 0;
  for (let ahead = 0; ahead < Math.min(2, count); ahead++) window = (Math.imul(window, 31) + hashes[ahead]!) | 0;
  for (let index = 0; index < count; index++) {
    const enters = index + 2 < count ? hashes[index + 2]! : 0;
    const leaves = index >= 4 ? hashes[index - 4]! : 0;
    window = (Math.imul(window, 31) + enters - Math.imul(leaves, leaving)) | 0;
    windows[index] = mix(window);
    const level = inside[index] === 0 ? ranksInside + rankOfLine(lines[index]!) : ranksInside - inside[index]!;
    result[index] = (index === 0 ? firstRank : level) * hashSpan + hashTie(windows, runs, ownHash(atoms, index), index);
    const due = (index & 1023) === 0 ? pace(32 * 1024) : undefined;
    if (due) await due;
  }
  return result;
}

/** Adds the next atom to the hash of a trivial one. */
function ownHash({ starts, hashes, count }: Atoms, index: number): number {
  let own = hashes[index]!;
  for (let next = index; next < index + 2 && next + 1 < count && starts[next + 1]! - starts[next]! < 12; next++)
    own = mix(Math.imul(own, 31) + hashes[next + 1]!);
  return own;
}

/** Breaks ties among repeated lines by their position in the run, like the marks of a ruler, so that equal text gives equal chunks. */
function hashTie(windows: Uint32Array, runs: Uint32Array, own: number, index: number): number {
  const window = windows[index]!;
  for (let period = 1; period <= 4 && period <= index; period++) {
    if (windows[index - period] !== window) continue;
    const run = runs[index - period]! + 1;
    runs[index] = run;
    return (31 - Math.clz32(run & -run)) * 2 ** 27 + (window >>> 5);
  }
  return ((own & 0xffff0000) >>> 0) + (window >>> 16);
}

/** Returns the first atom of each chunk. */
export async function cut(atoms: Atoms, strengths: Float64Array, pace: Pace): Promise<number[]> {
  const tree = await createMaxTree(strengths, pace);
  const starts: number[] = [];
  const pending: [number, number][] = atoms.count > 0 ? [[0, atoms.count]] : [];
  for (let segment = pending.pop(); segment; segment = pending.pop()) {
    const [from, to] = segment;
    const place = fits(atoms, from, to) ? undefined : findStrongest(atoms, tree, from, to);
    if (place === undefined) starts.push(from);
    else pending.push([place, to], [from, place]);
    const due = pace(400);
    if (due) await due;
  }
  return starts;
}

const size = (atoms: Atoms, from: number, to: number) => atoms.units[to]! - atoms.units[from]!;
const fits = (atoms: Atoms, from: number, to: number) => size(atoms, from, to) <= largest * unitsPerToken;

/**
 * Finds the strongest boundary with the preferred size on both sides. Accepts the minimum size for a boundary that avoids
 * cutting through a unit.
 */
function findStrongest(atoms: Atoms, tree: Tree, from: number, to: number): number | undefined {
  const usual = findStrongestWithin(atoms, tree, from, to, preferred);
  if (usual && usual.strength >= wholeFrom) return usual.place;
  const wider = findStrongestWithin(atoms, tree, from, to, smallest);
  if (!usual || !wider) return (wider ?? usual)?.place;
  return Math.floor(wider.strength / hashSpan) > Math.floor(usual.strength / hashSpan) ? wider.place : usual.place;
}

function findStrongestWithin(atoms: Atoms, tree: Tree, from: number, to: number, least: number) {
  const { units } = atoms;
  const low = findFirstAtLeast(units, units[from]! + least * unitsPerToken, from, to);
  const high = findFirstAtLeast(units, units[to]! - least * unitsPerToken + 1, from, to) - 1;
  if (low > high) return undefined;
  const strength = tree.most(low, high);
  const middle = findFirstAtLeast(units, (units[from]! + units[to]!) / 2, low, high);
  const left = tree.lastAtLeast(low, middle, strength);
  const right = tree.firstAtLeast(middle, high, strength);
  const double = units[from]! + units[to]!;
  const off = (place: number | undefined) => (place === undefined ? Infinity : Math.abs(2 * units[place]! - double));
  const place = off(left) <= off(right) ? left : right;
  return place === undefined ? undefined : { place, strength };
}

/** In [from, to]. */
function findFirstAtLeast(values: Float64Array, value: number, from: number, to: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface Tree {
  most(low: number, high: number): number;
  firstAtLeast(low: number, high: number, value: number): number | undefined;
  lastAtLeast(low: number, high: number, value: number): number | undefined;
}

/** For range maxima in logarithmic time. */
async function createMaxTree(values: Float64Array, pace: Pace): Promise<Tree> {
  let leaves = 1;
  while (leaves < values.length) leaves *= 2;
  const nodes = new Float64Array(2 * leaves).fill(-1);
  nodes.set(values, leaves);
  for (let node = leaves - 1; node > 0; node--) {
    nodes[node] = Math.max(nodes[2 * node]!, nodes[2 * node + 1]!);
    const due = (node & 1023) === 0 ? pace(4096) : undefined;
    if (due) await due;
  }
  const search = (
    node: number,
    nodeLow: number,
    nodeHigh: number,
    low: number,
    high: number,
    value: number,
    last: boolean,
  ): number | undefined => {
    if (nodeHigh < low || nodeLow > high || nodes[node]! < value) return undefined;
    if (nodeLow === nodeHigh) return nodeLow;
    const middle = (nodeLow + nodeHigh) >>> 1;
    const inLeft = () => search(2 * node, nodeLow, middle, low, high, value, last);
    const inRight = () => search(2 * node + 1, middle + 1, nodeHigh, low, high, value, last);
    return last ? (inRight() ?? inLeft()) : (inLeft() ?? inRight());
  };
  return {
    most(low, high) {
      let result = -1;
      for (let left = low + leaves, right = high + leaves + 1; left < right; left >>>= 1, right >>>= 1) {
        if (left & 1) result = Math.max(result, nodes[left++]!);
        if (right & 1) result = Math.max(result, nodes[--right]!);
      }
      return result;
    },
    firstAtLeast: (low, high, value) => search(1, 0, leaves - 1, low, high, value, false),
    lastAtLeast: (low, high, value) => search(1, 0, leaves - 1, low, high, value, true),
  };
}
