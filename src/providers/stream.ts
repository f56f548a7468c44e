/**
 * Reads a streamed answer: lines, then server-sent events, in linear time and within bounds of size. The SDKs' own readers hide
 * keep-alives and end quietly when cut.
 */
import { createParser } from 'eventsource-parser';
import { cancelled, fromThrown, webPage } from './errors.ts';
import { isJson, parseJson, type Json } from './http.ts';

/** One event, or a sign of life that holds none. */
export type ServerEvent = { readonly event: string; readonly data: string } | 'pulse';

/** What is left of an answer that was read as far as it matters comes within moments. */
const leftoverMs = 100;
const maxLeftover = 65_536;

/** UTF-16 units of one line, one event or an answer that comes as one JSON: more than any answer needs. */
const maxEvent = 8 * 1024 * 1024;
/** Bytes of a whole stream; servers that repeat the text so far in every event send up to 100 MB for a long answer. */
const maxStream = 128 * 1024 * 1024;

/**
 * Decoded pieces of a response, as they come.
 *
 * @throws ModelError `cancelled` on abort, `network` when the connection breaks.
 */
async function* readPieces(response: Response, host: string, signal: AbortSignal): AsyncGenerator<string> {
  if (signal.aborted) {
    await response.body?.cancel().catch(() => undefined);
    throw cancelled(signal.reason);
  }
  if (response.body === null) return;
  const reader = response.body.getReader();
  const stop = (): void => void reader.cancel().catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  const decoder = new TextDecoder();
  let bytes = 0;
  let ended = false;
  try {
    while (!ended && bytes <= maxStream) {
      const { done, value } = await reader.read();
      ended = done;
      bytes += value?.length ?? 0;
      const piece = done ? decoder.decode() : decoder.decode(value, { stream: true });
      if (piece !== '') yield piece;
    }
  } catch (error) {
    throw fromThrown(error, host, signal);
  } finally {
    signal.removeEventListener('abort', stop);
    if (signal.aborted || bytes > maxStream) stop();
    else readOut(reader, stop);
  }
  if (signal.aborted) throw cancelled(signal.reason);
}

/**
 * Lines without their ends (LF, CRLF or CR), decoded across packet borders. A line that is longer than any answer ends the reading.
 *
 * @throws ModelError as `readPieces`.
 */
export async function* readLines(response: Response, host: string, signal: AbortSignal): AsyncGenerator<string> {
  let rest: string[] = [];
  let length = 0;
  for await (const piece of readPieces(response, host, signal)) {
    // a CR at the end may be half of a CRLF: it waits
    const joined = rest.at(-1)?.endsWith('\r') === true || /[\r\n]/.test(piece);
    rest.push(piece);
    length += piece.length;
    if (joined) {
      const lines = rest.join('').split(/\r\n|\n|\r(?!$)/);
      const last = lines.pop() ?? '';
      rest = last === '' ? [] : [last];
      length = last.length;
      yield* lines;
    }
    if (length > maxEvent) return;
  }
  const last = rest.join('').replace(/\r$/, '');
  if (last !== '') yield last;
}

/** Only a connection whose answer was read to its very end serves the next call; one that goes on is closed. */
function readOut(reader: ReadableStreamDefaultReader<Uint8Array>, stop: () => void): void {
  const timer = setTimeout(stop, leftoverMs);
  const next = async (): Promise<void> => {
    let bytes = 0;
    for (;;) {
      const { done, value } = await reader.read();
      bytes += value?.length ?? 0;
      if (done) return;
      if (bytes > maxLeftover) return stop();
    }
  };
  next()
    .catch(() => undefined)
    .finally(() => clearTimeout(timer));
}

/**
 * Server-sent events of a response; comments and packets without an event come as `pulse`. A server that does not stream answers
 * with one JSON, whatever it calls that: it comes as one event.
 *
 * @throws ModelError as `readLines`, and where a web page came.
 */
