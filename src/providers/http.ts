/** The one way out: nothing but the headers named here leaves, and no answer leads the text to another address. */
import { ModelError } from '../engine/model.ts';
import type { Endpoint } from './endpoint.ts';
import { fromResponse, fromThrown, webPage } from './errors.ts';

export type Fetch = typeof globalThis.fetch;
export type Json = Readonly<Record<string, unknown>>;

/**
 * A fetch for an SDK. Whatever headers the SDK made (also from the environment) are replaced by `headers`;
 * other hosts and redirects are refused; pages instead of data and failures are thrown as `ModelError`.
 */
export function guardedFetch(
  fetch: Fetch,
  at: Pick<Endpoint, 'base' | 'host'>,
  headers: Readonly<Record<string, string>>,
): Fetch {
  const { host } = at;
  const origin = new URL(at.base).origin;
  return async (input, init) => {
    refuseElsewhere(input, origin, host);
    const body = init?.body;
    const own = new Headers({ accept: 'application/json, text/event-stream', ...headers });
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
    if (!response.ok) {
      throw await failed(response, host);
    }
    return response;
  };
}

/** Of a stream nobody else knows what it is and how long. */
function tellOfStream(own: Headers, told: Headers): void {
  for (const name of ['content-type', 'content-length']) {
    const value = told.get(name);
    if (value !== null) {
      own.set(name, value);
    }
  }
}

/** Read here, not by an SDK: each of them loses another part of what a server says. */
async function failed(response: Response, host: string): Promise<ModelError> {
  // A firewall's page says nothing of the key.
  if (response.status === 403 && isPage(response)) {
    await response.body?.cancel().catch(() => undefined);
    return webPage('bad-request', host, response.status);
  }
  const body = await beginningOf(response);
  return fromResponse({ status: response.status, headers: response.headers, body: parseJson(body) ?? body }, host);
}

/** An error's body need be neither short nor ever end. */
const longestError = 65_536;
const errorPatienceMs = 5000;

async function beginningOf(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  const stop = (): void => void reader?.cancel().catch(() => undefined);
  const timer = setTimeout(stop, errorPatienceMs);
  const decoder = new TextDecoder();
  let text = '';
  try {
    while (reader !== undefined && text.length < longestError) {
      const { done, value } = await reader.read();
      text += decoder.decode(value, { stream: !done });
      if (done) {
        break;
      }
    }
  } catch {
    // What came before says enough.
  } finally {
    clearTimeout(timer);
    stop();
  }
  return text;
}

/** An address may come from the server itself, as a batch's results do: the key does not follow it elsewhere. */
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
    throw webPage('network', host, response.status);
  }
}

function isPage(response: Response): boolean {
  return /^\s*text\/html/i.test(response.headers.get('content-type') ?? '');
}

export interface HttpRequest {
  /** A guarded one. */
  readonly fetch: Fetch;
  readonly host: string;
  readonly url: string;
  readonly body?: Json;
  readonly signal: AbortSignal;
}

/** Sends one request of an own wire. @throws ModelError */
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

/** @throws ModelError `network` where the answer is not a JSON object. */
export async function sendJson(request: HttpRequest): Promise<Json> {
  const response = await send(request);
  const text = await response.text().catch((error: unknown) => {
    throw fromThrown(error, request.host, request.signal);
  });
  const value = parseJson(text);
  if (isJson(value)) {
    return value;
  }
  throw new ModelError({
    kind: 'network',
    status: response.status,
    code: 'not-json',
    args: [request.host],
  });
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The member at a path, where every step is an object; else undefined. Numbers index arrays. */
export function member(value: unknown, ...path: readonly (string | number)[]): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null) {
      return undefined;
    }
    at = (at as Readonly<Record<string | number, unknown>>)[step];
  }
  return at;
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A count: a finite number above or equal to 0. */
export function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}
