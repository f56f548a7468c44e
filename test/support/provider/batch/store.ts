/** Files and jobs of the simulated batch wires, and how a job gets on from poll to poll. */
import type { BatchOptions } from './options.ts';
import type { GuessedStage, JournalEntry } from '../types.ts';

export interface StoredFile {
  readonly id: string;
  readonly filename: string;
  readonly purpose: string;
  readonly content: Buffer;
  readonly createdAt: number;
  readonly expiresAt: number | undefined;
}

/** One row of a job, as it was handed in. */
export interface Row {
  readonly customId: string;
  readonly body: Record<string, unknown>;
}

export type RowResult =
  | { readonly kind: 'done'; readonly customId: string; readonly message: unknown }
  | { readonly kind: 'failed'; readonly customId: string; readonly status: number; readonly error: unknown }
  | { readonly kind: 'cancelled' | 'expired'; readonly customId: string };

export type JobState = 'validating' | 'failed' | 'running' | 'done' | 'expired' | 'cancelling' | 'cancelled';

export interface BatchJob {
  readonly id: string;
  readonly vendor: 'openai' | 'anthropic' | 'gemini';
  readonly createdAt: number;
  readonly total: number;
  /** What the caller gave for finding it again: metadata, display name, endpoint, input file. */
  readonly told: Readonly<Record<string, unknown>>;
  /** Problems that keep the job from starting. */
  readonly problems: readonly {
    readonly code: string;
    readonly line: number | null;
    readonly message: string;
    readonly param: string | null;
  }[];
  /** Reads the rows one by one: they are never all parsed at once. */
  readonly rows: () => Iterable<Row>;
  state: JobState;
  polls: number;
  /** Rows done so far, failed ones among them. */
  progress: number;
  results?: readonly RowResult[];
  endedAt?: number;
  outputFile?: string;
  errorFile?: string;
  readonly entry: JournalEntry;
}

/** What was paid for in a batch: a row that appears twice was billed twice. */
export interface BatchRow {
  readonly job: string;
  readonly customId: string;
  readonly stage: GuessedStage;
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export const isOver = (job: BatchJob): boolean => ['failed', 'done', 'expired', 'cancelled'].includes(job.state);

/** Seconds since 1970, as OpenAI tells times. */
export const seconds = (ms: number): number => Math.floor(ms / 1000);

export interface Step {
  readonly state: JobState;
  /** Share of the rows that are done, from 0 to 1. */
  readonly share: number;
}

/** Where a job stands at this poll. Pure: the same counts and times give the same step. */
export function nextStep(
  job: Pick<BatchJob, 'state' | 'polls' | 'createdAt' | 'problems'>,
  options: BatchOptions,
  now: number,
): Step {
  const share =
    options.durationMs !== undefined
      ? (now - job.createdAt) / Math.max(1, options.durationMs)
      : job.polls / Math.max(1, options.polls ?? 2);
  const capped = Math.min(1, share);
  if (job.problems.length > 0) return { state: 'failed', share: 0 };
  if (job.state === 'cancelling') return { state: 'cancelled', share: Math.min(options.cancelledAfterShare ?? 0.5, 1) };
  if (options.expiresAfterShare !== undefined && share >= 1)
    return { state: 'expired', share: options.expiresAfterShare };
  if (options.expiresAfterShare !== undefined) return { state: 'running', share: capped * options.expiresAfterShare };
  return share >= 1 ? { state: 'done', share: 1 } : { state: 'running', share: capped };
}
