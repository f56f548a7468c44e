/** Interface of a vendor's batch service: requests go in as rows, answers come out as rows. */
import type { FinishReason, ModelCall, Usage } from '../engine/model.ts';
import type { Rows } from './rows.ts';

export type BatchVendor = 'openai' | 'anthropic' | 'gemini';

export interface BatchLimits {
  readonly rows: number;
  /** Of all rows together. */
  readonly bytes: number;
}

/** What the vendor says of a batch. */
export interface BatchStatus {
  /** `failed`: it never ran, for what `problem` says. */
  readonly state: 'running' | 'ended' | 'failed';
  readonly total: number;
  /** 0 until the end where the vendor counts nothing before. */
  readonly done: number;
  readonly failed: number;
  readonly problem?: string;
  /** Where the results are, for `results`. */
  readonly refs: readonly string[];
}

export type RowAnswer =
  | {
      readonly state: 'done';
      readonly id: string;
      readonly text: string;
      readonly finish: FinishReason;
      readonly usage: Usage;
    }
  | { readonly state: 'failed' | 'expired' | 'cancelled'; readonly id: string }
  /** A line that nobody can read. */
  | { readonly state: 'broken'; readonly id?: undefined };

/** Every method rejects with a `ModelError`. */
export interface BatchWire {
  readonly vendor: BatchVendor;
  readonly host: string;
  readonly limits: BatchLimits;
  /** False where the vendor counts nothing before the end. */
  readonly counts: boolean;
  /** Rejects with a sentence for a person where this server takes no batches. */
  check(signal: AbortSignal): Promise<void>;
  /** One row as this vendor wants it, without a line end. */
  row(id: string, call: ModelCall): Promise<string>;
  /** What stands between two rows. */
  readonly between: string;
  /** Absent where rows travel in the request that creates the batch. */
  upload?(key: string, rows: Rows, signal: AbortSignal): Promise<string>;
  /** An upload under this key that nobody recorded. */
  findUpload?(key: string, signal: AbortSignal): Promise<string | undefined>;
  create(part: NewBatch, signal: AbortSignal): Promise<string>;
  /** A batch that was created under this key, although nobody recorded it. */
  find(part: SoughtBatch, signal: AbortSignal): Promise<string | undefined>;
  status(id: string, signal: AbortSignal): Promise<BatchStatus>;
  /** As they come, in any order, some perhaps twice or foreign. */
  results(id: string, status: BatchStatus, signal: AbortSignal): AsyncIterable<RowAnswer>;
  cancel(id: string, signal: AbortSignal): Promise<void>;
  /** Batch, uploads and results at the vendor; what is gone already counts as removed. */
  remove(id: string | undefined, files: readonly string[], signal: AbortSignal): Promise<void>;
}

export interface NewBatch {
  /** Names the batch at the vendor, where it can be named. */
  readonly key: string;
  readonly file?: string;
  /** Only where there is no file. */
  readonly rows?: Rows;
}

export interface SoughtBatch {
  readonly key: string;
  readonly rows: number;
  /** Ms since 1970; not long before the batch was created. */
  readonly since: number;
  /** Ids that belong to others. */
  readonly taken: ReadonlySet<string>;
}
