/** The figures as a table that a person reads. */
import type { LossStage, Measure } from './measure.ts';

const columns = [
  'kind',
  'strategy',
  'calls',
  'facts',
  'start',
  'middle',
  'end',
  'cited exactly',
  '± 10 lines',
  'lines',
  'checked',
  'words',
  'tokens in',
  'out',
  'cost',
  'seconds',
] as const;

export function reportOf(measures: readonly Measure[]): string {
  const rows = [...measures.map(rowOf), totalRow(measures)];
  const widths = columns.map((column, at) => Math.max(column.length, ...rows.map((row) => (row[at] ?? '').length)));
  const lineOf = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => (at < 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [lineOf(columns), rule, ...rows.map(lineOf), '', ...lossLines(measures)].join('\n');
}

const percent = (part: number, whole: number): string =>
  whole === 0 ? '–' : `${((100 * part) / whole).toFixed(part === whole ? 0 : 1)} %`;

function rowOf(measure: Measure): string[] {
  const { result, thirds } = measure;
  const { usage, verification } = result;
  return [
    measure.id,
    result.strategy,
    String(usage.calls),
    `${measure.found}/${measure.facts}`,
    ...thirds.map((third) => `${third.found}/${third.facts}`),
    percent(measure.exact, measure.marks),
    percent(measure.near, measure.marks),
    measure.width.toFixed(1),
    verification === undefined ? '–' : `${verification.supported}/${verification.claims}`,
    measure.wordsAsked === undefined ? String(measure.words) : `${measure.words}/${measure.wordsAsked}`,
    String(usage.inputTokens),
    String(usage.outputTokens),
    usage.costUsd === undefined ? '–' : `$${usage.costUsd.toFixed(3)}`,
    (usage.wallMs / 1000).toFixed(1),
  ];
}

function totalRow(measures: readonly Measure[]): string[] {
  const sum = (of: (measure: Measure) => number): number => measures.reduce((total, measure) => total + of(measure), 0);
  const third = (at: number): string =>
    `${sum((measure) => measure.thirds[at]?.found ?? 0)}/${sum((measure) => measure.thirds[at]?.facts ?? 0)}`;
  const marks = sum((measure) => measure.marks);
  return [
    'all',
    '',
    String(sum((measure) => measure.result.usage.calls)),
    `${sum((measure) => measure.found)}/${sum((measure) => measure.facts)}`,
    third(0),
    third(1),
    third(2),
    percent(
      sum((measure) => measure.exact),
      marks,
    ),
    percent(
      sum((measure) => measure.near),
      marks,
    ),
    (sum((measure) => measure.width) / Math.max(1, measures.length)).toFixed(1),
    `${sum((measure) => measure.result.verification?.supported ?? 0)}/${sum((measure) => measure.result.verification?.claims ?? 0)}`,
    String(sum((measure) => measure.words)),
    String(sum((measure) => measure.result.usage.inputTokens)),
    String(sum((measure) => measure.result.usage.outputTokens)),
    measures.some((measure) => measure.result.usage.costUsd === undefined)
      ? '–'
      : `$${sum((measure) => measure.result.usage.costUsd ?? 0).toFixed(3)}`,
    (sum((measure) => measure.result.usage.wallMs) / 1000).toFixed(1),
  ];
}

const stageWords: Readonly<Record<LossStage, string>> = {
  read: 'reached no prompt (fold, split or gap)',
  map: 'left out by the model in its notes',
  notes: 'lost between the notes and the reduce',
  collapse: 'left out by the model when notes were merged',
  reduce: 'left out by the model in the summary',
  output: 'lost between the answer and the summary',
};

function lossLines(measures: readonly Measure[]): string[] {
  const lost = measures.flatMap((measure) => measure.lost.map((loss) => ({ ...loss, id: measure.id })));
  const lines = Object.entries(stageWords).flatMap(([stage, words]) => {
    const here = lost.filter((loss) => loss.stage === stage);
    const some = here.slice(0, 6).map((loss) => `${loss.id}:${loss.fact.line}`);
    return here.length === 0
      ? []
      : [`${here.length} ${words}: ${some.join(', ')}${here.length > some.length ? ' …' : ''}`];
  });
  const uncited = measures.reduce((sum, measure) => sum + measure.uncited, 0);
  const invented = measures.reduce((sum, measure) => sum + measure.invented, 0);
  return [
    ...(lines.length === 0 ? ['No fact was lost.'] : ['Lost facts, by stage:', ...lines]),
    `${uncited} facts without a mark, ${invented} marks without a source.`,
  ];
}

/** What a model that repeats all it is given must reach: anything less is lost by the plumbing. */
export function shortcomings(measures: readonly Measure[]): string[] {
  return measures.flatMap((measure) => {
    const { id, found, facts, exact, marks, invented, uncited, result } = measure;
    return [
      ...(found < facts ? [`${id}: ${found} of ${facts} facts`] : []),
      ...(exact < marks * 0.98 ? [`${id}: ${percent(exact, marks)} of citations within the right lines`] : []),
      ...(invented > 0 ? [`${id}: ${invented} invented marks`] : []),
      ...(uncited > 0 ? [`${id}: ${uncited} facts without a mark`] : []),
      ...(result.status === 'complete' ? [] : [`${id}: ${result.status}`]),
    ];
  });
}
