/**
 * One scheduler for each provider account: lanes, order, pace, retries and hedges of all runs. The only place that retries.
 * Every wait goes through the clock it was given, so that a test can play hours in milliseconds.
 */
import pLimit from 'p-limit';
import { maxWaitMs, ModelError, permanentKinds, retryableKinds } from '../model.ts';
import type { ModelErrorKind, ModelFinish } from '../model.ts';
import type { Clock, Random } from '../ports.ts';
import { addUsage, spentUsage } from './usage.ts';
import { startAttempt, visibleTokens, type Attempt } from './attempt.ts';
import { createBudgets } from './retryBudget.ts';
import { backOff, createGate } from './circuitBreaker.ts';
import { lateness, usualLateFactor, type Lateness } from './hedge.ts';
import { createLatency, startFigures, type Latency } from './latency.ts';
import { createPace, type Need, type Pace } from './rateLimit.ts';
import { createQueue } from './queue.ts';
import { createSends, type Send, type Sends } from './sends.ts';
import { newEntry, type Entry } from './entry.ts';
import type { CallResult, LatencyFigures, ScheduledCall, Scheduler, SchedulerOptions } from './types.ts';

export interface SchedulerPorts {
  readonly clock: Clock;
  readonly random: Random;
  /** Lines without any text of a document. */
  readonly log?: (line: string) => void;
  /** Figures of earlier sessions, by model. */
  readonly known?: ReadonlyMap<string, LatencyFigures>;
  /** Times the expected duration after which a call may be hedged; for the bench. */
  readonly lateFactor?: number;
}

/** A provider's wait is obeyed up to here; longer ones are an error that says so. */
const saidWaitMs = 10_000;
/** Between two starts while a model's limits are unknown, so that a first 429 meets few calls. */
const spacingMs = 4;
/** Share of the lanes that stays after a rate limit. */
const cutShare = 0.6;

interface ModelState {
  readonly latency: Latency;
  readonly pace: Pace;
  readonly sends: Sends;
  /** An answer's head was seen: its limits are known, or it tells none. */
  met: boolean;
  lastStart: number;
  /** Prompt tokens that the provider counted for one of our estimate. */
  counted: number;
}

