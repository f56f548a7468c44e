/**
 * Talks to Ollama through its own `/api/chat`, because its `/v1` cannot set the window and cuts prompts silently. Used by the
 * OpenAI-compatible provider.
 */
import type { ChatModel, ModelCall, ModelEvent, ModelLimits } from '../engine/model.ts';
import { AnswerText, type Thinking } from './wires/answerText.ts';
import { askModel, type Wire } from './wires/askModel.ts';
import { getCatalogLimits } from './catalog.ts';
import { createCancelledError, fromEvent } from './errors.ts';
import { broken, finish, type Exchange } from './wires/finish.ts';
import { count, isJson, getMember, parseJson, send, sendJson, text, type Fetch, type Json } from './http.ts';
import { getOutputRoom, getSettled } from './limits.ts';
import type { Accepted } from './wires/parameters.ts';
import { probe, probeQuietly } from './wires/probe.ts';
import type { ModelInfo, ProviderConfig } from './provider.ts';
import type { Endpoint } from './endpoint.ts';
import { readLines, type StreamCounts } from './stream.ts';

interface OllamaAccess {
  readonly at: Endpoint;
  readonly fetch: Fetch;
}

/**
 * Whether the server answers like Ollama; `silent` if it did not answer.
 * @throws ModelError if it cannot be reached
 */
export async function isOllama(
  config: ProviderConfig,
  access: OllamaAccess,
  signal: AbortSignal,
): Promise<'yes' | 'no' | 'silent'> {
  const told = await probe(config, access, '/api/version', signal);
  if (told === 'silent') return 'silent';
  if (!('json' in told) || text(told.json['version']) === undefined || told.json['error'] !== undefined) return 'no';
  // other servers report a version at the same path
  const tags = await probe(config, access, '/api/tags', signal);
  return tags !== 'silent' && 'json' in tags && Array.isArray(tags.json['models']) ? 'yes' : 'no';
}

/** Preferred input of a call, tokens; larger packs read slowly and poorly on the user's machine. */
const comfortableInput = 12_288;
const windowStep = 2048;

/** Window to load the model with: the run's largest call and a margin for the tokenizer, in steps, within the model's limit. */
function readOllamaWindow(call: ModelCall, limits: ModelLimits): number {
  const largest = Math.max(call.runWindow ?? 0, call.inputTokens + call.maxTokens);
  const reasoning = limits.reasoning ? 8000 : 0;
  const wanted = Math.ceil((largest * 1.15 + reasoning + 256) / windowStep) * windowStep;
  return Math.min(Math.max(wanted, 2 * windowStep), limits.contextWindow);
}

/** Creates the request's body; `think` is optional. */
function createOllamaRequest(
  call: ModelCall,
  model: string,
  limits: ModelLimits,
  accepted: Accepted,
): { body: Json; optional: string[] } {
  const think = limits.reasoning && accepted.has('think') && accepted.has('thinking');
  const options = {
    num_ctx: readOllamaWindow(call, limits),
    num_predict: Math.min(getOutputRoom(call, limits), accepted.outputCap),
    temperature: call.sampling === 'varied' ? 0.8 : 0.2,
    ...(call.sampling === 'varied' ? { repeat_penalty: 1.2, frequency_penalty: 0.6 } : {}),
    ...(call.stop === undefined || !accepted.has('stop') ? {} : { stop: [call.stop] }),
  };
  const messages = [
    { role: 'system', content: call.system },
    { role: 'user', content: call.user },
  ];
  const thinks = call.effort === 'medium' || call.effort === 'high';
  // gpt-oss has levels but no off
  const effort = /^gpt-oss/.test(model) ? (thinks ? call.effort : 'low') : thinks;
  return {
    body: { model, messages, stream: accepted.has('stream'), options, ...(think ? { think: effort } : {}) },
    optional: think ? ['think', 'thinking'] : [],
  };
}

/** Uses Ollama's own API, which can set the window. */
export function createOllama(config: ProviderConfig, access: OllamaAccess): ChatModel {
  const limits = getSettled(config, access.at.base, (signal) => askLimits(config, access, signal));
  const wire = createWire(config, access);
  return {
    provider: 'openai-compatible',
    model: config.model,
    host: access.at.host,
    account: config.account,
    limits: limits.get,
    async *stream(call, signal) {
      const known = await limits.get(signal);
      const held = { ...known, contextWindow: readOllamaWindow(call, known), known: true };
      yield* askModel(config, wire, known, call, signal, held);
    },
  };
}

