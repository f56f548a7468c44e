/** Reads lines and server-sent events, bounded and in linear time. The SDKs' readers hide keep-alives and truncation. */
import { createParser } from 'eventsource-parser';
import { createCancelledError, fromThrown, createWebPageError } from './errors.ts';
import { isJson, parseJson, type Json } from './http.ts';

/** An event, or activity without content. */
export type ServerEvent = { readonly event: string; readonly data: string } | 'pulse';

/** Wait for the rest of a finished response, ms. */
const leftoverMs = 100;
const maxLeftover = 65_536;

/** Longest line, event or JSON response, UTF-16 units. */
const maxEvent = 8 * 1024 * 1024;
/** Maximum bytes of a stream; servers that repeat the text so far send up to 100 MB. */
const maxStream = 128 * 1024 * 1024;

/**
 * Yields decoded pieces.
 * @throws ModelError `cancelled` on abort, `network` if the connection breaks
 */
async function* readPieces(response: Response, host: string, signal: AbortSignal): AsyncGenerator<string> {
  if (signal.aborted) {
    await response.body?.cancel().catch(() => undefined);
    throw createCancelledError(signal.reason);
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
  if (signal.aborted) throw createCancelledError(signal.reason);
}

/**
 * Yields lines without ends (LF, CRLF, CR); stops at a line that is too long.
 * @throws ModelError as `readPieces`
 */
export async function* readLines(response: Response, host: string, signal: AbortSignal): AsyncGenerator<string> {
  let rest: string[] = [];
  let length = 0;
  for await (const piece of readPieces(response, host, signal)) {
    // a CR at the end may be half of a CRLF
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

/** A connection that was read to its end is reused; another one is closed. */
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
 * Yields events; comments and empty packets as `pulse`. A single JSON object instead of a stream is one event.
 * @throws ModelError as `readLines`, and for a web page
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
      // llama.cpp of 2025 names the field `error`; gateways send bare JSON
      if (field === 'error' && value !== undefined) found.push({ event: 'error', data: value });
      else if (line !== undefined && /^\{\s?"(?:error|object|message)/.test(line))
        found.push({ event: '', data: line });
    },
  });
  for await (const piece of readPieces(response, host, signal)) {
    let text = piece;
    if (begin !== undefined) {
      begin += piece;
      const kind = detectBodyKind(begin);
      if (kind === 'unknown') {
        yield 'pulse';
        continue;
      }
      if (kind === 'page') throw createWebPageError('network', host, response.status);
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
  // many servers omit the last empty line
  if (!tooLong) parser.feed(begin === undefined ? '\n\n' : `${begin}\n\n`);
  yield* found;
}

/** Characters that distinguish a page or JSON from events. */
const maxBegin = 256;

function detectBodyKind(begin: string): 'unknown' | 'page' | 'json' | 'events' {
  const text = begin.trimStart();
  if (/^<(?:!doctype|html)\b/i.test(text)) return 'page';
  if (/^[{[]/.test(text)) return 'json';
  const undecided = text === '' || (text.startsWith('<') && text.length < 16);
  return undecided && begin.length < maxBegin ? 'unknown' : 'events';
}

/** Some servers omit empty lines, so every line is an event. */
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
    // so many lines are no JSON
    if (lines.length > 16) return [{ event, data }];
  }
  return lines.length === 0 ? events : [...events, { event, data: lines.join('\n') }];
}

function isWhole(data: string): boolean {
  return data === '[DONE]' || parseJson(data) !== undefined;
}

/** An event with a JSON object, or `done` for the final mark. */
export type JsonEvent = { readonly event: string; readonly json: Json } | 'pulse' | 'done';

/** Counts of a stream's events. */
export interface StreamCounts {
  events: number;
  /** Comments, keep-alives and damaged events. */
  unreadable: number;
}

/** Treats other payloads as activity, and the text of an `error` event as an error. */
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
