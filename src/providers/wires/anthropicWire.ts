/** The Messages wire. */
import type { ModelCall, ModelEvent, ModelLimits, Usage } from '../../engine/model.ts';
import { AnswerText, type Thinking } from './answerText.ts';
import { createCancelledError, fromEvent, findRequestId } from '../errors.ts';
import { broken, finish, type Exchange } from './finish.ts';
import { chooseEffort } from '../effort.ts';
import { count, isJson, getMember, text, type Json } from '../http.ts';
import { getOutputRoom } from '../limits.ts';
import { splitPrompt, type Accepted } from './parameters.ts';
import { rateLimits } from './rateLimits.ts';
import { readJsonEvents, type StreamCounts } from '../stream.ts';

/** Creates the body and names its optional parameters. */
export function createMessagesRequest(
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
  const effort = limits.reasoning ? chooseEffort(model, call.effort, 'output_config', accepted) : undefined;
  add('output_config', { effort: effort?.value }, effort !== undefined);
  const [reused, ask] = splitPrompt(call);
  const cached = ask !== undefined && accepted.has('cache_control');
  const first = cached
    ? { type: 'text', text: reused, cache_control: { type: 'ephemeral' } }
    : { type: 'text', text: reused };
  const content = ask === undefined ? [first] : [first, { type: 'text', text: ask }];
  return {
    body: {
      model,
      max_tokens: Math.min(getOutputRoom(call, limits), accepted.outputCap),
      system: call.system,
      messages: [{ role: 'user', content }],
      stream: accepted.has('stream'),
      ...options,
    },
    optional: [...Object.keys(options), ...(cached ? ['cache_control'] : [])],
  };
}

/** Reads the counts of the start, corrected by the totals of the end; some may be missing. */
function readUsage(start: unknown, end: unknown): Usage {
  const read = (...path: string[]): number | undefined =>
    count(getMember(end, ...path)) ?? count(getMember(start, ...path));
  const fresh = read('input_tokens');
  const written = read('cache_creation_input_tokens');
  const cached = read('cache_read_input_tokens');
  return {
    inputTokens: fresh === undefined ? undefined : fresh + (written ?? 0) + (cached ?? 0),
    cachedInputTokens: cached,
    cacheWriteTokens: written,
    outputTokens: count(getMember(end, 'output_tokens')),
    reasoningTokens: read('output_tokens_details', 'thinking_tokens'),
  };
}

interface Reading {
  readonly text: AnswerText;
  readonly thinking: Thinking;
  start?: unknown;
  end?: unknown;
  model?: string;
  raw?: string;
}

/**
 * Reads an answer; the stop reason decides whether it is complete.
 * @throws ModelError
 */
export async function* readMessages(
  response: Response,
  exchange: Exchange,
  signal: AbortSignal,
  thinking: Thinking = {},
): AsyncGenerator<ModelEvent> {
  yield { type: 'open', rate: rateLimits(response.headers, Date.now()), requestId: findRequestId(response.headers) };
  const reading: Reading = { text: new AnswerText(exchange.room, thinking, exchange.call.stop), thinking };
  const counts: StreamCounts = { events: 0, unreadable: 0 };
  try {
    for await (const event of readJsonEvents(response, exchange.host, signal, counts)) {
      if (event === 'pulse' || event === 'done') {
        yield { type: 'pulse', keepAlive: true };
        continue;
      }
      const { json } = event;
      const type = text(json['type']) ?? event.event;
      if (type === 'error' || (json['error'] ?? undefined) !== undefined) {
        throw fromEvent(json, exchange.host, response.headers);
      }
      if (type === 'message_stop') break;
      yield* readEvent(type, json, reading);
      if (reading.text.runaway || type === 'message') break;
    }
  } catch (error) {
    // broken after the stop reason, so the answer is complete
    if (signal.aborted || reading.raw === undefined) throw error;
  }
  if (signal.aborted) throw createCancelledError(signal.reason);
  const { raw, text: answer, model } = reading;
  if (raw === undefined && !answer.runaway) throw broken(exchange, answer, counts);
  yield* finish(exchange, answer, { raw: raw ?? 'runaway', usage: readUsage(reading.start, reading.end), model });
}

function* readEvent(type: string, json: Json, reading: Reading): Generator<ModelEvent> {
  switch (type) {
    case 'message': {
      reading.start = reading.end = json['usage'];
      reading.model = text(json['model']);
      reading.raw = text(json['stop_reason']) ?? 'unknown';
      const blocks: readonly unknown[] = Array.isArray(json['content']) ? json['content'] : [];
      const said = blocks.map((block) =>
        getMember(block, 'type') === 'text' ? text(getMember(block, 'text')) : undefined,
      );
      yield* reading.text.push(said.filter((part) => part !== undefined).join(''));
      return;
    }
    case 'message_start':
      reading.start = getMember(json, 'message', 'usage');
      reading.model = text(getMember(json, 'message', 'model'));
      break;
    case 'message_delta':
      reading.end = isJson(json['usage']) ? json['usage'] : reading.end;
      reading.raw = text(getMember(json, 'delta', 'stop_reason')) ?? reading.raw;
      break;
    default:
  }
  const thinks = text(getMember(json, 'delta', 'thinking')) ?? text(getMember(json, 'content_block', 'thinking'));
  if (thinks !== undefined) reading.thinking.onReasoning?.();
  const said = text(getMember(json, 'delta', 'text')) ?? text(getMember(json, 'content_block', 'text'));
  if (said !== undefined) yield* reading.text.push(said);
  else if (type === 'message_start') yield { type: 'pulse', usage: readUsage(reading.start, undefined) };
  else yield type === 'ping' ? { type: 'pulse', keepAlive: true } : { type: 'pulse' };
}
