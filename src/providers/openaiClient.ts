/** The OpenAI SDK, made so that nothing but this configuration decides where a request goes and what it carries. */
import type OpenAI from 'openai';
import { ModelError } from '../engine/model.ts';
import { fromThrown } from './errors.ts';
import { checkKeyText, endpoint, type Endpoint } from './endpoint.ts';
import { guardedFetch, member, sendJson, text, type Fetch, type Json } from './http.ts';
import { patientFetch } from './noTimeoutFetch.ts';
import type { ProviderConfig } from './provider.ts';

export interface OpenAiAccess {
  readonly at: Endpoint;
  readonly fetch: Fetch;
  /** Loaded on first use: it is large. */
  client(): Promise<OpenAI>;
}

/** An hour: the scheduler has the idle timers, and a large prompt on a small machine takes its time. */
const timeoutMs = 3_600_000;

/** @throws ModelError for an address or a key that cannot be used. */
export function openAiAccess(config: ProviderConfig): OpenAiAccess {
  const key = checkKeyText(config.apiKey);
  const at = endpoint(config.baseUrl, key, '/v1');
  const fetch = guardedFetch(at.loopback ? patientFetch(config.fetch) : config.fetch, at, keyHeaders(key, at.hostname));
  let made: Promise<OpenAI> | undefined;
  return { at, fetch, client: () => (made ??= makeClient(key, at, fetch)) };
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

function keyHeaders(key: string, hostname: string): Record<string, string> {
  if (key === '') {
    return {};
  }
  const azure: Record<string, string> = /\.azure\.com$|\.azure-api\.net$/i.test(hostname) ? { 'api-key': key } : {};
  return { authorization: `Bearer ${key}`, ...azure };
}

/** Sends a streaming request of either wire and gives back the answer's headers and body. @throws ModelError */
export async function openStream(
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

/** `GET /models`, unread: each server adds its own members. @throws ModelError */
export async function listRawModels(access: OpenAiAccess, signal: AbortSignal): Promise<readonly unknown[]> {
  const query = new URLSearchParams(access.at.query).toString();
  const url = `${access.at.base}/models${query === '' ? '' : `?${query}`}`;
  const answer = await sendJson({ fetch: access.fetch, host: access.at.host, url, signal });
  const models = answer['data'] ?? answer['models'];
  if (!Array.isArray(models)) {
    throw new ModelError({ kind: 'network', code: 'no-list', args: [access.at.host] });
  }
  return models;
}

/** Id of a row of a model list; Gemini prefixes its own with `models/`. */
export function modelId(row: unknown): string | undefined {
  return (text(member(row, 'id')) ?? text(member(row, 'name')))?.replace(/^models\//, '');
}
