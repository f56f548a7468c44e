/** Dependencies of the runner, and what one step of a job works with. */
import type { BatchPlan } from '../engine/batch/plan.ts';
import type { AnswerCache, Clock } from '../engine/ports.ts';
import type { JobEvent, JobRecord } from './job.ts';
import type { JobStore } from './jobStore.ts';
import type { BatchWire } from './wire.ts';

export interface RunnerDeps {
  readonly store: JobStore;
  /** Rejects with a `ModelError` where settings or key no longer fit the job. */
  readonly wire: (job: JobRecord) => Promise<BatchWire>;
  /** Reads the text again and plans what is missing. @param pending keys that other parts will bring */
  readonly plan: (job: JobRecord, pending: ReadonlySet<string>, signal: AbortSignal) => Promise<BatchPlan>;
  readonly cache: (job: JobRecord) => Promise<AnswerCache>;
  /** Makes the summary once all results are in the cache. Resolves with false when the job waits for its user. */
  readonly finish: (job: JobRecord) => Promise<boolean>;
  /** Locks the job; resolves with undefined while another window has it. */
  readonly acquire: (id: string) => Promise<(() => Promise<void>) | undefined>;
  readonly clock: Clock;
  /** Ms since 1970. */
  readonly now: () => number;
  readonly random: () => number;
  readonly onChange: (job: JobRecord) => void;
  readonly log: (line: string) => void;
}

/** One step of one job. */
export interface Step {
  readonly deps: RunnerDeps;
  readonly wire: BatchWire;
  /** Aborted when the window closes. */
  readonly signal: AbortSignal;
  /** Aborted when the job is deleted as well: for work that can be given up halfway. */
  readonly cancelled: AbortSignal;
  /** The record as it is now. */
  job(): JobRecord;
  /** Applies the event and resolves when the new state is on disk. */
  update(event: JobEvent): Promise<void>;
  /** When to ask again after so many rounds or failures, ms since 1970. */
  later(rounds: number): number;
}
