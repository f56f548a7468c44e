/** The command line as its package holds it, installed from the tarball. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { log, prose } from '../support/corpus.ts';
import { root } from '../support/host/host.ts';
import { removeFolder, temporaryFolder } from '../support/host/processes.ts';

/** Module that prints the process's time at its end: other processes do not count. */
const reportProcessorTime = `data:text/javascript,${encodeURIComponent(`
  process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    process.stderr.write('processor ' + Math.round((user + system) / 1000) + '\\n');
  });
`)}`;

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
    writeFileSync(join(home, 'text.md'), prose(2, 60_000));
    const env = { PATH: process.env['PATH'], PRECIS_HOME: join(home, 'state') };
    const program = join(home, 'node_modules', 'precis', 'dist', 'cli.js');
    const options = { cwd: home, env, encoding: 'utf8' } as const;
    assert.match(execFileSync(process.execPath, [program, 'note.md'], options), /P-77[\s\S]*note\.md:1/);
    // counted in the worker, which is found by its address
    writeFileSync(join(home, 'server.log'), log(3, 3_000_000));
    assert.match(execFileSync(process.execPath, [program, 'server.log'], options), /server\.log:\d+/);
    const { stderr } = spawnSync(process.execPath, ['--import', reportProcessorTime, program, 'text.md'], options);
    const milliseconds = Number(/^processor (\d+)$/m.exec(stderr)?.[1]);
    assert.ok(milliseconds < 1_000, `${milliseconds} ms of processor time for 60 KB offline`);
    assert.ok(existsSync(join(home, 'state', 'state', 'secret')));
  });
});
