/** One request: reads its stream and watches it; never retries. */
import { ModelError } from '../model.ts';
import type { ModelErrorData, ModelFinish, ModelOpen, Usage } from '../model.ts';
import type { Clock } from '../ports.ts';
import type { ScheduledCall } from './types.ts';

export interface AttemptState {
  readonly startedAt: number;
  openedAt?: number;
  /** First text or thought after the head. */
  firstAt?: number;
  firstTextAt?: number;
  text: string;
  requestId?: string;
  /** Counts that came before the answer's end. */
  usage?: Usage;
}

export interface AttemptHooks {
  onOpen(event: ModelOpen): void;
  onFirst(): void;
  onText(text: string): void;
  /** All text so far is void. */
  onRetract(): void;
  /** About every 100 ms. */
  onTick(): void;
  /** The machine slept meanwhile. */
  onResume(): void;
}

export interface AttemptLimits {
  readonly firstTokenMs: number;
  readonly idleMs: number;
  /** Learned ms for an output token; undefined: slow streams are not judged. */
  readonly perOutputTokenMs: () => number | undefined;
}

export interface Attempt {
  readonly state: AttemptState;
  /** @throws ModelError */
  readonly done: Promise<ModelFinish>;
  abort(error: ModelErrorData): void;
}

const tickMs = 100;
/** A timer that is late by this much means that the machine slept, ms. */
const sleptMs = 30_000;
/** Time to resume after a sleep, ms. */
const graceMs = 10_000;
const trickleMs = 5_000;
/** Keep-alives alone extend the allowed silence by this factor: a proxy may send them for ever. */
const keptAlive = 5;

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
  /** @param working false: only the connection lives */
  seen(working: boolean): void;
  /** The text begins anew. */
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
        // Not awaited: the adapter closes what it holds.
        void Promise.resolve(events.return?.()).catch(() => undefined);
        return event;
      } else if (event.type === 'retract') {
        state.text = '';
        state.firstTextAt = undefined;
        life.restart();
        hooks.onRetract();
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
    // Not awaited: an endless stream must not hold the slot.
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

/** Below a fifth of the learned rate for 5 s, in visible text. */
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

/** Four characters a token, one in dense scripts. */
export function estimateVisible(text: string): number {
  let wide = 0;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) >= 0x2e80) wide += 1;
  return wide + (text.length - wide) / 4;
}
