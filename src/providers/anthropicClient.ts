/** The Anthropic SDK's bare client; only this configuration decides addresses and headers. */
import type { BaseAnthropic } from './anthropicSdk.ts';
import { checkKeyText, parseEndpoint, type Endpoint } from './endpoint.ts';
import { createGuardedFetch, type Fetch } from './http.ts';
import { createPatientFetch } from './noTimeoutFetch.ts';
import type { ProviderConfig } from './provider.ts';

/** `new`: Bearer and the SDK's version; `old`: `x-api-key` and the version that every gateway knows. */
export type Dialect = 'new' | 'old';
/** Value of `anthropic-version`. */
export const versions: Readonly<Record<Dialect, string>> = { new: '2026-10-21', old: '2023-06-01' };

/** Connection to one address. */
export interface AnthropicAccess {
  readonly at: Endpoint;
  /** Whether it is Anthropic's own host, so that nothing is guessed. */
  readonly official: boolean;
  /** Returns a guarded fetch that sends the key as the dialect requires. */
  fetch(dialect: Dialect): Fetch;
  /** Loaded on first use. */
  client(dialect: Dialect): Promise<BaseAnthropic>;
}

const timeoutMs = 3_600_000;

/** Makes the server send CORS headers. */
const fromBrowser = { 'anthropic-dangerous-direct-browser-access': 'true' };
const isBrowser = typeof process === 'undefined';

/** @throws ModelError for an unusable address or key */
export function createAnthropicAccess(config: ProviderConfig): AnthropicAccess {
  const key = checkKeyText(config.apiKey);
  const given = parseEndpoint(config.baseUrl, key);
  // The SDK's paths begin with the version.
  const at = { ...given, base: given.base.replace(/\/v1$/, '') };
  const made = new Map<Dialect, Promise<BaseAnthropic>>();
  const fetch = (dialect: Dialect): Fetch =>
    createGuardedFetch(
      at.loopback ? createPatientFetch(config.fetch) : config.fetch,
      at,
      createKeyHeaders(key, dialect),
    );
  return {
    at,
    official: at.hostname === 'api.anthropic.com',
    fetch,
    client(dialect) {
      const client = made.get(dialect) ?? makeClient(key, at, fetch(dialect));
      made.set(dialect, client);
      return client;
    },
  };
}

async function makeClient(key: string, at: Endpoint, fetch: Fetch): Promise<BaseAnthropic> {
  const { BaseAnthropic: Client } = await import('./anthropicSdk.ts');
  return new Client({
    apiKey: key === '' ? 'none' : key,
    baseURL: at.base,
    webhookKey: null,
    defaultQuery: { ...at.query },
    fetch,
    maxRetries: 0,
    timeout: timeoutMs,
    logLevel: 'off',
    openTelemetry: false,
    dangerouslyAllowBrowser: true,
  });
}

function createKeyHeaders(key: string, dialect: Dialect): Record<string, string> {
  const version = { 'anthropic-version': versions[dialect], ...(isBrowser ? fromBrowser : {}) };
  if (key === '') {
    return version;
  }
  return dialect === 'new' ? { ...version, authorization: `Bearer ${key}` } : { ...version, 'x-api-key': key };
}
