/**
 * npm run test:repeat -- [--times 10] [--load] [SUITE|FILE…] [--grep PATTERN]: runs suites again and again, and prints how
 * often each test failed. Without names all suites; the output of a failed run is kept in out/repeat.
 *   --load   beside two busy processes
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { ensureAll } from './lib/ensure.mjs';
import { recorded, sourceOf } from './lib/record.mjs';
import { at, capture, endTree, run, script, start, Told } from './lib/run.mjs';
import { runSuite, splitArguments, suiteOf, suites } from './lib/suites.mjs';

/** @returns {{ times: number, load: boolean, rest: string[] }} */
function readOptions(args) {
  const rest = [...args];
  const found = rest.indexOf('--times');
  const times = found < 0 ? 10 : Number(rest.splice(found, 2)[1]);
  if (!Number.isInteger(times) || times < 1) throw new Told('--times takes a whole number of at least 1.');
  const load = rest.includes('--load');
  return { times, load, rest: rest.filter((arg) => arg !== '--load') };
}

/** The suites to run, each with its own arguments. */
function plan(rest) {
  const names = rest.filter((arg) => arg in suites);
  const { files, rest: options } = splitArguments(rest.filter((arg) => !(arg in suites)));
  const plans = new Map(names.map((name) => [name, options]));
  for (const name of new Set(files.map(suiteOf))) {
    if (!name) throw new Told(`${files.find((file) => !suiteOf(file))} belongs to no suite.`);
    plans.set(name, [...files.filter((file) => suiteOf(file) === name), ...options]);
  }
  return plans.size > 0 ? plans : new Map(Object.keys(suites).map((name) => [name, options]));
}

function printTable(counts, failures, times) {
  console.log(`\n| test | failures of ${times} |\n| --- | ---: |`);
  for (const [test, count] of failures) console.log(`| ${test} | ${count} |`);
  for (const [name, { runs, failed, tests }] of counts) {
    console.log(`| ${name}: all ${tests} tests in ${runs} runs | ${failed} |`);
  }
}

async function runOnce(name, args, number, counts, failures) {
  const outputs = [];
  const from = performance.now();
  const outcome = await recorded((env) =>
    runSuite(name, args, env, async (...program) => {
      const { code, output } = await capture(...program);
      outputs.push(output);
      return code;
    }),
  );
  const count = counts.get(name) ?? { runs: 0, failed: 0, tests: 0 };
  counts.set(name, {
    runs: count.runs + 1,
    failed: count.failed + outcome.failed,
    tests: Math.max(count.tests, outcome.passed + outcome.failed),
  });
  for (const { file, title } of outcome.failures) {
    const test = `${file ? sourceOf(file) : name}: ${title}`;
    failures.set(test, (failures.get(test) ?? 0) + 1);
  }
  const took = ((performance.now() - from) / 1000).toFixed(0);
  console.log(`run ${number}, ${name}: ${outcome.passed} passed, ${outcome.failed} failed (${took} s)`);
  if (outcome.failed === 0) return;
  mkdirSync(at('out/repeat'), { recursive: true });
  writeFileSync(at(`out/repeat/${name}-${number}.log`), outputs.join('\n'));
}

await script(async (args) => {
  const { times, load, rest } = readOptions(args);
  const plans = plan(rest);
  await ensureAll();
  for (const name of new Set([...plans.keys()].map((suite) => suites[suite].build).filter(Boolean))) {
    if ((await run(process.execPath, [at('.config/scripts', name)])) !== 0) throw new Told('The build failed.');
  }
  const busy = load ? [1, 2].map(() => start(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' })) : [];
  const counts = new Map();
  const failures = new Map();
  try {
    for (let number = 1; number <= times; number++) {
      for (const [name, own] of plans) await runOnce(name, own, number, counts, failures);
    }
  } finally {
    for (const child of busy) endTree(child);
  }
  printTable(counts, failures, times);
  return failures.size === 0 ? 0 : 1;
});
