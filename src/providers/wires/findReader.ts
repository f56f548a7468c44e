/** Applies `reader.ts` to what the server lists. */
import { endpoint } from '../endpoint.ts';
import type { ProviderConfig, ProviderDefinition, ProviderMemory } from '../provider.ts';
import { chooseReader, needsModelList } from './reader.ts';

/** After this, ms, the writer reads. */
const listTimeoutMs = 5000;

/** Lists by account. */
const lists = new WeakMap<ProviderMemory, Map<string, Promise<readonly string[]>>>();

/**
 * The reader for `config.model`. Asks a foreign server for its list once; the writer reads where it does not answer.
 * @param wanted `mapModel`: '' for the default, `same`, or an id
 */
export async function findReader(
  definition: ProviderDefinition,
  config: ProviderConfig,
  wanted: string,
  signal?: AbortSignal,
): Promise<string> {
  if (definition.reader) return definition.reader(config, wanted);
  const writer = config.model;
  if (!needsModelList(writer, wanted) || isVendorsOwn(definition, config.baseUrl)) {
    return chooseReader({ writer, wanted });
  }
  return chooseReader({
    writer,
    wanted,
    offered: await listIds(definition, config, signal),
  });
}

function isVendorsOwn({ defaultBaseUrl, id }: ProviderDefinition, baseUrl: string): boolean {
  if (defaultBaseUrl === undefined || id === 'openai-compatible') return false;
  return endpoint(baseUrl || defaultBaseUrl, '').host === endpoint(defaultBaseUrl, '').host;
}

function listIds(
  definition: ProviderDefinition,
  config: ProviderConfig,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const known = lists.get(config.memory) ?? new Map<string, Promise<readonly string[]>>();
  lists.set(config.memory, known);
  const key = `${definition.id}|${config.baseUrl}|${config.account}`;
  const limit = AbortSignal.timeout(listTimeoutMs);
  const asked =
    known.get(key) ??
    definition
      .listModels(config, signal ? AbortSignal.any([signal, limit]) : limit)
      .then((models) => models.map(({ id }) => id));
  known.set(key, asked);
  return asked.catch(() => {
    if (known.get(key) === asked) known.delete(key);
    return [];
  });
}
