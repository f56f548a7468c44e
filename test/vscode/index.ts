/**
 * Entry of the tests inside VS Code's extension host: mocha over the bundled files that PRECIS_TEST_FILES names (JSON),
 * reported line by line to the socket PRECIS_TEST_SOCKET, where the runner listens.
 */
import Mocha from 'mocha';
import { connect, type Socket } from 'node:net';
import { figures } from './figure.ts';

/** What goes over the socket, one JSON object a line. */
export type SuiteMessage =
  | { readonly type: 'begin' }
  | { readonly type: 'suite'; readonly title: string; readonly depth: number }
  | { readonly type: 'pass'; readonly title: string; readonly depth: number; readonly ms: number }
  /** What a test printed: figures. */
  | { readonly type: 'print'; readonly text: string }
  | { readonly type: 'pending'; readonly title: string; readonly depth: number }
  | {
      readonly type: 'fail';
      readonly title: string;
      readonly depth: number;
      readonly error: string;
      /** The bundle that the test is in. */
      readonly file?: string;
    }
  | { readonly type: 'crash'; readonly error: string }
  | { readonly type: 'end'; readonly passed: number; readonly failed: number; readonly pending: number };

type Send = (message: SuiteMessage) => void;

function depthOf(item: Mocha.Test | Mocha.Suite | Mocha.Hook): number {
  return item.titlePath().length;
}

function told(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function report(runner: Mocha.Runner, send: Send): void {
  let passed = 0;
  let failed = 0;
  let pending = 0;
  runner.on('suite', (suite) => {
    if (!suite.root) send({ type: 'suite', title: suite.title, depth: depthOf(suite) });
  });
  runner.on('pass', (test) => {
    passed += 1;
    send({ type: 'pass', title: test.title, depth: depthOf(test), ms: test.duration ?? 0 });
  });
  runner.on('pending', (test) => {
    pending += 1;
    send({ type: 'pending', title: test.title, depth: depthOf(test) });
  });
  runner.on('fail', (test, error: unknown) => {
    failed += 1;
    const file = test.file ?? test.parent?.file;
    send({
      type: 'fail',
      title: test.fullTitle(),
      depth: depthOf(test),
      error: told(error),
      ...(file ? { file } : {}),
    });
  });
  runner.on('end', () => send({ type: 'end', passed, failed, pending }));
}

async function runFiles(files: readonly string[], send: Send): Promise<number> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, forbidOnly: process.env['CI'] !== undefined });
  const pattern = process.env['PRECIS_TEST_GREP'];
  if (pattern) mocha.grep(pattern);
  for (const file of files) mocha.addFile(file);
  await mocha.loadFilesAsync();
  return new Promise((done) => report(mocha.run(done), send));
}

function opened(path: string): Promise<Socket> {
  return new Promise((done, fail) => {
    const socket = connect(path, () => done(socket));
    socket.once('error', fail);
  });
}

/** Called by VS Code; the extension host ends when it settles. */
export async function run(): Promise<void> {
  const socket = await opened(process.env['PRECIS_TEST_SOCKET'] ?? '');
  const send: Send = (message) => socket.write(`${JSON.stringify(message)}\n`);
  send({ type: 'begin' });
  let failures = 0;
  const print = (text: unknown): void => send({ type: 'print', text: String(text) });
  figures.subscribe(print);
  try {
    const files = JSON.parse(process.env['PRECIS_TEST_FILES'] ?? '[]') as string[];
    failures = await runFiles(files, send);
  } catch (error) {
    send({ type: 'crash', error: told(error) });
    throw error;
  } finally {
    figures.unsubscribe(print);
    await new Promise<void>((done) => socket.end(done));
  }
  if (failures > 0) throw new Error(`${failures} failed`);
}
