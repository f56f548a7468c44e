/**
 * `node test/bench/batch.ts [FILES [FLAGS OF NODE]]`: memory and pauses of a batch of a folder, in a process of its own that runs the bundled engine, with the
 * simulated provider in another. Prints rows for RESULTS.md.
 */
import { build } from 'esbuild';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { markdown, picker } from '../support/corpus.ts';
import type { Phase, SubjectInput } from './batchSubject.ts';

const fileLength = 40_000;

export interface BatchMeasure {
  readonly until?: SubjectInput['until'];
  /** For the subject's Node. */
  readonly execArgv?: readonly string[];
}

/** Writes the folder of so many files, bundles the subject and runs it. Rejects when it fails. */
export async function measureBatch(files: number, more: BatchMeasure = {}): Promise<Phase[]> {
  const place = mkdtempSync(join(tmpdir(), 'precis-batch-'));
  let provider: ChildProcess | undefined;
  try {
    const folder = join(place, 'folder');
    writeFolder(folder, files);
    await bundle(place);
    const file = fileURLToPath(new URL('./batchProvider.ts', import.meta.url));
    provider = fork(file, [], { execArgv: [], stdio: 'inherit' });
    const [{ url }] = (await once(provider, 'message')) as [{ url: string }];
    const input = { url, folder, state: join(place, 'state'), until: more.until ?? 'finished' };
    return await runSubject(join(place, 'subject.js'), input, more.execArgv ?? []);
  } finally {
    provider?.disconnect();
    rmSync(place, { recursive: true, force: true });
  }
}

async function runSubject(file: string, input: SubjectInput, execArgv: readonly string[]): Promise<Phase[]> {
  const phases: Phase[] = [];
  const child = fork(file, [JSON.stringify(input)], {
    execArgv: [...execArgv],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  child.on('message', (phase: Phase | { readonly name: 'end' }) => {
    if (phase.name !== 'end') phases.push(phase);
  });
  const [code] = (await once(child, 'exit')) as [number];
  if (code !== 0) throw new Error(`the subject ended with ${code}`);
  return phases;
}

async function bundle(place: string): Promise<void> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  await build({
    absWorkingDir: root,
    entryPoints: { subject: 'test/bench/batchSubject.ts', worker: 'src/text/worker.ts' },
    outdir: place,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    minify: true,
    logLevel: 'error',
    external: ['vscode'],
    define: { 'process.env.NODE_ENV': '"production"' },
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
    },
  });
  writeFileSync(join(place, 'package.json'), '{"type":"module"}');
}

/** Paragraphs of a corpus in ever new orders: no two files are alike, and a hundred megabytes are written in a second. */
function writeFolder(folder: string, files: number): void {
  mkdirSync(folder, { recursive: true });
  const paragraphs = markdown(1, 1_000_000).split(/\n{2,}/);
  const pick = picker(files);
  for (let n = 0; n < files; n++) {
    const text: string[] = [`# File ${n}`];
    for (let length = 0; length < fileLength;) {
      const paragraph = pick.one(paragraphs);
      text.push(paragraph);
      length += paragraph.length + 2;
    }
    writeFileSync(join(folder, `${String(n).padStart(5, '0')}.md`), text.join('\n\n'));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = Number(process.argv[2] ?? 2_200);
  const phases = await measureBatch(files, { execArgv: process.argv.slice(3) });
  const told: Readonly<Record<Phase['name'], string>> = {
    start: 'loaded',
    planned: 'planned',
    submitted: 'rendered and submitted',
    collected: 'collected',
    finished: 'the live run that ends it',
  };
  const lines = phases.map(({ name, rows, peak, pause, ms, calls }) => {
    const seconds = `${(ms / 1000).toFixed(1)} s${calls === undefined ? '' : `, ${calls} calls`}`;
    return `| ${told[name]} | ${rows} | ${Math.round(peak / 1e6)} MB | ${pause.toFixed(0)} ms | ${seconds} |`;
  });
  console.log('| phase | rows | peak of the process so far | longest pause of the thread | time |');
  console.log(`| --- | --- | --- | --- | --- |\n${lines.join('\n')}`);
}
