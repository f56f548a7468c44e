/** Finds a model's window in the data of a compatible server. */
import { count, getMember, text, type Json } from '../http.ts';
import { getModelId, type OpenAiAccess } from '../openaiClient.ts';
import { probeQuietly } from './probe.ts';
import type { ModelInfo, ProviderConfig } from '../provider.ts';

interface ServerWindow {
  /** Tokens of prompt and answer; of the prompt alone if only that is reported. */
  readonly contextWindow: number;
  readonly maxOutputTokens?: number;
  readonly parameters?: number;
  /** Concurrent requests. */
  readonly slots?: number;
  /** As in `ModelLimits`. */
  readonly reportsReading?: true;
  /** USD per million tokens. */
  readonly listPrice?: { readonly input: number; readonly output: number };
}

type Place = readonly [path: string, servers: string];

/** Fields that may hold the window, tokens; the first number counts. */
const windowPlaces: readonly Place[] = [
  ['loaded_context_length', 'LM Studio: what the model was loaded with'],
  ['max_model_len', 'vLLM, SGLang, Aphrodite'],
  ['meta.n_ctx', 'llama.cpp'],
  ['top_provider.context_length', 'OpenRouter: of the endpoint that it prefers'],
  ['context_length', 'OpenRouter, Together, Fireworks, Xinference'],
  ['context_window', 'Groq'],
  ['max_input_tokens', 'LiteLLM, Anthropic'],
  ['max_context_length', 'Mistral; LM Studio: the most it can be loaded with'],
  ['inputTokenLimit', 'Gemini'],
  ['capabilities.limits.max_context_window_tokens', 'GitHub'],
  ['metadata.context_length', 'DeepInfra'],
  ['context_size', 'Novita'],
  ['model_spec.availableContextTokens', 'Venice'],
  ['max_sequence_length', 'watsonx, Predibase'],
];
/** Fields that may hold the largest answer, tokens. */
const outputPlaces: readonly Place[] = [
  ['top_provider.max_completion_tokens', 'OpenRouter'],
  ['max_completion_tokens', 'Groq'],
  ['max_output_tokens', 'LiteLLM'],
  ['outputTokenLimit', 'Gemini'],
  ['capabilities.limits.max_output_tokens', 'GitHub'],
  ['metadata.max_tokens', 'DeepInfra'],
  ['max_output_length', 'Hugging Face'],
];

/** Smaller values mean an unknown window. */
const minWindow = 512;
const minOutput = 64;

function findFirst(row: unknown, places: readonly Place[], min: number): number | undefined {
  const found = places.map(([path]) => count(getMember(row, ...path.split('.'))));
  return found.find((value) => value !== undefined && value >= min);
}

/** Undefined without a window. */
export function readWindow(row: unknown): ServerWindow | undefined {
  const contextWindow = findFirst(row, windowPlaces, minWindow);
  const maxOutputTokens = findFirst(row, outputPlaces, minOutput);
  if (contextWindow === undefined) return undefined;
  const listPrice = readPrice(row);
  return {
    contextWindow,
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(listPrice === undefined ? {} : { listPrice }),
  };
}

function readPrice(row: unknown): { input: number; output: number } | undefined {
  const [input, output] = ['prompt', 'completion'].map((name) => Number(getMember(row, 'pricing', name) ?? NaN) * 1e6);
  const isPrice = (usd: number | undefined): usd is number => usd !== undefined && usd >= 0 && usd <= 100_000;
  return isPrice(input) && isPrice(output) ? { input, output } : undefined;
}

const free = { listPrice: { input: 0, output: 0 } } as const;

/** Asks the server for the window; undefined if it does not report one. */
export async function askWindow(
  config: ProviderConfig,
  access: OpenAiAccess,
  signal: AbortSignal,
): Promise<ServerWindow | undefined> {
  const rows = await listed(config, access, signal);
  const row = findRow(rows, config.model, access.at.local);
  const told = row === undefined ? undefined : readWindow(row);
  if (!access.at.local) return told;
  const owner = text(getMember(row, 'owned_by'))?.toLowerCase() ?? '';
  const isLlama = /llama\.?cpp/.test(owner);
  if (told !== undefined && !isLlama) return told;
  const studio = isLlama || owner === 'vllm' ? undefined : await fromLmStudio(config, access, signal);
  const found = studio ?? (await fromLlamaCpp(config, access, signal));
  const parameters = count(getMember(row, 'meta', 'n_params'));
  const own = found && {
    ...found,
    ...(parameters ? { parameters } : {}),
    ...(isLlama ? { reportsReading: true as const } : {}),
  };
  return own && access.at.loopback ? { ...own, ...free } : (own ?? told);
}

async function listed(config: ProviderConfig, access: OpenAiAccess, signal: AbortSignal): Promise<readonly unknown[]> {
  const answer = await probeQuietly(config, access, access.modelsUrl, signal);
  const rows = answer?.['data'] ?? answer?.['models'];
  return Array.isArray(rows) ? rows : [];
}

function findRow(rows: readonly unknown[], model: string, local: boolean): unknown {
  // a server with one model accepts any name
  return rows.find((row) => getModelId(row) === model) ?? (rows.length === 1 && local ? rows[0] : undefined);
}

/** LM Studio loads models with this default. */
const studioDefault = 4096;

async function fromLmStudio(
  config: ProviderConfig,
  access: OpenAiAccess,
  signal: AbortSignal,
): Promise<ServerWindow | undefined> {
  const answer = await probeQuietly(config, access, '/api/v0/models', signal);
  const rows = answer?.['data'];
  const row: unknown = Array.isArray(rows)
    ? rows.find((candidate) => getModelId(candidate) === config.model)
    : undefined;
  if (row === undefined) return undefined;
  const loaded = count(getMember(row, 'loaded_context_length')) !== undefined;
  if (!loaded && text(getMember(row, 'state')) === 'not-loaded') return { contextWindow: studioDefault };
  return readWindow(row);
}

async function fromLlamaCpp(
  config: ProviderConfig,
  access: OpenAiAccess,
  signal: AbortSignal,
): Promise<ServerWindow | undefined> {
  const answer = await probeQuietly(config, access, '/props', signal);
  return answer === undefined ? undefined : readPropsWindow(answer);
}

/** Reads llama.cpp's `/props`: window of a slot and number of slots. */
function readPropsWindow(props: Json): ServerWindow | undefined {
  const window = count(getMember(props, 'default_generation_settings', 'n_ctx')) ?? count(props['n_ctx']);
  const slots = count(props['total_slots']);
  if (window === undefined || window < minWindow) return undefined;
  return { contextWindow: window, ...(slots === undefined || slots < 1 ? {} : { slots }) };
}

/** Returns a row for the list of models; undefined if it cannot chat. */
export function requestModelInfo(row: unknown): ModelInfo | undefined {
  const id = getModelId(row);
  const type = text(getMember(row, 'type'));
  if (id === undefined || type === 'embeddings' || /embed|whisper|tts|rerank|moderation|dall-e/i.test(id)) {
    return undefined;
  }
  return { id, label: text(getMember(row, 'name'))?.replace(/^models\//, ''), limits: readWindow(row) };
}
