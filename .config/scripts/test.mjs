/**
 * npm test: everything, and one closing line.
 * test.mjs SUITE [FILE…] [--grep PATTERN]: one suite, as `npm run test:unit` and its like do. Both end with the failed tests.
 */
import { ensureAll, ensureChromium, ensureModules } from './lib/ensure.mjs';
import { addOutcome, failureLines, noOutcome, recorded } from './lib/record.mjs';
import { at, run, script, Told } from './lib/run.mjs';
import { runSuite, suites } from './lib/suites.mjs';

const own = (name, ...args) => run(process.execPath, [at('.config/scripts', name), ...args]);
const brief = { PRECIS_TEST_BRIEF: '1' };

/** A script that counts as one test. */
const scriptStep = (title, npmScript, ...command) => ({
  title,
  npmScript,
  work: async () => {
    const passed = (await own(...command)) === 0;
    return { passed: Number(passed), failed: Number(!passed), pending: 0, failures: passed ? [] : [{ title }] };
  },
});

const suiteStep = (name) => ({
  title: suites[name].title,
  npmScript: `test:${name}`,
  work: () => recorded((env) => runSuite(name, [], { ...env, ...brief })),
});

const steps = [
  scriptStep('check: types, lint, format', 'check', 'check.mjs'),
  suiteStep('unit'),
  suiteStep('integration'),
  suiteStep('faults'),
  scriptStep('build', 'build', 'build.mjs'),
  suiteStep('page'),
  suiteStep('vscode'),
  suiteStep('e2e'),
  scriptStep('package, installed and run once', 'test:package', 'package.mjs', '--try'),
];

const seconds = (from) => `${((performance.now() - from) / 1000).toFixed(0)} s`;

function printFailures(npmScript, { failures }) {
  for (const failure of failures) console.log(failureLines(npmScript, failure).join('\n'));
}

async function runEverything() {
  await ensureAll();
  const began = performance.now();
  const total = noOutcome();
  const outcomes = [];
  for (const { title, npmScript, work } of steps) {
    const from = performance.now();
    console.log(`\n── ${title}`);
    const outcome = await work();
    outcomes.push([npmScript, outcome]);
    addOutcome(total, outcome);
    console.log(`── ${title}: ${outcome.passed} passed, ${outcome.failed} failed (${seconds(from)})`);
  }
  console.log('');
  for (const [npmScript, outcome] of outcomes) printFailures(npmScript, outcome);
  const skipped = total.pending > 0 ? `, ${total.pending} skipped` : '';
  console.log(seconds(began));
  console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
  return total.failed === 0 ? 0 : 1;
}

async function runOne(name, args) {
  const suite = suites[name];
  if (!suite) throw new Told(`There is no suite ${name}: ${Object.keys(suites).join(', ')}.`);
  await ensureModules();
  if (suite.browser) await ensureChromium();
  if (suite.host) await ensureAll();
  if (suite.build && (await own('build.mjs')) !== 0) throw new Told('The build failed.');
  const outcome = await recorded((env) => runSuite(name, args, env));
  printFailures(`test:${name}`, outcome);
  return outcome.failed === 0 ? 0 : 1;
}

await script(([name, ...args]) => (name === undefined ? runEverything() : runOne(name, args)));
