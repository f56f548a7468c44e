/** The only module that sends requests: with the headers named here, without redirects. */
import { ModelError } from '../engine/model.ts';
import type { Endpoint } from './endpoint.ts';
import { fromResponse, fromThrown, createWebPageError } from './errors.ts';

/** The platform's, or one that guards it. */
export type Fetch = typeof globalThis.fetch;
/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/**
 * Creates a fetch for an SDK that sends only our headers, refuses other hosts and redirects, and throws pages and failures as
 * `ModelError`.
 */
export function createGuardedFetch(
  fetch: Fetch,
  at: Pick<Endpoint, 'base' | 'host'>,
  headers: Readonly<Record<string, string>>,
): Fetch {
  const { host } = at;
  const origin = new URL(at.base).origin;
  const secrets = listSecrets(headers);
  return async (input, init) => {
    refuseElsewhere(input, origin, host);
    const body = init?.body;
    const own = new Headers({ accept: 'application/json, text/event-stream' });
    for (const [name, value] of Object.entries(headers)) if (value !== '') own.set(name, value);
    if (typeof body === 'string') {
      own.set('content-type', 'application/json');
    } else if (body instanceof ReadableStream) {
      tellOfStream(own, new Headers(init?.headers));
    }
    const response = await fetch(input, {
      method: init?.method,
      body,
      signal: init?.signal,
      headers: own,
      redirect: 'manual',
      credentials: 'omit',
      ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
    } as RequestInit);
    await refuseRedirect(response, host);
    await refusePage(response, host);
    if (!response.ok) throw await failed(response, host, secrets);
    return withoutEcho(response, secrets);
  };
}

const keyNames = new Set(['authorization', 'x-api-key', 'api-key', 'x-goog-api-key']);
/** Shorter ones occur in any text. */
const minSecret = 6;

/** Lists a request's keys, plain and encoded. */
function listSecrets(headers: Readonly<Record<string, string>>): readonly string[] {
  const keys = Object.entries(headers)
    .filter(([name]) => keyNames.has(name.toLowerCase()) || name.toLowerCase().startsWith('x-'))
    .map(([, value]) => value.replace(/^(?:Bearer|Basic) /i, ''))
    .filter((key) => key.length >= minSecret);
  return keys.flatMap((key) => [key, encodeURIComponent(key), btoa(key)]);
}

function withoutEcho(response: Response, secrets: readonly string[]): Response {
  const echoes = (value: string): boolean => secrets.some((secret) => value.includes(secret) || secret.includes(value));
  const names = ['x-request-id', 'request-id', 'apim-request-id'].filter((name) => {
    const value = response.headers.get(name);
    return value !== null && value.length >= minSecret && echoes(value);
  });
  if (names.length === 0) return response;
  const headers = new Headers(response.headers);
  for (const name of names) headers.delete(name);
  return new Response(response.body, { status: response.status, headers });
}

function tellOfStream(own: Headers, told: Headers): void {
  for (const name of ['content-type', 'content-length']) {
    const value = told.get(name);
    if (value !== null) {
      own.set(name, value);
    }
  }
}

/** Reads the error here, because each SDK drops some of it. */
async function failed(response: Response, host: string, secrets: readonly string[]): Promise<ModelError> {
  // a firewall's page is not about the key
  if (response.status === 403 && isPage(response)) {
    await response.body?.cancel().catch(() => undefined);
    return createWebPageError('bad-request', host, response.status);
  }
  const text = await readBeginning(response);
  const { headers, status } = withoutEcho(response, secrets);
  const keyless = secrets.length === 0;
  return fromResponse({ status, headers, body: parseJson(text) ?? text, keyless, secrets }, host);
}

/** The body may be endless. */
const maxErrorBytes = 65_536;
const errorPatienceMs = 5000;

/** Reads the start of an error's body, limited by size and time. */
async function readBeginning(response: Response): Promise<string> {
  const read = await readBounded(response, maxErrorBytes, errorPatienceMs);
  return read.text;
}

interface BoundedText {
  readonly text: string;
  /** Whether the body ended within both limits. */
  readonly whole: boolean;
  readonly failure?: unknown;
}

