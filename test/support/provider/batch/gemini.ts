/** Google's `batchGenerateContent` with inline requests, and the operation that stands for the job. */
import { sendJson, type Exchange } from '../state.ts';
import type { Answer, Asked, Wire } from '../types.ts';
import { listOfText, numberOr, record, textOf } from '../wires/shared.ts';
import { poll } from './rows.ts';
import { isOver, type BatchJob, type Row, type RowResult } from './store.ts';

const partsOf = (content: unknown): string => textOf(record(content)['parts']);
const either = (body: Record<string, unknown>, camel: string, snake: string): unknown => body[camel] ?? body[snake];

/** The rows of a batch only: live calls of this vendor come by its OpenAI wire. */
const geminiWire: Pick<Wire, 'id' | 'parse' | 'whole'> = {
  id: 'batch',
  parse(body) {
    const config = record(either(body, 'generationConfig', 'generation_config'));
    const contents = Array.isArray(body['contents']) ? body['contents'] : [];
    return {
      wire: 'batch',
      model: String(body['model'] ?? '').replace(/^models\//, ''),
      system: partsOf(either(body, 'systemInstruction', 'system_instruction')),
      user: contents.map(partsOf).join('\n'),
      stream: false,
      includeUsage: true,
      maxTokens: numberOr(either(config, 'maxOutputTokens', 'max_output_tokens'), Infinity),
      stop: listOfText(either(config, 'stopSequences', 'stop_sequences')),
      body,
    };
  },
  whole: (asked: Asked, answer: Answer) => ({
    candidates: [
      {
        content: { parts: [{ text: answer.text }], role: 'model' },
        finishReason: {
          stop: 'STOP',
          length: 'MAX_TOKENS',
          window: 'MAX_TOKENS',
          'content-filter': 'SAFETY',
          refused: 'PROHIBITED_CONTENT',
        }[answer.finish],
        index: 0,
      },
    ],
    usageMetadata: {
      promptTokenCount: answer.inputTokens,
      candidatesTokenCount: answer.outputTokens - answer.reasoningTokens,
      thoughtsTokenCount: answer.reasoningTokens,
      totalTokenCount: answer.inputTokens + answer.outputTokens,
    },
    modelVersion: asked.model,
    responseId: 'sim',
  }),
};

export async function answerGeminiBatch(exchange: Exchange): Promise<void> {
  const { state, entry, path, response } = exchange;
  const model = /^\/v1beta\/models\/([^/]+):batchGenerateContent$/.exec(path)?.[1];
  if (model !== undefined) return create(exchange, decodeURIComponent(model));
  const [, id, action] = /^\/v1beta\/batches(?:\/([^/:]+)(?::(cancel|delete))?)?$/.exec(path) ?? [];
  if (id === undefined) {
    const jobs = [...state.jobs.values()].filter((job) => job.vendor === 'gemini').reverse();
    return sendJson(response, 200, { operations: jobs.map((job) => view(exchange, job)) });
  }
  const job = state.jobs.get(id);
  if (job?.vendor !== 'gemini') return problem(exchange, 404, 'NOT_FOUND', 'Requested entity was not found.');
  if (entry.method === 'DELETE') {
    state.jobs.delete(id);
    return sendJson(response, 200, {});
  }
  if (action === 'cancel') {
    if (!isOver(job)) job.state = 'cancelling';
    return sendJson(response, 200, {});
  }
  await poll(state, job, { wire: geminiWire, version: undefined });
  sendJson(response, 200, view(exchange, job));
}

function problem({ response }: Exchange, code: number, status: string, message: string): void {
  sendJson(response, code, { error: { code, message, status } });
}

function create(exchange: Exchange, model: string): void {
  const { state, body, entry, response } = exchange;
  const batch = record(body?.['batch']);
  const config = record(either(batch, 'inputConfig', 'input_config'));
  const requests = record(config['requests'])['requests'];
  if (state.options.batch?.invalid !== undefined)
    return problem(exchange, 400, 'INVALID_ARGUMENT', state.options.batch.invalid);
  if (!Array.isArray(requests) || requests.length === 0)
    return problem(exchange, 400, 'INVALID_ARGUMENT', 'batch.input_config.requests: the list of requests is empty.');
  if (exchange.bytes.length > 20_000_000)
    return problem(exchange, 400, 'INVALID_ARGUMENT', 'Request payload size exceeds the limit: 20971520 bytes.');
  const rows: Row[] = requests.map((entryOf, index) => {
    const request = record(entryOf);
    return {
      customId: String(record(request['metadata'])['key'] ?? index),
      body: { model, ...record(request['request']) },
    };
  });
  const job: BatchJob = {
    id: `sim${state.nextId++}`,
    vendor: 'gemini',
    createdAt: Date.now(),
    total: rows.length,
    told: { displayName: either(batch, 'displayName', 'display_name'), model },
    problems: [],
    rows: () => rows,
    state: 'validating',
    polls: 0,
    progress: 0,
    entry,
  };
  state.jobs.set(job.id, job);
  sendJson(response, 200, view(exchange, job));
}

const states = {
  validating: 'BATCH_STATE_PENDING',
  failed: 'BATCH_STATE_FAILED',
  running: 'BATCH_STATE_RUNNING',
  done: 'BATCH_STATE_SUCCEEDED',
  expired: 'BATCH_STATE_EXPIRED',
  cancelling: 'BATCH_STATE_RUNNING',
  cancelled: 'BATCH_STATE_CANCELLED',
} as const;

function view({ state }: Pick<Exchange, 'state'>, job: BatchJob): unknown {
  const name = `batches/${job.id}`;
  const failed = job.results?.filter((result) => result.kind === 'failed').length ?? 0;
  const time = (ms: number): string => new Date(ms).toISOString();
  const metadata = {
    '@type': 'type.googleapis.com/google.ai.generativelanguage.v1main.GenerateContentBatch',
    model: `models/${String(job.told['model'])}`,
    displayName: job.told['displayName'],
    name,
    state: states[job.state],
    createTime: time(job.createdAt),
    updateTime: time(job.endedAt ?? Date.now()),
    ...(job.endedAt === undefined ? {} : { endTime: time(job.endedAt) }),
    batchStats: {
      requestCount: String(job.total),
      successfulRequestCount: String(job.progress - failed),
      failedRequestCount: String(failed),
      pendingRequestCount: String(job.total - job.progress),
    },
  };
  // Only a job that succeeded has results: neither expiry nor cancellation leaves a part.
  if (job.state !== 'done' || state.options.batch?.gone)
    return { name, metadata, ...(isOver(job) ? { done: true } : {}) };
  return {
    name,
    metadata,
    done: true,
    response: {
      '@type': 'type.googleapis.com/google.ai.generativelanguage.v1main.GenerateContentBatchOutput',
      inlinedResponses: { inlinedResponses: (job.results ?? []).map(inlined) },
    },
  };
}

function inlined(result: RowResult): unknown {
  const metadata = { key: result.customId };
  if (result.kind === 'done') return { response: result.message, metadata };
  return { error: { code: 13, message: 'Internal error encountered.' }, metadata };
}
