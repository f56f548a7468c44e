/** The Chat Completions wire of OpenAI and compatible servers. */
import type { ModelCall, ModelEvent, ModelLimits, Usage } from '../../engine/model.ts';
import { AnswerText, type Thinking } from './answerText.ts';
import { hasExplicitCache } from '../catalog.ts';
import { createCancelledError, fromEvent, findRequestId } from '../errors.ts';
import { broken, finish, type Exchange } from './finish.ts';
import { chooseEffort } from '../effort.ts';
import { count, isJson, getMember, text, type Json } from '../http.ts';
import { getOutputRoom } from '../limits.ts';
import { splitPrompt, type Accepted } from './parameters.ts';
import { rateLimits } from './rateLimits.ts';
import { readJsonEvents, type JsonEvent, type StreamCounts } from '../stream.ts';

interface ChatDialect {
  readonly model: string;
  readonly limits: ModelLimits;
  /** Whether it is OpenAI's own server: `developer` role, `store`, prompt cache options. */
  readonly official: boolean;
}

/** Creates the request's body and names its optional parameters. */
export function createChatRequest(
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
  const room = Math.min(getOutputRoom(call, limits), accepted.outputCap);
  const modern = (limits.reasoning && official) || !accepted.has('max_tokens');
  add(modern ? 'max_completion_tokens' : 'max_tokens', room);
  const streamed = accepted.has('stream');
  add('stream_options', { include_usage: true }, streamed);
  add('return_progress', true, streamed && limits.reportsReading === true);
  const varied = call.sampling === 'varied';
  add('temperature', varied ? 0.8 : 0.2, !limits.reasoning);
  add('frequency_penalty', 0.6, varied && !limits.reasoning);
  add(
    'stop',
    call.stop === undefined ? undefined : [call.stop],
    call.stop !== undefined && !(limits.reasoning && official),
  );
  const effort = limits.reasoning ? chooseEffort(model, call.effort, 'reasoning_effort', accepted) : undefined;
  add('reasoning_effort', effort?.value, effort !== undefined);
  add('store', false, official);
  const [reused, ask] = splitPrompt(call);
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
  // last, because errors about other parameters mention streams too
  add('stream', true);
  const optional = Object.keys(options).map((name) => (name === 'reasoning_effort' ? (effort?.item ?? name) : name));
  return { body: { model, messages, ...options }, optional };
}

/** Reads the counts under their standard and other names. */
export function readChatUsage(usage: unknown): Usage {
  return {
    inputTokens: count(getMember(usage, 'prompt_tokens')),
    cachedInputTokens:
      count(getMember(usage, 'prompt_tokens_details', 'cached_tokens')) ??
      count(getMember(usage, 'prompt_cache_hit_tokens')),
    cacheWriteTokens: count(getMember(usage, 'prompt_tokens_details', 'cache_write_tokens')),
    outputTokens: count(getMember(usage, 'completion_tokens')),
    reasoningTokens: count(getMember(usage, 'completion_tokens_details', 'reasoning_tokens')),
    costUsd: readCharge(usage),
  };
}

/** Most that one answer can cost, USD: a larger claim is made up. */
const maxChargeUsd = 1_000;

/** Reads the charge that a gateway reports, USD: `cost` of OpenRouter, LiteLLM, Vercel and others. */
function readCharge(usage: unknown): number | undefined {
  const cost = getMember(usage, 'cost') ?? getMember(usage, 'total_cost') ?? getMember(usage, 'cost_usd');
  return typeof cost === 'number' && cost >= 0 && cost <= maxChargeUsd ? cost : undefined;
}

/** Wait for the usage after the finish reason, ms; some servers keep the connection open and send none. */
const usageGraceMs = 2000;
/** The same if text came with the finish reason: gateways to Gemini send a reason with every piece. */
const textGraceMs = 15_000;

interface Reading {
  readonly text: AnswerText;
  readonly thinking: Thinking;
  raw?: string;
  usage?: unknown;
  model?: string;
  refused: boolean;
  done: boolean;
  /** Whether the counts arrived, after which nothing follows. */
  last: boolean;
  graceMs?: number;
}

/**
 * Reads the answer. Reasoning and keep-alives become `pulse`; the finish reason decides whether it is complete.
 * @throws ModelError
 */
export async function* readChat(
  response: Response,
  exchange: Exchange,
  signal: AbortSignal,
  thinking: Thinking = {},
): AsyncGenerator<ModelEvent> {
  const { host } = exchange;
  yield { type: 'open', rate: rateLimits(response.headers, Date.now()), requestId: findRequestId(response.headers) };
  const reading: Reading = {
    text: new AnswerText(exchange.room, thinking, exchange.call.stop),
    thinking,
    refused: false,
    done: false,
    last: false,
  };
  const counts: StreamCounts = { events: 0, unreadable: 0 };
  for await (const event of graceful(readJsonEvents, response, host, signal, counts, () => reading.graceMs)) {
    if (event === 'pulse') {
      yield { type: 'pulse', keepAlive: true };
      continue;
    }
    reading.done = event === 'done';
    if (event === 'done') break;
    yield* readChunk(failing(event, host, response.headers), reading);
    if (reading.last || reading.text.runaway) break;
  }
  if (signal.aborted) throw createCancelledError(signal.reason);
  const { raw, text: answer, usage, model, refused, done } = reading;
  // an end mark and counts but no reason: the last words decide
  const unnamed = done && isJson(usage) && answer.shown ? 'none' : undefined;
  if (raw === undefined && unnamed === undefined && !answer.runaway) throw broken(exchange, answer, counts);
  yield* finish(exchange, answer, { raw: raw ?? unnamed ?? 'runaway', usage: readChatUsage(usage), model, refused });
}