export async function* readEvents(response: Response, host: string, signal: AbortSignal): AsyncGenerator<ServerEvent> {
  let begin: string | undefined = '';
  let whole: string[] | undefined;
  let wholeLength = 0;
  let found: ServerEvent[] = [];
  let tooLong = false;
  const parser = createParser({
    maxBufferSize: maxEvent,
    onEvent: ({ event, data }) => found.push(...split(event ?? '', data)),
    onComment: () => found.push('pulse'),
    onError: ({ type, field, value, line }) => {
      tooLong ||= type === 'max-buffer-size-exceeded';
      // llama.cpp of 2025 names the field `error`; gateways pass on a bare JSON that the backend failed with
      if (field === 'error' && value !== undefined) found.push({ event: 'error', data: value });
      else if (line !== undefined && /^\{\s?"(?:error|object|message)/.test(line))
        found.push({ event: '', data: line });
    },
  });
  for await (const piece of readPieces(response, host, signal)) {
    let text = piece;
    if (begin !== undefined) {
      begin += piece;
      const kind = kindOf(begin);
      if (kind === 'unknown') {
        yield 'pulse';
        continue;
      }
      if (kind === 'page') throw webPage('network', host, response.status);
      text = begin;
      begin = undefined;
      whole = kind === 'json' ? [] : undefined;
    }
    if (whole === undefined) {
      parser.feed(text);
    } else {
      whole.push(text);
      wholeLength += text.length;
      tooLong = wholeLength > maxEvent;
    }
    if (found.length === 0) yield 'pulse';
    yield* found;
    found = [];
    if (tooLong) break;
  }
  if (whole !== undefined) {
    yield { event: '', data: whole.join('') };
    return;
  }
  // what stands behind the last empty line counts: many servers leave that line out
  if (!tooLong) parser.feed(begin === undefined ? '\n\n' : `${begin}\n\n`);
  yield* found;
}

/** Characters by which a page or a JSON is told from events. */
const maxBegin = 256;

function kindOf(begin: string): 'unknown' | 'page' | 'json' | 'events' {
  const text = begin.trimStart();
  if (/^<(?:!doctype|html)\b/i.test(text)) return 'page';
  if (/^[{[]/.test(text)) return 'json';
  const undecided = text === '' || (text.startsWith('<') && text.length < 16);
  return undecided && begin.length < maxBegin ? 'unknown' : 'events';
}

/** Some servers leave out the empty line between events: lines that are whole by themselves were events of their own. */
function split(event: string, data: string): ServerEvent[] {
  if (!data.includes('\n') || isWhole(data)) return [{ event, data }];
  const events: ServerEvent[] = [];
  let lines: string[] = [];
  for (const line of data.split('\n')) {
    lines.push(line);
    const joined = lines.join('\n');
    if (isWhole(line) || isWhole(joined)) {
      events.push({ event, data: isWhole(line) ? line : joined });
      lines = [];
    }
    // what is no JSON after so many lines never becomes one
    if (lines.length > 16) return [{ event, data }];
  }
  return lines.length === 0 ? events : [...events, { event, data: lines.join('\n') }];
}

function isWhole(data: string): boolean {
  return data === '[DONE]' || parseJson(data) !== undefined;
}

/** An event that holds an object, with its name; `done` is the mark behind the last one. */
export type JsonEvent = { readonly event: string; readonly json: Json } | 'pulse' | 'done';

/** What a stream held beside its answer. */
export interface StreamCounts {
  /** Events with an object in them. */
  events: number;
  /** Events that held something else: comments and keep-alives wrapped as data, or damage. */
  unreadable: number;
}

/** Reads events that hold JSON objects. Any other payload is a sign of life and is counted; the text of an `error` event is an error. */
export async function* readJsonEvents(
  response: Response,
  host: string,
  signal: AbortSignal,
  counts: StreamCounts,
): AsyncGenerator<JsonEvent> {
  for await (const event of readEvents(response, host, signal)) {
    const data = event === 'pulse' ? '' : event.data.trim();
    if (event === 'pulse' || data === '') {
      yield 'pulse';
    } else if (data === '[DONE]') {
      yield 'done';
    } else {
      const json = parseJson(data);
      const failure =
        event.event === 'error' && !isJson(json) ? { error: { message: data.slice(0, 2000) } } : undefined;
      if (isJson(json) || failure !== undefined) {
        counts.events++;
        yield { event: event.event, json: failure ?? (json as Json) };
      } else {
        counts.unreadable++;
        yield 'pulse';
      }
    }
  }
}
