/** Passages that come again, and boilerplate: said in one line, with where the same is read. */
import type { Yield } from '../ports.ts';
import type { Kind } from '../source.ts';
import { clip, figure, newOutput, type Output, put, putVerbatim } from './lines.ts';
import { findNear, type Near } from './near.ts';
import type { FoldResult } from './types.ts';

/** Lines from `at` on that stand again as `source` on (positions from 0). */
interface Repeat {
  readonly at: number;
  readonly source: number;
  readonly length: number;
}

const windowLines = 4;
const fewestUnits = 240;
const linesMost = 400_000;
const yieldEvery = 20_000;
const minified = 5000;
const base64Line = /^\s*["']?[A-Za-z0-9+/]{56,}={0,2}["']?,?\\?\s*\r?$/;
const dataUri = /(data:[\w./+-]+;base64,)([A-Za-z0-9+/=]{400,})/g;

export async function foldDuplicates(kind: Kind, text: string, yieldNow: Yield): Promise<FoldResult | undefined> {
  const lines = text.split('\n');
  if (lines[lines.length - 1] === '') lines.pop();
  if (lines.length > linesMost || text.length < 1000) return undefined;
  const repeats = await findRepeats(lines, yieldNow);
  const taken = new Uint8Array(lines.length);
  for (const { at, length } of repeats) taken.fill(1, at, at + length);
  const near = await findNear(lines, taken, yieldNow);
  const output = newOutput();
  const told = write(output, lines, kind, repeats, near);
  if (output.length > text.length * 0.95) return undefined;
  const facts = [
    told.repeated > 0 ? `${figure(told.repeated)} lines in ${figure(told.passages)} passages that come again` : '',
    told.stubbed > 0 ? `${figure(told.stubbed)} lines of encoded or minified data` : '',
  ];
  return {
    text: output.lines.join('\n'),
    sourceLines: output.sourceLines,
    foldedLines: lines.length - output.verbatim.size,
    lines: lines.length,
    facts: `Told as one line each: ${facts.filter((one) => one !== '').join(', ')}.`,
    length: text.length,
  };
}

/** Exact repeats, longest from each place on, none overlapping its source; the source is always read in full. */
async function findRepeats(lines: readonly string[], yieldNow: Yield): Promise<Repeat[]> {
  const ids = await numbered(lines, yieldNow);
  const windows = new Map<string, number>();
  const long = new Map<number, number>();
  const taken = new Uint8Array(lines.length);
  const repeats: Repeat[] = [];
  for (let i = 0; i < lines.length; i++) {
    if (i % yieldEvery === yieldEvery - 1) await yieldNow();
    const id = ids[i] as number;
    const key = i + windowLines <= lines.length ? `${id},${ids[i + 1]},${ids[i + 2]},${ids[i + 3]}` : '';
    const isLong = (lines[i] as string).length >= fewestUnits;
    const source = windows.get(key) ?? (isLong ? long.get(id) : undefined);
    const length = source === undefined ? 0 : extend(ids, taken, source, i);
    if (source !== undefined && unitsOf(lines, i, length) >= fewestUnits) {
      repeats.push({ at: i, source, length });
      taken.fill(1, i, i + length);
      i += length - 1;
      continue;
    }
    if (key !== '' && !windows.has(key)) windows.set(key, i);
    if (isLong && !long.has(id)) long.set(id, i);
  }
  return repeats;
}

async function numbered(lines: readonly string[], yieldNow: Yield): Promise<Int32Array> {
  const known = new Map<string, number>();
  const ids = new Int32Array(lines.length);
  for (const [i, line] of lines.entries()) {
    if (i % yieldEvery === yieldEvery - 1) await yieldNow();
    let id = known.get(line);
    if (id === undefined) known.set(line, (id = known.size));
    ids[i] = id;
  }
  return ids;
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

function unitsOf(lines: readonly string[], at: number, length: number): number {
  let units = 0;
  for (let i = at; i < at + length && units < fewestUnits; i++) units += (lines[i] as string).trim().length + 1;
  return units;
}

function write(
  output: Output,
  lines: readonly string[],
  kind: Kind,
  repeats: readonly Repeat[],
  near: readonly Near[],
): { repeated: number; passages: number; stubbed: number } {
  const told = { repeated: 0, passages: 0, stubbed: 0 };
  const same = new Map(repeats.map((one) => [one.at, one]));
  const alike = new Map(near.map((one) => [one.at, one]));
  for (let i = 0; i < lines.length; i++) {
    const repeat = same.get(i) ?? alike.get(i);
    if (repeat) {
      const but = 'but' in repeat ? ` but for: ${repeat.but}` : '';
      put(output, `[${span(i, repeat.length)}: same as ${span(repeat.source, repeat.length)}${but}]`, i + 1);
      told.repeated += repeat.length;
      told.passages++;
      i += repeat.length - 1;
      continue;
    }
    const encoded = encodedRun(lines, i, same, alike);
    if (encoded > 0) {
      put(
        output,
        `[${span(i, encoded)}: ${figure(encoded)} lines of encoded data, ${figure(lines.slice(i, i + encoded).join('').length)} characters]`,
        i + 1,
      );
      told.stubbed += encoded;
      i += encoded - 1;
      continue;
    }
    const line = lines[i] as string;
    const stub = stubOf(line, kind);
    if (stub === undefined) putVerbatim(output, line, i + 1, Number.POSITIVE_INFINITY);
    else {
      put(output, stub, i + 1);
      told.stubbed++;
    }
  }
  return told;
}

const span = (at: number, length: number): string =>
  length === 1 ? `line ${at + 1}` : `lines ${at + 1}–${at + length}`;

function encodedRun(
  lines: readonly string[],
  at: number,
  same: ReadonlyMap<number, unknown>,
  alike: ReadonlyMap<number, unknown>,
): number {
  let end = at;
  while (
    end < lines.length &&
    !same.has(end) &&
    !alike.has(end) &&
    (lines[end] as string).length < 400 &&
    base64Line.test(lines[end] as string)
  )
    end++;
  return end - at >= 12 ? end - at : 0;
}

/** A line of encoded or minified data in one short line; undefined for any other. */
function stubOf(line: string, kind: Kind): string | undefined {
  if (line.length < 400) return undefined;
  const shorter = line.replace(
    dataUri,
    (_, head: string, data: string) => `${head}[${figure(data.length)} characters]`,
  );
  if (
    (kind === 'code' || kind === 'config') &&
    shorter.length > minified &&
    !/\s\S{1,20}\s\S{1,20}\s\S{1,20}\s\S{1,20}\s/.test(shorter.slice(0, 400))
  )
    return clip(shorter, 300);
  return shorter === line ? undefined : shorter;
}
