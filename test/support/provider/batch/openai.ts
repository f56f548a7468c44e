/** OpenAI's files and batches. */
import { refuseCall } from '../calls.ts';
import { sendJson, type Exchange, type ServerState } from '../state.ts';
import { chatWire } from '../wires/chat.ts';
import { responsesWire } from '../wires/responses.ts';
import { record } from '../wires/shared.ts';
import { linesOf } from './multipart.ts';
import { addFile, answerFiles, notFound } from './openaiFiles.ts';
import { dirtyLines, poll, type RowWire } from './rows.ts';
import { isOver, seconds, type BatchJob, type Row, type RowResult } from './store.ts';

export async function answerOpenaiBatch(exchange: Exchange): Promise<void> {
  const { entry, path } = exchange;
  const file = /^\/v1\/files(?:\/([^/]+)(\/content)?)?$/.exec(path);
  if (file) return answerFiles(exchange, file[1], file[2] !== undefined);
  const batch = /^\/v1\/batches(?:\/([^/]+)(\/cancel)?)?$/.exec(path);
  if (!batch) return notFound(exchange);
  const [, id, cancel] = batch;
  if (id === undefined) return entry.method === 'POST' ? create(exchange) : list(exchange);
  const job = exchange.state.jobs.get(id);
  if (job?.vendor !== 'openai') return notFound(exchange);
  if (cancel) {
    if (!isOver(job)) job.state = 'cancelling';
  } else {
    await poll(exchange.state, job, rowWireOf(job));
    storeResults(exchange.state, job);
  }
  sendJson(exchange.response, 200, view(job));
}

function create(exchange: Exchange): void {
  const { state, body, response, entry } = exchange;
  const endpoint = String(body?.['endpoint'] ?? '');
  const input = state.files.get(String(body?.['input_file_id'] ?? ''));
  if (input === undefined)
    return refuseCall(
      exchange,
      { id: 'chat' },
      { kind: 'invalid', message: `No such File object: ${String(body?.['input_file_id'])}` },
    );
  if (!['/v1/chat/completions', '/v1/responses'].includes(endpoint))
    return refuseCall(exchange, { id: 'chat' }, { kind: 'invalid', message: `Invalid value: '${endpoint}'.` });
  const checked = validate(
    input.content,
    endpoint,
    state.options.batch?.maxRequests ?? 50_000,
    state.options.batch?.invalid,
  );
  const job: BatchJob = {
    id: `batch_sim${state.nextId++}`,
    vendor: 'openai',
    createdAt: Date.now(),
    total: checked.total,
    told: {
      endpoint,
      input_file_id: input.id,
      metadata: body?.['metadata'] ?? null,
      completion_window: body?.['completion_window'] ?? '24h',
    },
    problems: checked.problems,
    rows: () => rowsOf(input.content),
    state: 'validating',
    polls: 0,
    progress: 0,
    entry,
  };
  state.jobs.set(job.id, job);
  sendJson(response, 200, view(job));
}

function* rowsOf(content: Buffer): Generator<Row> {
  for (const line of linesOf(content)) {
    const row = record(JSON.parse(line.text));
    yield { customId: String(row['custom_id']), body: record(row['body']) };
  }
}

type Problem = BatchJob['problems'][number];

/** Every line, as the real service checks it before a job starts. */
function validate(
  content: Buffer,
  endpoint: string,
  most: number,
  invalid: string | undefined,
): { total: number; problems: Problem[] } {
  const problems: Problem[] =
    invalid === undefined ? [] : [{ code: 'invalid_request', line: null, message: invalid, param: null }];
  const seen = new Set<string>();
  let total = 0;
  let model: unknown;
  for (const line of linesOf(content)) {
    total++;
    const problem = lineProblem(line.text, endpoint, seen);
    if (typeof problem === 'string') {
      model ??= problem;
      if (model !== problem)
        problems.push({
          code: 'mismatched_model',
          line: line.number,
          message: 'The provided model does not match that of the first line.',
          param: 'body.model',
        });
    } else problems.push({ ...problem, line: line.number });
  }
  if (total === 0) problems.push({ code: 'empty_file', line: null, message: 'The file is empty.', param: null });
  if (total > most)
    problems.push({
      code: 'too_many_tasks',
      line: null,
      message: `The batch input file contains too many requests. The maximum is ${most}.`,
      param: null,
    });
  return { total, problems };
}