function createWire(config: ProviderConfig, access: OllamaAccess): Wire {
  const { base, root, host } = access.at;
  return {
    key: `${base} ollama`,
    base,
    host,
    official: false,
    build: (call, limits, accepted) => createOllamaRequest(call, config.model, limits, accepted),
    open: (body, signal) => send({ fetch: access.fetch, host, url: `${root}/api/chat`, body, signal }),
    read: readOllama,
    roomOf: (body) => count(getMember(body, 'options', 'num_predict')),
  };
}

/**
 * Reads the answer, one JSON object a line.
 * @throws ModelError
 */
async function* readOllama(
  response: Response,
  exchange: Exchange,
  signal: AbortSignal,
  thinking: Thinking = {},
): AsyncGenerator<ModelEvent> {
  const { host } = exchange;
  yield { type: 'open' };
  const answer = new AnswerText(exchange.room, thinking, exchange.call.stop);
  const counts: StreamCounts = { events: 0, unreadable: 0 };
  for await (const line of readLines(response, host, signal)) {
    const data = parseJson(line);
    if (!isJson(data)) {
      if (line.trim() !== '') counts.unreadable++;
      yield { type: 'pulse', keepAlive: true };
      continue;
    }
    counts.events++;
    if ((data['error'] ?? undefined) !== undefined) throw fromEvent(data, host, response.headers);
    if (text(getMember(data, 'message', 'thinking')) !== undefined) thinking.onReasoning?.();
    yield* answer.push(text(getMember(data, 'message', 'content')) ?? '');
    if (data['done'] !== true && !answer.runaway) continue;
    const usage = { inputTokens: count(data['prompt_eval_count']), outputTokens: count(data['eval_count']) };
    const raw = text(data['done_reason']) ?? 'stop';
    yield* finish(exchange, answer, { raw, usage, model: text(data['model']) });
    return;
  }
  throw signal.aborted ? createCancelledError(signal.reason) : broken(exchange, answer, counts);
}

async function askLimits(config: ProviderConfig, access: OllamaAccess, signal: AbortSignal): Promise<ModelLimits> {
  const shown = (await probeQuietly(config, access, '/api/show', signal, { model: config.model })) ?? {};
  const guess = getCatalogLimits(config.model, access.at.loopback);
  const info = shown['model_info'];
  const windows = isJson(info) ? Object.entries(info).filter(([name]) => name.endsWith('.context_length')) : [];
  const contextWindow = count(windows[0]?.[1]) ?? guess.contextWindow;
  const capabilities = shown['capabilities'];
  const size = parseBillions(getMember(shown, 'details', 'parameter_size'));
  return {
    ...guess,
    contextWindow,
    maxOutputTokens: Math.max(guess.maxOutputTokens, Math.min(16_384, Math.floor(contextWindow / 4))),
    softMaxInputTokens: config.contextWindow > 0 ? undefined : comfortableInput,
    tier: size < 20 ? 'cheap' : guess.tier,
    ...(Number.isFinite(size) ? { parameters: size * 1e9 } : {}),
    reasoning: Array.isArray(capabilities) ? capabilities.includes('thinking') : guess.reasoning,
    known: windows.length > 0,
    ...(access.at.loopback ? { listPrice: { input: 0, output: 0 } } : {}),
  };
}

/** Parses `8.0B` to 8; an unreadable size counts as large. */
function parseBillions(size: unknown): number {
  const [, number, unit] = /^([\d.]+)\s*([BM])$/i.exec(typeof size === 'string' ? size : '') ?? [];
  return number === undefined ? Number.POSITIVE_INFINITY : Number(number) * (unit?.toUpperCase() === 'M' ? 0.001 : 1);
}

/**
 * Lists the server's models that can chat.
 * @throws ModelError
 */
export async function listOllama(access: OllamaAccess, signal: AbortSignal): Promise<readonly ModelInfo[]> {
  const models = (await get(access, '/api/tags', signal))['models'];
  const rows = Array.isArray(models) ? models : [];
  return rows.flatMap((row): ModelInfo[] => {
    const id = text(getMember(row, 'model')) ?? text(getMember(row, 'name'));
    const size = text(getMember(row, 'details', 'parameter_size'));
    return id === undefined || /embed/i.test(id) ? [] : [{ id, label: size === undefined ? id : `${id} (${size})` }];
  });
}

function get(access: OllamaAccess, path: string, signal: AbortSignal): Promise<Json> {
  return sendJson({ fetch: access.fetch, host: access.at.host, url: access.at.root + path, signal });
}
