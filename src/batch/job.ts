/** Stored batch job and its transitions. Pure: tests play a crash between any two writes. */
import type { ErrorText } from '../engine/messages.ts';
import { ModelError } from '../engine/model.ts';
import { computeUsd } from '../engine/plan/cost.ts';
import type { Price } from '../engine/request.ts';
import type { BatchVendor } from './wire.ts';

/** Why a job or part failed: code or vendor message. Jobs of version 0.1.0 hold English sentences. */
export type Problem = string | ErrorText;

/** Returns an error's code and arguments, or its message if it has none. */
export function toProblem(error: unknown): Problem {
  if (!ModelError.is(error)) return error instanceof Error ? error.message : String(error);
  const { code, args, detail } = error;
  if (code === undefined) return error.message;
  return { code, ...(args ? { args } : {}), ...(detail ? { detail } : {}) };
}

/** Converts a stored problem to an error. */
export function toProblemError(problem: Problem): ModelError {
  return new ModelError({ kind: 'unknown', ...(typeof problem === 'string' ? { message: problem } : problem) });
}

/** One batch at the vendor. */
export interface PartRecord {
  readonly key: string;
  readonly rows: number;
  /** Stage of its rows; only in jobs of version 0.1.0, which could batch merges. */
  readonly stage?: 'collapse' | 'reduce';
  /** Its rows may be requested again. */
  readonly outdated?: boolean;
  /** Time of the intent, Unix ms. */
  readonly since: number;
  /**
   * `intent`: about to be uploaded or created; `creating`: about to be created; `collected`: all answers cached; `removed`:
   * deleted at the vendor; `failed`: never ran.
   */
  readonly state: 'intent' | 'uploaded' | 'creating' | 'running' | 'ended' | 'collected' | 'removed' | 'failed';
  readonly file?: string;
  readonly batch?: string;
  /** Found again by size and time: only its results prove that it is ours. */
  readonly found?: boolean;
  /** Locations of the results. */
  readonly refs: readonly string[];
  readonly done: number;
  readonly failed: number;
  readonly collected?: Collected;
  readonly problem?: Problem;
  readonly gone?: boolean;
}

/** Results of a part. */
export interface Collected {
  /** Rows with stored notes. */
  readonly kept: number;
  readonly failed: number;
  readonly expired: number;
  readonly cancelled: number;
  readonly refused: number;
  /** Unreadable, unknown or duplicate lines. */
  readonly skipped: number;
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
}

/** Phase of a job; `done`, `cancelled` and `failed` are final. */
type JobPhase = 'submitting' | 'running' | 'ready' | 'done' | 'cancelled' | 'failed';

/** A stored job. */
export interface JobRecord {
  readonly version: 1;
  readonly id: string;
  /** Run that shows the job and receives its summary. */
  readonly runId: string;
  readonly title: string;
  readonly createdAt: number;
  readonly provider: string;
  readonly model: string;
  readonly mapModel: string;
  readonly host: string;
  readonly vendor: BatchVendor;
  readonly options: {
    readonly length: 'brief' | 'standard' | 'detailed';
    readonly language: string;
    readonly instructions: string;
    readonly chunkTokens: number;
  };
  /** USD per million tokens. */
  readonly price?: Price;
  /** Only in jobs of version 0.1.0. */
  readonly mergePrice?: Price;
  /** Estimate for all rows. */
  readonly inputTokens?: number;
  readonly estimatedUsd?: number;
  readonly phase: JobPhase;
  readonly prepared: boolean;
  /** The user cancelled. */
  readonly stopping: boolean;
  readonly finishAnyway: boolean;
  /** Delete it here and at the vendor. */
  readonly removing?: boolean;
  readonly parts: readonly PartRecord[];
  readonly polls: number;
  /** Consecutive failures. */
  readonly errors: number;
  /** Earliest next poll, Unix ms. */
  readonly nextAt: number;
  readonly problem?: Problem;
}

/** Task of a job, without its progress. */
export type JobTask = Omit<
  JobRecord,
  'version' | 'phase' | 'prepared' | 'stopping' | 'finishAnyway' | 'parts' | 'polls' | 'errors' | 'nextAt'
>;

/** Returns a job without progress. */
export const createJob = (task: JobTask): JobRecord => ({
  version: 1,
  ...task,
  phase: 'submitting',
  prepared: false,
  stopping: false,
  finishAnyway: false,
  parts: [],
  polls: 0,
  errors: 0,
  nextAt: 0,
});

