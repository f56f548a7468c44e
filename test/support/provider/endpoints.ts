/** Everything that asks for no answer: lists of models, limits, versions, token counts. */
import { refuseCall } from './calls.ts';
import { promptTokens, specOf } from './compose.ts';
import { sendJson, type Exchange } from './state.ts';
import type { Flavour, ModelSpec } from './types.ts';
import { messagesWire } from './wires/messages.ts';
import { responsesWire } from './wires/responses.ts';

type Endpoint = (exchange: Exchange) => void | Promise<void>;
interface Route {
  readonly method: string;
  readonly path: RegExp;
  /** Who has it; absent: everybody. */
  readonly flavours?: readonly Flavour[];
  readonly answer: Endpoint;
}

const routes: readonly Route[] = [
  { method: 'GET', path: /^\/v1\/models$/, answer: listModels },
  { method: 'GET', path: /^\/v1\/models\/.+$/, answer: oneModel },
  { method: 'POST', path: /^\/v1\/messages\/count_tokens$/, flavours: ['cloud', 'anthropic'], answer: countMessages },
  { method: 'POST', path: /^\/v1\/responses\/input_tokens$/, flavours: ['cloud', 'openai'], answer: countResponses },
  {
    method: 'GET',
    path: /^\/api\/version$/,
    flavours: ['ollama'],
    answer: ({ response }) => sendJson(response, 200, { version: '0.14.2' }),
  },
  { method: 'GET', path: /^\/api\/tags$/, flavours: ['ollama'], answer: ollamaTags },
  { method: 'POST', path: /^\/api\/show$/, flavours: ['ollama'], answer: ollamaShow },
  {
    method: 'GET',
    path: /^\/api\/ps$/,
    flavours: ['ollama'],
    answer: ({ response }) => sendJson(response, 200, { models: [] }),
  },
  { method: 'GET', path: /^\/api\/v0\/models(?:\/.+)?$/, flavours: ['lmstudio'], answer: lmstudioModels },
  { method: 'GET', path: /^\/props$/, flavours: ['llamacpp'], answer: llamacppProps },
];

export async function answerEndpoint(exchange: Exchange): Promise<void> {
  const { entry, path, state } = exchange;
  const flavour = state.options.flavour ?? 'cloud';
  const route = routes.find(
    (one) =>
      one.method === entry.method &&
      one.path.test(path) &&
      (one.flavours === undefined || one.flavours.includes(flavour)),
  );
  if (route === undefined)
    return refuseCall(
      exchange,
      { id: isAnthropic(exchange) ? 'messages' : 'chat' },
      { kind: 'not-found', path: `${entry.method} ${path}` },
    );
  await route.answer(exchange);
}

function isAnthropic({ entry, state }: Exchange): boolean {
  return entry.headers['anthropic-version'] !== undefined || state.options.flavour === 'anthropic';
}

const defaultModels: Readonly<Record<Flavour, readonly string[]>> = {
  cloud: ['gpt-6-sol', 'gpt-6-terra', 'claude-sonnet-5-5', 'claude-haiku-5-5'],
  openai: ['gpt-6-sol', 'gpt-6-terra'],
  anthropic: ['claude-sonnet-5-5', 'claude-haiku-5-5'],
  gemini: ['gemini-3-pro', 'gemini-3-flash'],
  compatible: ['sim-large', 'sim-small'],
  ollama: ['sim:8b'],
  lmstudio: ['sim-8b'],
  llamacpp: ['sim-8b.gguf'],
  vllm: ['sim/sim-8b'],
};

function modelsOf({ state }: Exchange): string[] {
  if (state.options.lists !== undefined) return [...state.options.lists];
  return Object.keys(
    state.options.models ??
      Object.fromEntries(defaultModels[state.options.flavour ?? 'cloud'].map((name) => [name, {}])),
  );
}

function spec(exchange: Exchange, model: string): ModelSpec {
  return (
    specOf(exchange.state.options, model) ?? { contextWindow: 0, maxOutputTokens: 0, reasoningTokens: 0, refuses: [] }
  );
}

