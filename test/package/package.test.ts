/** The package that `npm run package` made, installed as a user does. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/host/host.ts';
import { installation } from '../support/host/installation.ts';
import { removeFolder, temporaryFolder } from '../support/host/processes.ts';
import { summarizeFile } from '../support/host/summarizeFile.ts';

function packageFile(): string {
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, string>;
  return join(root, `${name}-${version}.vsix`);
}

async function installPackage(home: string): Promise<void> {
  const { vscode, vscodeNode } = await installation();
  const folders = ['--server-data-dir', join(home, 'data'), '--extensions-dir', join(home, 'extensions')];
  const args = [
    join(vscode, 'out', 'server-main.js'),
    '--accept-server-license-terms',
    ...folders,
    '--install-extension',
    packageFile(),
  ];
  execFileSync(vscodeNode, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 120_000 });
}

describe('the package', () => {
  let home = '';
  beforeEach(() => (home = temporaryFolder('package')));
  afterEach(() => removeFolder(home));

  it('is installed and summarizes a file', async () => {
    await installPackage(home);
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
    assert.equal(result.message, undefined);
    assert.ok(result.ok && result.text.length >= 200, result.text);
  });
});
