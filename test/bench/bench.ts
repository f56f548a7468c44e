/** All figures in one run, wherever it runs. */
import { cpus, loadavg } from 'node:os';
import { proseOf } from './documents.ts';
import { figures, type Bench, type Row } from './figures.ts';
import { startServer } from './server.ts';
import { measure, newSubject } from './subject.ts';

export interface BenchOptions {
  /** Figures to take; none: all. */
  readonly names: readonly string[];
  /** Where it runs, for the table's head. */
  readonly host: string;
  readonly say: (line: string) => void;
}

export interface BenchResult {
  readonly rows: readonly Row[];
  /** Markdown. */
  readonly table: string;
}

const mostPauseMs = 50;

export async function bench({ names, host, say }: BenchOptions): Promise<BenchResult> {
  const bare = process.memoryUsage.rss();
  const server = await startServer();
  const providerBytes = process.memoryUsage.rss() - bare;
  const state: Bench = { server, providerBytes, rows: [], pause: { ms: 0, in: '' }, say };
  const [load] = loadavg();
  try {
    // Loading code is measured elsewhere: once, at the first use.
    await measure(await newSubject(server.url), proseOf(40_000), 'warm.txt');
    for (const figure of figures) {
      if (names.length === 0 || names.includes(figure.name)) await figure.run(state);
    }
  } finally {
    await server.close();
  }
  const { ms, in: where } = state.pause;
  state.rows.push({
    what: `longest pause of the thread (${where})`,
    target: `< ${mostPauseMs} ms`,
    value: `${ms.toFixed(0)} ms`,
    met: ms < mostPauseMs,
  });
  return { rows: state.rows, table: tableOf(state.rows, host, load ?? 0) };
}

function tableOf(rows: readonly Row[], host: string, load: number): string {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}, ${process.platform}`;
  const lines = rows.map(
    ({ what, target, value, met }) =>
      `| ${what} | ${target} | ${value} | ${met === undefined ? '' : met ? 'yes' : '**no**'} |`,
  );
  return [
    `${new Date().toISOString().slice(0, 10)}, ${host}, ${machine}, load ${load.toFixed(1)} at the start`,
    '',
    '| what | target | measured | met |',
    '| --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}
