/** Derives what the digest and the table facts say of a column, once for both. */
import { type Column, computeQuantiles } from './column.ts';
import { findDates } from './dates.ts';
import type { Template } from './log/drain.ts';
import { findOutlierValues, type Odd } from './stats.ts';

/** Figures of a column; lines from 1. */
export interface ColumnFacts {
  /** The most frequent first. */
  readonly types: readonly (readonly [type: string, count: number])[];
  /** Rows without a value. */
  readonly missing: number;
  /** 0 if no cell is empty. */
  readonly firstEmpty: number;
  readonly isAllDifferent: boolean;
  /** The only value; undefined if there are several. */
  readonly only: string | undefined;
  readonly dates: { readonly first: string; readonly last: string } | undefined;
  /** Undefined for few numbers. */
  readonly quartiles: readonly number[] | undefined;
  readonly outliers: readonly Odd[];
  /** Forms of texts, the most frequent first. */
  readonly templates: readonly Template[];
}

/** Returns a function that derives each column's facts at first use. */
export function createFactReader(rows: number): (column: Column) => ColumnFacts {
  const known = new Map<Column, ColumnFacts>();
  return (column) => {
    let facts = known.get(column);
    if (!facts) known.set(column, (facts = deriveFacts(column, rows)));
    return facts;
  };
}

function deriveFacts(column: Column, rows: number): ColumnFacts {
  const { stats, miner, texts } = column;
  const different = stats.distinct?.size ?? Infinity;
  const hasForms = texts >= 20 && different > 12;
  return {
    types: [...column.types].sort((a, b) => b[1] - a[1]),
    missing: Math.max(0, rows - column.n),
    firstEmpty: column.empty + column.nulls > 0 ? column.firstEmpty : 0,
    isAllDifferent: stats.n > 20 && different === stats.n,
    only: different === 1 ? [...stats.distinct!.keys()][0] : undefined,
    dates: findDates(column.dates, stats.n),
    quartiles: stats.numbers > 20 && different > 8 ? computeQuantiles(column, [0.25, 0.5, 0.75]) : undefined,
    outliers: findOutlierValues(stats, 20),
    templates: miner && hasForms ? [...miner.templates].sort((a, b) => b.count - a.count) : [],
  };
}
