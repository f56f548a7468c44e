/** Runs bundled test files inside the extension host of a real VS Code: node suite.ts FILE… (JavaScript, absolute). */
import { join } from 'node:path';
import { root, startHost } from './host.ts';
import { removeFolder, temporaryFolder } from './processes.ts';
import { listenToSuite, recordCounts, type SuiteCounts } from './suiteReport.ts';
import { fixturesCopy } from './workspace.ts';

/** A suite that says nothing for so long does not end: a test has at most as long. */
const silenceMs = 10 * 60_000;

interface Attempt {
  readonly counts: SuiteCounts | undefined;
  readonly begun: boolean;
  readonly log: string;
}

async function attempt(files: readonly string[]): Promise<Attempt> {
  const folder = temporaryFolder('suite');
  let lastAt = performance.now();
  const listener = await listenToSuite(folder, () => (lastAt = performance.now()));
  try {
    await using host = await startHost({
      mode: 'development',
      suite: join(root, 'out', 'test', 'vscode', 'index.js'),
      folder: fixturesCopy(folder),
      alongside: ['model-provider', 'example-extension'].map((name) => join(root, 'test', 'fixtures', name)),
      settings: { 'precis.provider': 'offline' },
      env: { PRECIS_TEST_SOCKET: listener.socket, PRECIS_TEST_FILES: JSON.stringify(files) },
    });
    let timer: NodeJS.Timeout | undefined;
    const counts = await Promise.race([
      listener.ended,
      host.server.extensionHostExit().then(() => (listener.begun() ? listener.ended : undefined)),
      new Promise<undefined>((done) => host.page.once('crash', () => done(undefined))),
      new Promise<undefined>((done) => host.context.once('close', () => done(undefined))),
      new Promise<undefined>((done) => {
        timer = setInterval(() => performance.now() - lastAt > silenceMs && done(undefined), 1_000);
      }),
    ]);
    clearInterval(timer);
    return { counts, begun: listener.begun(), log: `${host.server.log()}\n${host.consoleErrors.join('\n')}` };
  } finally {
    listener.close();
    removeFolder(folder);
  }
}

let result = await attempt(process.argv.slice(2));
if (!result.counts && !result.begun) {
  console.log('The window ended before the suite began; once more.');
  result = await attempt(process.argv.slice(2));
}
if (result.counts) {
  console.log(`\n  ${result.counts.passed} passing, ${result.counts.failed} failing\n`);
  recordCounts(result.counts);
} else {
  console.error(`The suite did not come to its end. VS Code said:\n${result.log.slice(-6000)}`);
  recordCounts({ passed: 0, failed: 1, pending: 0, failures: [{ title: 'The suite did not come to its end' }] });
}
process.exit(result.counts?.failed === 0 ? 0 : 1);
