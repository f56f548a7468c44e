/** Makes one request and watches its stream; never retries. */
import { ModelError } from '../model.ts';
import type { ModelErrorData, ModelFinish, ModelOpen, Usage } from '../model.ts';
import type { Clock } from '../ports.ts';
import type { ScheduledCall } from './types.ts';

/** Progress of one request; times in ms. */
export interface AttemptState {
  readonly startedAt: number;
  openedAt?: number;
  /** Time of the first text or reasoning after the response's head. */
  firstAt?: number;
  firstTextAt?: number;
  text: string;
  requestId?: string;
  /** Counts that arrived before the answer's end. */
  usage?: Usage;
}

/** Reports progress of one request. */
export interface AttemptHooks {
  onOpen(event: ModelOpen): void;
  onFirst(): void;
  onRead(share: number): void;
  onText(text: string): void;
  /** All text so far is void. */
  onRetract(): void;
  /** Called about every 100 ms. */
  onTick(): void;
  /** Called after the machine slept. */
  onResume(): void;
}

/** Time-outs of one request, ms. */
export interface AttemptLimits {
  readonly firstTokenMs: number;
  readonly idleMs: number;
  /** Learned ms of an output token; undefined if slow streams are not to be judged. */
  readonly perOutputTokenMs: () => number | undefined;
}

/** One request of a call. */
export interface Attempt {
  readonly state: AttemptState;
  /** @throws ModelError */
  readonly done: Promise<ModelFinish>;
  abort(error: ModelErrorData): void;
}

const tickMs = 100;
/** A later timer means that the machine slept, ms. */
const sleptMs = 30_000;
/** Time that a stream gets to resume after a sleep, ms. */
const graceMs = 10_000;
const trickleMs = 5_000;
/** Factor on the allowed silence if only keep-alives arrive; a proxy may send them for ever. */
const keptAlive = 5;

/** Sends a request and enforces its time-outs. */
export function startAttempt(call: ScheduledCall, clock: Clock, limits: AttemptLimits, hooks: AttemptHooks): Attempt {
  const controller = new AbortController();
  const state: AttemptState = { startedAt: clock.now(), text: '' };
  let fail: (error: ModelError) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  failed.catch(() => undefined);
  const abort = (data: ModelErrorData): void => {
    const error = new ModelError({ ...data, requestId: state.requestId });
    fail(error);
    controller.abort(error);
  };
  const life = watch(state, clock, limits, hooks, abort);
  const done = read(call, controller.signal, failed, state, clock, hooks, life).finally(life.stop);
  return { state, done, abort };
}

interface Life {
  /** @param working false if only the connection is alive */
  seen(working: boolean): void;
  /** The text starts again. */
  restart(): void;
  stop(): void;
}

async function read(
  call: ScheduledCall,
  signal: AbortSignal,
  failed: Promise<never>,
  state: AttemptState,
  clock: Clock,
  hooks: AttemptHooks,
  life: Life,
): Promise<ModelFinish> {
  const events = call.model.stream(call.call, signal)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await Promise.race([events.next(), failed]);
      if (step.done === true) throw new ModelError({ kind: 'network', code: 'line-ended' });
      const event = step.value;
      life.seen(event.type !== 'pulse' || event.keepAlive !== true);
      if (event.type === 'open') {
        state.openedAt ??= clock.now();
        state.requestId = event.requestId ?? state.requestId;
        hooks.onOpen(event);
      } else if (event.type === 'finish') {
        // not awaited: the adapter closes its own resources
        void Promise.resolve(events.return?.()).catch(() => undefined);
        return event;
      } else if (event.type === 'retract') {
        state.text = '';
        state.firstTextAt = undefined;
        life.restart();
        hooks.onRetract();
      } else if (event.type === 'pulse' && event.readShare !== undefined) {
        // no sign of an answer: the model may read for minutes
        hooks.onRead(event.readShare);
      } else {
        if (state.firstAt === undefined) {
          state.firstAt = clock.now();
          hooks.onFirst();
        }
        if (event.type === 'pulse') state.usage = event.usage ?? state.usage;
        if (event.type === 'text') {
          state.firstTextAt ??= clock.now();
          state.text += event.text;
          hooks.onText(event.text);
        }
      }
    }
  } catch (error) {
    // not awaited: an endless stream must not keep the lane
    void Promise.resolve(events.return?.()).catch(() => undefined);
    throw asModelError(error);
  }
}

function asModelError(error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ModelError({ kind: 'unknown', message, cause: error });
}

function watch(
  state: AttemptState,
  clock: Clock,
  limits: AttemptLimits,
  hooks: AttemptHooks,
  abort: (error: ModelErrorData) => void,
): Life {
  let lastSeen = clock.now();
  let lastWork = clock.now();
  let graceUntil = 0;
  let due = clock.now() + tickMs;
  const trickle = createTrickleWatch(state, limits);
  let cancel = clock.timer(tickMs, tick);

  function tick(): void {
    const now = clock.now();
    if (now - due > sleptMs) {
      graceUntil = now + graceMs;
      lastSeen = lastWork = now;
      trickle.reset();
      hooks.onResume();
    }
    due = now + tickMs;
    cancel = clock.timer(tickMs, tick);
    const silentMs = now - lastSeen;
    const mostMs = state.firstAt === undefined ? limits.firstTokenMs : limits.idleMs;
    if (graceUntil > 0 && now >= graceUntil) {
      if (silentMs >= graceMs) return abort({ kind: 'stalled', code: 'slept' });
      graceUntil = 0;
    }
    const idleMs = now - lastWork;
    if (silentMs >= mostMs || idleMs >= mostMs * keptAlive)
      return abort({ kind: 'stalled', code: 'silent', args: [Math.round(idleMs / 1000)] });
    if (graceUntil === 0 && trickle.tooSlow(now)) return abort({ kind: 'stalled', code: 'slow' });
    hooks.onTick();
  }
  return {
    seen: (working) => {
      lastSeen = clock.now();
      if (working) lastWork = lastSeen;
    },
    restart: () => trickle.reset(),
    stop: () => cancel(),
  };
}

/** Below a fifth of the learned rate for 5 s. */
function createTrickleWatch(
  state: AttemptState,
  limits: AttemptLimits,
): { tooSlow(now: number): boolean; reset(): void } {
  let marks: { at: number; length: number }[] = [];
  return {
    reset: () => {
      marks = [];
    },
    tooSlow(now) {
      const perToken = limits.perOutputTokenMs();
      if (perToken === undefined || state.text === '') return false;
      const latest = marks[marks.length - 1];
      if (latest === undefined || now - latest.at >= 500) marks.push({ at: now, length: state.text.length });
      while ((marks[1]?.at ?? Infinity) <= now - trickleMs) marks.shift();
      const oldest = marks[0];
      if (oldest === undefined || now - oldest.at < trickleMs) return false;
      const tokens = estimateVisible(state.text.slice(oldest.length));
      return tokens < (now - oldest.at) / perToken / 5;
    },
  };
}

/** Estimates tokens: four characters each, one in dense scripts. */
export function estimateVisible(text: string): number {
  let wide = 0;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) >= 0x2e80) wide += 1;
  return wide + (text.length - wide) / 4;
}
