/**
 * npm run test:hosts [-- HOST… FILE…]: the window tests in each kind of host, and a table of what passed.
 * Hosts: newest, 1.105.1, without-chat, without-models, without-keys, browser. A file is named without its folder and ending,
 * as in `npm run test:hosts -- 1.105.1 smoke`. Output of a failed file is kept in out/hosts.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { ensureAll, hosts as versions } from './lib/ensure.mjs';
import { recorded } from './lib/record.mjs';
import { at, capture, run, script, Told } from './lib/run.mjs';
import { runSuite } from './lib/suites.mjs';

const e2e = (...names) => names.map((name) => `test/e2e/${name}.test.ts`);
const everywhere = e2e('smoke', 'window', 'folders', 'safety');
const [newest, oldest] = Object.keys(versions);

/** @type {Record<string, { env: Record<string, string>, files: string[] }>} */
const hosts = {
  newest: { env: { PRECIS_HOST_VERSION: newest }, files: [...everywhere, ...e2e('settings', 'keys', 'lessHost')] },
  [oldest]: {
    env: { PRECIS_HOST_VERSION: oldest },
    files: [...everywhere, ...e2e('settings', 'keys', 'lessHost', 'web')],
  },
  'without-chat': { env: { PRECIS_HOST_LACKS: 'chat' }, files: [...everywhere, ...e2e('settings')] },
  'without-models': { env: { PRECIS_HOST_LACKS: 'models' }, files: [...everywhere, ...e2e('settings')] },
  // The key that settings.test.ts enters cannot be kept there; lessHost.test.ts has the refusal.
  'without-keys': { env: { PRECIS_HOST_LACKS: 'keys' }, files: everywhere },
  browser: { env: {}, files: e2e('web') },
};

async function runFile(host, file) {
  const { env } = hosts[host];
  const outputs = [];
  const outcome = await recorded((recording) =>
    runSuite('e2e', [file], { ...recording, ...env }, async (...program) => {
      const { code, output } = await capture(...program);
      outputs.push(output);
      return code;
    }),
  );
  console.log(`${host}, ${basename(file)}: ${outcome.passed} passed, ${outcome.failed} failed`);
  if (outcome.failed > 0) {
    mkdirSync(at('out/hosts'), { recursive: true });
    writeFileSync(at('out/hosts', `${host}-${basename(file)}.log`), outputs.join('\n'));
  }
  return outcome;
}

/** Prints a row a host and a column a file: tests passed of all, or a dash where it was not run. */
function printTable(results) {
  const files = [...new Set([...results.values()].flatMap((row) => [...row.keys()]))];
  console.log(`\n| host | ${files.map(titleOf).join(' | ')} |`);
  console.log(`| --- |${files.map(() => ' ---: |').join('')}`);
  for (const [host, row] of results) {
    const cells = files.map((file) => {
      const outcome = row.get(file);
      return outcome ? `${outcome.passed}/${outcome.passed + outcome.failed}` : '–';
    });
    console.log(`| ${host} | ${cells.join(' | ')} |`);
  }
}

const titleOf = (file) => basename(file, '.test.ts');

/**
 * The cells of the table that a command line names: all hosts without a host, all files without a file.
 * @throws Told where a name is neither
 */
function chooseCells(args) {
  const files = new Set(Object.values(hosts).flatMap((host) => host.files.map(titleOf)));
  const strange = args.find((name) => !hosts[name] && !files.has(name));
  if (strange)
    throw new Told(
      `${strange} is neither a host (${Object.keys(hosts).join(', ')}) nor a file (${[...files].join(', ')}).`,
    );
  const named = args.filter((name) => hosts[name]);
  const wanted = args.filter((name) => files.has(name));
  return {
    names: named.length > 0 ? named : Object.keys(hosts),
    chosen: (file) => wanted.length === 0 || wanted.includes(titleOf(file)),
  };
}

await script(async (args) => {
  const { names, chosen } = chooseCells(args);
  if ((await run(process.execPath, [at('.config/scripts/build.mjs')])) !== 0) throw new Told('The build failed.');
  const results = new Map();
  for (const name of names) {
    const { PRECIS_HOST_VERSION: version } = hosts[name].env;
    if (version) process.env['PRECIS_HOST_VERSION'] = version;
    else delete process.env['PRECIS_HOST_VERSION'];
    await ensureAll();
    results.set(name, new Map());
    for (const file of hosts[name].files.filter(chosen)) results.get(name).set(file, await runFile(name, file));
  }
  printTable(results);
  return [...results.values()].some((row) => [...row.values()].some(({ failed }) => failed > 0)) ? 1 : 0;
});
