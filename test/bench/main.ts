/**
 * npm run bench -- sweep: plans and schedules over hundreds of points on the virtual clock.
 *
 * npm run bench -- prices: price and time of a text by the choice of models, on the virtual clock.
 *
 * npm run bench -- peers: the same texts through LangChain.js's chains and Promise.all.
 *
 * npm run bench [-- --plain] [-- NAME …]: the figures against the simulated provider, over real HTTP and in real time, inside the extension
 * host of a real VS Code; `--plain`: in Node alone. Prints a table and, when all figures were asked for, keeps it in RESULTS.md beside
 * this file.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startHost } from '../support/host/host.ts';
import { removeFolder, temporaryFolder } from '../support/host/processes.ts';
import { bench, type BenchResult } from './bench.ts';
import type { BenchMessage } from './inside.ts';
import { peersTable } from './peers.ts';
import { pricesTable } from './prices.ts';
import { sweepTable } from './sweepReport.ts';

interface Marks {
  readonly begin: string;
  readonly end: string;
}
const figureMarks: Marks = { begin: '<!-- figures: begin -->', end: '<!-- figures: end -->' };
const sweepMarks: Marks = { begin: '<!-- sweep: begin -->', end: '<!-- sweep: end -->' };
const pricesMarks: Marks = { begin: '<!-- prices: begin -->', end: '<!-- prices: end -->' };
const peersMarks: Marks = { begin: '<!-- peers: begin -->', end: '<!-- peers: end -->' };
const limitMs = 30 * 60_000;

async function insideHost(names: readonly string[], say: (line: string) => void): Promise<BenchResult> {
  const folder = temporaryFolder('bench');
  const file = join(folder, 'said.jsonl');
  try {
    await using host = await startHost({
      mode: 'development',
      suite: fileURLToPath(new URL('./suite.cjs', import.meta.url)),
      folder: null,
      settings: { 'precis.provider': 'offline' },
      env: { PRECIS_BENCH_OUT: file, PRECIS_BENCH_NAMES: JSON.stringify(names) },
    });
    return await listen(file, say, () => host.server.log());
  } finally {
    removeFolder(folder);
  }
}

async function listen(file: string, say: (line: string) => void, log: () => string): Promise<BenchResult> {
  let read = 0;
  for (const until = performance.now() + limitMs; performance.now() < until; await sleep(500)) {
    if (!existsSync(file)) continue;
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    for (const line of lines.slice(read)) {
      const message = JSON.parse(line) as BenchMessage;
      if (message.type === 'failed') throw new Error(message.error);
      if (message.type === 'end') return message.result;
      say(message.line);
    }
    read = lines.length;
  }
  throw new Error(`The bench did not come to its end. VS Code said:\n${log().slice(-4_000)}`);
}

/** Puts the table between its marks and leaves what people wrote around it. */
function keep(file: URL, table: string, { begin, end }: Marks): void {
  const old = readFileSync(file, 'utf8');
  const [before = '', rest = ''] = old.split(begin);
  const after = rest.split(end)[1] ?? '\n';
  writeFileSync(file, `${before}${begin}\n${table}\n${end}${after}`);
}

const asked = process.argv.slice(2);
const names = asked.filter((name) => name !== '--plain');
const say = (line: string): void => console.log(line);
const tables = [
  { name: 'sweep', make: sweepTable, marks: sweepMarks },
  { name: 'prices', make: pricesTable, marks: pricesMarks },
  { name: 'peers', make: peersTable, marks: peersMarks },
];
const chosen = tables.find(({ name }) => names.includes(name));
if (chosen !== undefined) {
  const made = await chosen.make(say);
  console.log(`\n${made}`);
  keep(new URL('./RESULTS.md', import.meta.url), made, chosen.marks);
  process.exit(0);
}
const { rows, table } = asked.includes('--plain')
  ? await bench({ names, host: 'plain Node', say })
  : await insideHost(names, say);
console.log(`\n${table}`);
if (names.length === 0) keep(new URL('./RESULTS.md', import.meta.url), table, figureMarks);
const short = rows.filter((row) => row.met === false).length;
console.log(short === 0 ? '\nAll figures are met.' : `\n${short} figures fall short.`);
process.exit(0);
