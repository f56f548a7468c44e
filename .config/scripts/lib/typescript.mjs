/** Scripts that are TypeScript under test/: run straight by Node 24, with the extension built and what they need installed. */
import { existsSync } from 'node:fs';
import { ensureAll, ensureModules, ensureNode } from './ensure.mjs';
import { at, run, script, Told } from './run.mjs';

/**
 * @param {string} file relative to the root
 * @param {{ build?: boolean, host?: boolean }} [needs] a built extension; a VS Code and a browser
 */
export function runTypeScript(file, { build = false, host = false } = {}) {
  return script(async (args) => {
    if (!existsSync(at(file))) throw new Told(`${file} is missing.`);
    await ensureModules();
    if (host) await ensureAll();
    if (build && (await run(process.execPath, [at('.config/scripts/build.mjs')])) !== 0)
      throw new Told('The build failed.');
    return run(await ensureNode(), [at(file), ...args], { env: { ...process.env, NODE_NO_WARNINGS: '1' } });
  });
}
