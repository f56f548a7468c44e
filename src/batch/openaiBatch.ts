/** OpenAI Files and Batch APIs, and compatible servers. */
import type { FinishReason, ModelLimits } from '../engine/model.ts';
import { createChatRequest, readChatUsage } from '../providers/wires/chatWire.ts';
import { finishReason } from '../providers/wires/finish.ts';
import { count, isJson, getMember, parseJson, text, type Json } from '../providers/http.ts';
import { quoteText } from '../providers/errors.ts';
import { openAiAccess } from '../providers/openaiClient.ts';
import { createMemoryKey, remembered } from '../providers/wires/parameters.ts';
import type { ProviderConfig } from '../providers/provider.ts';
import { createResponsesRequest } from '../providers/wires/responsesWire.ts';
import { createThinkFilter } from '../providers/wires/think.ts';
import { isMissing, requestJson, readLines, createNoBatchesError, removeAt, request, type Service } from './http.ts';
import type { Rows } from './rows.ts';
import type { BatchStatus, BatchWire, RowAnswer } from './wire.ts';

const keepSeconds = 14 * 86_400;
const maxPages = 10;

/** @param official OpenAI's own API: Responses and its parameters */
export function createOpenAiBatch(config: ProviderConfig, limits: ModelLimits, official: boolean): BatchWire {
  const { at, fetch } = openAiAccess(config);
  const service: Service = { fetch, host: at.host };
  const responses = official && config.memory.get(createMemoryKey(config, at.base, 'wire')) !== 'chat';
  const azure = /\.azure\.com$/i.test(at.hostname);
  const endpoint = responses ? '/v1/responses' : azure ? '/chat/completions' : '/v1/chat/completions';
  const refused = new Set(
    remembered(config.memory, createMemoryKey(config, official && !responses ? `${at.base} chat` : at.base, 'refused')),
  );
  const cap = config.memory.get(createMemoryKey(config, at.base, 'output'));
  const accepted = {
    // Rows refused for an effort cannot be resent at once.
    has: (name: string) => !refused.has(name) && !name.includes('='),
    outputCap: typeof cap === 'number' && cap > 0 ? cap : Number.POSITIVE_INFINITY,
  };
  const query = new URLSearchParams(at.query).toString();
  const url = (path: string, more = ''): string => {
    const parameters = [query, more].filter(Boolean).join('&');
    return `${at.base}${path}${parameters ? `?${parameters}` : ''}`;
  };

  return {
    vendor: 'openai',
    host: at.host,
    limits: { rows: 50_000, bytes: 16_000_000 },
    counts: true,
    between: '\n',
    async check(signal) {
      try {
        await requestJson(service, 'GET', url('/batches', 'limit=1'), undefined, signal);
      } catch (error) {
        throw isMissing(error) ? createNoBatchesError(at.host) : error;
      }
    },
    row(id, call) {
      const { body } = responses
        ? createResponsesRequest(call, config.model, limits, accepted)
        : createChatRequest(call, { model: config.model, limits, official }, accepted);
      const { stream: _, stream_options: __, ...rest } = body;
      return Promise.resolve(JSON.stringify({ custom_id: id, method: 'POST', url: endpoint, body: rest }));
    },
    async upload(key, rows, signal) {
      const fields = {
        purpose: 'batch',
        ...(official ? { 'expires_after[anchor]': 'created_at', 'expires_after[seconds]': String(keepSeconds) } : {}),
      };
      return getId(await requestJson(service, 'POST', url('/files'), createForm(key, fields, rows), signal));
    },
    async findUpload(key, signal) {
      const { data } = await requestJson(service, 'GET', url('/files', 'purpose=batch&limit=1000'), undefined, signal);
      const file = listRows(data).find((one) => getMember(one, 'filename') === `${key}.jsonl`);
      return text(getMember(file, 'id'));
    },
    async create({ key, file }, signal) {
      const body = { input_file_id: file, endpoint, completion_window: '24h', metadata: { precis: key } };
      return getId(await requestJson(service, 'POST', url('/batches'), JSON.stringify(body), signal));
    },
    async find({ key, since }, signal) {
      let after = '';
      for (let page = 0; page < maxPages; page++) {
        const answer = await requestJson(service, 'GET', url('/batches', `limit=100${after}`), undefined, signal);
        const batches = listRows(answer['data']);
        const found = batches.find((one) => getMember(one, 'metadata', 'precis') === key);
        if (found) return text(getMember(found, 'id'));
        const last = batches.at(-1);
        const old = (count(getMember(last, 'created_at')) ?? 0) * 1000 < since - 3_600_000;
        if (!last || old || answer['has_more'] !== true) return undefined;
        after = `&after=${encodeURIComponent(text(getMember(last, 'id')) ?? '')}`;
      }
      return undefined;
    },
    async status(id, signal) {
      return toStatus(
        await requestJson(service, 'GET', url(`/batches/${encodeURIComponent(id)}`), undefined, signal),
        config.apiKey,
      );
    },
    async *results(_, { refs }, signal) {
      for (const ref of refs) {
        const place = url(`/files/${encodeURIComponent(ref)}/content`);
        const response = await request(service, 'GET', place, undefined, signal);
        for await (const line of readLines(response, service.host, signal))
          if (line.trim()) yield parseAnswer(line, service.host);
      }
    },
    async cancel(id, signal) {
      await requestJson(service, 'POST', url(`/batches/${encodeURIComponent(id)}/cancel`), '{}', signal);
    },
    async remove(_, files, signal) {
      for (const file of files) await removeAt(service, url(`/files/${encodeURIComponent(file)}`), signal);
    },
  };
}

