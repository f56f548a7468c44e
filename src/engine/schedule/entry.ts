/** A call from queue to answer, with all of its attempts. */
import type { ModelError, ModelErrorKind } from '../model.ts';
import type { Attempt } from './attempt.ts';
import type { Queued } from './queue.ts';
import type { CallResult, ScheduledCall } from './types.ts';

/** A call in the queue or in flight. */
export interface Entry extends Queued {
  readonly call: ScheduledCall;
  /** One attempt, or two with a hedge. */
  readonly attempts: Set<Attempt>;
  readonly settled: boolean;
  /** Number of attempts started. */
  readonly tries: number;
  readonly startedAt: number;
  retries: number;
  hedges: number;
  limitedSince: number | undefined;
  /** Whether it was restarted once for slowness. */
  slowOnce: boolean;
  /** Attempt that was aborted to try again in its lane. */
  swapping: Attempt | undefined;
  onAbort(listener: () => void): void;
  starting(now: number): void;
  show(attempt: Attempt, text: string): void;
  /** Decides which attempt of a reduce continues. */
  firstSign(attempt: Attempt): void;
  /** Voids the text so far, which was no answer. */
  retract(attempt: Attempt): void;
  showWhole(attempt: Attempt): void;
  /** Another one follows. */
  lost(attempt: Attempt, kind: ModelErrorKind): void;
  sayWait(now: number, waitMs: number, reason: ModelErrorKind): void;
  succeed(result: CallResult): void;
  fail(error: ModelError): void;
}

interface Ends {
  readonly resolve: (result: CallResult) => void;
  readonly reject: (error: ModelError) => void;
}

/** Returns a call without attempts. */
export function createEntry(call: ScheduledCall, ends: Ends): Entry {
  let settled = false;
  let tries = 0;
  let startedAt = 0;
  let shown: Attempt | undefined;
  let shownLength = 0;
  let saidUntil = 0;
  let unlisten = (): void => undefined;

  const settle = (): boolean => {
    if (settled) return false;
    settled = true;
    unlisten();
    return true;
  };
  const switchTo = (attempt: Attempt, kind: ModelErrorKind): void => {
    if (shownLength > 0) call.onRestart?.(kind);
    shown = attempt;
    shownLength = attempt.state.text.length;
    if (shownLength > 0) call.onText?.(attempt.state.text);
  };
  const entry: Entry = {
    call,
    run: call.run,
    priority: call.priority,
    cost: call.call.inputTokens + call.outputTokens,
    last: call.call.stage === 'reduce',
    notBefore: 0,
    attempts: new Set(),
    retries: 0,
    hedges: 0,
    limitedSince: undefined,
    slowOnce: false,
    swapping: undefined,
    get settled() {
      return settled;
    },
    get tries() {
      return tries;
    },
    get startedAt() {
      return startedAt;
    },
    onAbort(listener) {
      call.signal.addEventListener('abort', listener, { once: true });
      unlisten = () => call.signal.removeEventListener('abort', listener);
    },
    starting(now) {
      tries += 1;
      if (tries > 1) return;
      startedAt = now;
      call.onStart?.();
    },
    firstSign(attempt) {
      if (call.call.stage !== 'reduce') return;
      for (const other of entry.attempts) if (other !== attempt) other.abort({ kind: 'cancelled' });
    },
    show(attempt, text) {
      if (settled) return;
      shown ??= attempt;
      if (shown === attempt) {
        shownLength += text.length;
        call.onText?.(text);
      } else if (attempt.state.text.length > shownLength) switchTo(attempt, 'stalled');
    },
    retract(attempt) {
      if (settled || shown !== attempt) return;
      if (shownLength > 0) call.onRestart?.('unknown');
      shownLength = 0;
    },
    showWhole(attempt) {
      if (shown !== attempt) switchTo(attempt, 'stalled');
    },
    lost(attempt, kind) {
      if (shown !== attempt) return;
      if (shownLength > 0) call.onRestart?.(kind);
      shown = undefined;
      shownLength = 0;
    },
    sayWait(now, waitMs, reason) {
      if (now + waitMs <= saidUntil + 1_000) return;
      saidUntil = now + waitMs;
      call.onWait?.({ waitMs, attempt: tries + 1, reason });
    },
    succeed(result) {
      if (settle()) ends.resolve(result);
    },
    fail(error) {
      if (settle()) ends.reject(error);
    },
  };
  return entry;
}
