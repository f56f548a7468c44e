/** npm run build, npm run watch: installs what is missing, then builds into dist/. */
import { pathToFileURL } from 'node:url';
import { ensureModules } from './lib/ensure.mjs';
import { at, script, Told } from './lib/run.mjs';

await script(async (args) => {
  await ensureModules();
  const { build, watch } = await import(pathToFileURL(at('esbuild.config.mjs')).href);
  if (args.includes('--watch')) {
    await watch();
    return;
  }
  try {
    await build({ production: !args.includes('--development') });
  } catch (error) {
    throw new Told(error.message);
  }
});
