import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Price } from '../contributions.ts';
import { ModelError, type ChatModel } from '../engine/model.ts';
import { findVariable } from '../host/environment.ts';
import { hash } from '../host/hash.ts';
import { getCatalogPrice } from '../providers/catalog.ts';
import { parseEndpoint } from '../providers/endpoint.ts';
import { findReader } from '../providers/wires/findReader.ts';
import { loadProvider, type Provider } from '../providers/index.ts';
import { withLearnedLimits } from '../providers/learnedLimits.ts';
import { chooseFirstWriter, type ProviderConfig, type ProviderMemory } from '../providers/provider.ts';
import { resolveConsent } from '../host/consent.ts';
import { createProxyFetch } from './proxyFetch.ts';
import type { CliSettings } from './settings.ts';

const run = promisify(execFile);
const keyCommandTimeoutMs = 30_000;

/** Settings point text or a key to a host without consent; the message says what to do. */
export class ConsentError extends Error {
  override readonly name = 'ConsentError';
}

/** Models of a run with prices. */
export interface CliModels {
  readonly model: ChatModel;
  readonly mapModel: ChatModel;
  /** Connection of `mapModel`. */
  readonly config: ProviderConfig;
  /** USD per million tokens; absent if unknown. */
  readonly price?: Price;
  readonly mapPrice?: Price;
  /** Whether the reader is the catalog's choice, not the user's. */
  readonly isDefaultReader?: true;
  readonly flex?: true;
}

interface ModelsInput {
  readonly settings: CliSettings;
  readonly env: NodeJS.ProcessEnv;
  readonly memory: ProviderMemory;
  readonly signal: AbortSignal;
}

/**
 * Returns the models of a run; undefined offline.
 * @throws ConsentError for a host that is not named, the provider's own or this machine
 * @throws ModelError for a wrong address, a missing key, a server without models
 */
export async function chooseModels(input: ModelsInput): Promise<CliModels | undefined> {
  const { settings, memory, signal } = input;
  if (settings.provider === 'offline') return undefined;
  const definition = await loadProvider(settings.provider, {});
  const baseUrl = settings.baseUrl || definition.defaultBaseUrl || '';
  const target = parseEndpoint(baseUrl, '');
  const isOwn =
    definition.defaultBaseUrl !== undefined && parseEndpoint(definition.defaultBaseUrl, '').host === target.host;
  const isAllowed = settings.allowHosts.includes(target.host) || settings.allowHosts.includes(target.hostname);
  const destination = { provider: definition.id, host: target.host, loopback: target.loopback, official: isOwn };
  const consent = { get: () => (isAllowed ? ('send' as const) : undefined), set: () => Promise.resolve() };
  const facts = { destination, namedBy: 'command-line', storedKey: false, interactive: false } as const;
  if ((await resolveConsent(facts, consent, () => Promise.resolve(undefined))) !== 'send') {
    throw new ConsentError(`Text would go to ${target.host}. Allow it with --allow-host ${target.hostname}.`);
  }
  const apiKey = await findKey(input, definition);
  if (definition.needsKey && !apiKey) {
    const variable = definition.keyVariable ?? 'PRECIS_API_KEY';
    throw new ModelError({ kind: 'auth', message: `No API key for ${definition.label}: set ${variable}.` });
  }
  const config: ProviderConfig = {
    baseUrl,
    apiKey,
    model: settings.model,
    contextWindow: settings.contextWindow,
    fetch: createProxyFetch(input.env),
    account: hash(`${definition.id}\n${baseUrl}\n${apiKey}`).slice(0, 16),
    memory,
    ...(settings.serviceTier === 'flex' ? { serviceTier: 'flex' as const } : {}),
  };
  const name = settings.model || (await findFirstModel(definition, config, signal));
  const mapName = await findReader(definition, { ...config, model: name }, settings.mapModel, signal);
  const create = async (model: string): Promise<ChatModel> =>
    withLearnedLimits(await definition.create({ ...config, model }), memory);
  const model = await create(name);
  const priced = async (of: ChatModel): Promise<Price | undefined> => {
    const told = settings.prices[of.model] ? undefined : (await of.limits(signal).catch(() => undefined))?.listPrice;
    // local models are free, whatever the same name costs elsewhere
    return settings.prices[of.model] ?? (told?.input === 0 ? told : (getCatalogPrice(of.model) ?? told));
  };
  const mapModel = mapName === name ? model : await create(mapName);
  const [price, mapPrice] = await Promise.all([priced(model), priced(mapModel)]);
  return {
    model,
    mapModel,
    config: { ...config, model: mapName },
    ...(price ? { price } : {}),
    ...(mapPrice ? { mapPrice } : {}),
    ...(settings.mapModel === '' && mapModel !== model ? { isDefaultReader: true as const } : {}),
    ...(model.flex ? { flex: model.flex } : {}),
  };
}

/** Key from the configured command, else the environment; '' if none. */
async function findKey({ settings, env }: ModelsInput, definition: Provider): Promise<string> {
  const [program, ...args] = settings.keyCommand ?? [];
  if (program) {
    const { stdout } = await run(program, args, { timeout: keyCommandTimeoutMs, windowsHide: true }).catch(() => {
      // omit the command's output: it may contain the key
      throw new ModelError({ kind: 'auth', message: `The key command "${program}" failed.` });
    });
    return stdout.trim();
  }
  const own = env[definition.keyVariable ?? 'PRECIS_API_KEY']?.trim() ?? '';
  if (own !== '' || definition.id !== 'openai-compatible' || settings.baseUrl === '') return own;
  const at = parseEndpoint(settings.baseUrl, '');
  const variable = new URL(at.base).protocol === 'https:' ? findVariable(at.host) : undefined;
  return variable === undefined ? '' : (env[variable]?.trim() ?? '');
}

async function findFirstModel(definition: Provider, config: ProviderConfig, signal: AbortSignal): Promise<string> {
  const models = await definition.listModels(config, signal);
  const first = chooseFirstWriter(models);
  if (!first) throw new ModelError({ kind: 'no-model', message: 'The server lists no model. Name one with --model.' });
  return first.id;
}
