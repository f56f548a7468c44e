/**
 * npm run bench [-- NAME …]: the figures against the simulated provider, over real HTTP and in real time. Prints a table and, when all
 * figures were asked for, keeps it in RESULTS.md beside this file.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { figures, type Bench, type Row } from './figures.ts';
import { startServer } from './server.ts';
import { measure, newSubject } from './subject.ts';
import { proseOf } from './documents.ts';

const begin = '<!-- figures: begin -->';
const end = '<!-- figures: end -->';

export interface BenchOptions {
  readonly names: readonly string[];
  /** Where it runs, for the table's head. */
  readonly host: string;
  readonly thread?: URL;
  readonly say?: (line: string) => void;
}

export async function bench(options: BenchOptions): Promise<{ rows: readonly Row[]; table: string }> {
  const say = options.say ?? ((line: string) => console.log(line));
  const server = await startServer(options.thread);
  const state: Bench = { server, rows: [], pause: { ms: 0, in: '' }, say };
  try {
    // Loading code is measured elsewhere: once, at the first use.
    await measure(await newSubject(server.url), proseOf(40_000), 'warm.txt');
    for (const figure of figures) {
      if (options.names.length === 0 || options.names.includes(figure.name)) await figure.run(state);
    }
    const { ms, in: where } = state.pause;
    state.rows.push({
      what: `longest pause of the thread (${where})`,
      target: '< 50 ms',
      value: `${ms.toFixed(0)} ms`,
      met: ms < 50,
    });
  } finally {
    await server.close();
  }
  return { rows: state.rows, table: tableOf(state.rows, options.host) };
}

function tableOf(rows: readonly Row[], host: string): string {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}, ${process.platform}`;
  const lines = rows.map(
    ({ what, target, value, met }) =>
      `| ${what} | ${target} | ${value} | ${met === undefined ? '' : met ? 'yes' : '**no**'} |`,
  );
  return [
    `${new Date().toISOString().slice(0, 10)}, ${host}, ${machine}`,
    '',
    '| what | target | measured | met |',
    '| --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}

/** Puts the table between its marks and leaves what people wrote around it. */
export function keep(file: URL, table: string): void {
  const old = readFileSync(file, 'utf8');
  const [before = '', rest = ''] = old.split(begin);
  const after = rest.split(end)[1] ?? '\n';
  writeFileSync(file, `${before}${begin}\n${table}\n${end}${after}`);
}

if (import.meta.main) {
  const names = process.argv.slice(2);
  const { rows, table } = await bench({ names, host: 'plain Node' });
  console.log(`\n${table}`);
  if (names.length === 0) keep(new URL('./RESULTS.md', import.meta.url), table);
  const short = rows.filter((row) => row.met === false).length;
  console.log(short === 0 ? '\nAll figures are met.' : `\n${short} figures fall short.`);
}
