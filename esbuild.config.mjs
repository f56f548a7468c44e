/**
 * The builds: extension (small lazy chunks), worker, the panel's page, the web extension, and tests for the extension host.
 *   node esbuild.config.mjs [--watch]      scripts import `build`, `watch` and `buildTests`.
 */
import { build as bundle, context } from 'esbuild';
import { existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { syncProviders } from './.config/scripts/lib/providers.mjs';

const root = dirname(fileURLToPath(import.meta.url));
const has = (path) => existsSync(join(root, path));

/** Bytes that are loaded before the first use: the main chunk and all that it imports statically. */
export const mainBudget = 60_000;

/** CommonJS dependencies inside ESM output ask for `require`. */
const requireBanner = {
  js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
};

const common = (production) => ({
  absWorkingDir: root,
  bundle: true,
  metafile: true,
  minify: production,
  sourcemap: production ? false : 'linked',
  legalComments: 'none',
  logLevel: 'silent',
  define: { 'process.env.NODE_ENV': production ? '"production"' : '"development"' },
});

/** A browser has no Node: what asks for a part of it, in a branch that is not taken there, gets an empty one. */
const withoutNode = {
  name: 'without-node',
  setup(plugin) {
    const names = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));
    plugin.onResolve({ filter: /^[a-z_/:0-9]+$/ }, ({ path }) =>
      names.has(path) ? { path, namespace: 'no-node' } : undefined,
    );
    plugin.onLoad({ filter: /.*/, namespace: 'no-node' }, () => ({ contents: 'module.exports = {};', loader: 'js' }));
  },
};

/** Libraries for PDF and Word are twice as large as all the rest: a browser does without them. */
const withoutDocuments = {
  name: 'without-documents',
  setup(plugin) {
    plugin.onResolve({ filter: /^(unpdf|mammoth)$/ }, ({ path }) => ({ path, namespace: 'apart' }));
    plugin.onLoad({ filter: /.*/, namespace: 'apart' }, ({ path }) => ({
      contents: `throw new Error(${JSON.stringify(`${path} is not in a browser`)});`,
      loader: 'js',
    }));
  },
};

function webParts(shared) {
  const web = {
    ...shared,
    outdir: 'dist/web',
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    platform: 'browser',
    target: 'es2023',
    external: ['vscode'],
    define: { ...shared.define, global: 'globalThis' },
  };
  return [{ ...web, entryPoints: { extension: 'src/extension.ts' }, plugins: [withoutDocuments, withoutNode] }];
}

function parts(production) {
  const shared = common(production);
  const list = [];
  const entries = { extension: 'src/extension.ts', worker: 'src/text/worker.ts', cli: 'src/cli/main.ts' };
  list.push({
    ...shared,
    entryPoints: Object.fromEntries(Object.entries(entries).filter(([, path]) => has(path))),
    outdir: 'dist',
    chunkNames: 'chunks/[name]-[hash]',
    format: 'esm',
    splitting: true,
    platform: 'node',
    target: 'node22',
    external: ['vscode'],
    banner: requireBanner,
  });
  const page = 'src/webview/main.ts';
  if (has(page)) {
    const styles = 'src/webview/main.css';
    const apart = has(styles) && !/import\s+'[^']+\.css'/.test(readFileSync(join(root, page), 'utf8'));
    list.push({
      ...shared,
      entryPoints: apart ? [page, styles] : [page],
      outdir: 'dist/webview',
      format: 'iife',
      platform: 'browser',
      target: 'es2023',
    });
  }
  // Nothing loads it while developing, and it would double the time of a rebuild.
  if (production) list.push(...webParts(shared));
  return list.filter((part) => Object.keys(part.entryPoints).length > 0);
}

/** Every output that is loaded together with `file`, itself included. */
function staticClosure(outputs, file, seen = new Set()) {
  const output = outputs[file];
  if (!output || seen.has(file)) return seen;
  seen.add(file);
  for (const next of output.imports) {
    if (next.kind === 'import-statement' && !next.external) staticClosure(outputs, next.path, seen);
  }
  return seen;
}

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;

