/** Whatever speaks Chat Completions: local servers and hosted ones. Ollama is found out and spoken to in its own way. */
import { ModelError, type ChatModel, type ModelCall, type ModelEvent, type ModelLimits } from '../engine/model.ts';
import { asked, briefly, Unanswered } from './cachedQuery.ts';
import { catalogEntry, catalogLimits } from './catalog.ts';
import { chatRequest, readChat, type Thinking } from './chatWire.ts';
import { send, type Json } from './http.ts';
import { checkNotCut, learn, learnReasoning, settled } from './limits.ts';
import { createOllama, isOllama, listOllama } from './ollama.ts';
import { listRawModels, openAiAccess, openStream, type OpenAiAccess } from './openaiClient.ts';
import { memoryKey, sendAccepted, type Accepted } from './parameters.ts';
import type { ModelInfo, ProviderConfig, ProviderDefinition } from './provider.ts';
import { askWindow, modelInfo } from './serverWindow.ts';

/** Asks what the server is when it is first used, not before: making a model sends nothing. */
function create(config: ProviderConfig): ChatModel {
  if (config.model === '') {
    throw new ModelError({
      kind: 'no-model',
      code: 'no-model-chosen',
    });
  }
  const access = openAiAccess(config);
  const found = asked((signal) => choose(config, access, signal));
  return {
    provider: 'openai-compatible',
    model: config.model,
    host: access.at.host,
    account: config.account,
    limits: async (signal) => (await found.known(signal)).limits(signal),
    async *stream(call, signal) {
      yield* (await found.known(signal)).stream(call, signal);
    },
  };
}

async function choose(config: ProviderConfig, access: OpenAiAccess, signal: AbortSignal): Promise<ChatModel> {
  if (isHosted(access.at.hostname)) {
    return createChat(config, access, false);
  }
  try {
    return (await isOllama(access, signal)) ? createOllama(config, access) : createChat(config, access, false);
  } catch (error) {
    // A small server of one's own may answer nothing but what it knows.
    if (error instanceof Unanswered) {
      return createChat(config, access, true);
    }
    throw error;
  }
}

/** A server that was silent when it was asked what it is has this long to begin an answer, until it has given one. */
const silentMs = 60_000;

/** Hosts that are certainly not somebody's Ollama need not be asked. */
function isHosted(hostname: string): boolean {
  return /(?:^|\.)(?:openrouter\.ai|groq\.com|azure\.com|mistral\.ai|deepseek\.com|googleapis\.com|openai\.com|together\.xyz|fireworks\.ai|x\.ai)$/i.test(
    hostname,
  );
}

/** @param silent it did not say what it is: it is asked nothing more but for answers. */
function createChat(config: ProviderConfig, access: OpenAiAccess, silent: boolean): ChatModel {
  const { base, host, loopback } = access.at;
  const limits = settled(config, base, (signal) => askLimits(config, access, loopback, silent, signal));
  let proven = !silent;
  const open = async (body: Json, signal: AbortSignal): Promise<Response> => {
    if (proven) {
      return openStream(access, 'chat', body, signal);
    }
    const response = await briefly(host, signal, (brief) => openStream(access, 'chat', body, brief), silentMs);
    proven = true;
    return response;
  };
  return {
    provider: 'openai-compatible',
    model: config.model,
    host,
    account: config.account,
    limits: limits.fresh,
    stream: (call, signal) => stream(config, access, open, limits.known, call, signal),
  };
}

async function* stream(
  config: ProviderConfig,
  access: OpenAiAccess,
  open: (body: Json, signal: AbortSignal) => Promise<Response>,
  limits: ChatModel['limits'],
  call: ModelCall,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  const { base, host } = access.at;
  try {
    const dialect = { model: config.model, limits: await limits(signal), official: false };
    const build = (accepted: Accepted) => chatRequest(call, dialect, accepted);
    const response = await sendAccepted(config, base, build, (body) => open(body, signal));
    const begunKey = memoryKey(config, base, 'thought begun');
    const thinking: Thinking = {
      begun: config.memory.get(begunKey) === true,
      onReasoning: () => learnReasoning(config, base),
      onBegun: (begun) => config.memory.set(begunKey, begun),
    };
    for await (const event of readChat(response, host, signal, thinking)) {
      if (event.type === 'finish') {
        checkNotCut(call, event.usage.inputTokens, host);
      }
      yield event;
    }
  } catch (error) {
    learn(config, base, error);
    throw error;
  }
}

async function askLimits(
  config: ProviderConfig,
  access: OpenAiAccess,
  loopback: boolean,
  silent: boolean,
  signal: AbortSignal,
): Promise<ModelLimits> {
  const guess = catalogLimits(config.model, loopback);
  const told = config.contextWindow > 0 || silent ? undefined : await askWindow(access, config.model, signal);
  if (told === undefined) {
    return guess;
  }
  const maxOutputTokens =
    told.maxOutputTokens ?? Math.max(guess.maxOutputTokens, Math.min(16_384, Math.floor(told.contextWindow / 4)));
  return { ...guess, contextWindow: told.contextWindow, maxOutputTokens, known: true };
}

async function listModels(config: ProviderConfig, signal: AbortSignal): Promise<readonly ModelInfo[]> {
  const access = openAiAccess(config);
  if (!isHosted(access.at.hostname) && (await isOllama(access, signal))) {
    return listOllama(access, signal);
  }
  const rows = await listRawModels(access, signal);
  return rows
    .map(modelInfo)
    .filter((info) => info !== undefined)
    .map((info) => withCatalog(info, access.at.loopback));
}

function withCatalog(info: ModelInfo, loopback: boolean): ModelInfo {
  return info.limits === undefined && catalogEntry(info.id) !== undefined
    ? { ...info, limits: catalogLimits(info.id, loopback) }
    : info;
}

async function checkKey(config: ProviderConfig, signal: AbortSignal): Promise<void> {
  const access = openAiAccess(config);
  // OpenRouter lists its models for everybody, so the list says nothing about the key.
  const path = /(?:^|\.)openrouter\.ai$/.test(access.at.hostname) ? '/key' : '/models';
  const response = await send({ fetch: access.fetch, host: access.at.host, url: access.at.base + path, signal });
  await response.body?.cancel();
}

export const openaiCompatible: ProviderDefinition = {
  id: 'openai-compatible',
  label: 'OpenAI-compatible server',
  settings: 'openaiCompatible',
  defaultBaseUrl: 'http://127.0.0.1:11434/v1',
  needsKey: false,
  create: (config) => new Promise((resolve) => resolve(create(config))),
  listModels,
  checkKey,
};
