/** Anthropic's Message Batches. */
import { refuseCall } from '../calls.ts';
import { sendJson, type Exchange } from '../state.ts';
import { messagesWire } from '../wires/messages.ts';
import { record } from '../wires/shared.ts';
import { dirtyLines, poll } from './rows.ts';
import { isOver, type BatchJob, type Row, type RowResult } from './store.ts';

const refused = (exchange: Exchange, message: string): void =>
  refuseCall(exchange, { id: 'messages' }, { kind: 'invalid', message });
const notFound = (exchange: Exchange): void =>
  refuseCall(exchange, { id: 'messages' }, { kind: 'not-found', path: exchange.path });

export async function answerAnthropicBatch(exchange: Exchange): Promise<void> {
  const { state, entry, path, response } = exchange;
  const [, id, action] = /^\/v1\/messages\/batches(?:\/([^/]+)(?:\/(cancel|results))?)?$/.exec(path) ?? [];
  if (id === undefined) return entry.method === 'POST' ? create(exchange) : list(exchange);
  const job = state.jobs.get(id);
  if (job?.vendor !== 'anthropic') return notFound(exchange);
  if (action === 'results') return results(exchange, job);
  if (entry.method === 'DELETE') {
    if (!isOver(job))
      return refused(exchange, 'Message Batch cannot be deleted while it is processing. Cancel it first.');
    state.jobs.delete(id);
    return sendJson(response, 200, { id, type: 'message_batch_deleted' });
  }
  if (action === 'cancel') {
    if (!isOver(job)) job.state = 'cancelling';
  } else await poll(state, job, { wire: messagesWire, version: String(job.told['version']) });
  sendJson(response, 200, view(exchange, job));
}

function create(exchange: Exchange): void {
  const { state, body, entry, response } = exchange;
  const requests = Array.isArray(body?.['requests']) ? body['requests'].map(record) : [];
  if (requests.length === 0) return refused(exchange, 'requests: List should have at least 1 item after validation');
  if (requests.length > (state.options.batch?.maxRequests ?? 100_000))
    return refused(
      exchange,
      `requests: List should have at most ${state.options.batch?.maxRequests ?? 100_000} items after validation`,
    );
  if (state.options.batch?.invalid !== undefined) return refused(exchange, state.options.batch.invalid);
  const ids = requests.map((request) => String(request['custom_id']));
  const wrong = ids.findIndex((id) => !/^[a-zA-Z0-9_-]{1,64}$/.test(id));
  if (wrong >= 0)
    return refused(exchange, `requests.${wrong}.custom_id: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'`);
  if (new Set(ids).size < ids.length) return refused(exchange, 'requests: custom_id must be unique within a batch');
  const rows: Row[] = requests.map((request, index) => ({
    customId: ids[index] as string,
    body: record(request['params']),
  }));
  const job: BatchJob = {
    id: `msgbatch_sim${state.nextId++}`,
    vendor: 'anthropic',
    createdAt: Date.now(),
    total: rows.length,
    told: { version: entry.headers['anthropic-version'] },
    problems: [],
    rows: () => rows,
    state: 'running',
    polls: 0,
    progress: 0,
    entry,
  };
  state.jobs.set(job.id, job);
  sendJson(response, 200, view(exchange, job));
}

function results(exchange: Exchange, job: BatchJob): void {
  const { state, response } = exchange;
  if (!isOver(job)) return refused(exchange, 'Message Batch results are not available until it has ended.');
  if (state.options.batch?.gone) return notFound(exchange);
  const lines = (job.results ?? []).map((result) =>
    JSON.stringify({ custom_id: result.customId, result: resultOf(result) }),
  );
  response.writeHead(200, { 'content-type': 'application/x-jsonl' });
  for (const line of state.options.batch?.dirty ? dirtyLines(lines) : lines) response.write(`${line}\n`);
  response.end();
}

function resultOf(result: RowResult): unknown {
  switch (result.kind) {
    case 'done':
      return { type: 'succeeded', message: result.message };
    case 'failed':
      return { type: 'errored', error: result.error };
    case 'cancelled':
      return { type: 'canceled' };
    case 'expired':
      return { type: 'expired' };
  }
}

function view({ state }: Pick<Exchange, 'state'>, job: BatchJob): unknown {
  const over = isOver(job);
  const gone = state.options.batch?.gone === true && over;
  const count = (kind: RowResult['kind']): number =>
    over ? (job.results?.filter((result) => result.kind === kind).length ?? 0) : 0;
  const time = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());
  return {
    id: job.id,
    type: 'message_batch',
    processing_status: over ? 'ended' : job.state === 'cancelling' ? 'canceling' : 'in_progress',
    // Until the whole batch has ended the service counts nothing as done.
    request_counts: {
      processing: over ? 0 : job.total,
      succeeded: count('done'),
      errored: count('failed'),
      canceled: count('cancelled'),
      expired: count('expired'),
    },
    ended_at: time(job.endedAt),
    created_at: time(job.createdAt),
    expires_at: time(job.createdAt + 86_400_000),
    archived_at: gone ? time(job.endedAt) : null,
    cancel_initiated_at: job.state === 'cancelling' || job.state === 'cancelled' ? time(job.createdAt) : null,
    results_url:
      over && !gone ? `${state.options.batch?.resultsOrigin ?? state.url}/v1/messages/batches/${job.id}/results` : null,
  };
}

function list(exchange: Exchange): void {
  const query = new URL(exchange.request.url ?? '/', 'http://local').searchParams;
  const all = [...exchange.state.jobs.values()].filter((job) => job.vendor === 'anthropic').reverse();
  const after = query.get('after_id');
  const from = after === null ? 0 : all.findIndex((job) => job.id === after) + 1;
  const page = all.slice(from, from + Number(query.get('limit') ?? 20));
  sendJson(exchange.response, 200, {
    data: page.map((job) => view(exchange, job)),
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
    has_more: from + page.length < all.length,
  });
}
