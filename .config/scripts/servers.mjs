/**
 * npm run test:servers [-- WORD [--grep CASE]]: real servers of other authors, each case in a real VS Code, and a table of what passed.
 * Installs them into a temporary folder, or into PRECIS_SERVERS_FOLDER, which stays. WORD: only servers whose names hold it.
 * Ends with 2 where a server cannot be had.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureAll } from './lib/ensure.mjs';
import { startOtherServers } from './lib/otherServers.mjs';
import { at, run, script, Told } from './lib/run.mjs';
import { runSuite } from './lib/suites.mjs';

async function startAll(folder, only) {
  try {
    return await startOtherServers(folder, only);
  } catch (error) {
    if (!(error instanceof Told)) throw error;
    console.error(error.message);
    return undefined;
  }
}

await script(async ([only, ...rest]) => {
  await ensureAll();
  if ((await run(process.execPath, [at('.config/scripts/build.mjs')])) !== 0) throw new Told('The build failed.');
  const kept = process.env['PRECIS_SERVERS_FOLDER'];
  if (kept) mkdirSync(kept, { recursive: true });
  const folder = kept || mkdtempSync(join(tmpdir(), 'precis-servers-'));
  try {
    const started = await startAll(folder, only);
    if (started === undefined) return 2;
    if (started.servers.length === 0) throw new Told(`No server’s name holds “${only}”.`);
    try {
      return await runSuite('servers', rest, { PRECIS_SERVERS: JSON.stringify(started.servers) });
    } finally {
      await started.stop();
    }
  } finally {
    if (!kept) rmSync(folder, { recursive: true, force: true });
  }
});