function* readChunk(chunk: Json, reading: Reading): Generator<ModelEvent> {
  const choice = getMember(chunk, 'choices', 0);
  reading.model = text(chunk['model']) ?? reading.model;
  reading.usage = isJson(chunk['usage']) ? chunk['usage'] : (getMember(chunk, 'x_groq', 'usage') ?? reading.usage);
  const refusal = text(getMember(choice, 'delta', 'refusal')) ?? text(getMember(choice, 'message', 'refusal'));
  reading.refused ||= refusal !== undefined;
  const thinks = reasons(choice);
  if (thinks) reading.thinking.onReasoning?.();
  const said = readContent(choice, reading.text.wrote) + (refusal ?? '');
  const readShare = readPromptShare(chunk);
  if (said !== '') yield* reading.text.push(said);
  else if (readShare !== undefined) yield { type: 'pulse', readShare };
  else yield thinks ? { type: 'pulse' } : { type: 'pulse', keepAlive: true };
  const isWhole = isJson(getMember(choice, 'message')) && getMember(choice, 'delta') === undefined;
  const named =
    text(getMember(choice, 'finish_reason')) ??
    text(getMember(choice, 'finishReason')) ??
    (isWhole ? 'none' : undefined);
  if (named !== undefined) {
    reading.raw = named;
    reading.graceMs = said === '' ? usageGraceMs : textGraceMs;
  } else if (reading.raw !== undefined && isJson(chunk['usage']) && choice === undefined) {
    reading.last = true;
  }
}

/** After the finish reason a broken connection no longer matters. */
/** Reads llama.cpp's `prompt_progress` (`return_progress`): share of the prompt read, 0 to 1. */
function readPromptShare(chunk: Json): number | undefined {
  const total = count(getMember(chunk, 'prompt_progress', 'total'));
  const processed = count(getMember(chunk, 'prompt_progress', 'processed'));
  return total === undefined || processed === undefined || total === 0 ? undefined : Math.min(1, processed / total);
}

async function* graceful(
  read: typeof readJsonEvents,
  response: Response,
  host: string,
  signal: AbortSignal,
  counts: StreamCounts,
  graceMs: () => number | undefined,
): AsyncGenerator<JsonEvent> {
  const enough = new AbortController();
  const both = AbortSignal.any([signal, enough.signal]);
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    for await (const event of read(response, host, both, counts)) {
      clearTimeout(timer);
      yield event;
      const left = graceMs();
      if (left !== undefined) timer = setTimeout(() => enough.abort(), left);
    }
  } catch (error) {
    if (signal.aborted || graceMs() === undefined) throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** @throws ModelError for an error within the stream */
function failing(event: Exclude<JsonEvent, string>, host: string, headers: Headers): Json {
  const { json } = event;
  const inChoice = getMember(json, 'choices', 0, 'error');
  const error = json['error'] ?? undefined;
  const bare = json['choices'] === undefined && (text(json['message']) ?? text(json['msg'])) !== undefined;
  const isError = event.event === 'error' || json['object'] === 'error' || error !== undefined || bare;
  if (isError) throw fromEvent(json, host, headers);
  const message = text(json['error_message']);
  if (message !== undefined) throw fromEvent({ error: { message, type: json['error_type'] } }, host, headers);
  if (isJson(inChoice)) throw fromEvent({ error: inChoice }, host, headers);
  return json;
}

function reasons(choice: unknown): boolean {
  const fields = ['reasoning_content', 'reasoning', 'thinking', 'reasoning_text'];
  const places = ['delta', 'message'];
  const thinking = fields.some((field) => places.some((place) => text(getMember(choice, place, field)) !== undefined));
  return thinking || places.some((place) => listParts(getMember(choice, place, 'content')).some(isThinking));
}

function listParts(content: unknown): readonly unknown[] {
  return Array.isArray(content) ? content : [];
}

function isThinking(part: unknown): boolean {
  return getMember(part, 'type') === 'thinking' || getMember(part, 'type') === 'reasoning';
}

/**
 * Returns a choice's visible text: a string, or parts of which some are reasoning (Mistral). A whole message beside pieces
 * repeats them.
 */
function readContent(choice: unknown, wrote: boolean): string {
  const whole = wrote ? undefined : getMember(choice, 'message', 'content');
  const content = getMember(choice, 'delta', 'content') ?? whole ?? getMember(choice, 'text');
  if (typeof content === 'string') return content;
  const parts = isJson(content) ? [content] : listParts(content);
  return parts.map((part) => (isThinking(part) ? '' : (text(getMember(part, 'text')) ?? ''))).join('');
}
