/** VS Code's own language models: Copilot's, or those added with the user's keys. */
import type * as vscode from 'vscode';
import {
  ModelError,
  type ChatModel,
  type ModelCall,
  type ModelEvent,
  type ModelLimits,
  type Usage,
} from '../engine/model.ts';
import { AnswerText } from './wires/answerText.ts';
import { completeUsage } from './wires/finish.ts';
import { findCatalogEntry, getCatalogLimits } from './catalog.ts';
import { createCancelledError, fromEvent } from './errors.ts';
import { settle } from './limits.ts';
import { chooseOffered, chooseReader } from './wires/reader.ts';
import { count, getMember, parseJson } from './http.ts';
import type { ModelInfo, ProviderConfig, ProviderDefinition } from './provider.ts';

/** The parts of VS Code's API in use, passed in. */
export interface VsCodeParts {
  readonly lm: Pick<typeof vscode.lm, 'selectChatModels'>;
  readonly LanguageModelChatMessage: typeof vscode.LanguageModelChatMessage;
  readonly LanguageModelTextPart: typeof vscode.LanguageModelTextPart;
  readonly LanguageModelError: typeof vscode.LanguageModelError;
  readonly CancellationTokenSource: typeof vscode.CancellationTokenSource;
  /** Shown when VS Code asks for permission. */
  readonly justification?: string;
}

/** Returns the value for `precis.vscode.model`; an id alone is not unique. */
function toModelId(model: Pick<vscode.LanguageModelChat, 'vendor' | 'id'>): string {
  return `${model.vendor}/${model.id}`;
}

/** Models of other extensions, such as Copilot's. */
export function createVscodeProvider(parts: VsCodeParts): ProviderDefinition {
  return {
    label: 'VS Code language models',
    needsKey: false,
    create: async (config) => createModel(parts, config, await select(parts, config.model)),
    reader: async (config, wanted) => findReaderFor(await parts.lm.selectChatModels(), config.model, wanted),
    listModels: async (config) => (await parts.lm.selectChatModels()).map((model) => info(config, model)),
    checkKey: async (config) => void (await select(parts, config.model)),
  };
}

/** @throws ModelError `no-model` */
async function select(parts: VsCodeParts, wanted: string): Promise<vscode.LanguageModelChat> {
  const models = await parts.lm.selectChatModels();
  const fits = (model: vscode.LanguageModelChat): boolean =>
    [toModelId(model), model.id, model.family, model.name].includes(wanted);
  const model = wanted === '' ? chooseOffered(models) : models.find(fits);
  if (model === undefined) {
    throw new ModelError({ kind: 'no-model', code: models.length === 0 ? 'no-editor-model' : 'editor-model-gone' });
  }
  return model;
}

function findReaderFor(models: readonly vscode.LanguageModelChat[], writer: string, wanted: string): string {
  const named = models.map((model) => {
    const id = toModelId(model);
    return { id, name: findCatalogEntry(model.id) ? id : `${model.vendor}/${model.family}` };
  });
  const name = named.find(({ id }) => id === writer)?.name ?? writer;
  const chosen = chooseReader({ writer: name, wanted, offered: named.map((model) => model.name) });
  if (chosen === name) return writer;
  return named.find((model) => model.name === chosen)?.id ?? chosen;
}

function info(config: ProviderConfig, model: vscode.LanguageModelChat): ModelInfo {
  return { id: toModelId(model), label: `${model.name} (${model.vendor})`, limits: getLimits(config, model) };
}

/** Returns the limits; VS Code reports only the input limit. */
function getLimits(config: ProviderConfig, model: vscode.LanguageModelChat): ModelLimits {
  const name = [model.id, model.family].find((candidate) => findCatalogEntry(candidate) !== undefined) ?? model.family;
  const guess = getCatalogLimits(name, false);
  const maxOutputTokens = Math.min(guess.maxOutputTokens, 16_384);
  const told = model.maxInputTokens > 0;
  const softMaxInputTokens = told
    ? Math.min(model.maxInputTokens, guess.softMaxInputTokens ?? model.maxInputTokens)
    : guess.softMaxInputTokens;
  const contextWindow = told ? model.maxInputTokens + maxOutputTokens : guess.contextWindow;
  return settle(config, model.vendor, { ...guess, contextWindow, maxOutputTokens, softMaxInputTokens, known: told });
}