function modelInfo(exchange: Exchange, id: string): unknown {
  const { contextWindow, maxOutputTokens } = spec(exchange, id);
  if (isAnthropic(exchange)) {
    return {
      type: 'model',
      id,
      display_name: id,
      created_at: '2026-06-01T00:00:00Z',
      max_input_tokens: contextWindow,
      max_tokens: maxOutputTokens,
      lifecycle: 'active',
      retires_at: null,
      capabilities: { batch: { supported: true } },
    };
  }
  const vllm = exchange.state.options.flavour === 'vllm' ? { max_model_len: contextWindow } : {};
  const llama = exchange.state.options.flavour === 'llamacpp' ? { meta: { n_ctx_train: contextWindow * 4 } } : {};
  return { id, object: 'model', created: 1_790_000_000, owned_by: 'sim', ...vllm, ...llama };
}

function listModels(exchange: Exchange): void {
  const names = modelsOf(exchange).filter(
    (name) =>
      exchange.state.options.flavour !== undefined ||
      exchange.state.options.models !== undefined ||
      name.startsWith('claude') === isAnthropic(exchange),
  );
  const data = names.map((id) => modelInfo(exchange, id));
  sendJson(
    exchange.response,
    200,
    isAnthropic(exchange)
      ? { data, has_more: false, first_id: names[0] ?? null, last_id: names.at(-1) ?? null }
      : { object: 'list', data },
  );
}

function oneModel(exchange: Exchange): void {
  const id = decodeURIComponent(exchange.path.slice('/v1/models/'.length));
  if (specOf(exchange.state.options, id) === undefined) {
    return refuseCall(exchange, { id: isAnthropic(exchange) ? 'messages' : 'chat' }, { kind: 'no-model', model: id });
  }
  sendJson(exchange.response, 200, modelInfo(exchange, id));
}

function countMessages(exchange: Exchange): void {
  const asked = messagesWire.parse(exchange.body ?? {});
  sendJson(exchange.response, 200, { input_tokens: promptTokens(asked, exchange.state.options) });
}

function countResponses(exchange: Exchange): void {
  const asked = responsesWire.parse(exchange.body ?? {});
  sendJson(exchange.response, 200, {
    object: 'response.input_tokens',
    input_tokens: promptTokens(asked, exchange.state.options),
  });
}

function ollamaTags(exchange: Exchange): void {
  const models = modelsOf(exchange).map((name) => ({
    name,
    model: name,
    size: 4_000_000_000,
    digest: 'sim',
    details: { family: 'sim', parameter_size: '8B', quantization_level: 'Q4_K_M' },
  }));
  sendJson(exchange.response, 200, { models });
}

function ollamaShow(exchange: Exchange): void {
  const model = String(exchange.body?.['model'] ?? exchange.body?.['name'] ?? '');
  if (specOf(exchange.state.options, model) === undefined)
    return refuseCall(exchange, { id: 'ollama' }, { kind: 'no-model', model });
  sendJson(exchange.response, 200, {
    parameters: `num_ctx                        ${exchange.state.options.defaultNumCtx ?? 4096}`,
    details: { family: 'sim', parameter_size: '8B' },
    model_info: { 'general.architecture': 'sim', 'sim.context_length': spec(exchange, model).contextWindow },
    capabilities: ['completion'],
  });
}

function lmstudioModels(exchange: Exchange): void {
  const info = (id: string): unknown => {
    const { contextWindow } = spec(exchange, id);
    return {
      id,
      object: 'model',
      type: 'llm',
      state: 'loaded',
      max_context_length: contextWindow * 4,
      loaded_context_length: contextWindow,
    };
  };
  const one = /^\/api\/v0\/models\/(.+)$/.exec(exchange.path)?.[1];
  sendJson(
    exchange.response,
    200,
    one === undefined ? { object: 'list', data: modelsOf(exchange).map(info) } : info(decodeURIComponent(one)),
  );
}

function llamacppProps(exchange: Exchange): void {
  const n_ctx = spec(exchange, modelsOf(exchange)[0] ?? '').contextWindow;
  sendJson(exchange.response, 200, {
    default_generation_settings: { n_ctx, params: { n_predict: -1 } },
    total_slots: exchange.state.options.slots ?? 1,
    model_path: '/models/sim-8b.gguf',
  });
}
