/** Shared types of batch jobs. */
import type * as vscode from 'vscode';
import type { BatchRunner, JobRecord } from '../../batch/index.ts';
import type { BatchPlan } from '../../engine/batch/plan.ts';
import type { ActiveRun } from '../activeRun.ts';
import type { SummaryTarget } from '../target.ts';
import type { Runs, RunsDeps, StartRequest } from '../types.ts';

/** What to summarize in batch. */
export interface BatchRequest {
  readonly target: SummaryTarget;
  readonly title: string;
  /** Resource whose settings apply. */
  readonly scope?: vscode.Uri;
  readonly interactive: boolean;
  /** Whether to ask even about a small text. */
  readonly always?: boolean;
  readonly agreed?: boolean;
}

/** Orders of the user to a job. */
export type JobOrder = 'stop' | 'finish-anyway' | 'again';

/** Batch jobs of this window. */
export interface Batches extends vscode.Disposable {
  /** Resolves to the job's id after submission; undefined if declined. */
  submit(request: BatchRequest): Promise<string | undefined>;
  /** Newest first. */
  jobs(): Promise<JobRecord[]>;
  /** Jobs that this window is summarizing. */
  readonly summarizing: ReadonlySet<string>;
  order(id: string, order: JobOrder): Promise<void>;
  /** Also at the provider. */
  remove(id: string): Promise<void>;
  /** Shows the job's summary, or what exists of it. */
  open(job: JobRecord): Promise<void>;
  readonly onDidChange: vscode.Event<void>;
  /** The id of a fully submitted job. */
  readonly onDidSubmit: vscode.Event<string>;
}

/** Dependencies of batches. */
export interface BatchDeps extends Pick<
  RunsDeps,
  'models' | 'caches' | 'store' | 'resolve' | 'chooseFiles' | 'show' | 'progress' | 'log'
> {
  readonly context: vscode.ExtensionContext;
  readonly runs: Runs;
}

/** Context that submitting and finishing a job share. */
export interface BatchContext {
  readonly deps: BatchDeps;
  /** Folder of records and rows, on this machine. */
  readonly folder: vscode.Uri;
  /** Agreed plans by job id. */
  readonly plans: Map<string, BatchPlan>;
  runner(): Promise<BatchRunner>;
  /** Announces that a job will be created. */
  expectJob(): Promise<void>;
  /** @throws SourceError if the job's summary was deleted */
  runOf(job: JobRecord): Promise<ActiveRun>;
  requestOf(job: JobRecord, run: ActiveRun): StartRequest;
  /** @param interactive whether a person can be asked about key files */
  planOf(
    job: JobRecord,
    run: ActiveRun,
    pending: ReadonlySet<string>,
    signal: AbortSignal,
    interactive?: boolean,
  ): Promise<BatchPlan>;
  order(id: string, order: JobOrder): Promise<void>;
}
