/**
 * The one stream that a run is: panel, notification, status bar, log, chat, bench and tests read it, nothing else reports progress.
 *
 * Grammar: any number of `read` and `masked`; one `plan`; then in any order `call-start`/`call-end` pairs, `note`, `wait`, `gap`, `replan`,
 * `notice`; the summary as `citation` (before the first delta that holds its mark) and `delta`, where `restart` voids all deltas so far;
 * after the last delta at most one `verification`; then exactly one `end`. Every `call-start` is met by one `call-end`.
 */
import type { ModelErrorKind, Stage, Usage } from './model.ts';
import type { Kind } from './source.ts';

export interface SummaryUsage {
  readonly calls: number;
  readonly cachedCalls: number;
  readonly retries: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
  readonly costUsd?: number;
  readonly wallMs: number;
  readonly firstTokenMs?: number;
}
/** Of a run without a call. */
export const noUsage = {
  calls: 0,
  cachedCalls: 0,
  retries: 0,
  inputTokens: 0,
  outputTokens: 0,
  cachedInputTokens: 0,
} as const;
export interface Citation {
  /** The n of `[n]` in deltas and markdown. */
  readonly id: number;
  readonly uri?: string;
  /** Lines from 1, inclusive. */
  readonly startLine: number;
  readonly endLine: number;
}
/** Lines that no model read. */
export interface GapRange {
  readonly uri?: string;
  readonly startLine: number;
  readonly endLine: number;
  /** Records that were not read, where others stand between them; absent: all lines of the range. */
  readonly count?: number;
  /** A person's words. */
  readonly reason: string;
}
export interface Coverage {
  readonly lines: number;
  readonly linesRead: number;
  readonly folded: number;
  readonly filesRead?: number;
  readonly filesSkipped?: readonly { readonly uri: string; readonly reason: string }[];
}
export interface Verification {
  readonly claims: number;
  readonly supported: number;
  readonly elsewhere: number;
  readonly notFound: number;
}
export type Strategy = 'single' | 'map-reduce' | 'offline';
export interface SummaryResult {
  readonly status: 'complete' | 'partial' | 'cancelled';
  readonly markdown: string;
  readonly strategy: Strategy;
  readonly provider: string;
  readonly model: string;
  readonly usage: SummaryUsage;
  readonly citations: readonly Citation[];
  readonly gaps: readonly GapRange[];
  readonly coverage: Coverage;
  readonly verification?: Verification;
}

export interface Estimate {
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Undefined where a price is unknown. */
  readonly costUsd?: number;
  /** The reader's share of `costUsd`: 0 where one call does it all. */
  readonly readUsd?: number;
  readonly seconds: number;
}

/** Reading and preparing the text goes on. */
export interface ReadProgress {
  readonly type: 'read';
  /** UTF-16 units so far. */
  readonly length: number;
  /** Undefined while unknown. */
  readonly total?: number;
}
/** Secrets were replaced by placeholders, invisible characters made visible. */
export interface Masked {
  readonly type: 'masked';
  readonly secrets: number;
  readonly invisible: number;
}
/** What will be done, before the first call. */
export interface PlanReady {
  readonly type: 'plan';
  readonly title: string;
  readonly provider: string;
  readonly model: string;
  readonly mapModel: string;
  /** '' offline. */
  readonly host: string;
  readonly strategy: Strategy;
  readonly kinds: readonly Kind[];
  readonly lines: number;
  readonly tokens: number;
  /** Each chunk's place, in order: the strip and the outline are drawn from it. */
  readonly chunks: readonly {
    readonly part: number;
    readonly startLine: number;
    readonly endLine: number;
    readonly context: string;
  }[];
  readonly parts: readonly { readonly uri?: string; readonly title: string }[];
  /** Calls by stage, cached ones not among them. */
  readonly map: number;
  readonly collapse: number;
  readonly cachedCalls: number;
  readonly estimate: Estimate;
}
/** The plan changed while running: a call was split, a limit learned. */
export interface Replan {
  readonly type: 'replan';
  readonly map: number;
  readonly collapse: number;
  /** A person's words. */
  readonly reason: string;
}
export interface CallStart {
  readonly type: 'call-start';
  readonly call: number;
  readonly stage: Stage;
  /** Chunks that are read, directly or through their notes. */
  readonly chunks: readonly number[];
}
export interface CallEnd {
  readonly type: 'call-end';
  readonly call: number;
  readonly stage: Stage;
  readonly outcome: 'done' | 'cached' | 'split' | 'failed' | 'cancelled';
  /** ms from start, waiting for a lane not included. */
  readonly ms: number;
  readonly attempts: number;
  readonly usage: Usage;
  readonly requestId?: string;
}
/** A chunk's note so far; `done` when nothing more will come for it. '' and done: it contributed nothing. */
export interface NoteText {
  readonly type: 'note';
  readonly chunk: number;
  readonly text: string;
  readonly done: boolean;
  readonly cached: boolean;
}
/** A call waits before its next attempt, or all calls wait at the gate. */
export interface Wait {
  readonly type: 'wait';
  readonly stage: Stage;
  readonly waitMs: number;
  readonly attempt: number;
  readonly reason: ModelErrorKind;
}
/** Something a person should know and that needs no answer: a limit learned, a parameter dropped, a prompt cut by the server. */
export interface Notice {
  readonly type: 'notice';
  readonly code:
    | 'window-learned'
    | 'prompt-cut'
    | 'cost-limit'
    | 'marks-dropped'
    | 'disk-off'
    | 'shrink'
    | 'language'
    | 'batch'
    | 'repeated'
    | 'unreliable';
  readonly message: string;
}
export interface Gap extends GapRange {
  readonly type: 'gap';
  readonly chunks: readonly number[];
  /** `offline`: the model's answer was of no use; points found without a model stand in its place. */
  readonly kind: ModelErrorKind | 'cost-limit' | 'offline';
}
/** What was streamed so far is void. */
export interface Restart {
  readonly type: 'restart';
  readonly reason: string;
}
export interface Delta {
  readonly type: 'delta';
  readonly text: string;
}
export interface CitationReady extends Citation {
  readonly type: 'citation';
  readonly chunk: number;
  /** The model gave no mark of its own: the nearest was taken. */
  readonly approximate: boolean;
  /** The cited lines, for a hover; cut at about 1,200 characters. */
  readonly excerpt: string;
}
/** Claims that were not found in the cited lines. Data beside the text, which is never edited. */
export interface VerificationReady extends Verification {
  readonly type: 'verification';
  readonly flags: readonly VerificationFlag[];
}
export interface VerificationFlag {
  /** Offsets in the markdown. */
  readonly start: number;
  readonly end: number;
  readonly claim: string;
  readonly found: 'elsewhere' | 'nowhere';
  /** `elsewhere`: the line it was found on. */
  readonly line?: number;
  readonly uri?: string;
}
export interface RunEnd {
  readonly type: 'end';
  readonly result: SummaryResult;
}

export type RunEvent =
  | ReadProgress
  | Masked
  | PlanReady
  | Replan
  | CallStart
  | CallEnd
  | NoteText
  | Wait
  | Notice
  | Gap
  | Restart
  | Delta
  | CitationReady
  | VerificationReady
  | RunEnd;

/** Ends a `switch` over a union: a variant that was forgotten is a compile error. */
export function assertNever(value: never): never {
  throw new Error(`unexpected variant: ${JSON.stringify(value)}`);
}
