/** One scheduler for each provider account, shared by all runs of the window. The only place that retries. */
import type { ChatModel, FinishReason, ModelCall, ModelErrorKind, ModelFinish, Usage } from '../model.ts';

export interface ScheduledCall {
  readonly model: ChatModel;
  readonly call: ModelCall;
  /** Calls of one run share an id; runs of equal rank share the lanes fairly. */
  readonly run: string;
  /** Higher goes first within a run: reduce and ready collapses before maps. */
  readonly priority: number;
  /** Expected output tokens, for pacing, hedging and order. */
  readonly outputTokens: number;
  /** May be asked a second time when it straggles. Never after a reduce's first token. */
  readonly hedge: boolean;
  readonly signal: AbortSignal;
  /** Visible text as it streams. With a hedge or a retry the stream starts again: `onRestart` first. */
  readonly onText?: (text: string) => void;
  readonly onRestart?: (reason: ModelErrorKind) => void;
  /** The call left the queue and has a lane. */
  readonly onStart?: () => void;
  /** What an attempt without an answer has cost: it failed or was cancelled after a provider began to work on it. */
  readonly onSpent?: (usage: Usage) => void;
  readonly onWait?: (wait: { waitMs: number; attempt: number; reason: ModelErrorKind }) => void;
}

export interface CallResult {
  readonly text: string;
  readonly finish: FinishReason;
  /** As in `ModelFinish`. */
  readonly cutBy?: ModelFinish['cutBy'];
  /** Usage of the attempt that answered. */
  readonly usage: Usage;
  readonly attempts: number;
  readonly ms: number;
  readonly firstTokenMs: number;
  readonly requestId?: string;
  readonly model?: string;
}

/** Latency learned for an account's model; kept between runs. */
export interface LatencyFigures {
  /** Time to first token: fixed part, ms, and ms for each input token. */
  readonly firstTokenMs: number;
  readonly perInputTokenMs: number;
  /** ms for each output token. */
  readonly perOutputTokenMs: number;
  readonly samples: number;
  /** Standard deviation of the logarithm of measured ÷ expected first-token time; undefined: not known. */
  readonly firstSpread?: number;
}

export interface Scheduler {
  /** Resolves with an answer that ended by its finish reason (any reason); throws the last `ModelError`. */
  run(call: ScheduledCall): Promise<CallResult>;
  latency(model: string): LatencyFigures;
  /** Lanes now, after what the provider taught. */
  readonly lanes: number;
  /** Tokens a minute that the provider allows, where known. */
  readonly tokensPerMinute?: number;
  /** A closed gate's end, on the clock; 0 when open. */
  readonly gateUntil: number;
  /** Settings changed: lanes, retries, idle time, and an account that failed for good may be tried again. */
  configure(options: SchedulerOptions): void;
}

export interface SchedulerOptions {
  readonly concurrency: number;
  readonly maxRetries: number;
  /** Idle time, not total. */
  readonly requestTimeoutMs: number;
  /** Wait for the first token: five times that on a loopback server. */
  readonly firstTokenTimeoutMs: number;
  readonly hedge: boolean;
  /** A server on this machine: one call's reading slows the others' writing, so slow streams are not given up. */
  readonly sharesProcessor?: boolean;
}
