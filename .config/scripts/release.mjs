/**
 * npm run release: out/release/ with the package, its digest, its bill of materials and the notes; nothing is published.
 * The package is built twice, here and in a copy of what is committed, and both must be the same bytes.
 *   --dirty   also with changes that are not committed: for a try
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
import { at, capture, run, script, Told } from './lib/run.mjs';
import { changesOf, isPreRelease } from './lib/version.mjs';

const folder = at('out', 'release');
const copy = at('out', 'second');

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

/** The tracked files in a place of their own, with the same dependencies. */
async function copyOfTracked(dirty) {
  rmSync(copy, { recursive: true, force: true });
  for (const name of (await git('ls-files', '-z', ...(dirty ? ['--cached', '--others', '--exclude-standard'] : [])))
    .split('\0')
    .filter(Boolean)) {
    if (!existsSync(at(name))) continue;
    mkdirSync(dirname(join(copy, name)), { recursive: true });
    copyFileSync(at(name), join(copy, name));
  }
  linkTree(at('node_modules'), join(copy, 'node_modules'));
  if (existsSync(at('.vscode-test'))) symlinkSync(at('.vscode-test'), join(copy, '.vscode-test'), 'junction');
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
  const { version } = manifest;
  const pre = isPreRelease(version);
  const changes = changesOf(version);
  const dirty = args.includes('--dirty');
  await checkCommitted(dirty);
  const name = `${manifest.name}-${version}.vsix`;
  const first = await packageIn(at(), name);
  await copyOfTracked(dirty);
  const second = await packageIn(copy, name);
  rmSync(copy, { recursive: true, force: true });
  if (!first.equals(second)) throw new Told(`Two builds are not the same: ${firstDifference(first, second)}.`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const digest = createHash('sha256').update(first).digest('hex');
  writeFileSync(join(folder, name), first);
  writeFileSync(join(folder, `${name}.sha256`), `${digest}  ${name}\n`);
  copyFileSync(at('dist', 'sbom.cdx.json'), join(folder, `${manifest.name}-${version}.sbom.cdx.json`));
  writeFileSync(join(folder, 'NOTES.md'), `${changes.text}\n`);
  console.log(
    `\n${version}, ${pre ? 'a pre-release' : 'a release'} of ${changes.date}: two builds, the same bytes\nsha256 ${digest}\n${folder}`,
  );
  return 0;
});
