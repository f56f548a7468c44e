import { ModelError } from '../engine/model.ts';
import { fromThrown } from '../providers/errors.ts';
import { isJson, parseJson, type Fetch, type Json } from '../providers/http.ts';

/** Host of a batch service and its fetch. */
export interface Service {
  readonly fetch: Fetch;
  readonly host: string;
}

/** A string is JSON; bytes carry their type. */
type Body = string | { readonly bytes: Uint8Array; readonly type: string };

/**
 * Sends a request.
 * @throws ModelError
 */
export async function request(
  { fetch, host }: Service,
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  body: Body | undefined,
  signal: AbortSignal,
): Promise<Response> {
  try {
    return await fetch(url, { method, ...toContent(body), signal });
  } catch (error) {
    throw ModelError.is(error) ? error : fromThrown(error, host, signal);
  }
}

/** Streams bytes in pieces: fetch copies a whole body. */
function toContent(body: Body | undefined): Pick<RequestInit, 'body' | 'headers'> {
  if (body === undefined) return {};
  if (typeof body === 'string') return { body };
  const { bytes, type } = body;
  const headers = { 'content-type': type, 'content-length': String(bytes.length) };
  return { body: toStream(bytes), headers };
}

const pieceBytes = 64 * 1024;

function toStream(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(bytes.subarray(at, at + pieceBytes));
      at += pieceBytes;
      if (at >= bytes.length) controller.close();
    },
  });
}

/**
 * Returns a JSON object response.
 * @throws ModelError for anything else
 */
export async function requestJson(
  service: Service,
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  body: Body | undefined,
  signal: AbortSignal,
): Promise<Json> {
  const response = await request(service, method, url, body, signal);
  const text = await response.text().catch((error: unknown) => {
    throw fromThrown(error, service.host, signal);
  });
  const value = parseJson(text);
  if (isJson(value)) return value;
  throw new ModelError({ kind: 'network', code: 'not-json', args: [service.host] });
}

/** Deletes a resource; succeeds if it is gone. */
export async function removeAt(service: Service, url: string, signal: AbortSignal): Promise<void> {
  try {
    const response = await request(service, 'DELETE', url, undefined, signal);
    await response.body?.cancel();
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Whether an error is a 404 or 410. */
export function isMissing(error: unknown): boolean {
  return ModelError.is(error) && (error.status === 404 || error.status === 410);
}

/** Streams lines, so a result file is never whole in memory. */
export async function* readLines(response: Response, host: string, signal: AbortSignal): AsyncGenerator<string> {
  if (!response.body) return;
  const decoder = new TextDecoder();
  const pieces: string[] = [];
  try {
    for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
      const [first = '', ...more] = decoder.decode(bytes, { stream: true }).split('\n');
      pieces.push(first);
      for (const piece of more) {
        yield pieces.splice(0).join('');
        pieces.push(piece);
      }
    }
  } catch (error) {
    throw fromThrown(error, host, signal);
  }
  const rest = pieces.join('') + decoder.decode();
  if (rest) yield rest;
}

/** Error for a server that answers 404: it has no batches. */
export function createNoBatchesError(host: string): ModelError {
  return new ModelError({ kind: 'bad-request', code: 'no-batches', args: [host] });
}
