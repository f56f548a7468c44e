/** npm run test:unit [-- FILE…] */
import { ensureModules } from './lib/ensure.mjs';
import { script } from './lib/run.mjs';
import { unit } from './lib/suites.mjs';

await script(async (args) => {
  await ensureModules();
  return unit(args);
});