function createModel(parts: VsCodeParts, config: ProviderConfig, model: vscode.LanguageModelChat): ChatModel {
  return {
    provider: 'vscode',
    model: toModelId(model),
    host: model.vendor,
    account: config.account,
    limits: () => Promise.resolve(getLimits(config, model)),
    stream: (call, signal) => stream(parts, model, call, signal),
  };
}

async function* stream(
  parts: VsCodeParts,
  model: vscode.LanguageModelChat,
  call: ModelCall,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  if (signal.aborted) {
    throw createCancelledError(signal.reason);
  }
  const source = new parts.CancellationTokenSource();
  const cancel = (): void => source.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    // there is no system role, so instructions are the first message
    const messages = [parts.LanguageModelChatMessage.User(call.system), parts.LanguageModelChatMessage.User(call.user)];
    const response = await model.sendRequest(
      messages,
      parts.justification === undefined ? {} : { justification: parts.justification },
      source.token,
    );
    yield { type: 'open' };
    yield* read(parts, model, response, call, signal, source);
  } catch (error) {
    throw translate(parts, error, model.vendor, signal);
  } finally {
    signal.removeEventListener('abort', cancel);
    source.cancel();
    source.dispose();
  }
}

/** UTF-16 units a token after which an answer is cut, because the API cannot limit it. */
const runawayUnitsPerToken = 12;

async function* read(
  parts: VsCodeParts,
  model: vscode.LanguageModelChat,
  response: vscode.LanguageModelChatResponse,
  call: ModelCall,
  signal: AbortSignal,
  source: vscode.CancellationTokenSource,
): AsyncGenerator<ModelEvent> {
  const answer = new AnswerText(call.maxTokens, {}, call.stop);
  let told: unknown;
  let length = 0;
  for await (const part of response.stream) {
    if (signal.aborted) {
      throw createCancelledError(signal.reason);
    }
    if (part instanceof parts.LanguageModelTextPart && part.value !== '') {
      length += part.value.length;
      yield* answer.push(part.value);
    } else {
      told = findUsagePart(part) ?? told;
      yield { type: 'pulse' };
    }
    if (length > call.maxTokens * runawayUnitsPerToken) {
      source.cancel();
      yield* answer.end(false);
      yield { type: 'finish', reason: 'length', raw: 'runaway', usage: completeUsage(readUsage(told), call, answer) };
      return;
    }
  }
  if (signal.aborted) {
    throw createCancelledError(signal.reason);
  }
  yield* answer.end(true);
  // the API has no finish reason: an end without error is complete
  yield {
    type: 'finish',
    reason: 'stop',
    raw: 'end',
    usage: completeUsage(readUsage(told), call, answer),
    model: model.id,
  };
}

/** Finds Copilot's undocumented counts. */
function findUsagePart(part: unknown): unknown {
  const data = getMember(part, 'mimeType') === 'usage' ? getMember(part, 'data') : undefined;
  return data instanceof Uint8Array ? parseJson(new TextDecoder().decode(data)) : undefined;
}

function readUsage(told: unknown): Usage {
  return {
    inputTokens: count(getMember(told, 'prompt_tokens')),
    cachedInputTokens: count(getMember(told, 'prompt_tokens_details', 'cached_tokens')),
    outputTokens: count(getMember(told, 'completion_tokens')),
  };
}

function translate(parts: VsCodeParts, error: unknown, vendor: string, signal: AbortSignal): ModelError {
  const name = (error as { name?: unknown }).name;
  if (signal.aborted || name === 'Canceled' || name === 'CancellationError') {
    return createCancelledError(signal.reason);
  }
  if (error instanceof ModelError) {
    return error;
  }
  const code = error instanceof parts.LanguageModelError ? error.code : '';
  switch (code) {
    case 'NoPermissions':
      return new ModelError({
        kind: 'auth',
        code: 'editor-forbids',
        args: [vendor],
      });
    case 'NotFound':
      return new ModelError({
        kind: 'no-model',
        code: 'editor-model-gone',
      });
    case 'Blocked':
      return new ModelError({ kind: 'quota', code: 'editor-blocks', args: [vendor] });
    default:
      return fromEvent(error instanceof Error ? error.message : '', vendor);
  }
}
