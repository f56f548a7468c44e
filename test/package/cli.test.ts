/** The command line as its package holds it, installed from the tarball. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/host/host.ts';
import { removeFolder, temporaryFolder } from '../support/host/processes.ts';

describe('the package of the command line', () => {
  let home = '';
  before(() => (home = temporaryFolder('cli')));
  after(() => removeFolder(home));

  it('runs without dependencies after an install from its tarball', () => {
    const script = join(root, '.config', 'scripts', 'package-cli.mjs');
    const tarball = execFileSync(process.execPath, [script, '--built'], { encoding: 'utf8' }).trim();
    writeFileSync(join(home, 'package.json'), '{"private":true}');
    execFileSync('npm', ['install', tarball, '--offline', '--no-audit', '--no-fund'], { cwd: home });
    assert.deepEqual(
      readdirSync(join(home, 'node_modules')).filter((name) => !name.startsWith('.')),
      ['precis'],
    );
    writeFileSync(join(home, 'note.md'), `${'The pump P-77 arrives on 9 December. '.repeat(3)}\n`);
    const env = { PATH: process.env['PATH'], PRECIS_HOME: join(home, 'state') };
    const program = join(home, 'node_modules', 'precis', 'dist', 'cli.js');
    const options = { cwd: home, env, encoding: 'utf8' } as const;
    assert.match(execFileSync(process.execPath, [program, 'note.md'], options), /P-77[\s\S]*note\.md:1/);
    assert.ok(existsSync(join(home, 'state', 'state', 'secret')));
  });
});
