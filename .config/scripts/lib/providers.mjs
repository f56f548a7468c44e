/** Keeps the choices of the setting `precis.provider` in package.json equal to the table in `src/providers/index.ts`. */
import { build } from 'esbuild';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Adapters are loaded on demand, so the table is read without them. */
const withoutAdapters = {
  name: 'without-adapters',
  setup(plugin) {
    plugin.onResolve({ filter: /.*/ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    );
  },
};

/** @returns {Promise<readonly string[]>} the ids in the order of the table */
async function readProviderIds(root) {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'src/providers/index.ts')],
    bundle: true,
    format: 'esm',
    write: false,
    logLevel: 'silent',
    plugins: [withoutAdapters],
  });
  const table = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
  return table.providerIds;
}

/** Adds the ids of new providers to the setting, with their id as label, and removes those of old ones. */
export async function syncProviders(root) {
  const file = join(root, 'package.json');
  const manifest = JSON.parse(await readFile(file, 'utf8'));
  const groups = [manifest.contributes.configuration].flat();
  const setting = groups.find(({ properties }) => properties['precis.provider']).properties['precis.provider'];
  const ids = ['auto', ...(await readProviderIds(root))];
  if (ids.join() === setting.enum.join()) return;
  const keep = (key, other) => ids.map((id) => setting[key][setting.enum.indexOf(id)] ?? other(id));
  setting.markdownEnumDescriptions = keep('markdownEnumDescriptions', () => '');
  setting.enumItemLabels = keep('enumItemLabels', (id) => id);
  setting.enum = ids;
  await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`);
}