/** Reads up to a limit of bytes or time, then closes the connection. */
async function readBounded(response: Response, maxBytes: number, maxMs: number): Promise<BoundedText> {
  const reader = response.body?.getReader();
  let late = false;
  const stop = (): void => void reader?.cancel().catch(() => undefined);
  const timer = setTimeout(() => {
    late = true;
    stop();
  }, maxMs);
  const decoder = new TextDecoder();
  const pieces: string[] = [];
  let bytes = 0;
  let ended = reader === undefined;
  let failure: unknown;
  try {
    while (reader !== undefined && !ended && bytes < maxBytes) {
      const { done, value } = await reader.read();
      ended = done;
      bytes += value?.length ?? 0;
      pieces.push(decoder.decode(value, { stream: !done }));
    }
  } catch (error) {
    failure = error;
  } finally {
    clearTimeout(timer);
    stop();
  }
  return { text: pieces.join(''), whole: ended && !late, ...(failure === undefined ? {} : { failure }) };
}

/** A server may name an address, as batches do; the key must not follow it. */
function refuseElsewhere(input: Parameters<Fetch>[0], origin: string, host: string): void {
  const url = new URL(input instanceof Request ? input.url : input);
  if (url.origin !== origin) {
    throw new ModelError({ kind: 'bad-request', code: 'elsewhere', args: [host] });
  }
}

async function refuseRedirect(response: Response, host: string): Promise<void> {
  if (response.type !== 'opaqueredirect' && (response.status < 300 || response.status > 399)) {
    return;
  }
  await response.body?.cancel().catch(() => undefined);
  throw new ModelError({
    kind: 'bad-request',
    status: response.status === 0 ? undefined : response.status,
    code: 'redirect',
    args: [host],
  });
}

async function refusePage(response: Response, host: string): Promise<void> {
  if (response.ok && isPage(response)) {
    await response.body?.cancel().catch(() => undefined);
    throw createWebPageError('network', host, response.status);
  }
}

function isPage(response: Response): boolean {
  return /^\s*text\/html/i.test(response.headers.get('content-type') ?? '');
}

interface HttpRequest {
  /** By `createGuardedFetch`. */
  readonly fetch: Fetch;
  readonly host: string;
  readonly url: string;
  readonly body?: Json;
  readonly signal: AbortSignal;
}

/** @throws ModelError */
export async function send(request: HttpRequest): Promise<Response> {
  const { fetch, host, url, body, signal } = request;
  try {
    return await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      body: body && JSON.stringify(body),
      signal,
    });
  } catch (error) {
    throw fromThrown(error, host, signal);
  }
}

/** Maximum size of a JSON response; a large gateway's model list has 2 MB. */
const maxJsonBytes = 16 * 1024 * 1024;
const jsonPatienceMs = 30_000;

/** @throws ModelError `network` if the response is no JSON object, endless or incomplete */
export async function sendJson(request: HttpRequest): Promise<Json> {
  const value = await sendForValue(request);
  if (isJson(value)) return value;
  throw new ModelError({ kind: 'network', code: 'not-json', args: [request.host] });
}

/**
 * Sends a request and parses its JSON, an object or a list.
 * @throws ModelError for all failures and other values
 */
export async function sendForValue(request: HttpRequest): Promise<Json | readonly unknown[]> {
  const response = await send(request);
  const { text, whole, failure } = await readBounded(response, maxJsonBytes, jsonPatienceMs);
  if (failure !== undefined || request.signal.aborted) throw fromThrown(failure, request.host, request.signal);
  const value = whole ? parseJson(text) : undefined;
  if (isJson(value) || Array.isArray(value)) return value as Json | readonly unknown[];
  const code = whole ? 'not-json' : 'endless';
  throw new ModelError({ kind: 'network', status: response.status, code, args: [request.host] });
}

/** Undefined for invalid JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Whether it is an object, not a list. */
export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns the member at a path, else undefined. Numbers index arrays. */
export function getMember(value: unknown, ...path: readonly (string | number)[]): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null) {
      return undefined;
    }
    at = (at as Readonly<Record<string | number, unknown>>)[step];
  }
  return at;
}

/** Undefined for '' and other types. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

const maxCount = 1_000_000_000;

/** Returns a number from 0 to a billion, else undefined. */
export function count(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= maxCount ? value : undefined;
}
