/** OpenAI: Responses, or Chat Completions if a custom host lacks them. */
import type { ChatModel, ModelLimits } from '../engine/model.ts';
import { askModel, isMissing } from './wires/askModel.ts';
import { findCatalogEntry, getCatalogLimits } from './catalog.ts';
import { settle } from './limits.ts';
import {
  createChatWire,
  listRawModels,
  getModelId,
  officialHost,
  openAiAccess,
  createResponsesWire,
} from './openaiClient.ts';
import { createMemoryKey } from './wires/parameters.ts';
import type { ModelInfo, ProviderConfig, ProviderDefinition } from './provider.ts';

function create(config: ProviderConfig): ChatModel {
  const access = openAiAccess(config);
  const { base, host, hostname, loopback } = access.at;
  const limits = (): ModelLimits => settle(config, base, getCatalogLimits(config.model, loopback));
  const official = hostname === officialHost;
  const wireKey = createMemoryKey(config, base, 'wire');
  const responses = createResponsesWire(config, access, base, true);
  const chat = createChatWire(config, access, `${base} chat`, true);
  return {
    provider: 'openai',
    model: config.model,
    host,
    account: config.account,
    ...(official && config.serviceTier === 'flex' ? { flex: true as const } : {}),
    limits: () => Promise.resolve(limits()),
    async *stream(call, signal) {
      if (official || config.memory.get(wireKey) !== 'chat') {
        try {
          yield* askModel(config, responses, limits(), call, signal);
          return;
        } catch (error) {
          // this host lacks the Responses API
          if (official || !isMissing(error)) throw error;
          config.memory.set(wireKey, 'chat');
        }
      }
      yield* askModel(config, chat, limits(), call, signal);
    },
  };
}

const textModel = /^(?:gpt-|o\d|chatgpt|ft:)/;
const otherUse =
  /audio|realtime|live|image|tts|transcribe|search|embedding|moderation|instruct|codex-mini|computer-use/;

async function listModels(config: ProviderConfig, signal: AbortSignal): Promise<readonly ModelInfo[]> {
  const access = openAiAccess(config);
  const ids = (await listRawModels(access, signal)).map(getModelId).filter((id) => id !== undefined);
  const chosen =
    access.at.hostname === officialHost ? ids.filter((id) => textModel.test(id) && !otherUse.test(id)) : ids;
  return chosen.map((id) => ({
    id,
    limits: findCatalogEntry(id) === undefined ? undefined : getCatalogLimits(id, access.at.loopback),
  }));
}

async function checkKey(config: ProviderConfig, signal: AbortSignal): Promise<void> {
  await listRawModels(openAiAccess(config), signal);
}

/** OpenAI's Responses API. */
export const openai: ProviderDefinition = {
  label: 'OpenAI',
  defaultBaseUrl: 'https://api.openai.com/v1',
  needsKey: true,
  create: (config) => new Promise((resolve) => resolve(create(config))),
  listModels,
  checkKey,
};
