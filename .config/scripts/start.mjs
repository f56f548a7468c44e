/** npm start [-- FILE]: VS Code for a person, with Précis loaded: the desktop program if there is one, else in the browser. */
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureHost, ensureModules, ensureNode, findProgram } from './lib/ensure.mjs';
import { at, isWindows, run, script } from './lib/run.mjs';

function desktop() {
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) return undefined;
  const names = ['code', 'code-insiders', 'codium'];
  return findProgram(isWindows ? names.map((name) => `${name}.cmd`) : names);
}

await script(async (args) => {
  await ensureModules();
  const node = await ensureNode();
  const { build } = await import(pathToFileURL(at('esbuild.config.mjs')).href);
  await build({ quiet: true });
  const file = args[0]
    ? resolve(process.env['INIT_CWD'] ?? process.cwd(), args[0])
    : at('test', 'fixtures', 'sample.md');
  const program = desktop();
  if (program) {
    console.log(`Opening ${program} …`);
    return run(program, [`--extensionDevelopmentPath=${at()}`, '--new-window', dirname(file), file], {
      shell: isWindows,
    });
  }
  await ensureHost();
  return run(node, [at('test/support/host/serve.ts'), file], { env: { ...process.env, NODE_NO_WARNINGS: '1' } });
});
