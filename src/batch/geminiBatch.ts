/** Gemini's `batchGenerateContent` with inline requests, for its compatible endpoint. */
import type { FinishReason, ModelLimits } from '../engine/model.ts';
import { checkKeyText, endpoint } from '../providers/endpoint.ts';
import { count, guardedFetch, member, text } from '../providers/http.ts';
import { outputRoom } from '../providers/limits.ts';
import type { ProviderConfig } from '../providers/provider.ts';
import { isMissing, json, noBatches, removeAt, type Service } from './http.ts';
import type { BatchStatus, BatchWire, RowAnswer } from './wire.ts';

/** Whether a compatible server is Gemini, whose native API is beside it. */
export function isGemini(baseUrl: string): boolean {
  return /\/v1beta\/openai\/?$/.test(baseUrl) || /\/\/generativelanguage\.googleapis\.com\b/.test(baseUrl);
}

/** Creates the batch client for Gemini. */
export function geminiBatch(config: ProviderConfig, limits: ModelLimits): BatchWire {
  const key = checkKeyText(config.apiKey);
  const at = endpoint(config.baseUrl, key);
  const origin = new URL(at.base).origin;
  const service: Service = {
    host: at.host,
    fetch: guardedFetch(config.fetch, { base: origin, host: at.host }, key ? { 'x-goog-api-key': key } : {}),
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
        await json(service, 'GET', `${root}/batches?pageSize=1`, undefined, signal);
      } catch (error) {
        throw isMissing(error) ? noBatches(at.host) : error;
      }
    },
    row(id, call) {
      const request = {
        systemInstruction: { parts: [{ text: call.system }] },
        contents: [{ role: 'user', parts: [{ text: call.user }] }],
        generationConfig: {
          maxOutputTokens: outputRoom(call, limits),
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
      return text((await json(service, 'POST', url, body, signal))['name']) ?? '';
    },
    async find({ key: name }, signal) {
      let page = '';
      for (let n = 0; n < 10; n++) {
        const answer = await json(service, 'GET', `${root}/batches?pageSize=100${page}`, undefined, signal);
        const batches = Array.isArray(answer['operations']) ? (answer['operations'] as unknown[]) : [];
        const found = batches.find((batch) => member(batch, 'metadata', 'displayName') === name);
        if (found) return text(member(found, 'name'));
        const next = text(answer['nextPageToken']);
        if (next === undefined) return undefined;
        page = `&pageToken=${encodeURIComponent(next)}`;
      }
      return undefined;
    },
    async status(id, signal) {
      const answer = await json(service, 'GET', one(id), undefined, signal);
      const rows = member(answer, 'response', 'inlinedResponses', 'inlinedResponses');
      last = Array.isArray(rows) ? { id, rows: rows as unknown[] } : undefined;
      return statusOf(answer, id, last !== undefined);
    },
    async *results(id, { refs }, signal) {
      if (!refs.length) return;
      if (last?.id !== id) await this.status(id, signal);
      for (const row of last?.id === id ? last.rows : []) yield answerOf(row);
      last = undefined;
    },
    async cancel(id, signal) {
      await json(service, 'POST', one(id, ':cancel'), '{}', signal);
    },
    async remove(id, _, signal) {
      if (id !== undefined) await removeAt(service, one(id), signal);
    },
  };
}

function statusOf(answer: unknown, id: string, hasRows: boolean): BatchStatus {
  const state = text(member(answer, 'metadata', 'state')) ?? '';
  const stats = member(answer, 'metadata', 'batchStats');
  // 64-bit numbers are strings
  const number = (name: string): number => Number(member(stats, name) ?? 0) || 0;
  const failed = /FAILED/.test(state);
  return {
    state: failed ? 'failed' : member(answer, 'done') === true ? 'ended' : 'running',
    total: number('requestCount'),
    done: number('successfulRequestCount'),
    failed: number('failedRequestCount'),
    ...(failed ? { problem: text(member(answer, 'error', 'message')) ?? state } : {}),
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

function answerOf(row: unknown): RowAnswer {
  const id = text(member(row, 'metadata', 'key'));
  if (id === undefined) return { state: 'broken' };
  const response = member(row, 'response');
  const candidate = member(response, 'candidates', 0);
  if (candidate === undefined) return { state: 'failed', id };
  const parts = member(candidate, 'content', 'parts');
  const said = (Array.isArray(parts) ? (parts as unknown[]) : [])
    .map((part) => (member(part, 'thought') === true ? '' : (text(member(part, 'text')) ?? '')))
    .join('');
  const usage = member(response, 'usageMetadata');
  const thoughts = count(member(usage, 'thoughtsTokenCount')) ?? 0;
  const written = count(member(usage, 'candidatesTokenCount'));
  return {
    state: 'done',
    id,
    text: said,
    finish: finishes[text(member(candidate, 'finishReason')) ?? ''] ?? 'length',
    usage: {
      inputTokens: count(member(usage, 'promptTokenCount')),
      cachedInputTokens: count(member(usage, 'cachedContentTokenCount')),
      outputTokens: written === undefined ? undefined : written + thoughts,
      reasoningTokens: thoughts,
    },
  };
}
