/**
 * Measures the reading of logs on labelled samples: `npm run eval:logs -- DIR`, where DIR holds `NAME_2k.log` and
 * `NAME_2k.log_structured.csv` as LogHub publishes them. Grouping accuracy is that of Zhu et al. (ICSE-SEIP 2019): a message is right
 * if the records of its group are exactly those of its true group.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { summarizeOffline } from '../../src/engine/offline/index.ts';
import { fold } from '../../src/engine/read/fold/index.ts';
import { endLog, createLog, readLogLine } from '../../src/engine/read/fold/log/log.ts';
import { prepare } from '../../src/engine/read/prepare.ts';

const [dir, only] = process.argv.slice(2);
if (dir === undefined) throw new Error('Name the folder with the samples.');
const yieldToEventLoop = (): Promise<void> => Promise.resolve();

interface Truth {
  readonly group: string;
  readonly level: string;
  readonly content: string;
  /** The kind's constant words. */
  readonly words: readonly string[];
}

function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line === '') continue;
    rows.push(
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((m) => (m[1] ?? m[2] ?? '').replaceAll('""', '"')),
    );
  }
  return rows;
}

function readTruth(text: string): Truth[] {
  const [head = [], ...rows] = readCsv(text);
  const column = (name: string): number => head.indexOf(name);
  const [group, level, content] = [column('EventId'), column('Level'), column('Content')];
  const template = column('EventTemplate');
  return rows.map((row) => ({
    group: row[group] ?? '',
    level: row[level] ?? '',
    content: row[content] ?? '',
    words: words((row[template] ?? '').replaceAll('<*>', ' ')),
  }));
}

function accuracyOf(
  found: readonly (number | string)[],
  truth: readonly string[],
): { accuracy: number; wrong: Map<string, number> } {
  const groupOf = (ids: readonly (number | string)[]): Map<number | string, string> => {
    const members = new Map<number | string, number[]>();
    ids.forEach((id, i) => members.get(id)?.push(i) ?? members.set(id, [i]));
    return new Map([...members].map(([id, list]) => [id, list.join()]));
  };
  const own = groupOf(found);
  const real = groupOf(truth);
  const wrong = new Map<string, number>();
  let right = 0;
  truth.forEach((id, i) => {
    if (own.get(found[i] as number) === real.get(id)) right++;
    else wrong.set(id, (wrong.get(id) ?? 0) + 1);
  });
  return { accuracy: right / truth.length, wrong };
}

const isError = ({ level, content }: Truth, hasLevels: boolean): boolean =>
  hasLevels
    ? /^(?:W|E|F|warn|warning|error|fatal|severe|failure|critical)$/i.test(level)
    : /\berror|fail|denied|refused|invalid|exception|fatal|critical/i.test(content);

/** Words of a kind that are looked for: a long message need not be shown whole. */
const maxWords = 15;
const words = (text: string): string[] => text.match(/[A-Za-z]{3,}/g) ?? [];

/** Share of error and warning lines for which a line of the summary has most of their kind's constant words. */
function coverageOf(markdown: string, truth: readonly Truth[]): { share: number; errors: number } {
  const hasLevels = truth.some(({ level }) => /^(?:I|info|notice)$/i.test(level));
  const points = markdown.split('\n').map((line) => new Set(words(line)));
  const errors = truth.filter((one) => isError(one, hasLevels));
  const shown = errors.filter(({ words: all }) => {
    const own = all.slice(0, maxWords);
    return points.some((point) => own.filter((word) => point.has(word)).length >= 0.6 * own.length);
  });
  return { share: errors.length === 0 ? 1 : shown.length / errors.length, errors: errors.length };
}

const names = readdirSync(dir)
  .filter((name) => name.endsWith('_2k.log'))
  .map((name) => name.replace('_2k.log', ''))
  .filter((name) => only === undefined || name === only);
let sum = 0;
for (const name of names) {
  const text = readFileSync(join(dir, `${name}_2k.log`), 'utf8');
  const truth = readTruth(readFileSync(join(dir, `${name}_2k.log_structured.csv`), 'utf8'));
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  const log = createLog();
  const found: (number | string)[] = lines.map((_, i) => `none ${i}`);
  log.onRecord = (number, template) => {
    if (template) found[number - 1] = template.id;
  };
  lines.forEach((line, i) => readLogLine(log, line, i + 1));
  endLog(log);
  const { accuracy, wrong } = accuracyOf(
    found.slice(0, truth.length),
    truth.map(({ group }) => group),
  );
  sum += accuracy;
  const part = await prepare(
    { title: `${name}.log`, startLine: 1, text },
    { fold, yield: yieldToEventLoop },
    new AbortController().signal,
  );
  const summaries = await Promise.all(
    (['standard', 'detailed'] as const).map(async (length) => {
      const pieces = await summarizeOffline(
        { parts: [{ title: `${name}.log`, prepared: part }], length },
        yieldToEventLoop,
      );
      return pieces.map((piece) => piece.text).join('');
    }),
  );
  const [standard, detailed] = summaries.map((markdown) => coverageOf(markdown, truth));
  const digest = coverageOf(part.chunks.map((chunk) => chunk.text).join('\n'), truth);
  const time = part.log?.time;
  const percent = (value: number): string => `${Math.round(value * 100)} %`;
  console.log(
    [
      name.padEnd(12),
      accuracy.toFixed(3),
      `errors ${digest.errors}: digest ${percent(digest.share)}, standard ${percent(standard?.share ?? 0)}, detailed ${percent(detailed?.share ?? 0)}`,
      `levels ${part.log?.levels.join('/') ?? '-'}`,
      time ? `${time.first} → ${time.last}` : 'no time',
      `layout ${log.layout?.columns.join(' ') ?? ''}`,
    ].join(' | '),
  );
  if (only !== undefined) {
    const shown = new Map<string, Set<number | string>>();
    truth.forEach(({ group }, i) => {
      if (wrong.has(group)) (shown.get(group) ?? shown.set(group, new Set()).get(group))?.add(found[i] as number);
    });
    for (const [group, count] of [...wrong].sort((a, b) => b[1] - a[1]).slice(0, 15)) {
      const ids = [...(shown.get(group) ?? [])];
      const sample = truth.find((one) => one.group === group)?.content ?? '';
      console.log(`  ${group} ${count} lines in ${ids.length} groups: ${sample.slice(0, 140)}`);
      for (const id of ids.slice(0, 4))
        console.log(
          `      ${id} ${typeof id === 'number' ? (log.miner.templates[id]?.tokens.map((token, i) => (log.miner.templates[id]?.wild[i] ? '<*>' : token.replaceAll('\u0001', '#'))).join(' ') ?? '').slice(0, 150) : ''} (${found.filter((one) => one === id).length})`,
        );
    }
    console.log(summaries[0]);
  }
}
console.log(`mean ${(sum / names.length).toFixed(3)} of ${names.length}`);
