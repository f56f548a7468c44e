/**
 * npm run test:model [-- --grep PATTERN]: the whole way in a real VS Code with a real model behind a real llama.cpp server.
 * Exit code 2, and a sentence, where server or weights cannot be had. Not part of npm test.
 */
import { ensureAll } from './lib/ensure.mjs';
import { ensureLlamaServer, ensureWeights } from './lib/localModel.mjs';
import { at, root, run, script, Told } from './lib/run.mjs';
import { runSuite } from './lib/suites.mjs';

await script(async (args) => {
  let server;
  let weights;
  try {
    [weights, server] = [await ensureWeights(), await ensureLlamaServer()];
  } catch (error) {
    if (!(error instanceof Told)) throw error;
    console.error(`The test with a real model can’t run: ${error.message}`);
    return 2;
  }
  await ensureAll();
  if ((await run(process.execPath, [at('.config/scripts/build.mjs')])) !== 0) throw new Told('The build failed.');
  const env = { PRECIS_LLAMA_SERVER: server, PRECIS_MODEL_WEIGHTS: weights, PRECIS_TEST_ROOT: root };
  return runSuite('model', args, env);
});
