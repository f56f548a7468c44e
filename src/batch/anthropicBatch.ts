/** Anthropic Message Batches: rows in the request, results as one stream of lines. */
import type { FinishReason, ModelLimits } from '../engine/model.ts';
import { ModelError } from '../engine/model.ts';
import { createAnthropicAccess, type Dialect } from '../providers/anthropicClient.ts';
import { createMessagesRequest } from '../providers/wires/anthropicWire.ts';
import { count, isJson, getMember, parseJson, text } from '../providers/http.ts';
import { createMemoryKey, remembered } from '../providers/wires/parameters.ts';
import type { ProviderConfig } from '../providers/provider.ts';
import { isMissing, requestJson, readLines, createNoBatchesError, removeAt, request, type Service } from './http.ts';
import type { BatchWire, RowAnswer } from './wire.ts';

const maxPages = 10;

/** Creates the batch client for Anthropic. */
export function createAnthropicBatch(config: ProviderConfig, limits: ModelLimits): BatchWire {
  const access = createAnthropicAccess(config);
  const { at } = access;
  const known = config.memory.get(createMemoryKey(config, at.base, 'wire'));
  const refused = new Set(remembered(config.memory, createMemoryKey(config, at.base, 'refused')));
  const accepted = { has: (name: string) => !refused.has(name), outputCap: Number.POSITIVE_INFINITY };
  const root = `${at.base}/v1/messages/batches`;
  const query = new URLSearchParams(at.query).toString();
  const url = (path = '', more = ''): string => {
    const parameters = [query, more].filter(Boolean).join('&');
    return `${root}${path}${parameters ? `?${parameters}` : ''}`;
  };
  const createService = (spoken: Dialect): Service => ({ fetch: access.fetch(spoken), host: at.host });
  const service = createDialectChooser(
    createService,
    url('', 'limit=1'),
    access.official || known === 'new' ? 'new' : known === 'old' ? 'old' : undefined,
  );
  const one = (id: string, action = ''): string => url(`/${encodeURIComponent(id)}${action}`);

  return {
    vendor: 'anthropic',
    host: at.host,
    limits: { rows: 100_000, bytes: 16_000_000 },
    counts: false,
    between: ',',
    async check(signal) {
      try {
        await requestJson(await service(signal), 'GET', url('', 'limit=1'), undefined, signal);
      } catch (error) {
        throw isMissing(error) ? createNoBatchesError(at.host) : error;
      }
    },
    row(id, call) {
      const { stream: _, ...params } = createMessagesRequest(call, config.model, limits, accepted).body;
      return Promise.resolve(JSON.stringify({ custom_id: id, params }));
    },
    async create({ rows }, signal) {
      const body = { bytes: rows!.within('{"requests":[', ']}'), type: 'application/json' };
      const answer = await requestJson(await service(signal), 'POST', url(), body, signal);
      return text(answer['id']) ?? '';
    },
    /** Batches have no name: match by time and size, excluding known ones. */
    async find({ rows, since, taken }, signal) {
      let after = '';
      for (let page = 0; page < maxPages; page++) {
        const answer = await requestJson(await service(signal), 'GET', url('', `limit=100${after}`), undefined, signal);
        const batches = Array.isArray(answer['data']) ? (answer['data'] as unknown[]) : [];
        for (const batch of batches) {
          const created = Date.parse(text(getMember(batch, 'created_at')) ?? '');
          const id = text(getMember(batch, 'id'));
          if (id === undefined || taken.has(id) || countRequests(batch) !== rows) continue;
          if (created >= since - 60_000 && created <= since + 900_000) return id;
        }
        const last = batches.at(-1);
        const old = Date.parse(text(getMember(last, 'created_at')) ?? '') < since - 3_600_000;
        if (!last || old || answer['has_more'] !== true) return undefined;
        after = `&after_id=${encodeURIComponent(text(getMember(last, 'id')) ?? '')}`;
      }
      return undefined;
    },
    async status(id, signal) {
      const batch = await requestJson(await service(signal), 'GET', one(id), undefined, signal);
      const ended = batch['processing_status'] === 'ended';
      const counts = (name: string): number => count(getMember(batch, 'request_counts', name)) ?? 0;
      return {
        state: ended ? 'ended' : 'running',
        total: countRequests(batch),
        done: counts('succeeded'),
        failed: counts('errored'),
        refs: ended && text(batch['archived_at']) === undefined ? [id] : [],
      };
    },
    async *results(id, { refs }, signal) {
      if (!refs.length) return;
      const spoken = await service(signal);
      // ignore the results URL in the response: the key goes to this host only
      const response = await request(spoken, 'GET', one(id, '/results'), undefined, signal);
      for await (const line of readLines(response, spoken.host, signal)) if (line.trim()) yield parseAnswer(line);
    },
    async cancel(id, signal) {
      await requestJson(await service(signal), 'POST', one(id, '/cancel'), '{}', signal);
    },
    async remove(id, _, signal) {
      if (id !== undefined) await removeAt(await service(signal), one(id), signal);
    },
  };
}

/** Finds the host's dialect by a free list request, made once. */
function createDialectChooser(
  serviceOf: (spoken: Dialect) => Service,
  listUrl: string,
  known: Dialect | undefined,
): (signal: AbortSignal) => Promise<Service> {
  let dialect = known;
  const list = (spoken: Dialect, signal: AbortSignal): Promise<unknown> =>
    requestJson(serviceOf(spoken), 'GET', listUrl, undefined, signal);
  return async (signal) => {
    if (dialect !== undefined) return serviceOf(dialect);
    try {
      await list('new', signal);
      dialect = 'new';
    } catch (error) {
      if (!ModelError.is(error) || ![400, 401, 403].includes(error.status ?? 0)) throw error;
      await list('old', signal).catch(() => Promise.reject(error));
      dialect = 'old';
    }
    return serviceOf(dialect);
  };
}

function countRequests(batch: unknown): number {
  const counts = getMember(batch, 'request_counts');
  return ['processing', 'succeeded', 'errored', 'canceled', 'expired'].reduce(
    (sum, name) => sum + (count(getMember(counts, name)) ?? 0),
    0,
  );
}

const finishes: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  tool_use: 'stop',
  refusal: 'refused',
  model_context_window_exceeded: 'too-long',
};

function parseAnswer(line: string): RowAnswer {
  const row = parseJson(line);
  const id = text(getMember(row, 'custom_id'));
  if (id === undefined) return { state: 'broken' };
  const type = getMember(row, 'result', 'type');
  if (type === 'canceled') return { state: 'cancelled', id };
  if (type === 'expired') return { state: 'expired', id };
  const message = getMember(row, 'result', 'message');
  if (type !== 'succeeded' || !isJson(message)) return { state: 'failed', id };
  const content = Array.isArray(message['content']) ? (message['content'] as unknown[]) : [];
  const usage = message['usage'];
  const cached = count(getMember(usage, 'cache_read_input_tokens'));
  return {
    state: 'done',
    id,
    text: content
      .map((part) => (getMember(part, 'type') === 'text' ? (text(getMember(part, 'text')) ?? '') : ''))
      .join(''),
    finish: finishes[text(message['stop_reason']) ?? ''] ?? 'length',
    usage: {
      inputTokens:
        (count(getMember(usage, 'input_tokens')) ?? 0) +
        (cached ?? 0) +
        (count(getMember(usage, 'cache_creation_input_tokens')) ?? 0),
      cachedInputTokens: cached,
      outputTokens: count(getMember(usage, 'output_tokens')),
    },
  };
}
