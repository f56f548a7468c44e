/** The Messages wire: one request out, one stream in. */
import type { FinishReason, ModelCall, ModelEvent, ModelLimits, Usage } from '../engine/model.ts';
import { cancelled, endedEarly, fromEvent, fromThrown, requestIdOf } from './errors.ts';
import { count, isJson, member, parseJson, text, type Json } from './http.ts';
import { outputRoom } from './limits.ts';
import type { Accepted } from './parameters.ts';
import { promptParts } from './promptParts.ts';
import { rateLimits } from './rateLimits.ts';
import { readEvents } from './stream.ts';

/** The request's body and those of its parameters that it can do without. */
export function messagesRequest(
  call: ModelCall,
  model: string,
  limits: ModelLimits,
  accepted: Accepted,
): { body: Json; optional: string[] } {
  const options: Record<string, unknown> = {};
  const add = (name: string, value: unknown, wanted: boolean): void => {
    if (wanted && accepted.has(name)) {
      options[name] = value;
    }
  };
  add('stop_sequences', [call.stop], call.stop !== undefined);
  add('output_config', { effort: 'low' }, limits.reasoning && call.effort === 'low');
  const [reused, ask] = promptParts(call);
  const cached = ask !== undefined && accepted.has('cache_control');
  const first = cached
    ? { type: 'text', text: reused, cache_control: { type: 'ephemeral' } }
    : { type: 'text', text: reused };
  const content = ask === undefined ? [first] : [first, { type: 'text', text: ask }];
  return {
    body: {
      model,
      max_tokens: Math.min(outputRoom(call, limits), accepted.outputCap),
      system: call.system,
      messages: [{ role: 'user', content }],
      stream: true,
      ...options,
    },
    optional: [...Object.keys(options), ...(cached ? ['cache_control'] : [])],
  };
}

function reasonOf(raw: string): FinishReason {
  switch (raw) {
    case 'refusal':
      return 'refused';
    case 'model_context_window_exceeded':
      return 'too-long';
    case 'end_turn':
    case 'stop_sequence':
    case 'tool_use':
      return 'stop';
    default:
      return 'length';
  }
}

/** What the start told, with what the end corrected: its counts are totals, and some of them may be missing. */
function usageOf(start: unknown, end: unknown): Usage {
  const read = (...path: string[]): number | undefined => count(member(end, ...path)) ?? count(member(start, ...path));
  const fresh = read('input_tokens');
  const written = read('cache_creation_input_tokens');
  const cached = read('cache_read_input_tokens');
  return {
    inputTokens: fresh === undefined ? undefined : fresh + (written ?? 0) + (cached ?? 0),
    cachedInputTokens: cached,
    cacheWriteTokens: written,
    outputTokens: count(member(end, 'output_tokens')),
    reasoningTokens: read('output_tokens_details', 'thinking_tokens'),
  };
}

/** Reads the answer; complete is what the stop reason says. @throws ModelError */
export async function* readMessages(response: Response, host: string, signal: AbortSignal): AsyncGenerator<ModelEvent> {
  yield { type: 'open', rate: rateLimits(response.headers, Date.now()), requestId: requestIdOf(response.headers) };
  let start: unknown;
  let end: unknown;
  let model: string | undefined;
  let raw: string | undefined;
  try {
    for await (const event of readEvents(response, host, signal)) {
      const data = event === 'pulse' ? undefined : parseJson(event.data);
      if (event === 'pulse' || event.data === '') {
        yield { type: 'pulse', keepAlive: true };
        continue;
      }
      if (!isJson(data)) {
        throw fromThrown(new SyntaxError('not JSON'), host);
      }
      const type = text(data['type']) ?? event.event;
      if (type === 'error') {
        throw fromEvent(data, host, response.headers);
      }
      if (type === 'message') {
        yield* readWhole(data);
        return;
      }
      if (type === 'message_start') {
        start = member(data, 'message', 'usage');
        model = text(member(data, 'message', 'model'));
      } else if (type === 'message_delta') {
        end = isJson(data['usage']) ? data['usage'] : end;
        raw = text(member(data, 'delta', 'stop_reason')) ?? raw;
      } else if (type === 'message_stop') {
        break;
      }
      yield visible(data) ?? (type === 'ping' ? { type: 'pulse', keepAlive: true } : { type: 'pulse' });
    }
  } catch (error) {
    // Broken after the stop reason: the answer is there.
    if (signal.aborted || raw === undefined) {
      throw error;
    }
  }
  if (signal.aborted) {
    throw cancelled(signal.reason);
  }
  if (raw === undefined) {
    throw endedEarly(host);
  }
  yield { type: 'finish', reason: reasonOf(raw), raw, usage: usageOf(start, end), model };
}

/** The answer of a server that does not stream. */
function* readWhole(message: Json): Generator<ModelEvent> {
  const blocks: readonly unknown[] = Array.isArray(message['content']) ? message['content'] : [];
  const said = blocks
    .map((block) => (member(block, 'type') === 'text' ? (text(member(block, 'text')) ?? '') : ''))
    .join('');
  if (said !== '') {
    yield { type: 'text', text: said };
  }
  const raw = text(message['stop_reason']) ?? 'unknown';
  const usage = message['usage'];
  yield { type: 'finish', reason: reasonOf(raw), raw, usage: usageOf(usage, usage), model: text(message['model']) };
}

function visible(data: Json): ModelEvent | undefined {
  const said = text(member(data, 'delta', 'text')) ?? text(member(data, 'content_block', 'text'));
  return said === undefined ? undefined : { type: 'text', text: said };
}
