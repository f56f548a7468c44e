/** Keeps what the manifest says of providers equal to the table in `src/providers/index.ts`: choices and groups of settings. */
import { build } from 'esbuild';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
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

async function loadTable(root, plugins) {
  const folder = await mkdtemp(join(tmpdir(), 'precis-providers-'));
  try {
    const outfile = join(folder, 'providers.cjs');
    const entryPoints = [join(root, 'src/providers/index.ts')];
    await build({ entryPoints, bundle: true, format: 'cjs', platform: 'node', outfile, logLevel: 'silent', plugins });
    return createRequire(outfile)(outfile);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Puts entries before the key that `isNext` accepts, in place. */
function insert(object, entries, isNext) {
  const all = Object.entries(object);
  const at = all.findIndex(([key]) => isNext(key));
  all.splice(at < 0 ? all.length : at, 0, ...entries);
  for (const key of Object.keys(object)) delete object[key];
  Object.assign(object, Object.fromEntries(all));
}

const keysOf = (group, names) => names.map((name) => `precis.${group}.${name}`);

function addGroup(manifest, properties, names, { settings: group, defaultBaseUrl = '' }) {
  const entries = keysOf(group, names).map((key, i) => {
    const like = properties[`precis.openai.${names[i]}`];
    const { order } = properties['precis.openaiCompatible.mapModel'];
    const markdownDescription = `%config.${group}.${names[i]}%`;
    return [key, { ...like, default: names[i] === 'baseUrl' ? defaultBaseUrl : '', order, markdownDescription }];
  });
  insert(properties, entries, (key) => key === 'precis.vscode.model');
  const { restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
  const at = restrictedConfigurations.indexOf('precis.vscode.model');
  restrictedConfigurations.splice(at, 0, ...keysOf(group, names.slice(1)));
}

/** Writes the descriptions of a group like those of OpenAI's, in the file's language. */
function describeGroup(texts, names, { settings: group, label }) {
  const entries = names.map((name) => {
    const text = texts[`config.openai.${name}`].replaceAll('OpenAI', label);
    return [`config.${group}.${name}`, text.replaceAll('precis.openai.', `precis.${group}.`)];
  });
  insert(texts, entries, (key) => key === 'config.openaiCompatible.baseUrl');
}

/**
 * Adds new providers to the manifest: a choice of `precis.provider`, and settings for address and models if the table names a
 * group. Removes choices of providers that are gone.
 */
export async function syncProviders(root) {
  const file = join(root, 'package.json');
  const manifest = JSON.parse(await readFile(file, 'utf8'));
  const { properties } = [manifest.contributes.configuration]
    .flat()
    .find((group) => group.properties['precis.provider']);
  const setting = properties['precis.provider'];
  const { groupSettings, providerIds, providerFacts } = await loadTable(root, [withoutAdapters]);
  const ids = ['auto', ...providerIds];
  const lacksGroup = ({ settings }) => settings !== undefined && !(`precis.${settings}.model` in properties);
  const added = providerIds.filter((id) => !setting.enum.includes(id) || lacksGroup(providerFacts[id]));
  if (added.length === 0 && ids.join() === setting.enum.join()) return;
  const { loadProvider } = added.length > 0 ? await loadTable(root, []) : {};
  const providers = await Promise.all(added.map((id) => loadProvider(id, {})));
  const labels = new Map(providers.map(({ id, label }) => [id, label]));
  const keep = (key, other) => ids.map((id) => setting[key][setting.enum.indexOf(id)] ?? other(id));
  setting.markdownEnumDescriptions = keep('markdownEnumDescriptions', () => '');
  setting.enumItemLabels = keep('enumItemLabels', (id) => labels.get(id) ?? id);
  setting.enum = ids;
  const groups = providers.filter(lacksGroup);
  for (const provider of groups) addGroup(manifest, properties, groupSettings, provider);
  await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`);
  if (groups.length === 0) return;
  for (const name of (await readdir(root)).filter((one) => /^package\.nls(?:\..+)?\.json$/.test(one))) {
    const texts = JSON.parse(await readFile(join(root, name), 'utf8'));
    for (const provider of groups) describeGroup(texts, groupSettings, provider);
    await writeFile(join(root, name), `${JSON.stringify(texts, null, 2)}\n`);
  }
}
