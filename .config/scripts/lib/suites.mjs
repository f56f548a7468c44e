/** The test suites: one table of what each runs, and one function that runs any of them. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureNode } from './ensure.mjs';
import { at, root, run, Told } from './run.mjs';

const longWindows =
  'batch batchBefore beyond chat commands finished kill lessHost panel panels restore templates twoWindows'.split(' ');

/**
 * folders   where its test files are; a file elsewhere belongs to another suite
 * options   mocha's
 * build     script that makes what it runs
 * browser   needs a Chromium
 * host      needs VS Code and a Chromium
 * inside    runs inside an extension host, not in a process of its own
 * long      files that run before a release alone (PRECIS_LONG=1), or when named
 */
export const suites = {
  unit: {
    title: 'unit tests',
    folders: ['test/unit'],
    options: ['--timeout', '10000', '--parallel', '--jobs', '2'],
  },
  integration: {
    title: 'integration: HTTP, workers, adapters, large inputs',
    folders: ['test/integration'],
    options: ['--timeout', '20000', '--exit', '--parallel', '--jobs', '2'],
  },
  faults: {
    title: 'faults, load and hostile input',
    folders: ['test/faults', 'test/fuzz'],
    options: ['--timeout', '120000', '--slow', '5000', '--exit', '--node-option', 'expose-gc'],
  },
  page: {
    title: "the panel's page in a browser",
    folders: ['test/webview'],
    options: ['--timeout', '120000', '--slow', '5000', '--exit'],
    browser: true,
  },
  vscode: { title: 'tests inside VS Code', folders: ['test/vscode'], build: 'build.mjs', host: true, inside: true },
  e2e: {
    title: 'the window as a user drives it',
    folders: ['test/e2e'],
    // a window waits most of its time: two take little more than one
    options: ['--timeout', '240000', '--slow', '20000', '--exit', '--parallel', '--jobs', '2'],
    build: 'build.mjs',
    host: true,
    long: longWindows.map((name) => `test/e2e/${name}.test.ts`),
  },
  servers: {
    title: 'servers of other authors',
    folders: ['test/servers'],
    build: 'build.mjs',
    host: true,
    inside: true,
  },
  model: {
    title: 'a real model behind a real server',
    folders: ['test/model'],
    build: 'build.mjs',
    host: true,
    inside: true,
  },
  package: {
    title: 'the package, installed and run once',
    folders: ['test/package'],
    options: ['--timeout', '240000', '--slow', '60000', '--exit'],
    build: 'package.mjs',
    host: true,
  },
};

/** Test files under a folder, sorted, relative to the root. Node 20 has no glob. */
export function testFiles(folder, suffix = '.test.ts') {
  const found = [];
  const visit = (path) => {
    if (!existsSync(path)) return;
    for (const name of readdirSync(path).sort()) {
      const child = join(path, name);
      if (statSync(child).isDirectory()) visit(child);
      else if (name.endsWith(suffix)) found.push(relative(root, child).replaceAll('\\', '/'));
    }
  };
  visit(at(folder));
  return found;
}

/** Name of the suite that a file belongs to, or undefined. */
export function suiteOf(file) {
  return Object.keys(suites).find((name) => suites[name].folders.some((folder) => file.startsWith(`${folder}/`)));
}

const isFolder = (arg) => /^\.{0,2}\/?test\/./.test(arg) && existsSync(arg) && statSync(arg).isDirectory();

/**
 * Splits a command line into test files, folders of them included, and mocha's options.
 * @returns {{ files: string[], rest: string[] }} files relative to the root
 * @throws Told where a file is missing or outside the repository
 */
export function splitArguments(args) {
  const isFile = (arg) => arg.endsWith('.ts') || isFolder(arg);
  const files = args.filter(isFile).flatMap((name) => {
    const path = relative(root, resolve(name)).replaceAll('\\', '/');
    if (path.startsWith('..') || !existsSync(at(path))) throw new Told(`${name} is no file of this repository.`);
    return isFolder(name) ? testFiles(path) : [path];
  });
  return { files, rest: args.filter((arg) => !isFile(arg)) };
}

/** The files of a suite: those named, else all but the long ones. */
export function filesOf(name, named = []) {
  const { folders, long = [] } = suites[name];
  const strange = named.find((file) => suiteOf(file) !== name);
  if (strange) throw new Told(`${strange} belongs to the suite ${suiteOf(strange) ?? '(none)'}, not to ${name}.`);
  if (named.length > 0) return named;
  const all = folders.flatMap((folder) => testFiles(folder));
  return process.env['PRECIS_LONG'] ? all : all.filter((file) => !long.includes(file));
}

/** Bundles test files for an extension host; paths of the bundles. */
export async function bundleSuite(files) {
  const { buildTests } = await import(pathToFileURL(at('esbuild.config.mjs')).href);
  await buildTests(['test/vscode/index.ts', ...files]);
  return files.map((file) => at('out', file.replace(/\.ts$/, '.js')));
}

/** The pattern behind --grep or -g, or undefined. */
function patternOf(rest) {
  const found = rest.findIndex((arg) => /^(--grep|-g)(=|$)/.test(arg));
  if (found < 0) return undefined;
  return rest[found].includes('=') ? rest[found].slice(rest[found].indexOf('=') + 1) : rest[found + 1];
}

/**
 * Runs one suite; what it needs must be installed and built.
 * @param {keyof typeof suites} name
 * @param {readonly string[]} args test files, and mocha's options
 * @param {NodeJS.ProcessEnv} [env] added to this process's environment
 * @param {(command: string, args: string[], options: object) => Promise<number>} [launch] runs a program to its end
 * @returns {Promise<number>} exit code
 */
export async function runSuite(name, args = [], env = {}, launch = run) {
  const { files: named, rest } = splitArguments(args);
  const files = filesOf(name, named);
  if (files.length === 0) return 0;
  const node = await ensureNode();
  // Compiled modules are kept between runs: half of what loading them costs.
  const cache = { NODE_COMPILE_CACHE: at('node_modules', '.cache', 'node-compile') };
  const options = { env: { NODE_NO_WARNINGS: '1', ...cache, ...process.env, ...env } };
  if (!suites[name].inside) {
    const mocha = [at('node_modules/mocha/bin/mocha.js'), '--reporter', at('.config/scripts/lib/reporter.mjs')];
    return launch(node, [...mocha, ...suites[name].options, ...rest, ...files], options);
  }
  const pattern = patternOf(rest);
  if (pattern !== undefined) options.env['PRECIS_TEST_GREP'] = pattern;
  return launch(node, [at('test/support/host/suite.ts'), ...(await bundleSuite(files))], options);
}
