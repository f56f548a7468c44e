import type { BatchPlan } from '../engine/batch/plan.ts';
import type { AnswerCache, Clock } from '../engine/ports.ts';
import type { JobAction, JobEvent, JobRecord } from './job.ts';
import type { JobLock, JobStore } from './jobStore.ts';
import type { BatchWire } from './wire.ts';

/** Dependencies of the runner. */
export interface RunnerDeps {
  readonly store: JobStore;
  /** Rejects with a `ModelError` if settings or key no longer fit the job. */
  readonly wire: (job: JobRecord) => Promise<BatchWire>;
  /**
   * Rereads the text and plans what is missing.
   * @param pending keys that other parts will deliver
   */
  readonly plan: (job: JobRecord, pending: ReadonlySet<string>, signal: AbortSignal) => Promise<BatchPlan>;
  readonly cache: (job: JobRecord) => Promise<AnswerCache>;
  /** Summarizes once all results are cached. Resolves to false if the job needs its user. */
  readonly finish: (job: JobRecord) => Promise<boolean>;
  /** Locks the job; undefined while another window has it. */
  readonly acquire: (id: string) => Promise<JobLock | undefined>;
  /**
   * For processes that do not stay: steps never wait, and the job is left before a step for which this is true.
   */
  readonly leave?: (job: JobRecord, action: JobAction) => boolean;
  readonly clock: Clock;
  /** Unix ms. */
  readonly now: () => number;
  readonly random: () => number;
  readonly onChange: (job: JobRecord) => void;
  readonly log: (line: string) => void;
}

/** One step of one job. */
export interface Step {
  readonly deps: RunnerDeps;
  readonly wire: BatchWire;
  /** Aborts when the window closes. */
  readonly signal: AbortSignal;
  /** Also aborts when the job is deleted. */
  readonly cancelled: AbortSignal;
  job(): JobRecord;
  /** Resolves when the state is on disk. */
  update(event: JobEvent): Promise<void>;
  /** Time of the next attempt, Unix ms. */
  later(rounds: number): number;
}
