/** Finds a run's reader: the rule of `reader.ts` with what the server lists. */
import { endpoint } from './endpoint.ts';
import type { ProviderConfig, ProviderDefinition, ProviderMemory } from './provider.ts';
import { chooseReader, needsModelList } from './reader.ts';

/** The run waits this long for a server's list, then the writer reads. */
const listTimeoutMs = 5000;

/** Lists by account, for as long as the window's memory lives. */
const lists = new WeakMap<ProviderMemory, Map<string, Promise<readonly string[]>>>();

/**
 * Resolves to the id of the model that reads for `config.model`. A server other than the vendor's own is asked for its list
 * once; where it does not answer, the writer reads. Never rejects for the list's sake.
 * @param wanted value of `mapModel`: '' for the default, `same`, or an id
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
