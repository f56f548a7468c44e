/** OpenAI's Responses API: one request out, one stream in. Nothing is stored on their side. */
import type { FinishReason, ModelCall, ModelEvent, ModelLimits, Usage } from '../engine/model.ts';
import { hasExplicitCache } from './catalog.ts';
import { cancelled, endedEarly, fromEvent, fromThrown, requestIdOf } from './errors.ts';
import { count, isJson, member, parseJson, text, type Json } from './http.ts';
import { outputRoom } from './limits.ts';
import type { Accepted } from './parameters.ts';
import { promptParts } from './promptParts.ts';
import { rateLimits } from './rateLimits.ts';
import { readEvents } from './stream.ts';

/** The request's body and those of its parameters that it can do without. */
export function responsesRequest(
  call: ModelCall,
  model: string,
  limits: ModelLimits,
  accepted: Accepted,
): { body: Json; optional: string[] } {
  const options: Record<string, unknown> = {};
  const add = (name: string, value: unknown, wanted = true): void => {
    if (wanted && accepted.has(name)) {
      options[name] = value;
    }
  };
  add('max_output_tokens', Math.min(outputRoom(call, limits), accepted.outputCap));
  add('reasoning', { effort: 'low' }, limits.reasoning && call.effort === 'low');
  add('temperature', 0.2, !limits.reasoning);
  const [reused, ask] = promptParts(call);
  const explicit = hasExplicitCache(model) && (!call.reusable || ask !== undefined);
  // Implicit caching writes, and bills, an entry after every text that never comes back.
  add('prompt_cache_options', { mode: 'explicit' }, explicit);
  add('stream', true);
  const marked = 'prompt_cache_options' in options && ask !== undefined;
  const breakpoint = marked ? { prompt_cache_breakpoint: { mode: 'explicit' } } : {};
  const first = { type: 'input_text', text: reused, ...breakpoint };
  const input = [{ role: 'user', content: ask === undefined ? [first] : [first, { type: 'input_text', text: ask }] }];
  return {
    body: { model, instructions: call.system, input, store: false, ...options },
    optional: Object.keys(options),
  };
}

function responsesUsage(usage: unknown): Usage {
  return {
    inputTokens: count(member(usage, 'input_tokens')),
    cachedInputTokens: count(member(usage, 'input_tokens_details', 'cached_tokens')),
    cacheWriteTokens: count(member(usage, 'input_tokens_details', 'cache_write_tokens')),
    outputTokens: count(member(usage, 'output_tokens')),
    reasoningTokens: count(member(usage, 'output_tokens_details', 'reasoning_tokens')),
  };
}

function reasonOf(incomplete: string): FinishReason {
  return incomplete === 'content_filter' ? 'content-filter' : 'length';
}

/** Reads the answer; complete is what `response.completed` says. @throws ModelError */
export async function* readResponses(
  response: Response,
  host: string,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  yield { type: 'open', rate: rateLimits(response.headers, Date.now()), requestId: requestIdOf(response.headers) };
  let refused = false;
  let wrote = false;
  for await (const event of readEvents(response, host, signal)) {
    const data = event === 'pulse' ? undefined : parseJson(event.data);
    if (event === 'pulse' || event.data === '[DONE]' || event.data === '') {
      yield { type: 'pulse', keepAlive: true };
      continue;
    }
    if (!isJson(data)) {
      throw fromThrown(new SyntaxError('not JSON'), host);
    }
    const type = text(data['type']) ?? (Array.isArray(data['output']) ? whole : event.event);
    const delta = text(data['delta']);
    if ((type === 'response.output_text.delta' || type === 'response.refusal.delta') && delta !== undefined) {
      refused ||= type === 'response.refusal.delta';
      wrote = true;
      yield { type: 'text', text: delta };
    } else if (type === 'response.completed' || type === 'response.incomplete') {
      yield* end(data['response'], refused, wrote);
      return;
    } else if (type === whole && text(data['status']) !== 'failed') {
      yield* end(data, refused, wrote);
      return;
    } else if (type === 'response.failed' || type === 'error' || (data['error'] ?? undefined) !== undefined) {
      throw fromEvent(member(data, 'response', 'error') ?? data['error'] ?? data, host, response.headers);
    } else {
      yield type === 'keepalive' || type === 'ping' ? { type: 'pulse', keepAlive: true } : { type: 'pulse' };
    }
  }
  throw signal.aborted ? cancelled(signal.reason) : endedEarly(host);
}

/** What a server that does not stream answers with. */
const whole = 'response';

/** The finish of an answer, and its text where no piece of it came before. */
function* end(answer: unknown, refused: boolean, wrote: boolean): Generator<ModelEvent> {
  const told = wrote ? { text: '', refused } : textOf(answer);
  if (told.text !== '') {
    yield { type: 'text', text: told.text };
  }
  const incomplete =
    text(member(answer, 'status')) === 'incomplete'
      ? (text(member(answer, 'incomplete_details', 'reason')) ?? 'incomplete')
      : undefined;
  yield {
    type: 'finish',
    reason: incomplete === undefined ? (told.refused ? 'refused' : 'stop') : reasonOf(incomplete),
    raw: incomplete ?? 'completed',
    usage: responsesUsage(member(answer, 'usage')),
    model: text(member(answer, 'model')),
  };
}

function textOf(answer: unknown): { text: string; refused: boolean } {
  const output = member(answer, 'output');
  const items: readonly unknown[] = Array.isArray(output) ? output : [];
  const parts = items.flatMap((item): unknown[] => {
    const content = member(item, 'content');
    return member(item, 'type') === 'message' && Array.isArray(content) ? content : [];
  });
  const said = parts.map((part) => text(member(part, 'text')) ?? text(member(part, 'refusal')) ?? '').join('');
  return { text: said, refused: parts.some((part) => member(part, 'type') === 'refusal') };
}
