/** Reads coverage (lcov, Cobertura, JaCoCo, Clover): the total, then the files with most uncovered lines. Counted from lines. */
import type { FormatReading } from '../../engine/read/format.ts';
import { plural, point, pointLines, splitLines, type Format } from './format.ts';
import { below, listChildren, parseMarkup, rootOf, type Element } from './markup.ts';

interface Covered {
  readonly name: string;
  readonly line: number;
  /** By line. */
  readonly hits: Map<number, number>;
  branches: number;
  branchesHit: number;
  functions: number;
  functionsHit: number;
}
const newFile = (name: string, line: number): Covered => ({
  name,
  line,
  hits: new Map(),
  branches: 0,
  branchesHit: 0,
  functions: 0,
  functionsHit: 0,
});
const hit = ({ hits }: Covered, line: number, count: number): void =>
  void hits.set(line, Math.max(hits.get(line) ?? 0, count));

const maxListed = 1500;

/** lcov's tracefile. */
export const lcov: Format = {
  id: 'lcov',
  accepts: ({ text }) => /^SF:.+/m.test(text) && /^(?:DA:\d+,|end_of_record|LF:\d)/m.test(text),
  read(text) {
    const files = new Map<string, Covered>();
    const counts = new Map<string, number>();
    let seen = new Map<string, number>();
    let file: Covered | undefined;
    for (const [i, line] of splitLines(text).entries()) {
      const [, key, value] = /^([A-Z]+):(.*)$/.exec(line.trim()) ?? [];
      if (key === 'SF') {
        file = files.get(value!) ?? newFile(value!, i + 1);
        files.set(value!, file);
        seen = new Map();
      } else if (line.trim() === 'end_of_record') file = undefined;
      else if (key && file) readRecord(file, key, value!, counts, seen);
      // begins within a record
      else if (key === 'DA' || key === 'LF') return undefined;
    }
    if (file) return undefined;
    countParts(files, counts);
    return coverageReading([...files.values()]);
  },
};

/**
 * @param counts executions of branches and functions, because a file may have several records
 * @param seen occurrences in this record, because functions may share a name
 */
function readRecord(
  file: Covered,
  key: string,
  value: string,
  counts: Map<string, number>,
  seen: Map<string, number>,
): void {
  const cells = value.split(',');
  const note = (id: string, count: number): void => {
    const times = (seen.get(id) ?? 0) + 1;
    seen.set(id, times);
    const name = `${file.name}\n${id} ${times}`;
    counts.set(name, Math.max(counts.get(name) ?? 0, count));
  };
  if (key === 'DA') hit(file, Number(cells[0]), Number(cells[1]));
  else if (key === 'BRDA') note(`branch ${cells.slice(0, 3).join()}`, Number(cells[3]) || 0);
  else if (key === 'FNDA') note(`function ${cells.slice(1).join()}`, Number(cells[0]) || 0);
}

function countParts(files: ReadonlyMap<string, Covered>, counts: ReadonlyMap<string, number>): void {
  for (const [name, count] of counts) {
    const end = name.indexOf('\n');
    const file = files.get(name.slice(0, end))!;
    const isBranch = name.startsWith('branch ', end + 1);
    file[isBranch ? 'branches' : 'functions']++;
    if (count > 0) file[isBranch ? 'branchesHit' : 'functionsHit']++;
  }
}

/** Cobertura, Clover and JaCoCo. */
export const coverageXml: Format = {
  id: 'coverage-xml',
  accepts: ({ text }) =>
    /^\ufeff?\s*</.test(text) &&
    (/<coverage\b[^<>]{0,2000}(?:line-rate|lines-valid|generated|clover)=/.test(text) ||
      (/<report\b[^<>]{0,400}>/.test(text) && /jacoco|<sessioninfo|<sourcefile\b|<counter\b/i.test(text))),
  async read(text) {
    const root = rootOf(await parseMarkup(text, true), /^(?:coverage|report)$/);
    if (!root) return undefined;
    const files = new Map<string, Covered>();
    const addFile = (name: string, line: number): Covered => {
      const file = files.get(name) ?? newFile(name, line);
      files.set(name, file);
      return file;
    };
    for (const element of below(root)) {
      const { name, attributes, line } = element;
      if (name === 'class' && attributes['filename'] !== undefined)
        readCobertura(addFile(attributes['filename'], line), element);
      else if (name === 'package')
        for (const source of listChildren(element, 'sourcefile'))
          readJacoco(addFile(`${attributes['name'] ?? ''}/${source.attributes['name'] ?? ''}`, source.line), source);
      else if (name === 'file' && listChildren(element, 'line').length > 0)
        readClover(addFile(attributes['path'] ?? attributes['name'] ?? '', line), element);
    }
    return coverageReading([...files.values()]);
  },
};

const listLineElements = (element: Element): Element[] =>
  listChildren(element, 'lines').flatMap((list) => listChildren(list, 'line'));

/** lines of methods are repeated in their class */
function readCobertura(file: Covered, element: Element): void {
  const methods = listChildren(element, 'methods').flatMap((list) => listChildren(list, 'method'));
  const own = listLineElements(element);
  // some exporters list lines in methods only
  for (const one of own.length > 0 ? own : methods.flatMap(listLineElements)) {
    hit(file, Number(one.attributes['number']), Number(one.attributes['hits']));
    const [, covered, all] = /\((\d+)\/(\d+)\)/.exec(one.attributes['condition-coverage'] ?? '') ?? [];
    file.branches += Number(all ?? 0);
    file.branchesHit += Number(covered ?? 0);
  }
  for (const method of methods) {
    file.functions++;
    if (listLineElements(method).some(({ attributes }) => Number(attributes['hits']) > 0)) file.functionsHit++;
  }
}

