/** The bench inside VS Code's extension host: what it says goes to the file PRECIS_BENCH_OUT, one JSON object a line. */
import { appendFileSync } from 'node:fs';
import { bench, type BenchResult } from './bench.ts';

export type BenchMessage =
  | { readonly type: 'say'; readonly line: string }
  | { readonly type: 'end'; readonly result: BenchResult }
  | { readonly type: 'failed'; readonly error: string };

export async function run(): Promise<void> {
  const file = process.env['PRECIS_BENCH_OUT'];
  if (file === undefined) throw new Error('PRECIS_BENCH_OUT is not set');
  const send = (message: BenchMessage): void => appendFileSync(file, `${JSON.stringify(message)}\n`);
  try {
    const names = JSON.parse(process.env['PRECIS_BENCH_NAMES'] ?? '[]') as string[];
    const vscode = (await import('vscode').catch(() => undefined)) as { version?: string } | undefined;
    const host = vscode?.version === undefined ? 'extension host' : `extension host of VS Code ${vscode.version}`;
    send({ type: 'end', result: await bench({ names, host, say: (line) => send({ type: 'say', line }) }) });
  } catch (error) {
    send({ type: 'failed', error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}
