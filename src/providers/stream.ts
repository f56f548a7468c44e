/** Reads a streamed answer: lines, then server-sent events. The SDKs' own readers hide keep-alives and end quietly when cut. */
import { cancelled, fromThrown, webPage } from './errors.ts';
import { parseJson } from './http.ts';

/** One event, or a sign of life that holds none. */
export type ServerEvent = { readonly event: string; readonly data: string } | 'pulse';

/** What is left of an answer that was read as far as it matters comes within moments. */
const leftoverMs = 100;

/** A line, and an answer that comes as one JSON, may be longer than any other, but not endless. */
const longestLine = 16 * 1024 * 1024;

/**
 * Lines without their ends (LF, CRLF or CR), decoded across packet borders.
 *
 * @throws ModelError `cancelled` on abort, `network` when the connection breaks.
 */
export async function* readLines(response: Response, host: string, signal: AbortSignal): AsyncGenerator<string> {
  if (signal.aborted) {
    await response.body?.cancel().catch(() => undefined);
    throw cancelled(signal.reason);
  }
  if (response.body === null) {
    return;
  }
  const reader = response.body.getReader();
  const stop = (): void => void reader.cancel().catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? '';
      yield* lines;
      if (done || rest.length > longestLine) {
        break;
      }
    }
  } catch (error) {
    throw fromThrown(error, host, signal);
  } finally {
    signal.removeEventListener('abort', stop);
    if (signal.aborted) {
      stop();
    } else {
      readOut(reader, stop);
    }
  }
  if (signal.aborted) {
    throw cancelled(signal.reason);
  }
  if (rest !== '') {
    yield rest.replace(/\r$/, '');
  }
}

/** Only a connection whose answer was read to its very end serves the next call; one that goes on is closed. */
function readOut(reader: ReadableStreamDefaultReader<Uint8Array>, stop: () => void): void {
  const timer = setTimeout(stop, leftoverMs);
  const next = async (): Promise<void> => {
    while (!(await reader.read()).done);
  };
  next()
    .catch(() => undefined)
    .finally(() => clearTimeout(timer));
}

/**
 * Server-sent events of a response; comments and empty events come as `pulse`. A server that does not stream answers with one
 * JSON, whatever it calls that: it comes as one event.
 *
 * @throws ModelError as `readLines`, and where a web page came.
 */
export async function* readEvents(response: Response, host: string, signal: AbortSignal): AsyncGenerator<ServerEvent> {
  let event = '';
  let data: string[] = [];
  let whole: string[] | undefined;
  let wholeLength = 0;
  let begun = false;
  for await (const line of readLines(response, host, signal)) {
    if (!begun && line.trim() !== '') {
      begun = true;
      if (/^\s*<(?:!doctype|html)\b/i.test(line)) {
        throw webPage('network', host, response.status);
      }
      whole = /^\s*[{[]/.test(line) ? [] : undefined;
    }
    if (whole !== undefined) {
      whole.push(line);
      wholeLength += line.length;
      if (wholeLength > longestLine) {
        break;
      }
      yield 'pulse';
      continue;
    }
    if (line === '') {
      if (data.length > 0) {
        yield { event, data: data.join('\n') };
      }
      event = '';
      data = [];
      continue;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'data') {
      // Some servers leave out the empty line: what is whole already was an event of its own.
      if (data.length > 0 && isWhole(data.join('\n'))) {
        yield { event, data: data.join('\n') };
        data = [];
      }
      data.push(value);
    } else if (field === 'event') {
      event = value;
    } else if (field === '') {
      yield 'pulse';
    }
  }
  if (whole !== undefined) {
    yield { event, data: whole.join('\n') };
  } else if (data.length > 0) {
    yield { event, data: data.join('\n') };
  }
}

function isWhole(data: string): boolean {
  return data === '[DONE]' || parseJson(data) !== undefined;
}
