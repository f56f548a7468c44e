/** Listens to a suite that runs inside an extension host, and prints what it says as mocha's spec reporter would. */
import { appendFileSync } from 'node:fs';
import { createServer, type Server as NetServer } from 'node:net';
import { join } from 'node:path';
import type { SuiteMessage } from '../../vscode/index.ts';

export interface SuiteCounts {
  readonly passed: number;
  readonly failed: number;
  readonly pending: number;
  readonly failures: readonly { readonly file?: string; readonly title: string }[];
}

export interface SuiteListener {
  readonly socket: string;
  /** run() was called. */
  begun(): boolean;
  /** Resolves when the suite has said its last word; undefined when it fell silent before. */
  readonly ended: Promise<SuiteCounts | undefined>;
  close(): void;
}

function printed(message: SuiteMessage): string | undefined {
  switch (message.type) {
    case 'suite':
      return `${'  '.repeat(message.depth)}${message.title}`;
    case 'pass':
      return `${'  '.repeat(message.depth)}✔ ${message.title}${message.ms > 500 ? ` (${message.ms} ms)` : ''}`;
    case 'pending':
      return `${'  '.repeat(message.depth)}- ${message.title}`;
    case 'fail':
      return `${'  '.repeat(message.depth)}✘ ${message.title}\n${message.error.replace(/^/gm, '      ')}`;
    case 'print':
      return message.text.replace(/^/gm, '      · ');
    case 'crash':
      return `The suite could not run: ${message.error}`;
    default:
      return undefined;
  }
}

/** @param onMessage called for each message, before it is printed */
export function listenToSuite(folder: string, onMessage: () => void = () => {}): Promise<SuiteListener> {
  const socket =
    process.platform === 'win32' ? `\\\\.\\pipe\\precis-${process.pid}-${Date.now()}` : join(folder, 'suite.sock');
  let begun = false;
  const failures: { file?: string; title: string }[] = [];
  let counts: SuiteCounts | undefined;
  return new Promise((ready, fail) => {
    let finish: (counts: SuiteCounts | undefined) => void = () => undefined;
    const ended = new Promise<SuiteCounts | undefined>((done) => (finish = done));
    const hear = (message: SuiteMessage): void => {
      onMessage();
      if (message.type === 'begin') begun = true;
      if (message.type === 'fail')
        failures.push({ title: message.title, ...(message.file ? { file: message.file } : {}) });
      if (message.type === 'end')
        counts = { passed: message.passed, failed: message.failed, pending: message.pending, failures };
      const line = printed(message);
      if (line !== undefined) console.log(line);
    };
    const server: NetServer = createServer((connection) => {
      let rest = '';
      connection.setEncoding('utf8');
      connection.on('data', (data: string) => {
        const lines = (rest + data).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) hear(JSON.parse(line) as SuiteMessage);
      });
      connection.on('error', () => undefined);
      connection.on('close', () => finish(counts));
    });
    server.once('error', fail);
    server.listen(socket, () => ready({ socket, begun: () => begun, ended, close: () => void server.close() }));
  });
}

/** Adds a suite's outcome to the file that the scripts read (record.mjs). */
export function recordCounts(counts: SuiteCounts): void {
  const file = process.env['PRECIS_TEST_RECORD'];
  if (file) appendFileSync(file, `${JSON.stringify(counts)}\n`);
}
