/** Chat Completions, as OpenAI and everything compatible with it speak it: one request out, one stream in. */
import type { FinishReason, ModelCall, ModelEvent, ModelLimits, Usage } from '../engine/model.ts';
import { ModelError } from '../engine/model.ts';
import { hasExplicitCache } from './catalog.ts';
import { cancelled, endedEarly, fromEvent, fromThrown, requestIdOf } from './errors.ts';
import { count, isJson, member, parseJson, text, type Json } from './http.ts';
import { outputRoom } from './limits.ts';
import type { Accepted } from './parameters.ts';
import { promptParts } from './promptParts.ts';
import { rateLimits } from './rateLimits.ts';
import { readEvents, type ServerEvent } from './stream.ts';
import { thinkFilter } from './think.ts';

export interface ChatDialect {
  readonly model: string;
  readonly limits: ModelLimits;
  /** OpenAI's own servers: `developer` role, `store`, prompt cache options. */
  readonly official: boolean;
}

/** The request's body and those of its parameters that it can do without. */
export function chatRequest(
  call: ModelCall,
  dialect: ChatDialect,
  accepted: Accepted,
): { body: Json; optional: string[] } {
  const { limits, model, official } = dialect;
  const options: Record<string, unknown> = {};
  const add = (name: string, value: unknown, wanted = true): void => {
    if (wanted && accepted.has(name)) {
      options[name] = value;
    }
  };
  const room = Math.min(outputRoom(call, limits), accepted.outputCap);
  const modern = (limits.reasoning && official) || !accepted.has('max_tokens');
  add(modern ? 'max_completion_tokens' : 'max_tokens', room);
  const streamed = accepted.has('stream');
  add('stream_options', { include_usage: true }, streamed);
  add('temperature', 0.2, !limits.reasoning);
  add(
    'stop',
    call.stop === undefined ? undefined : [call.stop],
    call.stop !== undefined && !(limits.reasoning && official),
  );
  add('reasoning_effort', 'low', limits.reasoning && call.effort === 'low');
  add('store', false, official);
  const [reused, ask] = promptParts(call);
  const explicit = official && hasExplicitCache(model) && (!call.reusable || ask !== undefined);
  add('prompt_cache_options', { mode: 'explicit' }, explicit);
  const marked = 'prompt_cache_options' in options && ask !== undefined;
  const parts = [
    { type: 'text', text: reused, prompt_cache_breakpoint: { mode: 'explicit' } },
    { type: 'text', text: ask },
  ];
  const messages = [
    { role: limits.reasoning && official ? 'developer' : 'system', content: call.system },
    { role: 'user', content: marked ? parts : call.user },
  ];
  // Last: other parameters' errors speak of streams too.
  add('stream', true);
  return { body: { model, messages, ...options }, optional: Object.keys(options) };
}

const stops = new Set([
  'stop',
  'eos',
  'eos_token',
  'end_turn',
  'stop_sequence',
  'complete',
  'completed',
  'tool_calls',
  'function_call',
]);
const lengths = new Set(['length', 'max_tokens', 'model_length', 'max_output_tokens', 'max_length']);

/** @throws ModelError where the word says that the server failed. */
export function finishReason(raw: string, host: string): FinishReason {
  const word = raw.toLowerCase();
  if (word === 'error' || word === 'insufficient_system_resource' || word === 'abort' || word === 'cancelled') {
    throw new ModelError({ kind: 'overloaded', code: 'broken-off', args: [host], detail: word });
  }
  if (/filter|safety|prohibited|blocklist|recitation/.test(word)) {
    return 'content-filter';
  }
  if (word === 'refusal') {
    return 'refused';
  }
  // A word that nobody knows does not say that the answer is complete.
  return stops.has(word) ? 'stop' : lengths.has(word) ? 'length' : 'length';
}

export function chatUsage(usage: unknown): Usage {
  return {
    inputTokens: count(member(usage, 'prompt_tokens')),
    cachedInputTokens:
      count(member(usage, 'prompt_tokens_details', 'cached_tokens')) ?? count(member(usage, 'prompt_cache_hit_tokens')),
    cacheWriteTokens: count(member(usage, 'prompt_tokens_details', 'cache_write_tokens')),
    outputTokens: count(member(usage, 'completion_tokens')),
    reasoningTokens: count(member(usage, 'completion_tokens_details', 'reasoning_tokens')),
  };
}

/** How long to wait for the usage after the finish reason: some servers keep the connection open and send none. */
const usageGraceMs = 2000;
/** The same where text came with the finish reason: gateways to Gemini name one with every piece, and more may follow. */
const textGraceMs = 15_000;

/** What is known of a model's thinking before it answers, and what is learned of it. */
export interface Thinking {
  /** Its answers begin within a thought whose opening tag stands in the prompt. */
  readonly begun?: boolean;
  /** The model thinks. */
  onReasoning?(): void;
  /** `begun` is so, or no longer. */
  onBegun?(begun: boolean): void;
}

