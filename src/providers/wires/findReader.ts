/** Applies `reader.ts` to the models that the server lists. */
import type { ChatModel } from '../../engine/model.ts';
import { parseEndpoint } from '../endpoint.ts';
import type { Provider } from '../index.ts';
import type { ProviderConfig, ProviderMemory } from '../provider.ts';
import { chooseReader, needsModelList } from './reader.ts';

/** Time limit of the list, ms; then the writer reads. */
const listTimeoutMs = 5000;

/** Lists by account. */
const lists = new WeakMap<ProviderMemory, Map<string, Promise<readonly string[]>>>();

/**
 * Finds the reader for `config.model`. Asks a foreign server for its list once; if it does not answer, the writer reads.
 * @param wanted `mapModel`: '' for the default, `same`, or an id
 */
export async function findReader(
  definition: Provider,
  config: ProviderConfig,
  wanted: string,
  signal?: AbortSignal,
): Promise<string> {
  if (definition.reader) return definition.reader(config, wanted);
  const reader = await listedReader(definition, config, wanted, signal);
  return wanted === '' && isMissing(config.memory, config.account, reader) ? config.model : reader;
}

/** Time for which a missing default reader is not tried again at a host. */
const missingMs = 7 * 86_400_000;
const missingKey = (account: string, reader: string): string => `${account} lacks ${reader}`;

function isMissing(memory: ProviderMemory, account: string, reader: string): boolean {
  const at = memory.get(missingKey(account, reader));
  return typeof at === 'number' && Date.now() - at < missingMs;
}

/** Remembers for a week that a host lacks a reader, so that the writer reads. */
export function forgetReader(memory: ProviderMemory, { account, model }: Pick<ChatModel, 'account' | 'model'>): void {
  memory.set(missingKey(account, model), Date.now());
}

async function listedReader(
  definition: Provider,
  config: ProviderConfig,
  wanted: string,
  signal: AbortSignal | undefined,
): Promise<string> {
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

function isVendorsOwn({ defaultBaseUrl, id }: Provider, baseUrl: string): boolean {
  if (defaultBaseUrl === undefined || id === 'openai-compatible') return false;
  return parseEndpoint(baseUrl || defaultBaseUrl, '').host === parseEndpoint(defaultBaseUrl, '').host;
}

function listIds(
  definition: Provider,
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
