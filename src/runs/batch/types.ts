/** Shared types of batch jobs in this window. */
import type * as vscode from 'vscode';
import type { BatchRunner, JobRecord } from '../../batch/index.ts';
import type { BatchPlan } from '../../engine/batch/plan.ts';
import type { ActiveRun } from '../activeRun.ts';
import type { Recipe } from '../target.ts';
import type { Runs, RunsDeps, StartRequest } from '../types.ts';

/** What to summarize in a batch, and for whom. */
export interface BatchRequest {
  readonly recipe: Recipe;
  readonly title: string;
  /** Settings are read for it. */
  readonly scope?: vscode.Uri;
  /** A person is there to be asked. */
  readonly interactive: boolean;
  /** Asks with prices and times however small the text is. */
  readonly always?: boolean;
}

/** What a person asks of a job. */
export type JobOrder = 'stop' | 'finish-anyway' | 'again';

export interface Batches extends vscode.Disposable {
  /** Resolves with the job's id when all of it is submitted; undefined where the person said no. */
  submit(request: BatchRequest): Promise<string | undefined>;
  /** Newest first. */
  jobs(): Promise<JobRecord[]>;
  /** Ids of jobs whose summary this window is writing. */
  readonly summarizing: ReadonlySet<string>;
  order(id: string, order: JobOrder): Promise<void>;
  /** Deletes the job, here and at the provider. */
  remove(id: string): Promise<void>;
  /** Shows the job's summary, or what there is of it. */
  open(job: JobRecord): Promise<void>;
  readonly onDidChange: vscode.Event<void>;
  /** The id of a job of which all is at the provider. */
  readonly onDidSubmit: vscode.Event<string>;
}

/** What batches are made from. */
export interface BatchDeps extends Pick<
  RunsDeps,
  'models' | 'caches' | 'store' | 'resolve' | 'chooseFiles' | 'show' | 'progress' | 'log'
> {
  readonly context: vscode.ExtensionContext;
  readonly runs: Runs;
}

/** What submitting and finishing a job share. */
export interface BatchContext {
  readonly deps: BatchDeps;
  /** Of job records and rows; batches need one on this machine. */
  readonly folder: vscode.Uri;
  /** Plans that a person agreed to, by the job's id: they are what is submitted. */
  readonly plans: Map<string, BatchPlan>;
  runner(): Promise<BatchRunner>;
  /** A job is about to be there. */
  expectJob(): Promise<void>;
  /** @throws SourceError where the summary that the job is for was deleted */
  runOf(job: JobRecord): Promise<ActiveRun>;
  requestOf(job: JobRecord, run: ActiveRun): StartRequest;
  planOf(job: JobRecord, run: ActiveRun, pending: ReadonlySet<string>, signal: AbortSignal): Promise<BatchPlan>;
  order(id: string, order: JobOrder): Promise<void>;
}
