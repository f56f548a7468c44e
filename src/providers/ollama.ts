/**
 * Ollama through its own `/api/chat`: its `/v1` cannot set the window and cuts the prompt silently.
 * Not a provider of its own: the OpenAI-compatible one uses it where it finds Ollama.
 */
import type { ChatModel, FinishReason, ModelCall, ModelEvent, ModelLimits, Usage } from '../engine/model.ts';
import { briefly } from './cachedQuery.ts';
import { catalogLimits } from './catalog.ts';
import { endedEarly, fromEvent, fromThrown } from './errors.ts';
import { count, isJson, member, parseJson, send, sendJson, text, type Fetch, type Json } from './http.ts';
import { checkNotCut, learn, outputRoom, settled } from './limits.ts';
import { sendAccepted, type Accepted } from './parameters.ts';
import type { ModelInfo, ProviderConfig } from './provider.ts';
import type { Endpoint } from './endpoint.ts';
import { readLines } from './stream.ts';
import { thinkFilter } from './think.ts';

export interface OllamaAccess {
  readonly at: Endpoint;
  readonly fetch: Fetch;
}

/** True where the server answers as Ollama does. A server that cannot be reached throws, one that is something else does not. */
export function isOllama(access: OllamaAccess, signal: AbortSignal): Promise<boolean> {
  return briefly(access.at.host, signal, (brief) => answersAsOllama(access, brief));
}

async function answersAsOllama(access: OllamaAccess, signal: AbortSignal): Promise<boolean> {
  try {
    const answer = await get(access, '/api/version', signal);
    if (text(answer['version']) === undefined || answer['error'] !== undefined) {
      return false;
    }
    // Others tell a version at the same place.
    return Array.isArray((await get(access, '/api/tags', signal))['models']);
  } catch (error) {
    const status = (error as { status?: number }).status;
    if (status === undefined || signal.aborted) {
      throw error;
    }
    return false;
  }
}

/** A prompt that fits a window leaves the rest of it to the server; packs above this read slowly and poorly on one's own machine. */
const comfortableInput = 12_288;
const windowStep = 2048;

/** Window to load the model with: the run's largest call with a margin for the tokenizer, in steps, and what the model can hold. */
export function ollamaWindow(call: ModelCall, limits: ModelLimits): number {
  const largest = Math.max(call.runWindow ?? 0, call.inputTokens + call.maxTokens);
  const reasoning = limits.reasoning ? 8000 : 0;
  const wanted = Math.ceil((largest * 1.15 + reasoning + 256) / windowStep) * windowStep;
  return Math.min(Math.max(wanted, 2 * windowStep), limits.contextWindow);
}

/** The request's body; `think` is what it can do without. */
export function ollamaRequest(
  call: ModelCall,
  model: string,
  limits: ModelLimits,
  accepted: Accepted,
): { body: Json; optional: string[] } {
  const think = limits.reasoning && call.effort === 'low' && accepted.has('think') && accepted.has('thinking');
  const options = {
    num_ctx: ollamaWindow(call, limits),
    num_predict: Math.min(outputRoom(call, limits), accepted.outputCap),
    temperature: 0.2,
    ...(call.stop === undefined ? {} : { stop: [call.stop] }),
  };
  const messages = [
    { role: 'system', content: call.system },
    { role: 'user', content: call.user },
  ];
  // gpt-oss has levels and no off.
  const effort = /^gpt-oss/.test(model) ? 'low' : false;
  return {
    body: { model, messages, stream: true, options, ...(think ? { think: effort } : {}) },
    optional: think ? ['think', 'thinking'] : [],
  };
}

export function createOllama(config: ProviderConfig, access: OllamaAccess): ChatModel {
  const limits = settled(config, access.at.base, (signal) => askLimits(config, access, signal));
  return {
    provider: 'openai-compatible',
    model: config.model,
    host: access.at.host,
    account: config.account,
    limits: limits.fresh,
    stream: (call, signal) => stream(config, access, limits.known, call, signal),
  };
}

async function* stream(
  config: ProviderConfig,
  access: OllamaAccess,
  limits: ChatModel['limits'],
  call: ModelCall,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  const { base, root, host } = access.at;
  try {
    const known = await limits(signal);
    const build = (accepted: Accepted) => ollamaRequest(call, config.model, known, accepted);
    let sent: Json = {};
    const post = (body: Json) => {
      sent = body;
      return send({ fetch: access.fetch, host, url: `${root}/api/chat`, body, signal });
    };
    const response = await sendAccepted(config, `${base} ollama`, build, post);
    yield* read(response, host, call, sent, signal);
  } catch (error) {
    learn(config, base, error);
    throw error;
  }
}

