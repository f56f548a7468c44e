/** Installs a package as a user does, and summarizes the sample with it: node tryPackage.ts FILE.vsix */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './host.ts';
import { installation } from './installation.ts';
import { removeFolder, temporaryFolder } from './processes.ts';
import { summarizeFile } from './summarizeFile.ts';

async function installPackage(file: string, home: string): Promise<void> {
  const { node, vscode } = await installation();
  const folders = ['--server-data-dir', join(home, 'data'), '--extensions-dir', join(home, 'extensions')];
  const args = [
    join(vscode, 'out', 'server-main.js'),
    '--accept-server-license-terms',
    ...folders,
    '--install-extension',
    file,
  ];
  execFileSync(node, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 120_000 });
}

const home = temporaryFolder('package');
try {
  await installPackage(process.argv[2] ?? '', home);
  const workspace = join(home, 'workspace');
  mkdirSync(workspace);
  cpSync(join(root, 'test', 'fixtures', 'sample.md'), join(workspace, 'sample.md'));
  const result = await summarizeFile({
    home,
    extension: null,
    folder: workspace,
    file: join(workspace, 'sample.md'),
    settings: { 'precis.provider': 'offline' },
    screenshot: join(root, 'out', 'pictures', 'installed.png'),
    limitMs: 120_000,
  });
  if (!result.ok || result.text.length < 200)
    throw new Error(result.message ?? `The summary is too short: ${result.text}`);
  console.log(`Installed and run once: a summary of ${result.text.length} characters.`);
} finally {
  removeFolder(home);
}
process.exit(0);
