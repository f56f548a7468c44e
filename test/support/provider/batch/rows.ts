/** Runs the rows of a job through the same model as live calls. */
import { compose, guessStage, refusalOf } from '../compose.ts';
import { refuse } from '../errors.ts';
import { seeded, shuffled } from '../../random.ts';
import type { ServerState } from '../state.ts';
import type { Answer, Asked, Wire } from '../types.ts';
import { isOver, nextStep, type BatchJob, type Row, type RowResult } from './store.ts';

/** How a vendor's rows are read and answered. */
export interface RowWire {
  readonly wire: Pick<Wire, 'id' | 'parse' | 'whole'>;
  readonly version: string | undefined;
}

/** Moves a job on by one poll; when it ends, its rows are answered. */
export async function poll(state: ServerState, job: BatchJob, rowWire: RowWire): Promise<void> {
  if (isOver(job)) return;
  const options = state.options.batch ?? {};
  job.polls++;
  const step = nextStep(job, options, Date.now());
  job.progress = Math.max(job.progress, Math.floor(step.share * job.total));
  if (step.state === 'running') {
    job.state = 'running';
    return;
  }
  if (step.state !== 'failed') {
    const done = Math.floor(step.share * job.total);
    job.progress = done;
    const rest = step.state === 'cancelled' ? 'cancelled' : 'expired';
    const results = await answerRows(state, job, rowWire, done, rest);
    job.results =
      options.shuffle === false || job.vendor === 'gemini' ? results : shuffled(seeded(options.seed ?? 1), results);
  }
  job.endedAt = Date.now();
  job.state = step.state;
}

async function answerRows(
  state: ServerState,
  job: BatchJob,
  rowWire: RowWire,
  done: number,
  rest: 'cancelled' | 'expired',
): Promise<RowResult[]> {
  const results: RowResult[] = [];
  let index = 0;
  for (const row of job.rows()) {
    results.push(
      index < done ? await answerRow(state, job, rowWire, row, index) : { kind: rest, customId: row.customId },
    );
    // Ten thousand rows must not hold the thread that also serves the polls.
    if (++index % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return results;
}

async function answerRow(
  state: ServerState,
  job: BatchJob,
  { wire, version }: RowWire,
  row: Row,
  index: number,
): Promise<RowResult> {
  const { options } = state;
  const asked = wire.parse(row.body);
  if (options.batch?.fails?.(row.customId, index)) return failedRow(row, wire, job, { kind: 'status', status: 500 });
  const refusal = refusalOf(asked, options, version, undefined);
  if (refusal !== undefined) return failedRow(row, wire, job, refusal);
  const kind = options.batch?.answers;
  const answer = await compose(asked, job.entry, options, kind && { kind }, undefined);
  record(state, job, row, asked, answer);
  return { kind: 'done', customId: row.customId, message: wire.whole(asked, answer) };
}

function failedRow(row: Row, wire: RowWire['wire'], job: BatchJob, refusal: Parameters<typeof refuse>[0]): RowResult {
  const error = refuse(refusal, 'cloud', wire.id, job.entry.number);
  return { kind: 'failed', customId: row.customId, status: error.status, error: error.body };
}

function record(state: ServerState, job: BatchJob, row: Row, asked: Asked, answer: Answer): void {
  state.rows.push({
    job: job.id,
    customId: row.customId,
    stage: state.options.stageOf?.(asked) ?? guessStage(asked),
    model: asked.model,
    inputTokens: answer.inputTokens,
    outputTokens: answer.outputTokens,
  });
}

/** Lines that no reader should trip over: no JSON, an unknown id, one row twice. */
export function dirtyLines(lines: readonly string[]): string[] {
  const unknown = (lines[0] ?? '{}').replace(/"custom_id":"[^"]*"/, '"custom_id":"nobody-asked-for-this"');
  return ['{"broken": ', unknown, ...lines, ...(lines[0] === undefined ? [] : [lines[0]]), ''];
}
