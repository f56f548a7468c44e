/** What a compatible server says of a model's window: vLLM, LM Studio, llama.cpp and the hosted ones each in their own way. */
import { briefly } from './cachedQuery.ts';
import { count, member, sendJson, text, type Json } from './http.ts';
import { listRawModels, modelId, type OpenAiAccess } from './openaiClient.ts';
import type { ModelInfo } from './provider.ts';

export interface ServerWindow {
  readonly contextWindow: number;
  readonly maxOutputTokens?: number;
}

/** undefined where the server does not tell. Asks only what a server of its kind may have; a missing answer is no error. */
export async function askWindow(
  access: OpenAiAccess,
  model: string,
  signal: AbortSignal,
): Promise<ServerWindow | undefined> {
  const listed = await fromList(access, model, signal);
  if (listed !== undefined || !access.at.local) {
    return listed;
  }
  return (await fromLmStudio(access, model, signal)) ?? (await fromLlamaCpp(access, signal));
}

async function fromList(access: OpenAiAccess, model: string, signal: AbortSignal): Promise<ServerWindow | undefined> {
  const rows = await quietly(signal, (brief) => listRawModels(access, brief));
  // A server of one model answers to any name.
  const row =
    rows?.find((candidate) => modelId(candidate) === model) ??
    (rows?.length === 1 && access.at.local ? rows[0] : undefined);
  return row === undefined ? undefined : windowOf(row);
}

function windowOf(row: unknown): ServerWindow | undefined {
  const window =
    count(member(row, 'max_model_len')) ?? // vLLM
    count(member(row, 'top_provider', 'context_length')) ?? // OpenRouter, of the endpoint that it prefers
    count(member(row, 'context_length')) ??
    count(member(row, 'context_window')) ?? // Groq
    count(member(row, 'max_context_length')) ?? // Mistral
    count(member(row, 'inputTokenLimit')); // Gemini
  const output =
    count(member(row, 'top_provider', 'max_completion_tokens')) ??
    count(member(row, 'max_completion_tokens')) ??
    count(member(row, 'outputTokenLimit'));
  return window === undefined || window === 0
    ? undefined
    : { contextWindow: window, maxOutputTokens: output === 0 ? undefined : output };
}

async function fromLmStudio(
  access: OpenAiAccess,
  model: string,
  signal: AbortSignal,
): Promise<ServerWindow | undefined> {
  const answer = await ask(access, '/api/v0/models', signal);
  const rows = answer?.['data'];
  const row: unknown = Array.isArray(rows) ? rows.find((candidate) => modelId(candidate) === model) : undefined;
  const loaded = count(member(row, 'loaded_context_length'));
  // A model that is not loaded yet is loaded with LM Studio's default, not with its maximum.
  const window =
    loaded ?? (text(member(row, 'state')) === 'not-loaded' ? 4096 : count(member(row, 'max_context_length')));
  return window === undefined ? undefined : { contextWindow: window };
}

async function fromLlamaCpp(access: OpenAiAccess, signal: AbortSignal): Promise<ServerWindow | undefined> {
  const answer = await ask(access, '/props', signal);
  const window = count(member(answer, 'default_generation_settings', 'n_ctx')) ?? count(answer?.['n_ctx']);
  return window === undefined || window === 0 ? undefined : { contextWindow: window };
}

function ask(access: OpenAiAccess, path: string, signal: AbortSignal): Promise<Json | undefined> {
  return quietly(signal, (brief) =>
    sendJson({ fetch: access.fetch, host: access.at.host, url: access.at.root + path, signal: brief }),
  );
}

async function quietly<T>(signal: AbortSignal, work: (brief: AbortSignal) => Promise<T>): Promise<T | undefined> {
  try {
    return await briefly('', signal, work);
  } catch (error) {
    if (signal.aborted) {
      throw error;
    }
    return undefined;
  }
}

/** A row of the model list for people to choose from; undefined for what cannot chat. */
export function modelInfo(row: unknown): ModelInfo | undefined {
  const id = modelId(row);
  const type = text(member(row, 'type'));
  if (id === undefined || type === 'embeddings' || /embed|whisper|tts|rerank|moderation|dall-e/i.test(id)) {
    return undefined;
  }
  const window = windowOf(row);
  return { id, label: text(member(row, 'name'))?.replace(/^models\//, ''), limits: window };
}
