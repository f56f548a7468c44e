/** What an address means: its host, whether it is this machine, whether it may be used. */
import type { ErrorCode } from '../engine/messages.ts';
import { ModelError } from '../engine/model.ts';

export interface Endpoint {
  /** Origin and path, without final slash or query. */
  readonly base: string;
  /** The base without its version (`/v1`). */
  readonly root: string;
  /** Host and unusual port, for people. */
  readonly host: string;
  readonly hostname: string;
  readonly query: Readonly<Record<string, string>>;
  readonly loopback: boolean;
  /** Known to a local network only. */
  readonly local: boolean;
}

const privateHost =
  /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[789]\d|1[01]\d|12[0-7])\.|169\.254\.|\[f[cde])|\.(?:local|lan|home|internal|home\.arpa)$|^[^.:]+$/i;

/** Names and numbers of this machine. */
export function isLoopback(hostname: string): boolean {
  return /^(?:(?:.+\.)?localhost\.?|127(?:\.\d{1,3}){3}|0\.0\.0\.0|\[::1\]|\[::ffff:7f[\da-f]{2}:[\da-f]{1,4}\])$/i.test(
    hostname,
  );
}

/**
 * Reads a base URL.
 *
 * @param version path to add where the address has none: most servers answer below `/v1`
 * @throws ModelError `bad-request` for no address, a password, a fragment, or a key in the open
 */
export function endpoint(baseUrl: string, apiKey: string, version = ''): Endpoint {
  const url = parse(baseUrl);
  const loopback = isLoopback(url.hostname);
  const local = loopback || privateHost.test(url.hostname);
  if (url.protocol === 'http:' && apiKey !== '' && !local) {
    throw refuse('open-key', url.host);
  }
  const path = url.pathname.replace(/(?<!\/)\/+$/, '');
  const base = url.origin + (path === '' ? version : path);
  return {
    base,
    root: url.origin + path.replace(/\/(?:v\d+(?:beta)?|api)$/, ''),
    host: url.host,
    hostname: url.hostname,
    query: Object.fromEntries(url.searchParams),
    loopback,
    local,
  };
}

function parse(baseUrl: string): URL {
  const url = URL.canParse(baseUrl.trim()) ? new URL(baseUrl.trim()) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw refuse('no-address');
  }
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    throw refuse('secret-address');
  }
  return url;
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
