/** Installs and starts servers of other authors; each program has a folder of its own and ends with this process. */
import { createServer } from 'node:net';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './ensure.mjs';
import { capture, endTree, isWindows, npm, start, Told } from './run.mjs';

/** Fills an empty folder, whole or not at all; returns it. */
async function installOnce(folder, spec, note, install) {
  const marker = join(folder, '.complete');
  if (existsSync(marker)) return folder;
  console.log(`Installing ${spec} into ${folder}${note} …`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await install();
  writeFileSync(marker, '');
  return folder;
}

/**
 * Installs a Python package.
 * @param {string} folder
 * @param {string} spec such as `litellm==1.108.7`
 * @param {{ programs?: boolean, note?: string, env?: NodeJS.ProcessEnv }} [options] programs: with what it depends on, as an
 *   environment whose programs are in the folder that is returned; otherwise the package alone, for its files
 * @returns {Promise<string>} folder of the programs or of the files
 * @throws Told where it cannot be installed
 */
export async function installPython(folder, spec, { programs = false, note = '', env = {} } = {}) {
  const bin = join(folder, isWindows ? 'Scripts' : 'bin');
  await installOnce(folder, spec, note, async () => {
    const python = findProgram(isWindows ? ['python.exe', 'py.exe'] : ['python3', 'python']);
    if (!python) throw new Told(`Python is needed to install ${spec}.`);
    const pip = async (command, args) => {
      const { code, output } = await capture(command, ['-m', ...args], { env: { ...process.env, ...env } });
      if (code !== 0) throw new Told(`${spec} could not be installed: ${output.trim().split('\n').at(-1)}`);
    };
    if (!programs) return pip(python, ['pip', 'install', '--quiet', '--no-deps', '--target', folder, spec]);
    await pip(python, ['venv', folder]);
    await pip(join(bin, isWindows ? 'python.exe' : 'python'), ['pip', 'install', '--quiet', spec]);
  });
  return programs ? bin : folder;
}

/** Installs a package from npm. @returns {Promise<string>} the folder with `node_modules` */
export const installNode = (folder, spec) =>
  installOnce(folder, spec, '', async () => {
    writeFileSync(join(folder, 'package.json'), '{"private":true}');
    await npm(['install', '--no-audit', '--no-fund', '--ignore-scripts', spec], { cwd: folder });
  });

/** @returns {Promise<number>} a port that is free now */
export function freePort() {
  return new Promise((done, fail) => {
    const probe = createServer().once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

/**
 * Starts a server and waits until it answers with success at `url`, or with any status if `anyStatus`.
 * @param {string} name for messages
 * @param {{ command: string, args: readonly string[], url: string, maxMs: number, anyStatus?: boolean }} server
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<{ log: () => string, stop: () => Promise<void> }>}
 * @throws Told where it ends before, or is silent for `maxMs`
 */
export async function startServer(name, { command, args, url, maxMs, anyStatus = false }, options) {
  const child = start(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (log = (log + data).slice(-200_000)));
  child.once('error', (error) => (log += String(error)));
  const ended = new Promise((done) => child.once('close', done));
  const stop = async () => {
    endTree(child);
    await ended;
  };
  const until = performance.now() + maxMs;
  while (!(await answers(url, anyStatus))) {
    const hasEnded = child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
    if (hasEnded || performance.now() > until) {
      if (!hasEnded) await stop();
      throw new Told(`${name} did not start: ${log.trim().split('\n').at(-1)}`);
    }
    await new Promise((next) => setTimeout(next, 100));
  }
  return { log: () => log, stop };
}

async function answers(url, anyStatus) {
  try {
    const response = await fetch(url);
    await response.text();
    return response.ok || anyStatus;
  } catch {
    return false;
  }
}
