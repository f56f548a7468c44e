/** Servers compatible with Chat Completions, local and hosted. Detects Ollama, and falls back to other wires. */
import { ModelError, type ChatModel, type ModelLimits } from '../engine/model.ts';
import { askModel, isMissing, type Wire } from './wires/askModel.ts';
import { briefly, createCachedQuery } from './cachedQuery.ts';
import { findCatalogEntry, getCatalogLimits } from './catalog.ts';
import { send, type Json } from './http.ts';
import { getSettled } from './limits.ts';
import { createOllama, isOllama, listOllama } from './ollama.ts';
import { createChatWire, listRawModels, openAiAccess, createResponsesWire, type OpenAiAccess } from './openaiClient.ts';
import { createMemoryKey } from './wires/parameters.ts';
import { forgetProbes } from './wires/probe.ts';
import type { ModelInfo, ProviderConfig, ProviderDefinition } from './provider.ts';
import { askWindow, requestModelInfo } from './wires/serverWindow.ts';

/** Possible wires, in order. */
const dialects = ['ollama', 'chat', 'responses'] as const;
type Dialect = (typeof dialects)[number];

/** Creates a model without a request; the server is queried at first use. */
function create(config: ProviderConfig): ChatModel {
  if (config.model === '') {
    throw new ModelError({
      kind: 'no-model',
      code: 'no-model-chosen',
    });
  }
  const access = openAiAccess(config);
  const wireKey = createMemoryKey(config, access.at.base, 'wire');
  const found = createCachedQuery((signal) => choose(config, access, wireKey, signal));
  return {
    provider: 'openai-compatible',
    model: config.model,
    host: access.at.host,
    account: config.account,
    limits: async (signal) => (await found.get(signal)).model.limits(signal),
    async *stream(call, signal) {
      for (;;) {
        const { dialect, model } = await found.get(signal);
        try {
          yield* model.stream(call, signal);
          return;
        } catch (error) {
          const next = dialects[dialects.indexOf(dialect) + 1];
          if (!isMissing(error) || next === undefined) throw error;
          config.log?.(`${access.at.host} does not have the wire of ${dialect}; going on with ${next}`);
          config.memory.set(wireKey, next);
          found.forget();
        }
      }
    },
  };
}

async function choose(
  config: ProviderConfig,
  access: OpenAiAccess,
  wireKey: string,
  signal: AbortSignal,
): Promise<{ dialect: Dialect; model: ChatModel }> {
  const known = dialects.find((dialect) => dialect === config.memory.get(wireKey));
  if (known !== undefined && known !== 'ollama') {
    return { dialect: known, model: createModel(config, access, known, false) };
  }
  const ollama = isHosted(access.at.hostname) ? 'no' : await isOllama(config, access, signal);
  return ollama === 'yes'
    ? { dialect: 'ollama', model: createOllama(config, access) }
    : { dialect: 'chat', model: createModel(config, access, 'chat', ollama === 'silent') };
}

/** Time limit for the first answer of a silent server, ms. */
const silentMs = 60_000;

/** Whether the host cannot be the user's own Ollama. */
function isHosted(hostname: string): boolean {
  return /(?:^|\.)(?:openrouter\.ai|groq\.com|azure\.com|mistral\.ai|deepseek\.com|googleapis\.com|openai\.com|together\.xyz|fireworks\.ai|x\.ai|cerebras\.ai|huggingface\.co|github\.ai|api\.aws)$/i.test(
    hostname,
  );
}

/** @param silent whether the server answers nothing but calls */
function createModel(
  config: ProviderConfig,
  access: OpenAiAccess,
  dialect: 'chat' | 'responses',
  silent: boolean,
): ChatModel {
  const { base, host } = access.at;
  const limits = getSettled(config, base, (signal) => askLimits(config, access, silent, signal));
  const plain =
    dialect === 'chat' ? createChatWire(config, access, base, false) : createResponsesWire(config, access, base, false);
  const wire = silent ? impatient(plain) : plain;
  return {
    provider: 'openai-compatible',
    model: config.model,
    host,
    account: config.account,
    limits: limits.get,
    async *stream(call, signal) {
      yield* askModel(config, wire, await limits.get(signal), call, signal);
    },
  };
}

/** Requires the first answer to begin within a minute. */
function impatient(wire: Wire): Wire {
  let proven = false;
  return {
    ...wire,
    open: async (body: Json, signal: AbortSignal) => {
      if (proven) return wire.open(body, signal);
      const response = await briefly(wire.host, signal, (brief) => wire.open(body, brief), silentMs);
      proven = true;
      return response;
    },
  };
}

async function askLimits(
  config: ProviderConfig,
  access: OpenAiAccess,
  silent: boolean,
  signal: AbortSignal,
): Promise<ModelLimits> {
  const guess = getCatalogLimits(config.model, access.at.loopback);
  const told = config.contextWindow > 0 || silent ? undefined : await askWindow(config, access, signal);
  if (told === undefined) return guess;
  const { contextWindow, slots, listPrice, parameters, reportsReading } = told;
  const maxOutputTokens =
    told.maxOutputTokens ?? Math.max(guess.maxOutputTokens, Math.min(16_384, Math.floor(contextWindow / 4)));
  return {
    ...guess,
    contextWindow,
    maxOutputTokens,
    known: true,
    ...(slots === undefined ? {} : { slots }),
    ...(reportsReading ? { reportsReading } : {}),
    ...(listPrice ? { listPrice } : {}),
    ...(parameters === undefined ? {} : { parameters }),
  };
}

async function listModels(config: ProviderConfig, signal: AbortSignal): Promise<readonly ModelInfo[]> {
  const access = openAiAccess(config);
  forgetProbes(config.memory);
  if (!isHosted(access.at.hostname) && (await isOllama(config, access, signal)) === 'yes') {
    return listOllama(access, signal);
  }
  const rows = hasNoList(access) ? [] : await listRawModels(access, signal);
  return rows
    .map(requestModelInfo)
    .filter((info) => info !== undefined)
    .map((info) => withCatalog(info, access.at.loopback));
}

function withCatalog(info: ModelInfo, loopback: boolean): ModelInfo {
  return info.limits === undefined && findCatalogEntry(info.id) !== undefined
    ? { ...info, limits: getCatalogLimits(info.id, loopback) }
    : info;
}

/** Vertex has no list of models at this address: the user types the name, and the first answer checks the key. */
function hasNoList({ at }: OpenAiAccess): boolean {
  return /(?:^|[.-])aiplatform\.googleapis\.com$/i.test(at.hostname);
}

async function checkKey(config: ProviderConfig, signal: AbortSignal): Promise<void> {
  const access = openAiAccess(config);
  // OpenRouter lists models without a key, so the list does not check it.
  const isOpenRouter = /(?:^|\.)openrouter\.ai$/.test(access.at.hostname);
  const url = isOpenRouter ? `${access.at.base}/key` : access.modelsUrl;
  if (hasNoList(access)) return;
  const response = await send({ fetch: access.fetch, host: access.at.host, url, signal });
  await response.body?.cancel();
}

/** Local servers and gateways. */
export const openaiCompatible: ProviderDefinition = {
  label: 'OpenAI-compatible server',
  defaultBaseUrl: 'http://127.0.0.1:11434/v1',
  needsKey: false,
  create: (config) => new Promise((resolve) => resolve(create(config))),
  listModels,
  checkKey,
};
