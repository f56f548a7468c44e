/** One column of a table, or one path of JSON values, over all rows. */
import { mine, createMiner, type Miner } from './log/drain.ts';
import { detach } from './lines.ts';
import { addDate, type DateRanges, createDateRanges } from './dates.ts';
import { addValue, createStats, toNumber, type ValueStats } from './stats.ts';

/** Statistics of a column; lines from 1, 0 for none. */
export interface Column {
  readonly name: string;
  readonly stats: ValueStats;
  /** Empty and null ones included. */
  n: number;
  empty: number;
  nulls: number;
  firstEmpty: number;
  /** Counts of JSON types, or of `number` and `text` cells. */
  readonly types: Map<string, number>;
  /** UTF-16 units and words of all texts. */
  textUnits: number;
  words: number;
  wide: number;
  texts: number;
  /** Miner of its texts, if they have several words. */
  miner: Miner | undefined;
  /** Every `thin`-th number, for quantiles. */
  sample: number[];
  thin: number;
  /** Parser of its number format, chosen from its first cells. */
  numberOf: (value: string) => number;
  /** Date orders that fit all cells so far, each with its first and last day. */
  readonly dates: DateRanges;
}

/** Returns an empty column. */
export const createColumn = (name: string): Column => ({
  name: detach(name),
  stats: createStats(),
  n: 0,
  empty: 0,
  nulls: 0,
  firstEmpty: 0,
  types: new Map(),
  textUnits: 0,
  words: 0,
  wide: 0,
  texts: 0,
  miner: undefined,
  sample: [],
  thin: 1,
  numberOf: toNumber,
  dates: createDateRanges(),
});

const distinctKept = 1024;
const sampleKept = 100_000;

const countType = (column: Column, type: string): void => {
  column.types.set(type, (column.types.get(type) ?? 0) + 1);
};

/** Adds a value; returns whether its row is worth showing. */
export function addToColumn(column: Column, value: string, type: string, line: number): boolean {
  column.n++;
  if (type === 'null' || value === '') {
    if (type === 'null') column.nulls++;
    else column.empty++;
    if (column.firstEmpty === 0) column.firstEmpty = line;
    countType(column, type === 'null' ? 'null' : 'empty');
    return column.nulls + column.empty === 1;
  }
  const { stats } = column;
  const distinct = stats.distinct?.size ?? 0;
  const shapes = stats.shapes?.size ?? 0;
  const numbers = stats.numbers;
  addValue(stats, value, line, distinctKept, 1, column.numberOf);
  addDate(column.dates, value);
  const isNumber = stats.numbers > numbers;
  countType(column, type || (isNumber ? 'number' : 'text'));
  if (isNumber) addToSample(column, column.numberOf === toNumber ? Number.parseFloat(value) : column.numberOf(value));
  else addText(column, value, line);
  const now = stats.distinct?.size ?? 0;
  if ((stats.shapes?.size ?? 0) > shapes) return true;
  if (now > distinct && now <= 128) return true;
  return isNumber && (stats.high.some((e) => e.line === line) || stats.low.some((e) => e.line === line));
}

function addToSample(column: Column, value: number): void {
  if (column.stats.numbers % column.thin !== 0) return;
  column.sample.push(value);
  if (column.sample.length < sampleKept) return;
  column.sample = column.sample.filter((_, i) => i % 2 === 0);
  column.thin *= 2;
}

function addText(column: Column, value: string, line: number): void {
  column.texts++;
  column.textUnits += value.length;
  let words = 1;
  for (let at = value.indexOf(' '); at >= 0 && words < 400; at = value.indexOf(' ', at + 1)) words++;
  column.words += words;
  if (
    value.length > 14 &&
    words <= value.length / 14 &&
    /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]/.test(value)
  )
    column.wide++;
  if (words >= 4 && value.length < 4000) {
    column.miner ??= createMiner({ similarity: 0.6, templates: 4000, memo: 8000, values: 256, children: 200 });
    mine(column.miner, value, 0, line);
  }
}

/** Whether nearly all values differ, so that counts cannot replace reading. */
export function isFreeText(column: Column): boolean {
  const { stats, texts } = column;
  if (texts < 5 || texts * 3 < stats.n) return false;
  const distinct = stats.distinct ? stats.distinct.size + stats.beyond : texts;
  if (distinct * 2 < texts) return false;
  if (column.wide * 2 > texts) return true;
  if (column.words < 5 * texts || column.textUnits < 30 * texts) return false;
  const mined = column.miner;
  if (!mined) return false;
  const kinds = mined.templates.length + mined.overflow.count;
  return kinds * 6 > column.texts;
}

/** Returns the p-quantiles of the numbers; exact unless thinned. */
export function computeQuantiles(column: Column, ps: readonly number[]): number[] {
  const sorted = Float64Array.from(column.sample).sort();
  if (sorted.length === 0) return [];
  return ps.map((p) => sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] as number);
}
