/** Reads a streamed answer: lines, then server-sent events. The SDKs' own readers hide keep-alives and end quietly when cut. */
import { cancelled, fromThrown } from './errors.ts';

/** One event, or a sign of life that holds none. */
export type ServerEvent = { readonly event: string; readonly data: string } | 'pulse';

/** A line may be longer than any answer, but not endless. */
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
    stop();
  }
  if (signal.aborted) {
    throw cancelled(signal.reason);
  }
  if (rest !== '') {
    yield rest.replace(/\r$/, '');
  }
}

/** Server-sent events of a response; comments and empty events come as `pulse`. Same errors as `readLines`. */
export async function* readEvents(response: Response, host: string, signal: AbortSignal): AsyncGenerator<ServerEvent> {
  let event = '';
  let data: string[] = [];
  for await (const line of readLines(response, host, signal)) {
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
      data.push(value);
    } else if (field === 'event') {
      event = value;
    } else if (field === '') {
      yield 'pulse';
    }
  }
  if (data.length > 0) {
    yield { event, data: data.join('\n') };
  }
}