export function createScheduler(initial: SchedulerOptions, ports: SchedulerPorts): Scheduler {
  const { clock, random, log } = ports;
  let options = initial;
  let lanes = Math.max(1, Math.floor(options.concurrency));
  let successes = 0;
  let cancelTimer: (() => void) | undefined;
  let tokensPerMinute: number | undefined;
  /** Errors after which nothing is tried until the settings change: by model, '' for the account. */
  const dead = new Map<string, ModelError>();
  let refusedUntil: { at: number; error: ModelError } | undefined;
  const limit = pLimit(lanes);
  const queue = createQueue<Entry>();
  const gate = createGate(random);
  const budgetOf = createBudgets();
  const models = new Map<string, ModelState>();
  /** Given a lane, but not sent yet. */
  let leaving = 0;
  let alive: readonly { readonly entry: Entry; readonly attempt: Attempt }[] = [];

  const stateOf = (model: string): ModelState => {
    let state = models.get(model);
    if (state === undefined) {
      const known = ports.known?.get(model);
      state = {
        latency: createLatency(known),
        pace: createPace(),
        sends: createSends(),
        met: false,
        lastStart: -Infinity,
        counted: 1,
      };
      models.set(model, state);
    }
    return state;
  };
  const inputOf = (entry: Entry): number => entry.call.call.inputTokens * stateOf(entry.call.model.model).counted;
  const needOf = (entry: Entry): Need => ({ requests: 1, tokens: inputOf(entry) + entry.call.outputTokens });
  const busy = (): number => limit.activeCount + limit.pendingCount;

  function run(call: ScheduledCall): Promise<CallResult> {
    return new Promise((resolve, reject) => {
      const entry = newEntry(call, { resolve, reject });
      const now = clock.now();
      const error = deadFor(entry, now);
      if (call.signal.aborted) return entry.fail(cancelled());
      if (error !== undefined) return entry.fail(error);
      budgetOf(call.run).started();
      entry.onAbort(() => cancel(entry));
      queue.add(entry);
      pump();
    });
  }

  function deadFor(entry: Entry, now: number): ModelError | undefined {
    if (refusedUntil !== undefined && refusedUntil.at > now) return refusedUntil.error;
    return dead.get('') ?? dead.get(entry.call.model.model);
  }

  function cancel(entry: Entry): void {
    queue.remove(entry);
    for (const attempt of entry.attempts) attempt.abort({ kind: 'cancelled' });
    entry.fail(cancelled());
    pump();
  }

  /** Starts what may start now and sets one timer for the rest; called whenever something changed. */
  function pump(): void {
    cancelTimer?.();
    cancelTimer = undefined;
    while (queue.size > 0 && busy() < limit.concurrency) {
      const now = clock.now();
      const entry = queue.best(now);
      const waitMs = entry === undefined ? (queue.nextTime() ?? now) - now : blocked(entry, now);
      if (entry === undefined || waitMs > 0) {
        if (waitMs !== Infinity) cancelTimer = clock.timer(waitMs, pump);
        if (entry !== undefined && waitMs > saidWaitMs && waitMs !== Infinity) sayWait(now, waitMs);
        return;
      }
      queue.take(entry);
      launch(entry);
    }
  }

  /** ms until this entry may be sent; Infinity: until something else happens. */
  function blocked(entry: Entry, now: number): number {
    const closed = gate.until(now);
    if (closed > 0) return closed - now;
    if (unopened() >= gate.allowance) return Infinity;
    const state = stateOf(entry.call.model.model);
    const spacing = state.met ? 0 : state.lastStart + spacingMs - now;
    return Math.max(spacing, state.pace.wait(needOf(entry), now), 0);
  }

  function unopened(): number {
    let count = leaving;
    for (const { attempt } of alive) if (attempt.state.openedAt === undefined) count += 1;
    return count;
  }

  function sayWait(now: number, waitMs: number): void {
    for (const entry of queue.heads()) entry.sayWait(now, waitMs, gate.until(now) > 0 ? gate.reason : 'rate-limit');
  }

  function launch(entry: Entry): void {
    const state = stateOf(entry.call.model.model);
    const now = clock.now();
    state.lastStart = now;
    state.pace.take(needOf(entry), now);
    leaving += 1;
    void limit(() => perform(entry)).then(pump);
  }

  /** One attempt in one lane. Settles the entry, or puts it back. Never rejects. */
  async function perform(entry: Entry): Promise<void> {
    leaving -= 1;
    if (entry.settled) return;
    const { call } = entry;
    const state = stateOf(call.model.model);
    entry.starting(clock.now());
    const attempt = startAttempt(call, clock, limitsOf(entry, state), {
      onOpen(event) {
        state.met = true;
        gate.accepted(clock.now(), lanes);
        if (event.rate !== undefined) learnRate(state, event.rate, attempt.state.startedAt);
        pump();
      },
      onFirst: () => entry.firstSign(attempt),
      onText(text) {
        if (text !== '' && attempt.state.text.length === text.length) {
          state.latency.first(call.call.inputTokens, clock.now() - attempt.state.startedAt);
        }
        entry.show(attempt, text);
      },
      onRetract: () => entry.retract(attempt),
      onTick: () => considerHedge(entry, attempt, state),
      onResume: () => gate.resume(),
    });
    const member = { entry, attempt };
    const send: Send = { at: attempt.state.startedAt, input: inputOf(entry), output: call.outputTokens };
    state.sends.add(send);
    alive = [...alive, member];
    entry.attempts.add(attempt);
    try {
      const finish = await attempt.done;
      alive = alive.filter((one) => one !== member);
      send.endedAt = clock.now();
      succeed(entry, attempt, finish, state);
    } catch (error) {
      alive = alive.filter((one) => one !== member);
      // Refused or broken before its head: it will write nothing.
      if (attempt.state.openedAt === undefined) send.endedAt = -Infinity;
      send.endedAt ??= clock.now();
      failAttempt(entry, attempt, error as ModelError, state);
    }
  }

  function limitsOf(entry: Entry, state: ModelState): Parameters<typeof startAttempt>[2] {
    return {
      firstTokenMs: options.firstTokenTimeoutMs,
      idleMs: options.requestTimeoutMs,
      // Judged once a call: a server that sends in bursts must not be restarted for ever, nor a slow answer lost for want of retries.
      perOutputTokenMs: () => {
        const { samples, perOutputTokenMs } = state.latency.figures;
        const judged =
          samples >= 3 && !entry.slowOnce && entry.retries < options.maxRetries && budgetOf(entry.run).mayRetry;
        return judged ? Math.max(1, perOutputTokenMs) : undefined;
      },
    };
  }

  function learnRate(state: ModelState, rate: NonNullable<ModelError['rate']>, toldAt: number): void {
    state.pace.learn(rate, state.sends.pending(toldAt), clock.now());
    tokensPerMinute = state.pace.tokensPerMinute ?? tokensPerMinute;
  }

  function succeed(entry: Entry, attempt: Attempt, finish: ModelFinish, state: ModelState): void {
    const now = clock.now();
    gate.worked();
    successes += 1;
    if (successes >= lanes && lanes < options.concurrency && queue.size > 0) {
      setLanes(lanes + 1);
      successes = 0;
    }
    const { firstTextAt, startedAt, text } = attempt.state;
    const { outputTokens, reasoningTokens } = finish.usage;
    const tokens = outputTokens === undefined ? visibleTokens(text) : outputTokens - (reasoningTokens ?? 0);
    const { inputTokens } = finish.usage;
    if (inputTokens !== undefined && inputTokens > 0 && entry.call.call.inputTokens > 0) {
      const ratio = Math.min(3, Math.max(1 / 3, inputTokens / entry.call.call.inputTokens));
      state.counted += (ratio - state.counted) * 0.4;
    }
    if (firstTextAt !== undefined) state.latency.rest(tokens, now - firstTextAt);
    entry.attempts.delete(attempt);
    if (entry.settled) return;
    entry.showWhole(attempt);
    for (const loser of entry.attempts) {
      entry.usage = addUsage(entry.usage, spentUsage(entry.call.call, loser.state));
      loser.abort({ kind: 'cancelled' });
    }
    entry.succeed({
      text,
      finish: finish.reason,
      usage: addUsage(entry.usage, finish.usage),
      promptTokens: finish.usage.inputTokens,
      attempts: entry.tries,
      ms: now - entry.startedAt,
      firstTokenMs: (firstTextAt ?? now) - startedAt,
      requestId: attempt.state.requestId,
      model: finish.model,
    });
  }

  function failAttempt(entry: Entry, attempt: Attempt, error: ModelError, state: ModelState): void {
    entry.attempts.delete(attempt);
    const now = clock.now();
    if (entry.settled && error.kind === 'cancelled') return;
    noteFailure(error, attempt, state, now);
    if (entry.settled) return;
    if (attempt.state.openedAt !== undefined)
      entry.usage = addUsage(entry.usage, spentUsage(entry.call.call, attempt.state));
    if (entry.swapping === attempt) {
      entry.swapping = undefined;
      return requeue(entry, attempt, error.kind, 0, now);
    }
    // The other call for the same answer goes on.
    if (entry.attempts.size > 0) return;
    if (permanentKinds.has(error.kind)) return die(entry, error);
    if (error.kind === 'stalled') entry.slowOnce = true;
    if (!retryableKinds.has(error.kind)) return entry.fail(error);
    const limited = error.kind === 'rate-limit' || error.kind === 'overloaded';
    if (limited && tooLong(entry, error, now)) return;
    if (gate.hopeless(now)) return giveUp(entry, error);
    entry.retries += 1;
    if (entry.retries > options.maxRetries) return entry.fail(error);
    // Waiting at the gate is obedience: it costs none of the run's retries. Nor does what never reached a model: the circuit bounds it.
    const free = limited || (isBroken(error) && attempt.state.openedAt === undefined);
    if (!free && !budgetOf(entry.run).retry()) return entry.fail(error);
    const closed = gate.until(now);
    const waitMs = limited
      ? Math.max(0, closed - now)
      : Math.max(backOff(random, entry.retries - 1, 500), closed - now);
    entry.call.onWait?.({ waitMs, attempt: entry.tries + 1, reason: error.kind });
    requeue(entry, attempt, error.kind, limited ? 0 : waitMs, now);
  }

  /** What a failure teaches about the account. */
  function noteFailure(error: ModelError, attempt: Attempt, state: ModelState, now: number): void {
    if (error.rate !== undefined) learnRate(state, error.rate, attempt.state.startedAt);
    const { kind } = error;
    const silent = kind === 'stalled' && attempt.state.firstAt === undefined;
    if (isBroken(error) || silent) {
      if (gate.broken(now, kind)) log?.(`circuit open until ${gate.until(now)}`);
    }
    if (kind !== 'rate-limit' && kind !== 'overloaded') return;
    const retryAfterMs = error.retryAfterMs;
    if (retryAfterMs !== undefined && retryAfterMs > maxWaitMs) return;
    if (kind === 'rate-limit') state.pace.refused(now);
    const fresh = gate.limit(now, attempt.state.startedAt, retryAfterMs, kind);
    if (!fresh) return;
    setLanes(Math.max(1, Math.floor(lanes * cutShare)));
    log?.(`${kind}: gate closed for ${Math.round(gate.until(now) - now)} ms, ${lanes} lanes`);
  }

  /** A wait above five minutes is not sat through: this call and all that wait are told. */
  function tooLong(entry: Entry, error: ModelError, now: number): boolean {
    const waitMs = error.retryAfterMs ?? 0;
    if (waitMs <= maxWaitMs) return false;
    refusedUntil = { at: now + waitMs, error };
    entry.fail(error);
    failQueued(() => true, error);
    return true;
  }

  /** Nothing has worked for minutes: what waits would only wait in vain, call after call. */
  function giveUp(entry: Entry, error: ModelError): void {
    log?.(`given up after ${error.kind}`);
    entry.fail(error);
    failQueued(() => true, error);
  }

  function die(entry: Entry, error: ModelError): void {
    const key = error.kind === 'no-model' ? entry.call.model.model : '';
    dead.set(key, error);
    entry.fail(error);
    failQueued((other) => key === '' || other.call.model.model === key, error);
  }

  function failQueued(which: (entry: Entry) => boolean, error: ModelError): void {
    for (const entry of queue.all().filter(which)) {
      queue.remove(entry);
      entry.fail(error);
    }
  }

  function requeue(entry: Entry, attempt: Attempt, kind: ModelErrorKind, waitMs: number, now: number): void {
    entry.lost(attempt, kind);
    entry.notBefore = now + waitMs;
    queue.add(entry);
    pump();
  }

  /** A second call for one that is late: beside it in a free lane, else in its own. */
  function considerHedge(entry: Entry, attempt: Attempt, state: ModelState): void {
    const { call } = entry;
    if (!options.hedge || !call.hedge || entry.settled || attempt !== [...entry.attempts].at(-1)) return;
    const now = clock.now();
    if (gate.until(now) > 0 || gate.allowance !== Infinity) return;
    const { late, hopeless, silent } = latenessOf(entry, attempt, state, now);
    if (!late || manyLate(state, now) || state.pace.wait(needOf(entry), now) > 0) return;
    const budget = budgetOf(entry.run);
    const lateMs = Math.round(now - attempt.state.startedAt);
    const free = busy() < limit.concurrency && queue.best(now) === undefined;
    if (!entry.hedged && (free || hopeless) && budget.mayHedge()) {
      entry.hedged = true;
      budget.hedge();
      log?.(`hedge: ${call.call.stage} late after ${lateMs} ms`);
    } else if (silent && entry.retries < options.maxRetries && budget.retry()) {
      entry.retries += 1;
      log?.(`stalled: ${call.call.stage} silent for ${lateMs} ms`);
    } else return;
    if (free && entry.attempts.size === 1) return launch(entry);
    entry.swapping = attempt;
    attempt.abort({ kind: 'stalled', code: 'late' });
  }

  function latenessOf(entry: Entry, attempt: Attempt, state: ModelState, now: number, share = 1): Lateness {
    const { call } = entry;
    const size = { ...call.call, outputTokens: call.outputTokens };
    return lateness(attempt.state, size, state.latency.figures, now, share * (ports.lateFactor ?? usualLateFactor));
  }

  /** When half of all are late, the server is slow, and more calls make it slower. */
  function manyLate(state: ModelState, now: number): boolean {
    const members = alive.filter(({ entry }) => stateOf(entry.call.model.model) === state);
    // Nearly late counts, for those that were sent together are not late in the same moment.
    const late = members.filter(({ entry, attempt }) => latenessOf(entry, attempt, state, now, 0.75).late).length;
    return late > Math.max(2, members.length / 2);
  }

  function setLanes(next: number): void {
    lanes = next;
    limit.concurrency = next;
  }

  return {
    run,
    latency: (model) => models.get(model)?.latency.figures ?? ports.known?.get(model) ?? startFigures,
    get lanes() {
      return lanes;
    },
    get tokensPerMinute() {
      return tokensPerMinute;
    },
    get gateUntil() {
      return gate.until(clock.now());
    },
    configure(next) {
      const wanted = Math.max(1, Math.floor(next.concurrency));
      if (wanted !== Math.floor(options.concurrency)) setLanes(wanted);
      options = next;
      dead.clear();
      refusedUntil = undefined;
      pump();
    },
  };
}

/** The connection or the server is to blame, not the call. */
function isBroken({ kind, status }: ModelError): boolean {
  return kind === 'network' || kind === 'overloaded' || (status !== undefined && status >= 500);
}

function cancelled(): ModelError {
  return new ModelError({ kind: 'cancelled' });
}
