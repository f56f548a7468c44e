/** What was counted in a log: the digest for a model and the offline summary are both written from it. */

export interface LogFacts {
  /** Line of the file on which the log begins, from 1; all other lines count from there. */
  readonly startLine: number;
  readonly lines: number;
  readonly records: number;
  /** Records by level rank: 0 none, 1 debug, 2 info, 3 notice, 4 warning, 5 error, 6 fatal. */
  readonly levels: readonly number[];
  /** Absent where fewer than half of the records have a time. */
  readonly time?: LogTime;
  /** By severity and count, at most `maxKinds`. */
  readonly kinds: readonly LogKind[];
  /** Kinds beyond those. */
  readonly moreKinds: number;
  readonly outliers: readonly LogOutlier[];
}
export interface LogTime {
  /** Earliest and latest, as they stand in the text. */
  readonly first: string;
  readonly firstLine: number;
  readonly last: string;
  readonly lastLine: number;
  readonly durationMs: number;
  readonly unit: 'minute' | 'hour' | 'day';
  /** In the order of time; those without a record are left out. */
  readonly buckets: readonly { readonly label: string; readonly count: number; readonly line: number }[];
  readonly bursts: readonly LogBurst[];
}
export interface LogBurst {
  readonly label: string;
  readonly line: number;
  readonly count: number;
  readonly usual: number;
  readonly of: 'records' | 'errors and warnings';
  readonly unit: 'minute' | 'hour' | 'day';
}
/** Records of one form at one level. */
export interface LogKind {
  /** Level rank, 0: none. */
  readonly level: number;
  /** Has a word of failure. */
  readonly alarming: boolean;
  readonly count: number;
  readonly firstLine: number;
  readonly lastLine: number;
  /** The message with ranges of numbers, and `…` where other words differ; of one record, the message itself. */
  readonly form: string;
  /** The first record, word for word. */
  readonly example: string;
  /** The first record goes on over several lines. */
  readonly trace?: LogTrace;
}
export interface LogTrace {
  readonly lastLine: number;
  /** Exception or cause, '' where none was recognized. */
  readonly cause: string;
  /** First frame, '' where none was recognized. */
  readonly frame: string;
  readonly count: number;
}
/** A value unlike the others of its place. */
export interface LogOutlier {
  readonly why: 'rare' | 'odd form' | 'highest' | 'lowest' | 'only';
  /** The value among the words around it. */
  readonly text: string;
  readonly line: number;
  readonly count: number;
}
