/** Interface of a vendor's batch service: rows in, rows out. */
import type { FinishReason, ModelCall, Usage } from '../engine/model.ts';
import type { Rows } from './rows.ts';

/** Vendors with a batch service. */
export type BatchVendor = 'openai' | 'anthropic' | 'gemini';

/** Vendor's limits per batch. */
interface BatchLimits {
  readonly rows: number;
  /** Total of all rows. */
  readonly bytes: number;
}

/** Status as the vendor reports it. */
export interface BatchStatus {
  /** `failed`: never ran; see `problem`. */
  readonly state: 'running' | 'ended' | 'failed';
  readonly total: number;
  /** 0 until the end if the vendor reports no progress. */
  readonly done: number;
  readonly failed: number;
  readonly problem?: string;
  /** For `results`. */
  readonly refs: readonly string[];
}

/** Result of one row. */
export type RowAnswer =
  | {
      readonly state: 'done';
      readonly id: string;
      readonly text: string;
      readonly finish: FinishReason;
      readonly usage: Usage;
    }
  | { readonly state: 'failed' | 'expired' | 'cancelled'; readonly id: string }
  /** Unreadable line. */
  | { readonly state: 'broken'; readonly id?: undefined };

/** Methods reject with a `ModelError`. */
export interface BatchWire {
  readonly vendor: BatchVendor;
  readonly host: string;
  readonly limits: BatchLimits;
  /** False if the vendor reports no progress. */
  readonly counts: boolean;
  /** Rejects with a user message if the server takes no batches. */
  check(signal: AbortSignal): Promise<void>;
  /** Encodes a row for this vendor, without a line end. */
  row(id: string, call: ModelCall): Promise<string>;
  /** Separator of rows. */
  readonly between: string;
  /** Absent if rows travel in the create request. */
  upload?(key: string, rows: Rows, signal: AbortSignal): Promise<string>;
  findUpload?(key: string, signal: AbortSignal): Promise<string | undefined>;
  create(part: NewBatch, signal: AbortSignal): Promise<string>;
  find(part: SoughtBatch, signal: AbortSignal): Promise<string | undefined>;
  status(id: string, signal: AbortSignal): Promise<BatchStatus>;
  /** Any order; may include duplicates and unknown rows. */
  results(id: string, status: BatchStatus, signal: AbortSignal): AsyncIterable<RowAnswer>;
  cancel(id: string, signal: AbortSignal): Promise<void>;
  /** Deletes batch, uploads and results; succeeds if they are gone. */
  remove(id: string | undefined, files: readonly string[], signal: AbortSignal): Promise<void>;
}

/** Batch to create. */
export interface NewBatch {
  readonly key: string;
  readonly file?: string;
  /** Only without a file. */
  readonly rows?: Rows;
}

interface SoughtBatch {
  readonly key: string;
  readonly rows: number;
  /** Unix ms; shortly before creation. */
  readonly since: number;
  /** Ids of other parts. */
  readonly taken: ReadonlySet<string>;
}
