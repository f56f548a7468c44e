/**
 * npm test: everything, in two lanes side by side, and one closing line.
 * test.mjs long (npm run test:long): the same with the long cases and files, as before a release.
 * test.mjs SUITE [FILE…] [--grep PATTERN]: one suite, as `npm run test:unit` and its like do. Both end with the failed tests.
 */
import { ensureAll, ensureChromium, ensureModules } from './lib/ensure.mjs';
import { addOutcome, failureLines, noOutcome, recorded } from './lib/record.mjs';
import { at, capture, run, script, Told } from './lib/run.mjs';
import { runSuite, suites } from './lib/suites.mjs';

/** @typedef {{ title: string, npmScript: string, work: (launch: typeof run) => Promise<import('./lib/record.mjs').Outcome>, after?: string }} Step */

/**
 * A script that counts as one test.
 * @returns {Step}
 */
const scriptStep = (title, npmScript, name) => ({
  title,
  npmScript,
  work: async (launch) => {
    const passed = (await launch(process.execPath, [at('.config/scripts', name)])) === 0;
    return {
      passed: Number(passed),
      failed: Number(!passed),
      pending: 0,
      failures: passed ? [] : [{ title: 'ended with an error' }],
    };
  },
});

/**
 * @param {string} [after] script of the step that makes what the suite runs
 * @returns {Step}
 */
const suiteStep = (name, after) => ({
  title: suites[name].title,
  npmScript: `test:${name}`,
  after,
  work: (launch) => recorded((env) => runSuite(name, [], { ...env, PRECIS_TEST_BRIEF: '1' }, launch)),
});

/** In the order in which lanes take them: what others wait for first, then the longest; short ones fill the end. */
const steps = [
  scriptStep('build and package', 'package', 'package.mjs'),
  suiteStep('e2e', 'package'),
  suiteStep('vscode', 'package'),
  suiteStep('faults'),
  suiteStep('page'),
  suiteStep('integration'),
  scriptStep('check: types, lint, format', 'check', 'check.mjs'),
  suiteStep('package', 'package'),
  suiteStep('unit'),
];
/** The processors of a small machine; the suites that drive windows run two at a time within their lane. */
const lanes = 2;

const seconds = (from) => `${((performance.now() - from) / 1000).toFixed(0)} s`;

/** Runs a step with its output kept, so that two side by side do not mix, and prints all of it at the end. */
async function runStep({ title, work }) {
  const from = performance.now();
  const outputs = [];
  const outcome = await work(async (...program) => {
    const { code, output } = await capture(...program);
    outputs.push(output.trim());
    return code;
  });
  console.log(`\n── ${title}`);
  console.log(outputs.filter(Boolean).join('\n'));
  console.log(`── ${title}: ${outcome.passed} passed, ${outcome.failed} failed (${seconds(from)})`);
  return outcome;
}

/** Runs all steps, as many at a time as there are lanes. @returns {Promise<Map<Step, import('./lib/record.mjs').Outcome>>} */
async function runLanes() {
  const waiting = [...steps];
  const outcomes = new Map();
  const running = new Map();
  const isReady = ({ after }) => !after || [...outcomes.keys()].some(({ npmScript }) => npmScript === after);
  while (waiting.length > 0 || running.size > 0) {
    while (running.size < lanes && waiting.some(isReady)) {
      const [step] = waiting.splice(waiting.findIndex(isReady), 1);
      running.set(
        step,
        runStep(step).then((outcome) => {
          outcomes.set(step, outcome);
          running.delete(step);
        }),
      );
    }
    await Promise.race(running.values());
  }
  return outcomes;
}

function printFailures(npmScript, { failures }) {
  for (const failure of failures) console.log(failureLines(npmScript, failure).join('\n'));
}

async function runEverything() {
  await ensureAll();
  const began = performance.now();
  const outcomes = await runLanes();
  const total = [...outcomes.values()].reduce(addOutcome, noOutcome());
  console.log('');
  for (const [{ npmScript }, outcome] of outcomes) printFailures(npmScript, outcome);
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
  if (suite.build && (await run(process.execPath, [at('.config/scripts', suite.build)])) !== 0)
    throw new Told('The build failed.');
  const outcome = await recorded((env) => runSuite(name, args, env));
  printFailures(`test:${name}`, outcome);
  return outcome.failed === 0 ? 0 : 1;
}

await script(([name, ...args]) => {
  if (name === 'long') process.env['PRECIS_LONG'] = '1';
  return name === undefined || name === 'long' ? runEverything() : runOne(name, args);
});
