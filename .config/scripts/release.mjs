/**
 * npm run release: out/release/ with the package, its digest, its bill of materials and the notes; nothing is published.
 * The package is built twice, in two copies of what is committed, and both must be the same bytes.
 * The same bytes serve the Visual Studio Marketplace and Open VSX.
 *   --dirty     also with changes that are not committed: for a try
 *   --publish   exits 1 with the reasons while the galleries would refuse the package, else prints the two publish commands
 */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ensureModules } from './lib/ensure.mjs';
import { publishingProblems } from './lib/galleries.mjs';
import { at, capture, run, script, Told } from './lib/run.mjs';
import { changesOf, isPreRelease } from './lib/version.mjs';

const folder = at('out', 'release');
/** Of unlike length and depth: a path that gets into the package shows. */
const places = [at('out', 'once'), at('out', 'twice', 'elsewhere')];

async function git(...args) {
  const { code, output } = await capture('git', args, { cwd: at() });
  if (code !== 0) throw new Told(`git ${args[0]} failed:\n${output.trim()}`);
  return output;
}

async function checkCommitted(dirty) {
  const changes = (await git('status', '--porcelain')).trim();
  if (changes && !dirty) throw new Told(`There are changes that are not committed:\n${changes}`);
}

/** Hard links: the same files under another path, at no cost. */
function linkTree(from, to) {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkTree(source, target);
    else if (entry.isSymbolicLink()) cpSync(source, target, { verbatimSymlinks: true });
    else linkSync(source, target);
  }
}

/** What is committed (or, for a try, all that is not ignored) in a place of its own, with the same dependencies. */
function copyTo(target, from, names) {
  rmSync(target, { recursive: true, force: true });
  for (const name of names.filter((one) => existsSync(join(from, one)))) {
    mkdirSync(dirname(join(target, name)), { recursive: true });
    copyFileSync(join(from, name), join(target, name));
  }
  linkTree(at('node_modules'), join(target, 'node_modules'));
  if (existsSync(at('.vscode-test'))) symlinkSync(at('.vscode-test'), join(target, '.vscode-test'), 'junction');
}

async function packageIn(root, name) {
  const code = await run(process.execPath, [join(root, '.config', 'scripts', 'package.mjs')], { cwd: root });
  if (code !== 0) throw new Told(`The package could not be made in ${root}.`);
  return readFileSync(join(root, name));
}

function firstDifference(one, other) {
  const length = Math.min(one.length, other.length);
  let at = 0;
  while (at < length && one[at] === other[at]) at += 1;
  return `${one.length} and ${other.length} bytes, the first difference at ${at}`;
}

await script(async (args) => {
  await ensureModules();
  const manifest = JSON.parse(readFileSync(at('package.json'), 'utf8'));
  const problems = publishingProblems(manifest, at());
  if (args.includes('--publish') && problems.length > 0) {
    throw new Told(`This version cannot be published:\n${problems.map((problem) => `- ${problem}`).join('\n')}`);
  }
  const { version } = manifest;
  const pre = isPreRelease(version);
  const changes = changesOf(version);
  const dirty = args.includes('--dirty');
  await checkCommitted(dirty);
  const name = `${manifest.name}-${version}.vsix`;
  const listed = await git('ls-files', '-z', ...(dirty ? ['--cached', '--others', '--exclude-standard'] : []));
  const names = listed.split('\0').filter(Boolean);
  copyTo(places[0], at(), names);
  copyTo(places[1], places[0], names);
  const first = await packageIn(places[0], name);
  const second = await packageIn(places[1], name);
  if (!first.equals(second)) throw new Told(`Two builds are not the same: ${firstDifference(first, second)}.`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const digest = createHash('sha256').update(first).digest('hex');
  writeFileSync(join(folder, name), first);
  writeFileSync(join(folder, `${name}.sha256`), `${digest}  ${name}\n`);
  copyFileSync(join(places[0], 'dist', 'sbom.cdx.json'), join(folder, `${manifest.name}-${version}.sbom.cdx.json`));
  for (const place of [at('out', 'once'), at('out', 'twice')]) rmSync(place, { recursive: true, force: true });
  writeFileSync(join(folder, 'NOTES.md'), `${changes.text}\n`);
  console.log(
    `\n${version}, ${pre ? 'a pre-release' : 'a release'} of ${changes.date}: two builds, the same bytes\nsha256 ${digest}\n${folder}`,
  );
  for (const problem of problems) console.log(`Before publishing: ${problem}`);
  if (args.includes('--publish')) {
    console.log(`Publish with:\n  npx @vscode/vsce publish --packagePath ${name}\n  npx ovsx publish ${name}`);
  }
  return 0;
});
