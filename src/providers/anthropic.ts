/** Anthropic's Messages API, and the older dialect of gateways. */
import { ModelError, type ChatModel, type ModelLimits } from '../engine/model.ts';
import { askModel, type Wire } from './wires/askModel.ts';
import { createAnthropicAccess, type AnthropicAccess, type Dialect } from './anthropicClient.ts';
import { createMessagesRequest, readMessages } from './wires/anthropicWire.ts';
import { findCatalogEntry, getCatalogLimits } from './catalog.ts';
import { fromThrown, toldBy } from './errors.ts';
import { count, getMember, text, type Json } from './http.ts';
import { getSettled } from './limits.ts';
import { Unanswered } from './cachedQuery.ts';
import { createMemoryKey } from './wires/parameters.ts';
import { probe } from './wires/probe.ts';
import type { ModelInfo, ProviderConfig, ProviderDefinition } from './provider.ts';

function create(config: ProviderConfig): ChatModel {
  const access = createAnthropicAccess(config);
  const { base, host } = access.at;
  const wire: Wire = {
    key: base,
    base,
    host,
    official: access.official,
    build: (call, limits, accepted) => createMessagesRequest(call, config.model, limits, accepted),
    open: (body, signal) => spoken(config, access, signal, (dialect) => open(access, dialect, body, signal)),
    read: readMessages,
    roomOf: (body) => count(body['max_tokens']),
  };
  const limits = getSettled(config, base, (signal) => askLimits(config, access, signal));
  return {
    provider: 'anthropic',
    model: config.model,
    host,
    account: config.account,
    limits: limits.get,
    async *stream(call, signal) {
      yield* askModel(config, wire, await limits.get(signal), call, signal);
    },
  };
}

async function open(access: AnthropicAccess, dialect: Dialect, body: Json, signal: AbortSignal): Promise<Response> {
  const client = await access.client(dialect);
  try {
    return await client.post('/v1/messages', { body, stream: true, signal, maxRetries: 0 }).asResponse();
  } catch (error) {
    throw fromThrown(error, access.at.host, signal);
  }
}

/**
 * Uses the dialect known for this host. A foreign host that refuses the new one is asked once in the old one, with `x-api-key`.
 */
async function spoken<T>(
  config: ProviderConfig,
  access: AnthropicAccess,
  signal: AbortSignal,
  work: (dialect: Dialect) => Promise<T>,
): Promise<T> {
  const key = createMemoryKey(config, access.at.base, 'wire');
  const known = config.memory.get(key);
  if (access.official || known === 'new' || known === 'old') {
    return work(access.official || known === 'new' ? 'new' : 'old');
  }
  try {
    const answer = await work('new');
    config.memory.set(key, 'new');
    return answer;
  } catch (error) {
    if (signal.aborted || !isOfDialect(error)) throw error;
    const answer = await work('old').catch(() => Promise.reject(error as Error));
    config.memory.set(key, 'old');
    return answer;
  }
}

const ofDialect = /anthropic-version|\bversion\b|\bheaders?\b|x-api-key|authorization|bearer/i;

/** Whether the version or the key's header may be at fault. */
function isOfDialect(error: unknown): boolean {
  if (!(error instanceof ModelError)) return false;
  const said = toldBy(error);
  return (
    error.status === 401 || ([400, 403].includes(error.status ?? 0) && ofDialect.test(`${said?.code} ${said?.message}`))
  );
}

async function askLimits(config: ProviderConfig, access: AnthropicAccess, signal: AbortSignal): Promise<ModelLimits> {
  const guess = getCatalogLimits(config.model, access.at.loopback);
  if (config.contextWindow > 0) {
    return guess;
  }
  try {
    return withServer(
      guess,
      await spoken(config, access, signal, (dialect) => askRow(config, access, dialect, signal)),
    );
  } catch (error) {
    // a gateway may lack this list; the first call then reports a wrong key
    if (signal.aborted) {
      throw error;
    }
    return guess;
  }
}

/**
 * The model's row: asked once a session, and again while the server loads.
 * @throws ModelError where it does not answer
 */
async function askRow(
  config: ProviderConfig,
  access: AnthropicAccess,
  dialect: Dialect,
  signal: AbortSignal,
): Promise<Json> {
  const { at } = access;
  const query = new URLSearchParams(at.query).toString();
  const url = `${at.base}/v1/models/${encodeURIComponent(config.model)}${query === '' ? '' : `?${query}`}`;
  const asked = { ...config, account: `${config.account} ${dialect}` };
  const told = await probe(asked, { at, fetch: access.fetch(dialect) }, url, signal);
  if (typeof told === 'object' && 'json' in told) return told.json;
  throw (typeof told === 'object' ? told.error : undefined) ?? new Unanswered(at.host);
}

function withServer(guess: ModelLimits, row: unknown): ModelLimits {
  const contextWindow = count(getMember(row, 'max_input_tokens'));
  const maxOutputTokens = count(getMember(row, 'max_tokens'));
  return {
    ...guess,
    contextWindow: contextWindow === undefined || contextWindow === 0 ? guess.contextWindow : contextWindow,
    maxOutputTokens: maxOutputTokens === undefined || maxOutputTokens === 0 ? guess.maxOutputTokens : maxOutputTokens,
    known: guess.known || contextWindow !== undefined,
  };
}

async function getJson(access: AnthropicAccess, dialect: Dialect, path: string, signal: AbortSignal): Promise<unknown> {
  const client = await access.client(dialect);
  try {
    return await client.get<unknown>(path, { signal, maxRetries: 0 });
  } catch (error) {
    throw fromThrown(error, access.at.host, signal);
  }
}

async function listModels(config: ProviderConfig, signal: AbortSignal): Promise<readonly ModelInfo[]> {
  const access = createAnthropicAccess(config);
  const answer = await spoken(config, access, signal, (dialect) =>
    getJson(access, dialect, '/v1/models?limit=1000', signal),
  );
  const rows = getMember(answer, 'data');
  if (!Array.isArray(rows)) {
    throw new ModelError({ kind: 'network', code: 'no-list', args: [access.at.host] });
  }
  return rows.flatMap((row): ModelInfo[] => {
    const id = text(getMember(row, 'id'));
    if (id === undefined || getMember(row, 'lifecycle') === 'retired') {
      return [];
    }
    const known = findCatalogEntry(id) !== undefined || count(getMember(row, 'max_input_tokens')) !== undefined;
    const limits = known ? withServer(getCatalogLimits(id, access.at.loopback), row) : undefined;
    return [{ id, label: text(getMember(row, 'display_name')), limits }];
  });
}

async function checkKey(config: ProviderConfig, signal: AbortSignal): Promise<void> {
  await listModels(config, signal);
}

/** Claude, and servers with its API. */
export const anthropic: ProviderDefinition = {
  label: 'Anthropic',
  defaultBaseUrl: 'https://api.anthropic.com',
  needsKey: true,
  create: (config) => new Promise((resolve) => resolve(create(config))),
  listModels,
  checkKey,
};
