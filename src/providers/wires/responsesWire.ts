/** OpenAI's Responses wire. The server stores nothing. */
import type { ModelCall, ModelEvent, ModelLimits, Usage } from '../../engine/model.ts';
import { AnswerText, type Thinking } from './answerText.ts';
import { hasExplicitCache } from '../catalog.ts';
import { createCancelledError, fromEvent, findRequestId } from '../errors.ts';
import { broken, finish, type Exchange } from './finish.ts';
import { chooseEffort } from '../effort.ts';
import { count, getMember, text, type Json } from '../http.ts';
import { getOutputRoom } from '../limits.ts';
import { splitPrompt, type Accepted } from './parameters.ts';
import { rateLimits } from './rateLimits.ts';
import { readJsonEvents, type StreamCounts } from '../stream.ts';

/** Creates the request's body and names its optional parameters. */
export function createResponsesRequest(
  call: ModelCall,
  model: string,
  limits: ModelLimits,
  accepted: Accepted,
  tier?: 'flex',
): { body: Json; optional: string[] } {
  const options: Record<string, unknown> = {};
  const add = (name: string, value: unknown, wanted = true): void => {
    if (wanted && accepted.has(name)) {
      options[name] = value;
    }
  };
  add('max_output_tokens', Math.min(getOutputRoom(call, limits), accepted.outputCap));
  const effort = limits.reasoning ? chooseEffort(model, call.effort, 'reasoning', accepted) : undefined;
  add('reasoning', { effort: effort?.value }, effort !== undefined);
  add('service_tier', tier, tier !== undefined);
  add('temperature', call.sampling === 'varied' ? 0.8 : 0.2, !limits.reasoning);
  const [reused, ask] = splitPrompt(call);
  const explicit = hasExplicitCache(model) && (!call.reusable || ask !== undefined);
  // implicit caching writes and bills an entry for every text, although few texts return
  add('prompt_cache_options', { mode: 'explicit' }, explicit);
  add('stream', true);
  const marked = 'prompt_cache_options' in options && ask !== undefined;
  const breakpoint = marked ? { prompt_cache_breakpoint: { mode: 'explicit' } } : {};
  const first = { type: 'input_text', text: reused, ...breakpoint };
  const input = [{ role: 'user', content: ask === undefined ? [first] : [first, { type: 'input_text', text: ask }] }];
  return {
    body: { model, instructions: call.system, input, store: false, ...options },
    optional: Object.keys(options).map((name) => (name === 'reasoning' ? (effort?.item ?? name) : name)),
  };
}

function readResponsesUsage(usage: unknown): Usage {
  return {
    inputTokens: count(getMember(usage, 'input_tokens')),
    cachedInputTokens: count(getMember(usage, 'input_tokens_details', 'cached_tokens')),
    cacheWriteTokens: count(getMember(usage, 'input_tokens_details', 'cache_write_tokens')),
    outputTokens: count(getMember(usage, 'output_tokens')),
    reasoningTokens: count(getMember(usage, 'output_tokens_details', 'reasoning_tokens')),
  };
}

/**
 * Reads the answer; the response's own status decides whether it is complete, not the name of the event.
 * @throws ModelError
 */
export async function* readResponses(
  response: Response,
  exchange: Exchange,
  signal: AbortSignal,
  thinking: Thinking = {},
): AsyncGenerator<ModelEvent> {
  const { host } = exchange;
  yield { type: 'open', rate: rateLimits(response.headers, Date.now()), requestId: findRequestId(response.headers) };
  const answer = new AnswerText(exchange.room, thinking, exchange.call.stop);
  const counts: StreamCounts = { events: 0, unreadable: 0 };
  let refused = false;
  for await (const event of readJsonEvents(response, host, signal, counts)) {
    if (event === 'pulse' || event === 'done') {
      yield { type: 'pulse', keepAlive: true };
      continue;
    }
    const { json } = event;
    const type = text(json['type']) ?? (Array.isArray(json['output']) ? whole : event.event);
    const delta = text(json['delta']);
    if ((type === 'response.output_text.delta' || type === 'response.refusal.delta') && delta !== undefined) {
      refused ||= type === 'response.refusal.delta';
      yield* answer.push(delta);
      if (!answer.runaway) continue;
      yield* finish(exchange, answer, { raw: 'runaway', usage: {} });
      return;
    }
    const result = type === whole ? json : ends.has(type) ? (getMember(json, 'response') ?? json) : undefined;
    if (result !== undefined) {
      yield* end(result, type, exchange, answer, refused, response.headers);
      return;
    }
    if (type === 'error' || (json['error'] ?? undefined) !== undefined) {
      throw fromEvent(json['error'] ?? json, host, response.headers);
    }
    if (/reasoning/.test(type)) thinking.onReasoning?.();
    if (type === 'response.created') {
      yield { type: 'pulse', usage: readTier(getMember(json, 'response')) };
      continue;
    }
    yield type === 'keepalive' || type === 'ping' ? { type: 'pulse', keepAlive: true } : { type: 'pulse' };
  }
  throw signal.aborted ? createCancelledError(signal.reason) : broken(exchange, answer, counts);
}

/** Type of the object that a server sends if it does not stream. */
const whole = 'response';
const ends = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.cancelled',
  'response.done',
]);

/**
 * Yields the finish, and the text if no piece came before.
 * @throws ModelError if the response failed
 */
function* end(
  result: unknown,
  type: string,
  exchange: Exchange,
  answer: AnswerText,
  refusedBefore: boolean,
  headers: Headers,
): Generator<ModelEvent> {
  const status = text(getMember(result, 'status')) ?? /\.(\w+)$/.exec(type)?.[1] ?? 'completed';
  const error = getMember(result, 'error') ?? undefined;
  if (status === 'failed' || error !== undefined) {
    throw fromEvent(error === undefined ? { error: { code: 'server_error' } } : { error }, exchange.host, headers);
  }
  const told = answer.wrote ? { text: '', refused: refusedBefore } : readText(result);
  if (told.text !== '') yield* answer.push(told.text);
  const reason = text(getMember(result, 'incomplete_details', 'reason'));
  const raw = status === 'incomplete' ? (reason ?? 'max_output_tokens') : status === 'cancelled' ? status : 'completed';
  yield* finish(exchange, answer, {
    raw,
    usage: { ...readResponsesUsage(getMember(result, 'usage')), ...readTier(result) },
    model: text(getMember(result, 'model')),
    refused: told.refused,
  });
}

function readTier(answer: unknown): { flex?: true } {
  return text(getMember(answer, 'service_tier')) === 'flex' ? { flex: true } : {};
}

function readText(answer: unknown): { text: string; refused: boolean } {
  const output = getMember(answer, 'output');
  const items: readonly unknown[] = Array.isArray(output) ? output : [];
  const parts = items.flatMap((item): unknown[] => {
    const content = getMember(item, 'content');
    return getMember(item, 'type') === 'message' && Array.isArray(content) ? content : [];
  });
  const said = parts.map((part) => text(getMember(part, 'text')) ?? text(getMember(part, 'refusal')) ?? '').join('');
  return { text: said, refused: parts.some((part) => getMember(part, 'type') === 'refusal') };
}