/**
 * Reads the answer. Reasoning fields, tagged thinking and keep-alives come as `pulse`; complete is what the finish reason says.
 *
 * @throws ModelError
 */
export async function* readChat(
  response: Response,
  host: string,
  signal: AbortSignal,
  thinking: Thinking = {},
): AsyncGenerator<ModelEvent> {
  yield { type: 'open', rate: rateLimits(response.headers, Date.now()), requestId: requestIdOf(response.headers) };
  let stray = false;
  const think = thinkFilter(thinking.begun === true, () => (stray = true));
  let raw: string | undefined;
  let usage: unknown;
  let model: string | undefined;
  let refused = false;
  let wrote = false;
  let graceMs: number | undefined;
  for await (const event of graceful(response, host, signal, () => graceMs)) {
    const chunk = chunkOf(event, host, response.headers);
    if (chunk === 'done') {
      break;
    }
    if (chunk === 'pulse') {
      yield { type: 'pulse', keepAlive: true };
      continue;
    }
    model = text(chunk['model']) ?? model;
    usage = isJson(chunk['usage']) ? chunk['usage'] : (member(chunk, 'x_groq', 'usage') ?? usage);
    const choice = member(chunk, 'choices', 0);
    const refusal = text(member(choice, 'delta', 'refusal'));
    refused ||= refusal !== undefined;
    const thinks = reasons(choice);
    if (thinks) {
      thinking.onReasoning?.();
    }
    const said: string = contentOf(choice, wrote) + (refusal ?? '');
    wrote ||= said !== '';
    const visible = think.push(said);
    if (stray) {
      stray = false;
      thinking.onReasoning?.();
      thinking.onBegun?.(true);
      yield { type: 'retract' };
    }
    if (visible !== '') {
      yield { type: 'text', text: visible };
    } else {
      yield thinks || said !== '' ? { type: 'pulse' } : { type: 'pulse', keepAlive: true };
    }
    const told = text(member(choice, 'finish_reason')) ?? text(member(choice, 'finishReason'));
    raw = told ?? raw;
    if (told !== undefined) {
      graceMs = said === '' ? usageGraceMs : textGraceMs;
    } else if (raw !== undefined && isJson(chunk['usage']) && choice === undefined) {
      // The chunk with the counts is the last one.
      break;
    }
  }
  if (signal.aborted) {
    throw cancelled(signal.reason);
  }
  if (raw === undefined) {
    throw endedEarly(host);
  }
  const reason = finishReason(raw, host);
  const rest = think.end(reason === 'stop');
  if (rest !== '') {
    yield { type: 'text', text: rest };
  }
  if (thinking.begun === true && think.unclosed && reason === 'stop') {
    thinking.onBegun?.(false);
  }
  yield {
    type: 'finish',
    reason: refused && reason === 'stop' ? 'refused' : reason,
    raw,
    usage: chatUsage(usage),
    model,
  };
}

/** Events, but once the finish reason is there neither a broken nor a silent connection matters any more. */
async function* graceful(
  response: Response,
  host: string,
  signal: AbortSignal,
  graceMs: () => number | undefined,
): AsyncGenerator<ServerEvent> {
  const enough = new AbortController();
  const both = AbortSignal.any([signal, enough.signal]);
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    for await (const event of readEvents(response, host, both)) {
      clearTimeout(timer);
      yield event;
      const left = graceMs();
      if (left !== undefined) {
        timer = setTimeout(() => enough.abort(), left);
      }
    }
  } catch (error) {
    if (signal.aborted || graceMs() === undefined) {
      throw error;
    }
  } finally {
    clearTimeout(timer);
  }
}

function chunkOf(event: ServerEvent, host: string, headers: Headers): Json | 'pulse' | 'done' {
  if (event === 'pulse') {
    return 'pulse';
  }
  const data = event.data.trim();
  if (data === '[DONE]') {
    return 'done';
  }
  if (data === '') {
    return 'pulse';
  }
  const chunk = parseJson(data);
  if (!isJson(chunk)) {
    throw fromThrown(new SyntaxError('not JSON'), host);
  }
  if (event.event === 'error' || chunk['object'] === 'error' || (chunk['error'] ?? undefined) !== undefined) {
    throw fromEvent(chunk, host, headers);
  }
  return chunk;
}

/** Hidden thinking in a field of its own. */
function reasons(choice: unknown): boolean {
  return ['reasoning_content', 'reasoning', 'thinking'].some(
    (field) =>
      text(member(choice, 'delta', field)) !== undefined || text(member(choice, 'message', field)) !== undefined,
  );
}

/** A choice's visible text: a string, or parts of which some are thinking (Mistral). A whole message beside pieces repeats them. */
function contentOf(choice: unknown, wrote: boolean): string {
  const whole = wrote ? undefined : member(choice, 'message', 'content');
  const content = member(choice, 'delta', 'content') ?? whole ?? member(choice, 'text');
  if (typeof content === 'string') {
    return content;
  }
  return Array.isArray(content)
    ? content.map((part) => (member(part, 'type') === 'text' ? (text(member(part, 'text')) ?? '') : '')).join('')
    : '';
}