function readJacoco(file: Covered, element: Element): void {
  for (const { attributes } of listChildren(element, 'line')) {
    hit(file, Number(attributes['nr']), Number(attributes['ci'] ?? 0));
    file.branches += Number(attributes['mb'] ?? 0) + Number(attributes['cb'] ?? 0);
    file.branchesHit += Number(attributes['cb'] ?? 0);
  }
  for (const { attributes } of listChildren(element, 'counter'))
    if (attributes['type'] === 'METHOD') {
      file.functions += Number(attributes['missed']) + Number(attributes['covered']);
      file.functionsHit += Number(attributes['covered']);
    }
}

function readClover(file: Covered, element: Element): void {
  for (const { attributes } of listChildren(element, 'line')) {
    const count = Number(attributes['count'] ?? 0);
    if (attributes['type'] === 'cond') {
      file.branches += 2;
      file.branchesHit +=
        (Number(attributes['truecount']) > 0 ? 1 : 0) + (Number(attributes['falsecount']) > 0 ? 1 : 0);
    }
    if (attributes['type'] === 'method') {
      file.functions++;
      if (count > 0) file.functionsHit++;
    }
    hit(file, Number(attributes['num']), Math.max(count, Number(attributes['truecount'] ?? 0)));
  }
}

const percent = (part: number, all: number): string => `${Number(((100 * part) / all).toFixed(1))} %`;

/** Undefined if a line has no count, so that no figures are stated. */
function coverageReading(files: readonly Covered[]): FormatReading | undefined {
  const measured = files.filter(({ hits }) => hits.size > 0);
  if (
    measured.length === 0 ||
    measured.some(({ hits }) => [...hits].some(([line, count]) => Number.isNaN(line) || Number.isNaN(count)))
  )
    return undefined;
  const rows = measured.map((file) => {
    const missed = [...file.hits].flatMap(([line, count]) => (count > 0 ? [] : [line])).sort((a, b) => a - b);
    return { file, all: file.hits.size, covered: file.hits.size - missed.length, missed };
  });
  const sum = (of: (row: (typeof rows)[number]) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const [all, covered] = [sum((row) => row.all), sum((row) => row.covered)];
  const part = (name: string, hits: number, count: number): string =>
    count === 0
      ? ''
      : `, ${percent(hits, count)} of ${plural(count, name, name === 'branch' ? 'branches' : undefined)}`;
  const worst = rows.filter(({ missed }) => missed.length > 0).sort((a, b) => b.missed.length - a.missed.length);
  const never = rows.filter((row) => row.covered === 0);
  const points = [
    point(
      [
        `Coverage of ${plural(rows.length, 'file')}: ${percent(covered, all)} of ${plural(all, 'line')} (${covered.toLocaleString('en-US')} covered)${part(
          'branch',
          sum((row) => row.file.branchesHit),
          sum((row) => row.file.branches),
        )}${part(
          'function',
          sum((row) => row.file.functionsHit),
          sum((row) => row.file.functions),
        )}.`,
      ],
      rows[0]!.file.line,
      { weight: 10 },
    ),
    ...(never.length > 0
      ? [
          point(
            [
              `${plural(never.length, 'file')} without any covered line: `,
              ...never.slice(0, 8).flatMap(({ file }, i) => [i > 0 ? ', ' : '', { code: file.name }]),
              never.length > 8 ? ', …' : '',
            ],
            never[0]!.file.line,
            { weight: 6 },
          ),
        ]
      : []),
    ...worst.slice(0, 20).map(({ file, missed, covered: own, all: total }) =>
      point(
        [
          { code: file.name },
          `: ${percent(own, total)} (${plural(missed.length, 'line')} of ${total.toLocaleString('en-US')} not covered: ${formatRanges(missed)})`,
        ],
        file.line,
        {
          section: 'Least covered',
          weight: 3,
        },
      ),
    ),
  ];
  const rest = worst.slice(20, maxListed).map(({ file, missed, all: total }) => ({
    text: `${file.name}: ${plural(missed.length, 'line')} of ${total} not covered`,
    line: file.line,
  }));
  const whole = rows.length - worst.length;
  return {
    kind: 'table',
    points,
    lines: [
      ...pointLines(points),
      ...rest,
      ...(worst.length > maxListed
        ? [
            {
              text: `${worst.length - maxListed} more files lack ${plural(
                worst.slice(maxListed).reduce((total, row) => total + row.missed.length, 0),
                'line',
              )}.`,
              line: worst[maxListed]!.file.line,
            },
          ]
        : []),
      ...(whole > 0 ? [{ text: `${plural(whole, 'file')} covered in every line.`, line: 1 }] : []),
    ],
  };
}

/** Formats lines as `3–5, 9`. */
function formatRanges(lines: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const line of lines) {
    const last = ranges.at(-1);
    if (last && line === last[1] + 1) last[1] = line;
    else ranges.push([line, line]);
  }
  const told = ranges.slice(0, 6).map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`));
  return `${told.join(', ')}${ranges.length > 6 ? `, and ${ranges.length - 6} more places` : ''}`;
}
