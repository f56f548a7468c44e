/** Parses the address of a server. */
import type { ErrorCode } from '../engine/messages.ts';
import { ModelError } from '../engine/model.ts';
import { parseBaseUrl, type BaseUrl } from '../shared/baseUrl.ts';

/** A checked base URL. */
export interface Endpoint extends Pick<BaseUrl, 'host' | 'hostname' | 'query' | 'loopback' | 'local'> {
  /** Origin and path, without final slash or query. */
  readonly base: string;
  /** The base without its version (`/v1`). */
  readonly root: string;
}

/**
 * Parses a base URL.
 * @param version path to add if the address has none, because most servers answer below `/v1`
 * @throws ModelError `bad-request` without an address, or for a password, a fragment or an exposed key
 */
export function parseEndpoint(baseUrl: string, apiKey: string, version = ''): Endpoint {
  const url = parseBaseUrl(baseUrl);
  if ('problem' in url) throw refuse(url.problem);
  if (url.exposed && apiKey !== '') throw refuse('open-key', url.host);
  const { origin, path, host, hostname, query, loopback, local } = url;
  return {
    base: origin + (path === '' ? version : path),
    root: origin + path.replace(/\/(?:v\d+(?:beta)?|api)$/, ''),
    host,
    hostname,
    query,
    loopback,
    local,
  };
}

/** @throws ModelError `auth` for characters that no header can hold; fetch's own error would quote the key */
export function checkKeyText(apiKey: string): string {
  const key = apiKey.trim();
  if (!/^[\x21-\x7e]*$/.test(key)) {
    throw new ModelError({ kind: 'auth', code: 'key-text' });
  }
  return key;
}

function refuse(code: ErrorCode, ...args: string[]): ModelError {
  return new ModelError({ kind: 'bad-request', code, args });
}
