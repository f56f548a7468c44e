/**
 * The suite of the extension host in a desktop VS Code: node electron.ts FILE… (JavaScript, absolute). VSCODE_EXECUTABLE
 * names the program; else an installed one is taken, else a download is tried. Ends with code 69 when there is none.
 */
import { downloadAndUnzipVSCode, runTests, SilentReporter } from '@vscode/test-electron';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './host.ts';
import { removeFolder, temporaryFolder } from './processes.ts';
import { listenToSuite, recordCounts } from './suiteReport.ts';
import { fixturesCopy } from './workspace.ts';

/** Nothing could be tested: what a test needs is not there (EX_UNAVAILABLE of sysexits.h). */
class Unavailable extends Error {}

/** Where installers put the program itself; the command `code` only starts it. */
const places: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ['/usr/share/code/code', '/opt/visual-studio-code/code'],
  darwin: ['/Applications/Visual Studio Code.app/Contents/MacOS/Electron'],
  win32: [
    join(process.env['LOCALAPPDATA'] ?? '', 'Programs', 'Microsoft VS Code', 'Code.exe'),
    'C:\\Program Files\\Microsoft VS Code\\Code.exe',
  ],
};

async function findExecutable(): Promise<string> {
  const given = process.env['VSCODE_EXECUTABLE'];
  if (given) {
    if (!existsSync(given)) throw new Unavailable(`VSCODE_EXECUTABLE names ${given}, which does not exist.`);
    return given;
  }
  const installed = places[process.platform]?.find((path) => existsSync(path));
  if (installed) return installed;
  try {
    return await downloadAndUnzipVSCode({
      cachePath: join(root, '.vscode-test', 'electron'),
      reporter: new SilentReporter(),
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Unavailable(
      `A desktop VS Code is missing: none is installed, and it could not be downloaded (${reason.trim().replace(/\.$/, '')}).`,
    );
  }
}

function checkDisplay(): void {
  if (process.platform !== 'linux' || process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']) return;
  throw new Unavailable('A display is missing: run this in a desktop session, or under xvfb-run.');
}

const folder = temporaryFolder('electron');
let code = 1;
try {
  const vscodeExecutablePath = await findExecutable();
  checkDisplay();
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
  if (error instanceof Unavailable) code = 69;
} finally {
  removeFolder(folder);
}
process.exit(code);
