/**
 * The suite of the extension host in a desktop VS Code: node electron.ts FILE… (JavaScript, absolute).
 * VSCODE_EXECUTABLE names an installed one; else a download is tried.
 */
import { downloadAndUnzipVSCode, runTests } from '@vscode/test-electron';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './host.ts';
import { removeFolder, temporaryFolder } from './processes.ts';
import { listenToSuite, recordCounts } from './suiteReport.ts';
import { fixturesCopy } from './workspace.ts';

async function executable(): Promise<string> {
  const given = process.env['VSCODE_EXECUTABLE'];
  if (given) {
    if (!existsSync(given)) throw new Error(`VSCODE_EXECUTABLE names ${given}, which does not exist.`);
    return given;
  }
  try {
    return await downloadAndUnzipVSCode({ cachePath: join(root, '.vscode-test', 'electron') });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`VS Code could not be downloaded (${reason}). Name an installed one in VSCODE_EXECUTABLE.`, {
      cause: error,
    });
  }
}

const folder = temporaryFolder('electron');
let code = 1;
try {
  const vscodeExecutablePath = await executable();
  const listener = await listenToSuite(folder);
  const failed = await runTests({
    vscodeExecutablePath,
    extensionDevelopmentPath: root,
    extensionTestsPath: join(root, 'out', 'test', 'vscode', 'index.js'),
    extensionTestsEnv: {
      PRECIS_TEST_SOCKET: listener.socket,
      PRECIS_TEST_FILES: JSON.stringify(process.argv.slice(2)),
    },
    launchArgs: [
      fixturesCopy(folder),
      '--disable-extensions',
      '--disable-workspace-trust',
      ...['--user-data-dir', join(folder, 'data')],
    ],
  }).then(
    () => false,
    () => true,
  );
  const counts = listener.begun() ? await listener.ended : undefined;
  listener.close();
  if (counts) {
    recordCounts(counts);
    console.log(`\n  ${counts.passed} passing, ${counts.failed} failing\n`);
  } else console.error('VS Code ended before the suite did.');
  code = counts && counts.failed === 0 && !failed ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
} finally {
  removeFolder(folder);
}
process.exit(code);