/** `multipart/form-data` body; the boundary occurs in no JSON line. */
function createForm(
  key: string,
  fields: Readonly<Record<string, string>>,
  rows: Rows,
): { bytes: Uint8Array; type: string } {
  const boundary = `precis-${key}`;
  const head = (name: string): string => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"`;
  const before = Object.entries(fields).map(([name, value]) => `${head(name)}\r\n\r\n${value}\r\n`);
  const file = `${head('file')}; filename="${key}.jsonl"\r\ncontent-type: application/jsonl\r\n\r\n`;
  const bytes = rows.within(`${before.join('')}${file}`, `\n\r\n--${boundary}--\r\n`);
  return { bytes, type: `multipart/form-data; boundary=${boundary}` };
}

const over = new Set(['completed', 'expired', 'cancelled']);

function toStatus(batch: Json, key: string): BatchStatus {
  const status = text(batch['status']) ?? '';
  const problem = quoteText(text(getMember(batch, 'errors', 'data', 0, 'message')) ?? '', [key]);
  const counts = (name: string): number => count(getMember(batch, 'request_counts', name)) ?? 0;
  return {
    state: status === 'failed' ? 'failed' : over.has(status) ? 'ended' : 'running',
    total: counts('total'),
    done: counts('completed'),
    failed: counts('failed'),
    ...(problem === undefined ? {} : { problem }),
    refs: [text(batch['output_file_id']), text(batch['error_file_id'])].filter((ref) => ref !== undefined),
  };
}

function parseAnswer(line: string, host: string): RowAnswer {
  const row = parseJson(line);
  const id = text(getMember(row, 'custom_id'));
  if (id === undefined) return { state: 'broken' };
  const code = text(getMember(row, 'error', 'code')) ?? '';
  if (code) return { state: /expired/.test(code) ? 'expired' : /cancel/.test(code) ? 'cancelled' : 'failed', id };
  const body = getMember(row, 'response', 'body');
  if (getMember(row, 'response', 'status_code') !== 200 || !isJson(body)) return { state: 'failed', id };
  try {
    return Array.isArray(body['output']) ? readResponsesAnswer(id, body) : readChatAnswer(id, body, host);
  } catch {
    return { state: 'failed', id };
  }
}

function readChatAnswer(id: string, body: Json, host: string): RowAnswer {
  const choice = getMember(body, 'choices', 0);
  const content = getMember(choice, 'message', 'content');
  const refusal = text(getMember(choice, 'message', 'refusal'));
  const whole = Array.isArray(content)
    ? content.map((part) => (getMember(part, 'type') === 'text' ? (text(getMember(part, 'text')) ?? '') : '')).join('')
    : (text(content) ?? '');
  // the text is complete, so an unopened thought needs no retraction
  const think = createThinkFilter(false, () => undefined);
  const visible = think.push(whole) + think.end();
  const finish: FinishReason =
    refusal === undefined ? finishReason(text(getMember(choice, 'finish_reason')) ?? '', host) : 'refused';
  return { state: 'done', id, text: visible, finish, usage: readChatUsage(body['usage']) };
}

function readResponsesAnswer(id: string, body: Json): RowAnswer {
  const parts = listRows(body['output']).flatMap((item) => listRows(getMember(item, 'content')));
  const said = parts.map((part) => text(getMember(part, 'text')) ?? '').join('');
  const refused = parts.some((part) => getMember(part, 'type') === 'refusal');
  const status = text(body['status']);
  if (status !== 'completed' && status !== 'incomplete') return { state: 'failed', id };
  const reason = text(getMember(body, 'incomplete_details', 'reason'));
  const cut: FinishReason = reason === 'content_filter' ? 'content-filter' : 'length';
  return {
    state: 'done',
    id,
    text: said,
    finish: refused ? 'refused' : status === 'completed' ? 'stop' : cut,
    usage: {
      inputTokens: count(getMember(body, 'usage', 'input_tokens')),
      cachedInputTokens: count(getMember(body, 'usage', 'input_tokens_details', 'cached_tokens')),
      outputTokens: count(getMember(body, 'usage', 'output_tokens')),
    },
  };
}

function getId(answer: Json): string {
  return text(answer['id']) ?? '';
}

function listRows(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
