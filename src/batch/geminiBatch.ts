/** Gemini's `batchGenerateContent` with inline requests, for its compatible endpoint. */
import type { FinishReason, ModelLimits } from '../engine/model.ts';
import { checkKeyText, parseEndpoint } from '../providers/endpoint.ts';
import { quoteText } from '../providers/errors.ts';
import { count, createGuardedFetch, getMember, text } from '../providers/http.ts';
import { getOutputRoom } from '../providers/limits.ts';
import type { ProviderConfig } from '../providers/provider.ts';
import { isMissing, requestJson, createNoBatchesError, removeAt, type Service } from './http.ts';
import type { BatchStatus, BatchWire, RowAnswer } from './wire.ts';

/** Whether a compatible server is Gemini, whose native API is beside it. */
export function isGemini(baseUrl: string): boolean {
  return /\/v1beta\/openai\/?$/.test(baseUrl) || /\/\/generativelanguage\.googleapis\.com\b/.test(baseUrl);
}

/** Creates the batch client for Gemini. */
export function createGeminiBatch(config: ProviderConfig, limits: ModelLimits): BatchWire {
  const key = checkKeyText(config.apiKey);
  const at = parseEndpoint(config.baseUrl, key);
  const origin = new URL(at.base).origin;
  const service: Service = {
    host: at.host,
    fetch: createGuardedFetch(config.fetch, { base: origin, host: at.host }, key ? { 'x-goog-api-key': key } : {}),
  };
  const root = `${origin}/v1beta`;
  const model = config.model.replace(/^models\//, '');
  const one = (id: string, action = ''): string =>
    `${root}/${id.split('/').map(encodeURIComponent).join('/')}${action}`;
  /** The status contains the answers: keep them for `results`. */
  let last: { id: string; rows: readonly unknown[] } | undefined;

  return {
    vendor: 'gemini',
    host: at.host,
    // inline requests: 20 MB including overhead
    limits: { rows: 50_000, bytes: 18_000_000 },
    counts: true,
    between: ',',
    async check(signal) {
      try {
        await requestJson(service, 'GET', `${root}/batches?pageSize=1`, undefined, signal);
      } catch (error) {
        throw isMissing(error) ? createNoBatchesError(at.host) : error;
      }
    },
    row(id, call) {
      const request = {
        systemInstruction: { parts: [{ text: call.system }] },
        contents: [{ role: 'user', parts: [{ text: call.user }] }],
        generationConfig: {
          maxOutputTokens: getOutputRoom(call, limits),
          ...(call.stop === undefined ? {} : { stopSequences: [call.stop] }),
          ...(limits.reasoning ? {} : { temperature: 0.2 }),
        },
      };
      return Promise.resolve(JSON.stringify({ request, metadata: { key: id } }));
    },
    async create({ key: name, rows }, signal) {
      const before = `{"batch":{"displayName":${JSON.stringify(name)},"inputConfig":{"requests":{"requests":[`;
      const body = { bytes: rows!.within(before, ']}}}}'), type: 'application/json' };
      const url = `${root}/models/${encodeURIComponent(model)}:batchGenerateContent`;
      return text((await requestJson(service, 'POST', url, body, signal))['name']) ?? '';
    },
    async find({ key: name }, signal) {
      let page = '';
      for (let n = 0; n < 10; n++) {
        const answer = await requestJson(service, 'GET', `${root}/batches?pageSize=100${page}`, undefined, signal);
        const batches = Array.isArray(answer['operations']) ? (answer['operations'] as unknown[]) : [];
        const found = batches.find((batch) => getMember(batch, 'metadata', 'displayName') === name);
        if (found) return text(getMember(found, 'name'));
        const next = text(answer['nextPageToken']);
        if (next === undefined) return undefined;
        page = `&pageToken=${encodeURIComponent(next)}`;
      }
      return undefined;
    },
    async status(id, signal) {
      const answer = await requestJson(service, 'GET', one(id), undefined, signal);
      const rows = getMember(answer, 'response', 'inlinedResponses', 'inlinedResponses');
      last = Array.isArray(rows) ? { id, rows: rows as unknown[] } : undefined;
      return toStatus(answer, id, last !== undefined, key);
    },
    async *results(id, { refs }, signal) {
      if (!refs.length) return;
      if (last?.id !== id) await this.status(id, signal);
      for (const row of last?.id === id ? last.rows : []) yield parseAnswer(row);
      last = undefined;
    },
    async cancel(id, signal) {
      await requestJson(service, 'POST', one(id, ':cancel'), '{}', signal);
    },
    async remove(id, _, signal) {
      if (id !== undefined) await removeAt(service, one(id), signal);
    },
  };
}

function toStatus(answer: unknown, id: string, hasRows: boolean, key: string): BatchStatus {
  const state = text(getMember(answer, 'metadata', 'state')) ?? '';
  const stats = getMember(answer, 'metadata', 'batchStats');
  // 64-bit numbers are strings
  const number = (name: string): number => Number(getMember(stats, name) ?? 0) || 0;
  const failed = /FAILED/.test(state);
  return {
    state: failed ? 'failed' : getMember(answer, 'done') === true ? 'ended' : 'running',
    total: number('requestCount'),
    done: number('successfulRequestCount'),
    failed: number('failedRequestCount'),
    ...(failed ? { problem: quoteText(text(getMember(answer, 'error', 'message')) ?? '', [key]) ?? state } : {}),
    refs: hasRows ? [id] : [],
  };
}

const finishes: Readonly<Record<string, FinishReason>> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content-filter',
  BLOCKLIST: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  RECITATION: 'content-filter',
};

function parseAnswer(row: unknown): RowAnswer {
  const id = text(getMember(row, 'metadata', 'key'));
  if (id === undefined) return { state: 'broken' };
  const response = getMember(row, 'response');
  const candidate = getMember(response, 'candidates', 0);
  if (candidate === undefined) return { state: 'failed', id };
  const parts = getMember(candidate, 'content', 'parts');
  const said = (Array.isArray(parts) ? (parts as unknown[]) : [])
    .map((part) => (getMember(part, 'thought') === true ? '' : (text(getMember(part, 'text')) ?? '')))
    .join('');
  const usage = getMember(response, 'usageMetadata');
  const thoughts = count(getMember(usage, 'thoughtsTokenCount')) ?? 0;
  const written = count(getMember(usage, 'candidatesTokenCount'));
  return {
    state: 'done',
    id,
    text: said,
    finish: finishes[text(getMember(candidate, 'finishReason')) ?? ''] ?? 'length',
    usage: {
      inputTokens: count(getMember(usage, 'promptTokenCount')),
      cachedInputTokens: count(getMember(usage, 'cachedContentTokenCount')),
      outputTokens: written === undefined ? undefined : written + thoughts,
      reasoningTokens: thoughts,
    },
  };
}
