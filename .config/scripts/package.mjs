/** npm run package: precis-VERSION.vsix, the same bytes from the same sources; dist/ then holds this build alone. */
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureModules, ensureNode } from './lib/ensure.mjs';
import { billOfMaterials, bundledPackages, noticesText } from './lib/notices.mjs';
import { at, capture, script, Told } from './lib/run.mjs';
import { isPreRelease } from './lib/version.mjs';

const largest = 4_000_000;
/** Zip knows no time before 1980; any fixed one does. */
const fixedTime = '1577836800';

async function buildForPackage() {
  const { build } = await import(pathToFileURL(at('esbuild.config.mjs')).href);
  const { inputs } = await build({ production: true, alone: true });
  const manifest = JSON.parse(readFileSync(at('package.json'), 'utf8'));
  const packages = bundledPackages(inputs);
  writeFileSync(at('dist', 'ThirdPartyNotices.txt'), noticesText(packages));
  writeFileSync(at('dist', 'sbom.cdx.json'), `${JSON.stringify(billOfMaterials(packages, manifest), undefined, 2)}\n`);
  return manifest;
}

/** The archive keeps file modes, and those depend on who checked out and built. */
function plainModes() {
  const folders = ['dist', 'media'].map((name) => at(name)).filter((path) => existsSync(path));
  const inside = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const top = readdirSync(at(), { withFileTypes: true }).filter(
    (entry) => entry.isFile() && /\.(json|md)$|^LICENSE$/.test(entry.name),
  );
  for (const path of [...inside, ...top.map((entry) => at(entry.name))]) chmodSync(path, 0o644);
}

async function pack(node, manifest) {
  plainModes();
  const file = at(`${manifest.name}-${manifest.version}.vsix`);
  rmSync(file, { force: true });
  const env = { ...process.env, SOURCE_DATE_EPOCH: fixedTime, TZ: 'UTC', NODE_NO_WARNINGS: '1' };
  const { code, output } = await capture(
    node,
    [
      at('node_modules/@vscode/vsce/vsce'),
      'package',
      '--no-dependencies',
      ...(isPreRelease(manifest.version) ? ['--pre-release'] : []),
      // Without a home on the web, relative links of the README have nothing to resolve against.
      ...(manifest.repository ? [] : ['--allow-missing-repository', '--no-rewrite-relative-links']),
      ...['--out', file],
    ],
    { env },
  );
  if (code !== 0) throw new Told(output.trim());
  return file;
}

await script(async () => {
  await ensureModules();
  const node = await ensureNode();
  const manifest = await buildForPackage();
  const file = await pack(node, manifest);
  const { size } = statSync(file);
  const digest = createHash('sha256').update(readFileSync(file)).digest('hex');
  console.log(`${file}\n${(size / 1e6).toFixed(2)} MB, sha256 ${digest}`);
  if (size > largest) throw new Told(`The package is larger than ${largest / 1e6} MB.`);
  return 0;
});
