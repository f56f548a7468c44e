/** npm run test:electron [-- FILE…]: the suite of the extension host in a desktop VS Code. */
import { ensureModules, ensureNode } from './lib/ensure.mjs';
import { at, run, script, Told } from './lib/run.mjs';
import { bundleSuite, filesOf, splitArguments } from './lib/suites.mjs';

await script(async (args) => {
  await ensureModules();
  const node = await ensureNode();
  const code = await run(process.execPath, [at('.config/scripts/build.mjs')]);
  if (code !== 0) throw new Told('The build failed.');
  const bundles = await bundleSuite(filesOf('vscode', splitArguments(args).files));
  return run(node, [at('test/support/host/electron.ts'), ...bundles], {
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
});
