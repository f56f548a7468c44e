/** One scheduler for each provider account, shared by all runs of the window. The only place that retries. */
import type { Clock, Random } from '../ports.ts';
import type { ChatModel, FinishReason, ModelCall, ModelError, ModelErrorKind, ModelFinish, Usage } from '../model.ts';

/** A call and its place in the queue. */
export interface ScheduledCall {
  readonly model: ChatModel;
  readonly call: ModelCall;
  /** Id of the run; runs of equal rank share the lanes fairly. */
  readonly run: string;
  /** The higher one goes first within a run: reduce and ready collapses before maps. */
  readonly priority: number;
  /** Expected output tokens, for pacing, hedging and order. */
  readonly outputTokens: number;
  /** Whether a straggler may be asked again; never after a reduce's first token. */
  readonly hedge: boolean;
  /** The window is a guess or a local server’s claim: a few calls go first, the others once a prompt was accepted. */
  readonly isWindowUnproven?: boolean;
  readonly signal: AbortSignal;
  /** Receives visible text. After a hedge or retry the text starts again, announced by `onRestart`. */
  readonly onText?: (text: string) => void;
  readonly onRestart?: (reason: ModelErrorKind) => void;
  /** Called when the call gets a lane; an error ends it unsent. */
  readonly checkStart?: () => ModelError | undefined;
  readonly onStart?: () => void;
  /** Share of the prompt that the server has read, 0 to 1; a retry starts again. */
  readonly onRead?: (share: number) => void;
  /** Reports the cost of an attempt without an answer: it failed or was cancelled after the provider began. */
  readonly onSpent?: (usage: Usage) => void;
  readonly onWait?: (wait: { waitMs: number; attempt: number; reason: ModelErrorKind }) => void;
}

/** A finished answer; times in ms. */
export interface CallResult {
  readonly text: string;
  readonly finish: FinishReason;
  /** As in `ModelFinish`. */
  readonly cutBy?: ModelFinish['cutBy'];
  readonly usage: Usage;
  readonly attempts: number;
  readonly ms: number;
  readonly firstTokenMs: number;
  readonly requestId?: string;
  readonly model?: string;
}

/** Latency learned for an account's model; kept between runs. */
export interface LatencyFigures {
  /** Time to the first token: a fixed part, ms, and ms for each input token. */
  readonly firstTokenMs: number;
  readonly perInputTokenMs: number;
  readonly perOutputTokenMs: number;
  readonly samples: number;
  /** Standard deviation of ln(measured ÷ expected) for the first token; undefined if unknown. */
  readonly firstSpread?: number;
}

/** Sends the calls of all runs to one account. */
export interface Scheduler {
  /** Resolves with an answer that has a finish reason; throws the last `ModelError`. */
  run(call: ScheduledCall): Promise<CallResult>;
  latency(model: string): LatencyFigures;
  /** Lanes in use, as limited by the provider. */
  readonly lanes: number;
  /** Tokens a minute that the provider allows, if known. */
  readonly tokensPerMinute?: number;
  /** Time at which stopped calls resume; 0 if they are not stopped. */
  readonly gateUntil: number;
  /** Applies new settings: lanes, retries, time-outs. Accounts that failed for good may be tried again. */
  configure(options: SchedulerOptions): void;
}

/** Settings of a scheduler. */
export interface SchedulerOptions {
  readonly concurrency: number;
  readonly maxRetries: number;
  /** Maximum silence of a stream, ms; the total is unlimited. */
  readonly requestTimeoutMs: number;
  /** Maximum wait for the first token, ms; five times that on a loopback server. */
  readonly firstTokenTimeoutMs: number;
  readonly hedge: boolean;
  /** Whether the server runs on this machine: reading one prompt slows the other answers, so slow streams are not given up. */
  readonly sharesProcessor?: boolean;
}

/** What a scheduler needs from outside. */
export interface SchedulerPorts {
  readonly clock: Clock;
  readonly random: Random;
  /** Logs a line, which contains no text of a document. */
  readonly log?: (line: string) => void;
  /** From earlier sessions. */
  readonly known?: ReadonlyMap<string, LatencyFigures>;
}