/** @returns {{ mainBytes: number, mainFiles: string[], outputs: Record<string, number>, inputs: string[] }} */
function figures(results) {
  const outputs = Object.assign({}, ...results.map((result) => result.metafile.outputs));
  const mainFiles = [...staticClosure(outputs, 'dist/extension.js')];
  return {
    mainBytes: mainFiles.reduce((sum, file) => sum + outputs[file].bytes, 0),
    mainFiles,
    outputs: Object.fromEntries(Object.entries(outputs).map(([file, output]) => [file, output.bytes])),
    inputs: [...new Set(results.flatMap((result) => Object.keys(result.metafile.inputs)))].sort(),
  };
}

function report(sizes, started) {
  for (const [file, bytes] of Object.entries(sizes.outputs)) {
    if (!file.endsWith('.map') && (!file.includes('/chunks/') || bytes > 100_000))
      console.log(`  ${kilobytes(bytes).padStart(10)}  ${file}`);
  }
  const total = Object.entries(sizes.outputs).reduce(
    (sum, [file, bytes]) => sum + (file.endsWith('.map') ? 0 : bytes),
    0,
  );
  console.log(
    `  ${kilobytes(total).padStart(10)}  in all; loaded at activation: ${kilobytes(sizes.mainBytes)} of ${kilobytes(mainBudget)}`,
  );
  console.log(`  built in ${Math.round(performance.now() - started)} ms`);
}

/**
 * Takes away what earlier builds left, once it is old: a window that runs meanwhile still loads chunks of its own build.
 * @param {number} olderThanMs 0: all of it, so that dist/ holds this build alone
 */
function removeOthers(outputs, olderThanMs) {
  const keep = new Set(outputs.map((file) => join(root, file)));
  for (const entry of readdirSync(join(root, 'dist'), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || keep.has(path)) continue;
    if (olderThanMs === 0 || Date.now() - statSync(path).mtimeMs > olderThanMs) rmSync(path, { force: true });
  }
}

/**
 * Builds everything that exists into dist/. Throws when the budget of the main chunk is exceeded in production.
 * @param {{ production?: boolean, quiet?: boolean, alone?: boolean }} [options] alone: nothing of an earlier build stays
 */
export async function build({ production = true, quiet = false, alone = false } = {}) {
  const started = performance.now();
  await syncProviders(root);
  const results = await Promise.all(parts(production).map((part) => bundle(part)));
  const sizes = figures(results);
  removeOthers(Object.keys(sizes.outputs), alone ? 0 : 15 * 60_000);
  if (!quiet) report(sizes, started);
  if (production && sizes.mainBytes > mainBudget) {
    const detail = sizes.mainFiles.map((file) => `  ${kilobytes(sizes.outputs[file])} ${file}`).join('\n');
    throw new Error(
      `The main chunk is over its budget: ${kilobytes(sizes.mainBytes)} of ${kilobytes(mainBudget)}\n${detail}`,
    );
  }
  return sizes;
}

/** Says when a build starts and ends, in the words that the problem matcher of tasks.json looks for. */
const reporter = {
  name: 'reporter',
  setup(plugin) {
    let started = 0;
    plugin.onStart(() => {
      started = performance.now();
      console.log('[watch] build started');
    });
    plugin.onEnd((result) => {
      for (const { text, location } of result.errors) {
        console.error(`✘ [ERROR] ${text}`);
        if (location) console.error(`    ${location.file}:${location.line}:${location.column}:`);
      }
      console.log(`[watch] build finished in ${Math.round(performance.now() - started)} ms`);
    });
  },
};

export async function watch() {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const contexts = await Promise.all(parts(false).map((part) => context({ ...part, plugins: [reporter] })));
  await Promise.all(contexts.map((one) => one.watch()));
  return () => Promise.all(contexts.map((one) => one.dispose()));
}

/**
 * Bundles test files for the extension host into out/, each beside its like: test/vscode/a.test.ts → out/test/vscode/a.test.js.
 * Packages stay outside: they are found in node_modules, as when tests run straight from TypeScript.
 * @param {readonly string[]} files paths relative to the root
 */
export async function buildTests(files) {
  for (const folder of ['out/test', 'out/chunks']) rmSync(join(root, folder), { recursive: true, force: true });
  await bundle({
    ...common(false),
    entryPoints: files.map((file) => ({ in: join(root, file), out: relative('.', file).replace(/\.ts$/, '') })),
    outdir: 'out',
    chunkNames: 'chunks/[name]-[hash]',
    format: 'esm',
    splitting: true,
    platform: 'node',
    target: 'node22',
    packages: 'external',
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--watch')) await watch();
  else await build({ production: !process.argv.includes('--development') });
}
