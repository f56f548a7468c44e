/** How simulated batch jobs behave. */
import type { Fault } from '../faults.ts';

export interface BatchOptions {
  /** Polls after which a job is done; each poll moves it on by its share. Default 2. */
  readonly polls?: number;
  /** ms after which a job is done, instead of polls. */
  readonly durationMs?: number;
  /** The job never starts: OpenAI validates the file line by line, Anthropic and Gemini the request. */
  readonly invalid?: string;
  /** Rows that fail, by `custom_id`. */
  readonly fails?: (customId: string, index: number) => boolean;
  /** What the model's answers are like. */
  readonly answers?: Fault['kind'];
  /** Share of rows, from the start, that are done when the job expires. Absent: it does not expire. */
  readonly expiresAfterShare?: number;
  /** Share of rows that are done when a cancellation takes effect. Default 0.5. */
  readonly cancelledAfterShare?: number;
  /** Results in another order than the requests'. Default true. */
  readonly shuffle?: boolean;
  /** Results are gone (archived). */
  readonly gone?: boolean;
  /** Lines that are no JSON, twice, or of an unknown id, among the results. */
  readonly dirty?: boolean;
  /** The address of the results instead of this server's own. */
  readonly resultsOrigin?: string;
  /** Most requests that a batch may have. */
  readonly maxRequests?: number;
  readonly seed?: number;
}
