/** What one document's run with a model is worth, and the table of all. Pure. */
import { RepetitionGuard } from '../../../src/engine/answer/repetition.ts';
import { withoutEchoes } from '../../../src/engine/answer/echoFilter.ts';
import type { RunEvent, SummaryResult } from '../../../src/engine/events.ts';
import type { ModelCall } from '../../../src/engine/model.ts';
import { summaryPhrases } from '../../../src/engine/messages.ts';
import { rouge, wordsOf, type Rouge } from '../offline/rouge.ts';

/** A call with its raw answer, before any guard. */
export interface Heard {
  readonly call: ModelCall;
  answer: string;
}

export interface Row {
  readonly name: string;
  readonly status: string;
  readonly calls: number;
  /** Of the raw answers. */
  readonly loops: number;
  readonly echoes: number;
  /** Answers of which nothing was usable. */
  readonly unusable: number;
  /** Of the text that is shown. */
  readonly shownLoops: number;
  readonly shownEchoes: number;
  readonly claims: number;
  /** Claims whose facts stand in the cited lines or chunk. */
  readonly holding: number;
  /** Names, figures or topics that stand nowhere: underlined. */
  readonly invented: number;
  readonly unreliable: boolean;
  readonly rouge?: { readonly model: Rouge; readonly offline: Rouge; readonly lead: Rouge };
  readonly seconds: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
}

const hasLoop = (text: string): boolean => new RepetitionGuard().push(`${text}\n`) !== undefined;
/** Removed by the filter, beyond white space. */
const hasEcho = (call: ModelCall, text: string): boolean =>
  wordsOf(withoutEchoes(call, text)).length < wordsOf(text).length;

/** Markdown of the model alone, without what Précis adds below. */
export function modelText(markdown: string): string {
  const added = [summaryPhrases.offline, summaryPhrases.unreliable, summaryPhrases.repeated, '**Not read:**'];
  return added.reduce((text, phrase) => text.split(phrase)[0]!, markdown).trim();
}

export function rowOf(
  name: string,
  result: SummaryResult,
  events: readonly RunEvent[],
  heard: readonly Heard[],
  comparison: { refs: readonly string[]; offline: readonly string[]; lead: readonly string[] },
): Row {
  const shown = modelText(result.markdown);
  const plain = wordsOf(shown.replace(/(?<!\\)\[\d+\]/g, ''));
  const last = heard.at(-1)?.call;
  const { claims = 0, supported = 0, notFound = 0 } = result.verification ?? {};
  const references = comparison.refs.map(wordsOf);
  const cut = (words: readonly string[]): readonly string[] => words.slice(0, 100);
  return {
    name,
    status: result.status,
    calls: result.usage.calls,
    loops: heard.filter(({ answer }) => hasLoop(answer)).length,
    echoes: heard.filter(({ call, answer }) => hasEcho(call, answer)).length,
    unusable: heard.filter(({ call, answer }) => wordsOf(withoutEchoes(call, answer)).length === 0).length,
    shownLoops: Number(hasLoop(shown)),
    shownEchoes: Number(last !== undefined && hasEcho(last, shown)),
    claims,
    holding: supported,
    invented: notFound,
    unreliable: events.some((event) => event.type === 'notice' && event.code === 'unreliable'),
    ...(references.length === 0
      ? {}
      : {
          rouge: {
            model: rouge(references, cut(plain)),
            offline: rouge(references, cut(comparison.offline)),
            lead: rouge(references, cut(comparison.lead)),
          },
        }),
    seconds: result.usage.wallMs / 1000,
    tokensIn: result.usage.inputTokens,
    tokensOut: result.usage.outputTokens,
  };
}

const columns = [
  'document',
  'ends',
  'calls',
  'loops',
  'echoes',
  'unusable',
  'shown loops/echoes',
  'claims hold',
  'invented (underlined)',
  'unreliable',
  'ROUGE-1/2/L',
  'offline',
  'lead',
  'seconds',
  'tokens in',
  'out',
] as const;

const three = (values: Rouge | undefined): string => values?.map((value) => value.toFixed(1)).join('/') ?? '–';

function cells(row: Row): string[] {
  return [
    row.name,
    row.status,
    String(row.calls),
    String(row.loops),
    String(row.echoes),
    String(row.unusable),
    `${row.shownLoops}/${row.shownEchoes}`,
    `${row.holding}/${row.claims}`,
    String(row.invented),
    row.unreliable ? 'said' : '–',
    three(row.rouge?.model),
    three(row.rouge?.offline),
    three(row.rouge?.lead),
    row.seconds.toFixed(1),
    String(row.tokensIn),
    String(row.tokensOut),
  ];
}

function total(rows: readonly Row[]): string[] {
  const sum = (of: (row: Row) => number): number => rows.reduce((all, row) => all + of(row), 0);
  const rated = rows.flatMap(({ rouge: found }) => (found ? [found] : []));
  const mean = (of: 'model' | 'offline' | 'lead'): Rouge | undefined =>
    rated.length === 0
      ? undefined
      : ([0, 1, 2].map((at) => rated.reduce((all, one) => all + one[of][at]!, 0) / rated.length) as unknown as Rouge);
  return [
    'all',
    `${rows.filter(({ status }) => status === 'complete').length} complete`,
    String(sum((row) => row.calls)),
    String(sum((row) => row.loops)),
    String(sum((row) => row.echoes)),
    String(sum((row) => row.unusable)),
    `${sum((row) => row.shownLoops)}/${sum((row) => row.shownEchoes)}`,
    `${sum((row) => row.holding)}/${sum((row) => row.claims)}`,
    String(sum((row) => row.invented)),
    String(sum((row) => Number(row.unreliable))),
    three(mean('model')),
    three(mean('offline')),
    three(mean('lead')),
    sum((row) => row.seconds).toFixed(1),
    String(sum((row) => row.tokensIn)),
    String(sum((row) => row.tokensOut)),
  ];
}

/** A Markdown table. */
export function tableOf(rows: readonly Row[]): string {
  const lines = [...rows.map(cells), total(rows)];
  const widths = columns.map((column, at) => Math.max(column.length, ...lines.map((line) => line[at]!.length)));
  const lineOf = (line: readonly string[]): string =>
    `| ${line.map((cell, at) => (at < 2 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join(' | ')} |`;
  return [lineOf(columns), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...lines.map(lineOf)].join(
    '\n',
  );
}