/** Events that change a job. */
export type JobEvent =
  | { readonly type: 'intent'; readonly key: string; readonly rows: number; readonly now: number }
  | { readonly type: 'uploaded'; readonly key: string; readonly file: string }
  | { readonly type: 'creating'; readonly key: string; readonly now: number }
  | {
      readonly type: 'created';
      readonly key: string;
      readonly batch: string;
      readonly found?: boolean;
      readonly nextAt: number;
    }
  /** The vendor does not know this part: plan its rows again. */
  | { readonly type: 'forgotten'; readonly key: string }
  | { readonly type: 'refused'; readonly key: string; readonly problem: Problem }
  | { readonly type: 'prepared'; readonly nextAt: number }
  | {
      readonly type: 'polled';
      readonly key: string;
      readonly done: number;
      readonly failed: number;
      readonly ended: boolean;
      readonly refs: readonly string[];
      readonly problem?: Problem;
    }
  | { readonly type: 'round'; readonly nextAt: number }
  | { readonly type: 'collected'; readonly key: string; readonly collected: Collected }
  | { readonly type: 'removed'; readonly key: string }
  | { readonly type: 'trouble'; readonly problem: Problem; readonly nextAt: number }
  | { readonly type: 'stop' }
  | { readonly type: 'remove' }
  | { readonly type: 'finish-anyway' }
  | { readonly type: 'again' }
  | { readonly type: 'finished' }
  | { readonly type: 'failed'; readonly problem: Problem };

/** Orders a user can give. */
export type JobOrderEvent = Extract<JobEvent, { type: 'stop' | 'finish-anyway' | 'again' | 'remove' }>;

/** Next step of a job. */
export type JobAction =
  | { readonly type: 'recover'; readonly part: PartRecord }
  | { readonly type: 'prepare' }
  | { readonly type: 'poll'; readonly parts: readonly PartRecord[]; readonly at: number }
  | { readonly type: 'collect'; readonly part: PartRecord }
  | { readonly type: 'remove'; readonly part: PartRecord }
  | { readonly type: 'cancel'; readonly parts: readonly PartRecord[]; readonly at: number }
  /** Deletes the record: nothing is left at the vendor. */
  | { readonly type: 'erase' }
  | { readonly type: 'finish' }
  | { readonly type: 'none' };

/** Whether the job needs no further steps. */
export const isOver = (job: Pick<JobRecord, 'phase'>): boolean => ['done', 'cancelled', 'failed'].includes(job.phase);

/** Returns the next step. */
export function chooseAction(job: JobRecord): JobAction {
  const unsure = job.parts.find(({ state }) => state === 'intent' || state === 'uploaded' || state === 'creating');
  if (unsure && (job.removing || !isOver(job))) return { type: 'recover', part: unsure };
  if (job.removing) return chooseRemoval(job);
  const ended = job.parts.find(({ state }) => state === 'ended');
  if (ended) return { type: 'collect', part: ended };
  const collected = job.parts.find(({ state }) => state === 'collected');
  if (collected) return { type: 'remove', part: collected };
  const refused = job.parts.find(isLeft);
  if (refused && !isOver(job)) return { type: 'remove', part: refused };
  if (isOver(job)) return { type: 'none' };
  if (!job.prepared && !job.stopping) return { type: 'prepare' };
  const parts = job.parts.filter(({ state }) => state === 'running');
  if (parts.length) return { type: 'poll', parts, at: job.nextAt };
  return { type: 'finish' };
}

/** Never ran, but its upload still exists. */
const isLeft = ({ state, gone, file, batch }: PartRecord): boolean =>
  state === 'failed' && !gone && (file !== undefined || batch !== undefined);

function chooseRemoval(job: JobRecord): JobAction {
  const parts = job.parts.filter(({ state }) => state === 'running');
  if (parts.length) return { type: 'cancel', parts, at: job.nextAt };
  const part = job.parts.find((one) => one.state === 'ended' || one.state === 'collected' || isLeft(one));
  if (!part) return { type: 'erase' };
  // results tell whether it is ours to delete
  return { type: part.state === 'ended' && part.found ? 'collect' : 'remove', part };
}