/** The row's model when nothing is wrong with it. */
function lineProblem(text: string, endpoint: string, seen: Set<string>): string | Omit<Problem, 'line'> {
  let row: Record<string, unknown>;
  try {
    row = record(JSON.parse(text));
  } catch {
    return { code: 'invalid_json_line', message: 'This line is not parseable as valid JSON.', param: null };
  }
  const id = row['custom_id'];
  if (typeof id !== 'string')
    return {
      code: 'missing_required_parameter',
      message: 'Missing required parameter: custom_id.',
      param: 'custom_id',
    };
  if (seen.has(id))
    return {
      code: 'duplicate_custom_id',
      message: 'The custom_id for this request is a duplicate of another request.',
      param: 'custom_id',
    };
  seen.add(id);
  if (row['method'] !== 'POST') return { code: 'invalid_method', message: 'The method must be POST.', param: 'method' };
  if (row['url'] !== endpoint)
    return { code: 'mismatched_endpoint', message: 'The URL does not match the batch endpoint.', param: 'url' };
  if (record(row['body'])['stream'] === true)
    return { code: 'invalid_request', message: 'Streaming is not supported in the Batch API.', param: 'body.stream' };
  return String(record(row['body'])['model'] ?? '');
}

function rowWireOf(job: BatchJob): RowWire {
  return { wire: job.told['endpoint'] === '/v1/responses' ? responsesWire : chatWire, version: undefined };
}

function storeResults(state: ServerState, job: BatchJob): void {
  if (job.results === undefined || job.outputFile !== undefined || job.errorFile !== undefined) return;
  const good = job.results.filter((result) => result.kind === 'done').map((result) => outputLine(job, result));
  const bad = job.results.filter((result) => result.kind !== 'done').map((result) => outputLine(job, result));
  const keep = (name: string, lines: readonly string[]): string | undefined =>
    lines.length === 0
      ? undefined
      : addFile(state, `${job.id}_${name}.jsonl`, 'batch_output', Buffer.from(`${lines.join('\n')}\n`)).id;
  job.outputFile = keep('output', state.options.batch?.dirty ? dirtyLines(good) : good);
  job.errorFile = keep('error', bad);
}

function outputLine(job: BatchJob, result: RowResult): string {
  const base = { id: `batch_req_${job.id}_${result.customId}`, custom_id: result.customId };
  switch (result.kind) {
    case 'done':
      return JSON.stringify({
        ...base,
        response: { status_code: 200, request_id: 'req_sim', body: result.message },
        error: null,
      });
    case 'failed':
      return JSON.stringify({
        ...base,
        response: { status_code: result.status, request_id: 'req_sim', body: result.error },
        error: null,
      });
    case 'expired':
      return JSON.stringify({
        ...base,
        response: null,
        error: {
          code: 'batch_expired',
          message: 'This request could not be executed before the completion window expired.',
        },
      });
    case 'cancelled':
      return JSON.stringify({
        ...base,
        response: null,
        error: { code: 'batch_cancelled', message: 'This request was not executed because the batch was cancelled.' },
      });
  }
}

const names = {
  validating: 'validating',
  failed: 'failed',
  running: 'in_progress',
  done: 'completed',
  expired: 'expired',
  cancelling: 'cancelling',
  cancelled: 'cancelled',
} as const;

function view(job: BatchJob): unknown {
  const ended = job.endedAt === undefined ? null : seconds(job.endedAt);
  const at = (state: BatchJob['state']): number | null => (job.state === state ? ended : null);
  const failed = job.results?.filter((result) => result.kind === 'failed').length ?? 0;
  return {
    id: job.id,
    object: 'batch',
    endpoint: job.told['endpoint'],
    errors: job.state === 'failed' ? { object: 'list', data: job.problems } : null,
    input_file_id: job.told['input_file_id'],
    completion_window: job.told['completion_window'],
    status: names[job.state],
    output_file_id: job.outputFile ?? null,
    error_file_id: job.errorFile ?? null,
    created_at: seconds(job.createdAt),
    in_progress_at: job.state === 'validating' ? null : seconds(job.createdAt),
    expires_at: seconds(job.createdAt) + 86_400,
    completed_at: at('done'),
    failed_at: at('failed'),
    expired_at: at('expired'),
    cancelled_at: at('cancelled'),
    cancelling_at: null,
    finalizing_at: null,
    request_counts: {
      total: job.state === 'validating' || job.state === 'failed' ? 0 : job.total,
      completed: job.state === 'failed' ? 0 : job.progress - failed,
      failed,
    },
    metadata: job.told['metadata'],
  };
}

function list({ state, response, request }: Exchange): void {
  const query = new URL(request.url ?? '/', 'http://local').searchParams;
  const all = [...state.jobs.values()].filter((job) => job.vendor === 'openai').reverse();
  const after = query.get('after');
  const from = after === null ? 0 : all.findIndex((job) => job.id === after) + 1;
  const page = all.slice(from, from + Number(query.get('limit') ?? 20));
  sendJson(response, 200, {
    object: 'list',
    data: page.map(view),
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
    has_more: from + page.length < all.length,
  });
}
