/** OpenAI: the Responses API, and Chat Completions where a host of one's own does not have it. */
import { ModelError, type ChatModel, type ModelCall, type ModelEvent, type ModelLimits } from '../engine/model.ts';
import { catalogEntry, catalogLimits } from './catalog.ts';
import { chatRequest, readChat } from './chatWire.ts';
import { checkNotCut, learn, settle } from './limits.ts';
import { listRawModels, modelId, openAiAccess, openStream, type OpenAiAccess } from './openaiClient.ts';
import { memoryKey, sendAccepted } from './parameters.ts';
import type { ModelInfo, ProviderConfig, ProviderDefinition } from './provider.ts';
import { responsesRequest, readResponses } from './responsesWire.ts';

const officialHost = 'api.openai.com';

function create(config: ProviderConfig): ChatModel {
  const access = openAiAccess(config);
  const { base, host, hostname, loopback } = access.at;
  const limits = (): ModelLimits => settle(config, base, catalogLimits(config.model, loopback));
  return {
    provider: 'openai',
    model: config.model,
    host,
    account: config.account,
    limits: () => Promise.resolve(limits()),
    stream: (call, signal) => stream(config, access, limits(), hostname === officialHost, call, signal),
  };
}

async function* stream(
  config: ProviderConfig,
  access: OpenAiAccess,
  limits: ModelLimits,
  official: boolean,
  call: ModelCall,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  const { base, host } = access.at;
  const wireKey = memoryKey(config, base, 'wire');
  try {
    if (official || config.memory.get(wireKey) !== 'chat') {
      const response = await openResponses(config, access, limits, official, call, signal);
      if (response !== undefined) {
        yield* uncut(readResponses(response, host, signal), official, call, host);
        return;
      }
      config.memory.set(wireKey, 'chat');
    }
    const dialect = { model: config.model, limits, official: true };
    const build = (accepted: Parameters<typeof chatRequest>[2]) => chatRequest(call, dialect, accepted);
    const response = await sendAccepted(config, `${base} chat`, build, (body) =>
      openStream(access, 'chat', body, signal),
    );
    yield* uncut(readChat(response, host, signal), official, call, host);
  } catch (error) {
    learn(config, base, error);
    throw error;
  }
}

/** A host of one's own may be a local server that cuts the prompt. */
async function* uncut(
  events: AsyncIterable<ModelEvent>,
  official: boolean,
  call: ModelCall,
  host: string,
): AsyncGenerator<ModelEvent> {
  for await (const event of events) {
    if (event.type === 'finish' && !official) {
      checkNotCut(call, event.usage.inputTokens, host);
    }
    yield event;
  }
}

/** undefined: this host does not have the Responses API. */
async function openResponses(
  config: ProviderConfig,
  access: OpenAiAccess,
  limits: ModelLimits,
  official: boolean,
  call: ModelCall,
  signal: AbortSignal,
): Promise<Response | undefined> {
  const build = (accepted: Parameters<typeof responsesRequest>[3]) =>
    responsesRequest(call, config.model, limits, accepted);
  try {
    return await sendAccepted(config, access.at.base, build, (body) => openStream(access, 'responses', body, signal));
  } catch (error) {
    const missing =
      error instanceof ModelError && (error.status === 404 || error.status === 405 || error.status === 501);
    if (missing && !official && error.kind !== 'no-model') {
      return undefined;
    }
    throw error;
  }
}

const textModel = /^(?:gpt-|o\d|chatgpt|ft:)/;
const otherUse =
  /audio|realtime|live|image|tts|transcribe|search|embedding|moderation|instruct|codex-mini|computer-use/;

async function listModels(config: ProviderConfig, signal: AbortSignal): Promise<readonly ModelInfo[]> {
  const access = openAiAccess(config);
  const ids = (await listRawModels(access, signal)).map(modelId).filter((id) => id !== undefined);
  const chosen =
    access.at.hostname === officialHost ? ids.filter((id) => textModel.test(id) && !otherUse.test(id)) : ids;
  return chosen.map((id) => ({
    id,
    limits: catalogEntry(id) === undefined ? undefined : catalogLimits(id, access.at.loopback),
  }));
}

async function checkKey(config: ProviderConfig, signal: AbortSignal): Promise<void> {
  await listRawModels(openAiAccess(config), signal);
}

export const openai: ProviderDefinition = {
  id: 'openai',
  label: 'OpenAI',
  settings: 'openai',
  defaultBaseUrl: 'https://api.openai.com/v1',
  needsKey: true,
  keyVariable: 'OPENAI_API_KEY',
  create: (config) => new Promise((resolve) => resolve(create(config))),
  listModels,
  checkKey,
};
