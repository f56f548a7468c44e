/** npm run package:cli: out/precis-VERSION.tgz, the command line and the MCP server as a package without dependencies. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureModules } from './lib/ensure.mjs';
import { at, capture, script, Told } from './lib/run.mjs';

const folder = at('out', 'cli');
/** Entries that the command starts from; the worker is loaded by its address. */
const entries = ['dist/cli.js', 'dist/worker.js'];

/** All files of the build that the entries reach, also by lazy imports. */
function reached() {
  const found = new Set(entries);
  for (const file of found) {
    const text = readFileSync(at(file), 'utf8');
    for (const [, specifier] of text.matchAll(/["'](\.\.?\/[\w./-]+\.js)["']/g)) {
      const path = join(dirname(file), specifier).replaceAll('\\', '/');
      // A library may name a file that it never loads here.
      if (existsSync(at(path))) found.add(path);
    }
  }
  return [...found];
}

await script(async (args) => {
  await ensureModules();
  if (!args.includes('--built')) {
    const { build } = await import(pathToFileURL(at('esbuild.config.mjs')).href);
    await build({ production: true, quiet: true });
  }
  const manifest = JSON.parse(readFileSync(at('package.json'), 'utf8'));
  rmSync(folder, { recursive: true, force: true });
  for (const file of reached()) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(at(file), join(folder, file));
  }
  for (const file of ['README.md', 'LICENSE']) cpSync(at(file), join(folder, file));
  const own = {
    name: manifest.name,
    version: manifest.version,
    description: 'Summarizes files, folders and logs of any size, with citations to lines.',
    license: manifest.license,
    type: 'module',
    bin: { precis: 'dist/cli.js' },
    engines: { node: manifest.engines.node },
    files: ['dist'],
  };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(own, undefined, 2)}\n`);
  const { code, output } = await capture('npm', ['pack', '--pack-destination', at('out')], { cwd: folder });
  if (code !== 0) throw new Told(output.trim());
  console.log(at('out', output.trim().split('\n').at(-1)));
  return 0;
});
