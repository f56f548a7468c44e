/** Child processes for the scripts: plain JavaScript, nothing but Node's own modules. */
import { spawn } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
export const at = (...parts) => join(root, ...parts);

/** A failure that a person reads as one sentence; anything else is shown with its stack. */
export class Told extends Error {}

const live = new Set();
export const isWindows = process.platform === 'win32';

/** Ends a child with everything that it started. */
export function endTree(child, signal = 'SIGKILL') {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  try {
    if (isWindows) spawn('taskkill', ['/pid', String(child.pid), '/T', '/F'], { stdio: 'ignore' });
    else process.kill(-child.pid, signal);
  } catch {
    child.kill(signal);
  }
}

/**
 * Starts a program in a process group of its own, so that it can be ended whole; it never outlives this process.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 */
export function start(command, args, options = {}) {
  const child = spawn(command, [...args], { cwd: root, stdio: 'inherit', detached: !isWindows, ...options });
  live.add(child);
  child.once('close', () => live.delete(child));
  return child;
}

/** Runs a program to its end. Resolves to its exit code (128 when a signal ended it). */
export function run(command, args, options = {}) {
  return new Promise((done, fail) => {
    const child = start(command, args, options);
    child.once('error', fail);
    child.once('close', (code) => done(code ?? 128));
  });
}

/** Runs a program and keeps what it prints; standard error is joined in. */
export function capture(command, args, options = {}) {
  return new Promise((done, fail) => {
    const child = start(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const parts = [];
    child.stdout.on('data', (data) => parts.push(data));
    child.stderr.on('data', (data) => parts.push(data));
    child.once('error', fail);
    child.once('close', (code) => done({ code: code ?? 128, output: Buffer.concat(parts).toString('utf8') }));
  });
}

/** Runs npm quietly; its output is shown only when it fails. */
export async function npm(args, options = {}) {
  const cli = process.env['npm_execpath'];
  const own = cli && /npm-cli\.[cm]?js$/.test(cli);
  const [command, all] = own ? [process.execPath, [cli, ...args]] : [isWindows ? 'npm.cmd' : 'npm', args];
  const { code, output } = await capture(command, all, { shell: !own && isWindows, ...options });
  if (code !== 0) throw new Told(`npm ${args[0]} failed (exit code ${code}):\n${output.trim().slice(-3000)}`);
}

function endAll() {
  for (const child of live) endTree(child);
}
process.once('exit', endAll);
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
]) {
  process.once(signal, () => {
    endAll();
    process.exit(code);
  });
}

/** The frame of every script: errors as sentences, a proper exit code. */
export async function script(main) {
  try {
    process.exitCode = (await main(process.argv.slice(2))) ?? 0;
  } catch (error) {
    console.error(error instanceof Told ? error.message : error);
    process.exitCode = 1;
  }
}
