/** Log statistics behind the model's digest and the offline summary. */

export interface LogFacts {
  /** First line within the file, from 1; all other lines count from it. */
  readonly startLine: number;
  readonly lines: number;
  readonly records: number;
  /** Number of records by level: 0 none, 1 debug, 2 info, 3 notice, 4 warning, 5 error, 6 fatal. */
  readonly levels: readonly number[];
  /** Absent if under half of the records have a time. */
  readonly time?: LogTime;
  /** By severity and count; at most `maxKinds`. */
  readonly kinds: readonly LogKind[];
  readonly moreKinds: number;
  readonly outliers: readonly LogOutlier[];
}
/** Time that a log covers. */
export interface LogTime {
  /** As written in the text. */
  readonly first: string;
  readonly firstLine: number;
  readonly last: string;
  readonly lastLine: number;
  readonly durationMs: number;
  readonly unit: 'minute' | 'hour' | 'day';
  /** Chronological, without empty buckets. */
  readonly buckets: readonly { readonly label: string; readonly count: number; readonly line: number }[];
  readonly bursts: readonly LogBurst[];
}
/** Number of kinds of records in folded logs; 0 without any. */
export function countKinds(parts: readonly { readonly log?: LogFacts }[]): number {
  return parts.reduce((sum, { log }) => sum + (log ? log.kinds.length + log.moreKinds : 0), 0);
}
interface LogBurst {
  readonly label: string;
  readonly line: number;
  readonly count: number;
  readonly usual: number;
  readonly of: 'records' | 'errors and warnings';
  readonly unit: 'minute' | 'hour' | 'day';
}
/** Records of one template and level. */
export interface LogKind {
  /** Rank of the level; 0 means none. */
  readonly level: number;
  readonly alarming: boolean;
  readonly count: number;
  readonly firstLine: number;
  readonly lastLine: number;
  /** Common words of the records; `…` marks varying ones. */
  readonly form: string;
  /** First record, verbatim. */
  readonly example: string;
  /** Absent for single-line records. */
  readonly trace?: LogTrace;
}
interface LogTrace {
  readonly lastLine: number;
  /** '' if not recognized. */
  readonly cause: string;
  /** '' if not recognized. */
  readonly frame: string;
  readonly count: number;
}
/** An unusual value at its position in the record. */
export interface LogOutlier {
  readonly why: 'rare' | 'odd form' | 'highest' | 'lowest' | 'only';
  /** The value with the words around it. */
  readonly text: string;
  readonly line: number;
  readonly count: number;
}
