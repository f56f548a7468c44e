/** The address that an adapter talks to. */
import type { ErrorCode } from '../engine/messages.ts';
import { ModelError } from '../engine/model.ts';
import { parseBaseUrl, type BaseUrl } from '../shared/baseUrl.ts';

export interface Endpoint extends Pick<BaseUrl, 'host' | 'hostname' | 'query' | 'loopback' | 'local'> {
  /** Origin and path, without final slash or query. */
  readonly base: string;
  /** The base without its version (`/v1`). */
  readonly root: string;
}

/**
 * Reads a base URL.
 *
 * @param version path to add where the address has none: most servers answer below `/v1`
 * @throws ModelError `bad-request` for no address, a password, a fragment, or a key in the open
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

/** @throws ModelError `auth` for what no header can hold: fetch's own error would quote the key */
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
