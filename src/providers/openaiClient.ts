/** The OpenAI SDK; only this configuration decides addresses and headers. */
import type OpenAI from 'openai';
import { ModelError } from '../engine/model.ts';
import type { Wire } from './wires/askModel.ts';
import { createChatRequest, readChat } from './wires/chatWire.ts';
import { fromThrown } from './errors.ts';
import { checkKeyText, parseEndpoint, type Endpoint } from './endpoint.ts';
import { count, createGuardedFetch, getMember, isJson, sendForValue, text, type Fetch, type Json } from './http.ts';
import { createPatientFetch } from './noTimeoutFetch.ts';
import type { ProviderConfig } from './provider.ts';
import { readResponses, createResponsesRequest } from './wires/responsesWire.ts';

/** Connection to one address. */
export interface OpenAiAccess {
  readonly at: Endpoint;
  readonly fetch: Fetch;
  /** Address of the model list, with the base URL's query. */
  readonly modelsUrl: string;
  /** Loaded on first use, because it is large. */
  client(): Promise<OpenAI>;
}

/** Time limit of a request, ms; the scheduler has shorter ones for silence. */
const timeoutMs = 3_600_000;

/** @throws ModelError for an unusable address or key */
export function openAiAccess(config: ProviderConfig): OpenAiAccess {
  const key = checkKeyText(config.apiKey);
  const at = parseEndpoint(config.baseUrl, key, '/v1');
  const fetch = createGuardedFetch(at.loopback ? createPatientFetch(config.fetch) : config.fetch, at, {
    ...createKeyHeaders(key, at.hostname),
    ...ownHeaders(config.headers ?? {}, key),
  });
  let made: Promise<OpenAI> | undefined;
  const query = new URLSearchParams(at.query).toString();
  const path =
    at.hostname === githubHost ? `${at.root.replace(/\/inference$/, '')}/catalog/models` : `${at.base}/models`;
  const modelsUrl = `${path}${query === '' ? '' : `?${query}`}`;
  return { at, fetch, modelsUrl, client: () => (made ??= makeClient(key, at, fetch)) };
}

async function makeClient(key: string, at: Endpoint, fetch: Fetch): Promise<OpenAI> {
  const { default: Client } = await import('openai');
  return new Client({
    apiKey: key === '' ? 'none' : key,
    baseURL: at.base,
    organization: null,
    project: null,
    adminAPIKey: null,
    webhookSecret: null,
    defaultQuery: { ...at.query },
    fetch,
    maxRetries: 0,
    timeout: timeoutMs,
    logLevel: 'off',
    dangerouslyAllowBrowser: true,
  });
}

function createKeyHeaders(key: string, hostname: string): Record<string, string> {
  if (key === '') {
    return {};
  }
  const azure: Record<string, string> = /\.azure\.com$|\.azure-api\.net$/i.test(hostname) ? { 'api-key': key } : {};
  return { authorization: `Bearer ${key}`, ...azure };
}

/** The user's headers with the key, in lower case so that they replace the wire's. */
function ownHeaders(headers: Readonly<Record<string, string>>, key: string): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.replaceAll('${key}', key)]);
  return Object.fromEntries(entries) as Record<string, string>;
}

/** @param key names the endpoint in `ProviderMemory` */
export function createChatWire(config: ProviderConfig, access: OpenAiAccess, key: string, official: boolean): Wire {
  const { base, host } = access.at;
  return {
    key,
    base,
    host,
    official: official && access.at.hostname === officialHost,
    build: (call, limits, accepted) => createChatRequest(call, { model: config.model, limits, official }, accepted),
    open: (body, signal) => openStream(access, 'chat', body, signal),
    read: readChat,
    roomOf: (body) => count(body['max_completion_tokens']) ?? count(body['max_tokens']),
  };
}

/** @param key names the endpoint in `ProviderMemory` */
export function createResponsesWire(
  config: ProviderConfig,
  access: OpenAiAccess,
  key: string,
  official: boolean,
): Wire {
  const { base, host } = access.at;
  return {
    key: official ? key : `${key} responses`,
    base,
    host,
    official: access.at.hostname === officialHost,
    build: (call, limits, accepted) =>
      createResponsesRequest(call, config.model, limits, accepted, getTier(config, access)),
    open: (body, signal) => openStream(access, 'responses', body, signal),
    read: readResponses,
    roomOf: (body) => count(body['max_output_tokens']),
  };
}

/** GitHub Models has its list at another address. */
const githubHost = 'models.github.ai';

/** OpenAI's own. */
export const officialHost = 'api.openai.com';

/** Returns the service tier to request: only OpenAI itself has a slower, cheaper one. */
function getTier(config: ProviderConfig, { at }: OpenAiAccess): 'flex' | undefined {
  return at.hostname === officialHost ? config.serviceTier : undefined;
}

/**
 * Sends a streaming request of either wire; returns headers and body.
 * @throws ModelError
 */
async function openStream(
  access: OpenAiAccess,
  wire: 'chat' | 'responses',
  body: Json,
  signal: AbortSignal,
): Promise<Response> {
  const client = await access.client();
  try {
    const path = wire === 'chat' ? '/chat/completions' : '/responses';
    return await client.post(path, { body, stream: true, signal, maxRetries: 0 }).asResponse();
  } catch (error) {
    throw fromThrown(error, access.at.host, signal);
  }
}

/**
 * Returns the list unparsed, because each server adds members.
 * @throws ModelError
 */
export async function listRawModels(access: OpenAiAccess, signal: AbortSignal): Promise<readonly unknown[]> {
  const answer = await sendForValue({ fetch: access.fetch, host: access.at.host, url: access.modelsUrl, signal });
  const models = isJson(answer) ? (answer['data'] ?? answer['models']) : answer;
  if (!Array.isArray(models)) {
    throw new ModelError({ kind: 'network', code: 'no-list', args: [access.at.host] });
  }
  return models;
}

/** Id in a model list, without Gemini's `models/`. */
export function getModelId(row: unknown): string | undefined {
  return (text(getMember(row, 'id')) ?? text(getMember(row, 'name')))?.replace(/^models\//, '');
}
