/**
 * npm test: everything, and one closing line. `test.mjs vscode|e2e|page|faults [FILE…]` runs one suite,
 * as `npm run test:vscode` and `npm run test:e2e` do.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureAll } from './lib/ensure.mjs';
import { at, run, script } from './lib/run.mjs';
import * as suites from './lib/suites.mjs';

const own = (name, ...args) => run(process.execPath, [at('.config/scripts', name), ...args]);

/** A step that is not made of tests counts as one. */
const steps = [
  ['check: types, lint, format', 'one', () => own('check.mjs')],
  ['unit tests', 'counted', () => suites.unit()],
  ['faults, load and hostile input', 'counted', () => suites.faults()],
  ['build', 'one', () => own('build.mjs')],
  ["the panel's page in a browser", 'counted', () => suites.page()],
  ['tests inside VS Code', 'counted', () => suites.vscode()],
  ['the whole way in VS Code', 'counted', () => suites.e2e()],
  ['package, installed and run once', 'one', () => own('package.mjs', '--try')],
];

function counted(file) {
  const sum = { passed: 0, failed: 0, pending: 0 };
  if (!existsSync(file)) return sum;
  for (const line of readFileSync(file, 'utf8').trim().split('\n').filter(Boolean)) {
    const counts = JSON.parse(line);
    for (const key of Object.keys(sum)) sum[key] += counts[key] ?? 0;
  }
  return sum;
}

async function everything() {
  const folder = mkdtempSync(join(tmpdir(), 'precis-test-'));
  const began = performance.now();
  const total = { passed: 0, failed: 0, pending: 0 };
  try {
    for (const [index, [title, kind, work]] of steps.entries()) {
      const file = join(folder, `${index}.jsonl`);
      const from = performance.now();
      console.log(`\n── ${title}`);
      process.env['PRECIS_TEST_COUNTS'] = file;
      const code = await work();
      const counts =
        kind === 'one' ? { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, pending: 0 } : counted(file);
      // A suite that ended badly without a failed test did not run to its end.
      if (code !== 0 && counts.failed === 0) counts.failed = 1;
      for (const key of Object.keys(total)) total[key] += counts[key];
      console.log(
        `── ${title}: ${counts.passed} passed, ${counts.failed} failed (${((performance.now() - from) / 1000).toFixed(0)} s)`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const skipped = total.pending > 0 ? `, ${total.pending} skipped` : '';
  console.log(`\n${((performance.now() - began) / 1000).toFixed(0)} s`);
  console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
  return total.failed === 0 ? 0 : 1;
}

await script(async (args) => {
  await ensureAll();
  const [suite, ...rest] = args;
  if (!['vscode', 'e2e', 'page', 'faults'].includes(suite)) return everything();
  const code = await own('build.mjs');
  return code === 0 ? suites[suite](rest) : code;
});
