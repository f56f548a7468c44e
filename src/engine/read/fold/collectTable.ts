import type { TableColumn, TableFacts } from '../../tableFacts.ts';
import type { Column } from './column.ts';
import type { ColumnFacts } from './columnFacts.ts';
import { clip } from './lines.ts';
import { showTemplate } from './log/drain.ts';
import type { Rows } from './rows.ts';
import { computeRange, listFrequentValues } from './stats.ts';

const maxColumns = 120;
const maxOutliers = 12;
const maxForms = 12;

/** Returns the facts of the first columns, and of odd rows. */
export function collectTable(rows: Rows, getFacts: (column: Column) => ColumnFacts): TableFacts {
  const columns = [...rows.columns.values()].slice(0, maxColumns);
  return {
    startLine: 1,
    rows: rows.rows,
    columnCount: rows.columns.size,
    columns: columns.map((column) => collectColumn(column, getFacts(column))),
    oddRows: rows.odd,
    oddLine: rows.oddLines[0]?.line ?? 1,
    examples: rows.first.slice(0, 2).map(({ text, line }) => ({ text: clip(text, 400), line })),
  };
}

function collectColumn({ name, stats }: Column, facts: ColumnFacts): TableColumn {
  const { types, missing, firstEmpty, isAllDifferent, only, dates, quartiles } = facts;
  const range = computeRange(stats);
  return {
    name,
    types,
    missing,
    firstEmpty,
    isAllDifferent,
    ...(only === undefined ? {} : { always: clip(only, 80) }),
    ...(dates ? { dates } : {}),
    different: stats.distinct?.size ?? Math.min(512, stats.n),
    hasMore: !stats.distinct || stats.beyond > 0,
    ...(range ? { range: { low: range.low.text, high: range.high.text, mean: range.mean } } : {}),
    ...(quartiles ? { quartiles } : {}),
    top: listFrequentValues(stats).map(([text, { count }]) => ({ text: clip(text, 60), count })),
    outliers: facts.outliers
      .slice(0, maxOutliers)
      .map(({ why, text, line, count }) => ({ why, text: clip(text, 200), line, count })),
    forms: facts.templates
      .slice(0, maxForms)
      .map((template) => ({ form: clip(showTemplate(template), 240), line: template.first, count: template.count })),
  };
}