async function* read(
  response: Response,
  host: string,
  call: ModelCall,
  sent: Json,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  yield { type: 'open' };
  const think = thinkFilter();
  for await (const line of readLines(response, host, signal)) {
    if (line.trim() === '') {
      continue;
    }
    const data = parseJson(line);
    if (!isJson(data)) {
      throw fromThrown(new SyntaxError('not JSON'), host);
    }
    if (data['error'] !== undefined) {
      throw fromEvent(data, host, response.headers);
    }
    const visible = think.push(text(member(data, 'message', 'content')) ?? '');
    yield visible === '' ? { type: 'pulse' } : { type: 'text', text: visible };
    if (data['done'] === true) {
      yield* end(data, think.end(data['done_reason'] !== 'length'), host, call, sent);
      return;
    }
  }
  throw endedEarly(host);
}

function* end(data: Json, rest: string, host: string, call: ModelCall, sent: Json): Generator<ModelEvent> {
  const inputTokens = count(data['prompt_eval_count']);
  checkNotCut(call, inputTokens, host);
  if (rest !== '') {
    yield { type: 'text', text: rest };
  }
  const raw = text(data['done_reason']) ?? 'stop';
  const usage = { inputTokens, outputTokens: count(data['eval_count']) };
  const reason: FinishReason = raw === 'stop' ? 'stop' : windowFull(usage, sent) ? 'too-long' : 'length';
  yield { type: 'finish', reason, raw, usage, model: text(data['model']) };
}

/** `length` is also what Ollama says when prompt and answer have filled the window. */
function windowFull(usage: Usage, sent: Json): boolean {
  const { inputTokens = 0, outputTokens = 0 } = usage;
  const window = count(member(sent, 'options', 'num_ctx')) ?? Number.POSITIVE_INFINITY;
  const asked = count(member(sent, 'options', 'num_predict')) ?? 0;
  return outputTokens < asked - 1 && inputTokens + outputTokens >= window * 0.95;
}

async function askLimits(config: ProviderConfig, access: OllamaAccess, signal: AbortSignal): Promise<ModelLimits> {
  const { host, root, loopback } = access.at;
  const shown = await sendJson({
    fetch: access.fetch,
    host,
    url: `${root}/api/show`,
    body: { model: config.model },
    signal,
  });
  const guess = catalogLimits(config.model, loopback);
  const info = shown['model_info'];
  const windows = isJson(info) ? Object.entries(info).filter(([name]) => name.endsWith('.context_length')) : [];
  const contextWindow = count(windows[0]?.[1]) ?? guess.contextWindow;
  const capabilities = shown['capabilities'];
  return {
    ...guess,
    contextWindow,
    maxOutputTokens: Math.max(guess.maxOutputTokens, Math.min(16_384, Math.floor(contextWindow / 4))),
    softMaxInputTokens: config.contextWindow > 0 ? undefined : comfortableInput,
    tier: billions(member(shown, 'details', 'parameter_size')) < 20 ? 'cheap' : guess.tier,
    reasoning: Array.isArray(capabilities) ? capabilities.includes('thinking') : guess.reasoning,
    known: windows.length > 0,
  };
}

/** `8.0B` → 8; what cannot be read counts as large. */
function billions(size: unknown): number {
  const [, number, unit] = /^([\d.]+)\s*([BM])$/i.exec(typeof size === 'string' ? size : '') ?? [];
  return number === undefined ? Number.POSITIVE_INFINITY : Number(number) * (unit?.toUpperCase() === 'M' ? 0.001 : 1);
}

/** Models on the server's disk that can chat. @throws ModelError */
export async function listOllama(access: OllamaAccess, signal: AbortSignal): Promise<readonly ModelInfo[]> {
  const models = (await get(access, '/api/tags', signal))['models'];
  const rows = Array.isArray(models) ? models : [];
  return rows.flatMap((row): ModelInfo[] => {
    const id = text(member(row, 'model')) ?? text(member(row, 'name'));
    const size = text(member(row, 'details', 'parameter_size'));
    return id === undefined || /embed/i.test(id) ? [] : [{ id, label: size === undefined ? id : `${id} (${size})` }];
  });
}

function get(access: OllamaAccess, path: string, signal: AbortSignal): Promise<Json> {
  return sendJson({ fetch: access.fetch, host: access.at.host, url: access.at.root + path, signal });
}
