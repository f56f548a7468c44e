/** The suites, each as one function that resolves to an exit code. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureNode } from './ensure.mjs';
import { at, root, run, Told } from './run.mjs';

/** Test files under a folder, in a fixed order, relative to the root. Works on Node 20, which has no glob. */
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

/** Files named on the command line, else all of the folder. */
function chosen(folder, given) {
  if (given.length === 0) return testFiles(folder);
  return given.map((name) => {
    const path = relative(root, resolve(name)).replaceAll('\\', '/');
    if (path.startsWith('..')) throw new Told(`${name} is not in this repository.`);
    return path;
  });
}

async function mocha(files, options) {
  if (files.length === 0) return 0;
  const node = await ensureNode();
  const args = [
    at('node_modules/mocha/bin/mocha.js'),
    '--reporter',
    at('.config/scripts/lib/reporter.mjs'),
    ...options,
    ...files,
  ];
  return run(node, args, { env: { ...process.env, NODE_NO_WARNINGS: '1' } });
}

const split = (args) => ({
  files: args.filter((arg) => arg.endsWith('.ts')),
  rest: args.filter((arg) => !arg.endsWith('.ts')),
});

export function unit(args = []) {
  const { files, rest } = split(args);
  return mocha(chosen('test/unit', files), ['--timeout', '10000', ...rest]);
}

/** Faults, load and hostile input over real HTTP, outside VS Code. */
export function faults(args = []) {
  const { files, rest } = split(args);
  const chosenFiles = files.length
    ? chosen('test/faults', files)
    : [...testFiles('test/faults'), ...testFiles('test/fuzz')];
  return mocha(chosenFiles, ['--timeout', '120000', '--slow', '5000', '--exit', '--node-option', 'expose-gc', ...rest]);
}

/** The panel's page alone, in a browser. */
export function page(args = []) {
  const { files, rest } = split(args);
  return mocha(chosen('test/webview', files), ['--timeout', '120000', '--slow', '5000', '--exit', ...rest]);
}

/** Every command, reload and kill at each moment: many windows one after the other, so they run before a release (`PRECIS_LONG=1`). */
const long = ['batch', 'batchBefore', 'chat', 'commands', 'finished', 'kill', 'panel', 'restore', 'twoWindows'].map(
  (name) => `test/e2e/${name}.test.ts`,
);

/** The panel, and everything else that a person sees, in a real VS Code. A window that a busy machine held up gets a second try. */
export function e2e(args = []) {
  const { files, rest } = split(args);
  const all = chosen('test/e2e', files);
  const picked = files.length || process.env['PRECIS_LONG'] ? all : all.filter((file) => !long.includes(file));
  return mocha(picked, ['--retries', '1', '--timeout', '240000', '--slow', '20000', '--exit', ...rest]);
}

/** Test files bundled for an extension host; paths of the bundles. */
export async function bundleSuite(args = []) {
  const files = chosen('test/vscode', split(args).files);
  const { buildTests } = await import(pathToFileURL(at('esbuild.config.mjs')).href);
  await buildTests(['test/vscode/index.ts', ...files]);
  return files.map((file) => at('out', file.replace(/\.ts$/, '.js')));
}

export async function vscode(args = []) {
  const bundles = await bundleSuite(args);
  return run(await ensureNode(), [at('test/support/host/suite.ts'), ...bundles], {
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
}