/** Returns the record after `event`. Pure and total: unexpected events change nothing relevant. */
export function applyEvent(job: JobRecord, event: JobEvent): JobRecord {
  switch (event.type) {
    case 'intent': {
      const part: PartRecord = {
        key: event.key,
        rows: event.rows,
        since: event.now,
        state: 'intent',
        refs: [],
        done: 0,
        failed: 0,
      };
      return { ...job, parts: [...job.parts.filter(({ key }) => key !== event.key), part] };
    }
    case 'uploaded':
      return withPart(job, event.key, { state: 'uploaded', file: event.file });
    case 'creating':
      return withPart(job, event.key, { state: 'creating', since: event.now });
    case 'created':
      return {
        ...withPart(job, event.key, { state: 'running', batch: event.batch, ...(event.found ? { found: true } : {}) }),
        nextAt: event.nextAt,
        errors: 0,
      };
    case 'forgotten': {
      const merge = job.parts.some(({ key, stage }) => key === event.key && stage);
      const parts = job.parts.filter(({ key }) => key !== event.key);
      // merges of a 0.1.0 job run live instead
      return { ...job, prepared: job.prepared && merge, parts };
    }
    case 'refused':
      return { ...withPart(job, event.key, { state: 'failed', problem: event.problem }), problem: event.problem };
    case 'prepared':
      return { ...job, prepared: true, phase: 'running', nextAt: event.nextAt, errors: 0 };
    case 'polled': {
      const { key, done, failed, refs, problem } = event;
      const state = problem !== undefined ? 'failed' : event.ended ? 'ended' : 'running';
      const next = withPart(job, key, { state, done, failed, refs, ...(problem === undefined ? {} : { problem }) });
      return problem === undefined ? next : { ...next, problem };
    }
    case 'round': {
      const { problem: _, ...rest } = job;
      const kept = job.parts.find((part) => part.problem !== undefined)?.problem;
      return {
        ...rest,
        ...(kept === undefined ? {} : { problem: kept }),
        polls: job.polls + 1,
        errors: 0,
        nextAt: event.nextAt,
      };
    }
    case 'collected':
      return withPart(job, event.key, { state: 'collected', collected: event.collected });
    case 'removed':
      return {
        ...job,
        parts: job.parts.map((part) => (part.key === event.key ? withoutVendor(part) : part)),
      };
    case 'trouble':
      return { ...job, errors: job.errors + 1, problem: event.problem, nextAt: event.nextAt };
    case 'stop':
      return { ...job, stopping: true, nextAt: 0 };
    case 'remove':
      return { ...job, removing: true, stopping: true, finishAnyway: false, polls: 0, errors: 0, nextAt: 0 };
    case 'finish-anyway':
      return { ...job, stopping: true, finishAnyway: true, nextAt: 0, phase: isOver(job) ? 'running' : job.phase };
    case 'again': {
      const { problem: _, ...rest } = job;
      return {
        ...rest,
        phase: 'submitting',
        prepared: false,
        stopping: false,
        finishAnyway: false,
        parts: job.parts.map((part) => ({ ...part, outdated: true })),
        polls: 0,
        errors: 0,
      };
    }
    case 'finished': {
      // its user requested more meanwhile
      if (!job.prepared && !job.stopping) return job;
      const { problem: _, ...rest } = job;
      return { ...rest, phase: job.stopping && !job.finishAnyway ? 'cancelled' : 'done' };
    }
    case 'failed':
      return { ...job, phase: 'failed', problem: event.problem };
  }
}

function withoutVendor(part: PartRecord): PartRecord {
  return part.state === 'failed' ? { ...part, gone: true } : { ...part, state: 'removed' };
}

function withPart(job: JobRecord, key: string, change: Partial<PartRecord>): JobRecord {
  return { ...job, parts: job.parts.map((part) => (part.key === key ? { ...part, ...change } : part)) };
}

interface JobCounts {
  readonly rows: number;
  /** Answered rows, as the vendor reports. */
  readonly done: number;
  /** Rows missing or without an answer. */
  readonly lost: number;
}

/** Counts rows of all parts; outdated parts count only stored rows. */
export function countRows(job: Pick<JobRecord, 'parts'>): JobCounts {
  let rows = 0;
  let done = 0;
  let lost = 0;
  for (const part of job.parts) {
    const got = part.collected;
    // missing rows were requested again
    if (part.outdated && (got || part.state === 'failed')) {
      rows += got?.kept ?? 0;
      done += got?.kept ?? 0;
      continue;
    }
    rows += part.rows;
    done += got?.kept ?? part.done;
    if (got) lost += part.rows - got.kept;
    else if (part.state === 'failed') lost += part.rows;
  }
  return { rows, done, lost };
}

/** Cost of the answers received. */
export function sumUsage(job: JobRecord): {
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
  readonly costUsd?: number;
} {
  const { price } = job;
  const got = job.parts.flatMap(({ collected, stage }) => (collected ? [{ ...collected, stage }] : []));
  const sum = (of: (one: (typeof got)[number]) => number): number => got.reduce((total, one) => total + of(one), 0);
  return {
    calls: sum((one) => one.calls),
    inputTokens: sum((one) => one.inputTokens),
    outputTokens: sum((one) => one.outputTokens),
    cachedInputTokens: sum((one) => one.cachedInputTokens),
    ...(price ? { costUsd: sum((one) => computeUsd((one.stage && job.mergePrice) ?? price, one)) } : {}),
  };
}

const firstPauseMs = 5_000;
const maxPauseMs = 600_000;

/** Backoff with 20% jitter, so that windows do not poll together. */
export function pause(rounds: number, random: () => number): number {
  return Math.min(maxPauseMs, firstPauseMs * 1.5 ** rounds) * (0.8 + 0.4 * random());
}
