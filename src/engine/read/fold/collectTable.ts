import type { TableColumn, TableFacts } from '../../tableFacts.ts';
import { type Column, computeQuantiles } from './column.ts';
import { findDates } from './dates.ts';
import { clip } from './lines.ts';
import { showTemplate } from './log/drain.ts';
import type { Rows } from './rows.ts';
import { findOutlierValues, listTopValues } from './stats.ts';

const maxColumns = 120;
const maxOutliers = 12;
const maxForms = 12;
const maxTop = 6;

/** Returns the facts of the first columns, and of odd rows. */
export function collectTable(rows: Rows): TableFacts {
  return {
    startLine: 1,
    rows: rows.rows,
    columnCount: rows.columns.size,
    columns: [...rows.columns.values()].slice(0, maxColumns).map((column) => collectColumn(column, rows.rows)),
    oddRows: rows.odd,
    oddLine: rows.oddLines[0]?.line ?? 1,
    examples: rows.first.slice(0, 2).map(({ text, line }) => ({ text: clip(text, 400), line })),
  };
}

function collectColumn(column: Column, rows: number): TableColumn {
  const { stats } = column;
  const always = stats.distinct?.size === 1 ? [...stats.distinct.keys()][0] : undefined;
  const dates = findDates(column.dates, stats.n);
  const [low, high] = [stats.low[0], stats.high[0]];
  const isNumeric = always === undefined && stats.numbers > 0 && stats.numbers * 10 >= stats.n * 9;
  const hasQuartiles = stats.numbers > 20 && (!stats.distinct || stats.distinct.size > 8);
  return {
    name: column.name,
    types: [...column.types].sort((a, b) => b[1] - a[1]),
    missing: Math.max(0, rows - column.n),
    firstEmpty: column.empty + column.nulls > 0 ? column.firstEmpty : 0,
    isAllDifferent: stats.n > 20 && stats.distinct?.size === stats.n,
    ...(always === undefined ? {} : { always: clip(always, 80) }),
    ...(dates ? { dates } : {}),
    different: stats.distinct?.size ?? Math.min(512, stats.n),
    hasMore: !stats.distinct || stats.beyond > 0,
    ...(isNumeric && low && high ? { range: { low: low.text, high: high.text, mean: stats.sum / stats.numbers } } : {}),
    ...(hasQuartiles ? { quartiles: computeQuantiles(column, [0.25, 0.5, 0.75]) } : {}),
    top: listTopValues(stats, maxTop)
      .filter(([, { count }]) => count > 2)
      .map(([text, { count }]) => ({ text: clip(text, 60), count })),
    outliers: findOutlierValues(stats, 20)
      .slice(0, maxOutliers)
      .map(({ why, text, line, count }) => ({ why, text: clip(text, 200), line, count })),
    forms: collectForms(column),
  };
}

function collectForms({ miner, texts, stats }: Column): TableColumn['forms'] {
  if (!miner || texts < 20 || (stats.distinct && stats.distinct.size <= 12)) return [];
  return [...miner.templates]
    .sort((a, b) => b.count - a.count)
    .slice(0, maxForms)
    .map((template) => ({ form: clip(showTemplate(template), 240), line: template.first, count: template.count }));
}
