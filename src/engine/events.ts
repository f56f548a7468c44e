/**
 * Event stream of a run, the only progress report for UI, log, chat and tests.
 *
 * Grammar: any number of `read`, `masked` and `notice`; one `plan`; then in any order `call-start`/`call-end` pairs with `call-read` between, `note`, `wait`, `gap`,
 * `replan`, `notice`; then `citation` (before the first delta with its mark) and `delta`, where `restart` voids earlier deltas;
 * at most one `verification`; exactly one `end`.
 */
import type { ModelErrorKind, Stage, Usage } from './model.ts';
import type { Kind } from './source.ts';

/** Totals of a run; tokens and USD as billed. */
export interface SummaryUsage {
  readonly calls: number;
  readonly cachedCalls: number;
  readonly retries: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
  readonly costUsd?: number;
  /** Some counts are estimates, because the server reported none or impossible ones. */
  readonly estimated?: true;
  readonly wallMs: number;
  readonly firstTokenMs?: number;
}
/** Usage before the first call. */
export const noUsage = {
  calls: 0,
  cachedCalls: 0,
  retries: 0,
  inputTokens: 0,
  outputTokens: 0,
  cachedInputTokens: 0,
} as const;
/** A cited place. */
export interface Citation {
  /** Number in `[n]`. */
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
  /** Number of unread records; absent if no record was read. */
  readonly count?: number;
  readonly reason: string;
}
/** How much of the source was read. */
export interface Coverage {
  readonly lines: number;
  readonly linesRead: number;
  readonly folded: number;
  /** Kinds of log records that represent the folded lines; absent for other texts. */
  readonly kinds?: number;
  readonly filesRead?: number;
  readonly filesSkipped?: readonly { readonly uri: string; readonly reason: string }[];
}
interface Verification {
  readonly claims: number;
  readonly supported: number;
  readonly elsewhere: number;
  readonly notFound: number;
}
/** `single`: one call reads all. */
export type Strategy = 'single' | 'map-reduce' | 'offline';
/** Final result of a run. */
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

/** What a plan is expected to use. */
export interface Estimate {
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Undefined if a price is unknown. */
  readonly costUsd?: number;
  /** USD that the map model costs; 0 for a run of one call. */
  readonly readUsd?: number;
  readonly seconds: number;
}

/** Amount of text read so far. */
export interface ReadProgress {
  readonly type: 'read';
  /** UTF-16 units. */
  readonly length: number;
  readonly total?: number;
}
/** Masked secrets, and control characters made visible. */
export interface Masked {
  readonly type: 'masked';
  readonly secrets: number;
  readonly invisible: number;
}
/** The plan, before its first call. */
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
  readonly chunks: readonly {
    readonly part: number;
    readonly startLine: number;
    readonly endLine: number;
    readonly context: string;
    readonly tokens?: number;
  }[];
  readonly parts: readonly { readonly uri?: string; readonly title: string }[];
  /** Without cached ones. */
  readonly map: number;
  readonly collapse: number;
  readonly cachedCalls: number;
  readonly estimate: Estimate;
}
interface Replan {
  readonly type: 'replan';
  readonly map: number;
  readonly collapse: number;
  readonly reason: string;
}
interface CallStart {
  readonly type: 'call-start';
  readonly call: number;
  readonly stage: Stage;
  /** Chunks that the call covers, directly or through notes. */
  readonly chunks: readonly number[];
}
/** Share of a call's prompt that the server has read, if it reports that. */
interface CallRead {
  readonly type: 'call-read';
  readonly call: number;
  readonly stage: Stage;
  readonly share: number;
}
/** End of a call, after all its attempts. */
export interface CallEnd {
  readonly type: 'call-end';
  readonly call: number;
  readonly stage: Stage;
  readonly outcome: 'done' | 'cached' | 'split' | 'failed' | 'cancelled';
  /** Duration without time in the queue, ms. */
  readonly ms: number;
  readonly attempts: number;
  /** Absent for cached answers. */
  readonly model?: string;
  /** Usage of all attempts, those without an answer included. */
  readonly usage: Usage;
  /** USD of `usage`; absent if unknown. */
  readonly costUsd?: number;
  readonly requestId?: string;
}
/** Text of the note; '' with `done` means that nothing is worth noting. */
interface NoteText {
  readonly type: 'note';
  readonly chunk: number;
  readonly text: string;
  readonly done: boolean;
  readonly cached: boolean;
}
/** A wait for a retry or a rate limit. */
export interface Wait {
  readonly type: 'wait';
  readonly stage: Stage;
  readonly waitMs: number;
  readonly attempt: number;
  readonly reason: ModelErrorKind;
}
/** A message that needs no answer. */
interface Notice {
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
    | 'unreliable'
    | 'reader';
  readonly message: string;
}
/** Chunks that no model has read. */
export interface Gap extends GapRange {
  readonly type: 'gap';
  readonly chunks: readonly number[];
  /** `offline` means found without a model. */
  readonly kind: ModelErrorKind | 'cost-limit' | 'offline';
}
/** Voids all deltas so far. */
export interface Restart {
  readonly type: 'restart';
  readonly reason: string;
}
/** Appends to the summary. */
export interface Delta {
  readonly type: 'delta';
  readonly text: string;
}
/** A mark in the summary, with its place. */
export interface CitationReady extends Citation {
  readonly type: 'citation';
  readonly chunk: number;
  /** Whether the model gave no mark, so that the best match is cited. */
  readonly approximate: boolean;
  /** Text for a hover, up to about 1,200 characters. */
  readonly excerpt: string;
}
/** Result of the verification, stored beside the text, which is never edited. */
export interface VerificationReady extends Verification {
  readonly type: 'verification';
  readonly flags: readonly VerificationFlag[];
}
/** A claim that its cited lines do not contain. */
export interface VerificationFlag {
  /** Offsets in the markdown. */
  readonly start: number;
  readonly end: number;
  readonly claim: string;
  readonly found: 'elsewhere' | 'nowhere';
  /** Line that contains the item; `elsewhere` only. */
  readonly line?: number;
  readonly uri?: string;
}
interface RunEnd {
  readonly type: 'end';
  readonly result: SummaryResult;
}

/** All events; for their order see the grammar above. */
export type RunEvent =
  | ReadProgress
  | Masked
  | PlanReady
  | Replan
  | CallStart
  | CallRead
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

/** Makes a missing `switch` case a compile error. */
export function assertNever(value: never): never {
  throw new Error(`unexpected variant: ${JSON.stringify(value)}`);
}
