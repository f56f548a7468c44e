/**
 * One scheduler for each provider account: concurrency, order, rate limits, retries and hedges of all runs. The only place that
 * retries. All waits use the given clock.
 */
import pLimit from 'p-limit';
import { maxWaitMs, ModelError, permanentKinds, retryableKinds } from '../model.ts';
import type { ModelErrorKind, ModelFinish } from '../model.ts';
import type { Clock } from '../ports.ts';
import { startAttempt, estimateVisible, type Attempt, type AttemptHooks, type AttemptLimits } from './attempt.ts';
import { backOff, createCircuitBreaker } from './circuitBreaker.ts';
import { createEntry, type Entry } from './entry.ts';
import { getLateness, InFlight } from './inFlight.ts';
import { ModelStates, type ModelState } from './modelState.ts';
import { createQueue } from './queue.ts';
import { isBroken, isLimit, Refusals } from './refusals.ts';
import { createBudgets } from './retryBudget.ts';
import type { Send } from './sends.ts';
import type {
  CallResult,
  LatencyFigures,
  ScheduledCall,
  Scheduler,
  SchedulerOptions,
  SchedulerPorts,
} from './types.ts';
import { sumUsage } from './usage.ts';

const reportedWaitMs = 10_000;
/** Longer timers overflow and fire at once. */
const maxTimerMs = 60_000;
/** Maximum calls to an unproven window, and the time within which a refusal would come, ms. */
const unproven = { maxCalls: 4, refusalMs: 300 };
const cutShare = 0.6;
/** Hedges of one call; the second only in a free lane. */
const maxHedgesOfCall = 2;
/** Time a call waits for an unnamed limit before its retries count, ms. */
const patientMs = 75_000;

/** Returns a scheduler with its own lanes, limits and budgets. */
export function createScheduler(options: SchedulerOptions, ports: SchedulerPorts): Scheduler {
  return new AccountScheduler(options, ports);
}

class AccountScheduler implements Scheduler {
  readonly #ports: SchedulerPorts;
  readonly #clock: Clock;
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #queue = createQueue<Entry>();
  readonly #breaker: ReturnType<typeof createCircuitBreaker>;
  readonly #budgetOf = createBudgets();
  readonly #models: ModelStates;
  readonly #refusals = new Refusals();
  readonly #inFlight = new InFlight();
  #options: SchedulerOptions;
  #lanes: number;
  #successes = 0;
  #cancelTimer: (() => void) | undefined;
  #tokensPerMinute: number | undefined;

  constructor(options: SchedulerOptions, ports: SchedulerPorts) {
    this.#ports = ports;
    this.#clock = ports.clock;
    this.#options = options;
    this.#lanes = Math.max(1, Math.floor(options.concurrency));
    this.#limit = pLimit(this.#lanes);
    this.#breaker = createCircuitBreaker(ports.random);
    this.#models = new ModelStates(ports.known);
  }

  get lanes(): number {
    return this.#lanes;
  }

  get tokensPerMinute(): number | undefined {
    return this.#tokensPerMinute;
  }

  get gateUntil(): number {
    return this.#breaker.until(this.#clock.now());
  }

  latency(model: string): LatencyFigures {
    return this.#models.latency(model);
  }

  configure(next: SchedulerOptions): void {
    const wanted = Math.max(1, Math.floor(next.concurrency));
    if (wanted !== Math.floor(this.#options.concurrency)) this.#setLanes(wanted);
    this.#options = next;
    this.#refusals.forget();
    this.#breaker.retryNow();
    this.#dispatch();
  }

  run(call: ScheduledCall): Promise<CallResult> {
    return new Promise((resolve, reject) => {
      const entry = createEntry(call, { resolve, reject });
      const error = this.#refusals.find(call.model.model, this.#clock.now());
      if (call.signal.aborted) return entry.fail(new ModelError({ kind: 'cancelled' }));
      if (error !== undefined) return entry.fail(error);
      this.#budgetOf(call.run).started();
      entry.onAbort(() => this.#cancel(entry));
      this.#queue.add(entry);
      this.#dispatch();
    });
  }

  get #busy(): number {
    return this.#limit.activeCount + this.#limit.pendingCount;
  }

  #setLanes(lanes: number): void {
    this.#lanes = lanes;
    this.#limit.concurrency = lanes;
  }

  #log(line: string): void {
    this.#ports.log?.(line);
  }

  #cancel(entry: Entry): void {
    this.#queue.remove(entry);
    this.#abortAll(entry);
    entry.fail(new ModelError({ kind: 'cancelled' }));
    this.#dispatch();
  }

  /** Aborts all attempts of an entry. Providers read a prompt at once, so all of it is paid for. */
  #abortAll(entry: Entry): void {
    const input = this.#models.get(entry.call.model.model).inputOf(entry.call);
    for (const attempt of entry.attempts) {
      entry.call.onSpent?.(sumUsage(entry.call.model, input, attempt.state));
      attempt.abort({ kind: 'cancelled' });
    }
  }

  /** Starts all calls that may start, and sets one timer for the rest. Called after every change. */
  #dispatch(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    while (this.#queue.size > 0 && this.#busy < this.#limit.concurrency) {
      const now = this.#clock.now();
      const entry = this.#queue.best(now);
      const waitMs = entry === undefined ? (this.#queue.nextTime() ?? now) - now : this.#blockedMs(entry, now);
      if (entry === undefined || waitMs > 0) {
        if (waitMs !== Infinity)
          this.#cancelTimer = this.#clock.timer(Math.min(waitMs, maxTimerMs), () => this.#dispatch());
        if (entry !== undefined && waitMs > reportedWaitMs && waitMs !== Infinity) this.#reportWait(now, waitMs);
        return;
      }
      this.#queue.take(entry);
      this.#launch(entry);
    }
  }

  /** ms until this entry may be sent; Infinity if that depends on another event. */
  #blockedMs(entry: Entry, now: number): number {
    const closed = this.#breaker.until(now);
    if (closed > 0) return closed - now;
    if (this.#inFlight.unopened >= this.#breaker.allowance) return Infinity;
    const state = this.#models.get(entry.call.model.model);
    const isHeld = entry.call.isWindowUnproven && !state.met && this.#inFlight.unopened >= unproven.maxCalls;
    const heldMs = isHeld ? state.waveStart + unproven.refusalMs - now : 0;
    const spaceMs = state.met ? 0 : state.lastStart + state.spacingMs(entry.call, this.#queue.size, this.#lanes) - now;
    return Math.max(heldMs, spaceMs, state.rate.wait(state.needOf(entry.call), now), 0);
  }

  #reportWait(now: number, waitMs: number): void {
    const reason = this.#breaker.until(now) > 0 ? this.#breaker.reason : 'rate-limit';
    for (const entry of this.#queue.heads()) entry.sayWait(now, waitMs, reason);
  }

  #launch(entry: Entry): void {
    const state = this.#models.get(entry.call.model.model);
    const now = this.#clock.now();
    if (this.#inFlight.unopened === 0) state.waveStart = now;
    state.lastStart = now;
    state.rate.take(state.needOf(entry.call), now);
    this.#inFlight.leaving += 1;
    void this.#limit(() => this.#perform(entry)).then(() => this.#dispatch());
  }

  /** Makes one attempt in one lane, then settles the entry or queues it again. Never rejects. */
  async #perform(entry: Entry): Promise<void> {
    this.#inFlight.leaving -= 1;
    if (entry.settled) return;
    const { call } = entry;
    const outdated = call.checkStart?.();
    if (outdated !== undefined) return entry.fail(outdated);
    const state = this.#models.get(entry.call.model.model);
    entry.starting(this.#clock.now());
    const attempt: Attempt = startAttempt(
      call,
      this.#clock,
      this.#limitsOf(entry, state),
      this.#hooksOf(
        entry,
        state,
        () => attempt,
        () => send,
      ),
    );
    const send = state.startSend(call, attempt.state.startedAt);
    const remove = this.#inFlight.add({ entry, attempt, state });
    entry.attempts.add(attempt);
    try {
      const finish = await attempt.done;
      remove();
      send.endedAt = this.#clock.now();
      send.input = finish.usage.inputTokens ?? send.input;
      send.output = finish.usage.outputTokens ?? send.output;
      this.#succeed(entry, attempt, finish, state);
    } catch (error) {
      remove();
      // refused or broken before its head, so it writes nothing
      if (attempt.state.openedAt === undefined) send.endedAt = -Infinity;
      send.endedAt ??= this.#clock.now();
      const { rate } = error as ModelError;
      if (rate !== undefined) this.#learnRate(state, rate, send);
      this.#failAttempt(entry, attempt, error as ModelError, state);
    }
  }

  #hooksOf(entry: Entry, state: ModelState, attemptOf: () => Attempt, sendOf: () => Send): AttemptHooks {
    const { call } = entry;
    return {
      onOpen: (event) => {
        const now = this.#clock.now();
        const { startedAt } = attemptOf().state;
        state.met = true;
        this.#breaker.accepted(now, this.#lanes);
        state.rate.accepted(state.needOf(call), startedAt);
        if (event.rate !== undefined) this.#learnRate(state, event.rate, sendOf());
        this.#dispatch();
      },
      onRead: (share) => call.onRead?.(share),
      onFirst: () => entry.firstSign(attemptOf()),
      onText: (text) => {
        const { state: seen } = attemptOf();
        if (text !== '' && seen.text.length === text.length)
          state.latency.first(call.call.inputTokens, this.#clock.now() - seen.startedAt);
        entry.show(attemptOf(), text);
      },
      onRetract: () => entry.retract(attemptOf()),
      onTick: () => this.#considerHedge(entry, attemptOf(), state),
      onResume: () => this.#breaker.resume(),
    };
  }

  #limitsOf(entry: Entry, state: ModelState): AttemptLimits {
    return {
      firstTokenMs: this.#options.firstTokenTimeoutMs,
      idleMs: this.#options.requestTimeoutMs,
      // Judged once a call, because a server that sends in bursts must not be restarted for ever.
      perOutputTokenMs: () => {
        if (this.#options.sharesProcessor) return undefined;
        const { samples, perOutputTokenMs } = state.latency.figures;
        const mayRetry = entry.retries < this.#options.maxRetries && this.#budgetOf(entry.run).mayRetry;
        return samples >= 3 && !entry.slowOnce && mayRetry ? Math.max(1, perOutputTokenMs) : undefined;
      },
    };
  }

  #learnRate(state: ModelState, rate: NonNullable<ModelError['rate']>, send: Send): void {
    const now = this.#clock.now();
    state.rate.learn(rate, (level) => state.sends.pending(send, level, now), now);
    this.#tokensPerMinute = state.rate.tokensPerMinute ?? this.#tokensPerMinute;
  }

  #succeed(entry: Entry, attempt: Attempt, finish: ModelFinish, state: ModelState): void {
    const now = this.#clock.now();
    this.#breaker.worked();
    this.#successes += 1;
    if (this.#successes >= this.#lanes && this.#lanes < this.#options.concurrency && this.#queue.size > 0) {
      this.#setLanes(this.#lanes + 1);
      this.#successes = 0;
    }
    const { firstTextAt, startedAt, text } = attempt.state;
    const { outputTokens, reasoningTokens } = finish.usage;
    const tokens = outputTokens === undefined ? estimateVisible(text) : outputTokens - (reasoningTokens ?? 0);
    state.learnCount(entry.call, finish.usage);
    if (firstTextAt !== undefined) state.latency.rest(tokens, now - firstTextAt);
    entry.attempts.delete(attempt);
    if (entry.settled) return;
    entry.showWhole(attempt);
    this.#abortAll(entry);
    entry.succeed({
      text,
      finish: finish.reason,
      ...(finish.cutBy === undefined ? {} : { cutBy: finish.cutBy }),
      usage: finish.usage,
      attempts: entry.tries,
      ms: now - entry.startedAt,
      firstTokenMs: (firstTextAt ?? now) - startedAt,
      requestId: attempt.state.requestId,
      model: finish.model,
    });
  }

  #failAttempt(entry: Entry, attempt: Attempt, error: ModelError, state: ModelState): void {
    entry.attempts.delete(attempt);
    const now = this.#clock.now();
    if (entry.settled && error.kind === 'cancelled') return;
    this.#noteFailure(entry, attempt, error, state, now);
    if (entry.settled) return;
    const isPaid = attempt.state.openedAt !== undefined || entry.swapping === attempt || error.kind === 'cancelled';
    if (isPaid) entry.call.onSpent?.(sumUsage(entry.call.model, state.inputOf(entry.call), attempt.state));
    if (entry.swapping === attempt) {
      entry.swapping = undefined;
      return this.#requeue(entry, attempt, error.kind, 0, now);
    }
    // the other attempt for the same answer continues
    if (entry.attempts.size > 0) return;
    if (permanentKinds.has(error.kind))
      return this.#failAll(entry, error, this.#refusals.end(entry.call.model.model, error));
    if (error.kind === 'stalled') entry.slowOnce = true;
    if (!retryableKinds.has(error.kind)) return entry.fail(error);
    if (isLimit(error) && this.#refusals.refuseForLong(error, now)) return this.#failAll(entry, error);
    if (this.#breaker.hopeless(now)) {
      this.#log(`given up after ${error.kind}`);
      return this.#failAll(entry, error);
    }
    if (!this.#mayRetry(entry, attempt, error, now)) return entry.fail(error);
    const closed = Math.max(0, this.#breaker.until(now) - now);
    const waitMs = isLimit(error) ? closed : Math.max(backOff(this.#ports.random, entry.retries - 1, 500), closed);
    entry.call.onWait?.({ waitMs, attempt: entry.tries + 1, reason: error.kind });
    this.#requeue(entry, attempt, error.kind, isLimit(error) ? 0 : waitMs, now);
  }

  /** False if none is left. Waiting for a limit takes no retry, nor does a request that never reached a model. */
  #mayRetry(entry: Entry, attempt: Attempt, error: ModelError, now: number): boolean {
    if (isLimit(error)) {
      entry.limitedSince ??= now;
      if (now < entry.limitedSince + patientMs) return true;
    } else entry.limitedSince = undefined;
    entry.retries += 1;
    if (entry.retries > this.#options.maxRetries) return false;
    const free = isLimit(error) || (isBroken(error) && attempt.state.openedAt === undefined);
    return free || this.#budgetOf(entry.run).retry();
  }

  #noteFailure(entry: Entry, attempt: Attempt, error: ModelError, state: ModelState, now: number): void {
    const { kind, retryAfterMs } = error;
    const silent = kind === 'stalled' && attempt.state.firstAt === undefined && entry.swapping !== attempt;
    if ((isBroken(error) || silent) && this.#breaker.broken(now, kind))
      this.#log(`circuit open until ${this.#breaker.until(now)}`);
    if (!isLimit(error) || (retryAfterMs ?? 0) > maxWaitMs) return;
    if (kind === 'rate-limit') state.rate.refused(state.needOf(entry.call), now);
    const fresh = this.#breaker.limit(now, attempt.state.startedAt, retryAfterMs, kind);
    if (!fresh) return;
    this.#setLanes(Math.max(1, Math.floor(this.#lanes * cutShare)));
    this.#log(`${kind}: waiting ${Math.round(this.#breaker.until(now) - now)} ms, ${this.#lanes} lanes`);
  }

  /** Fails an entry and all waiting ones with the same refusal. */
  #failAll(entry: Entry, error: ModelError, isRefused: (model: string) => boolean = () => true): void {
    entry.fail(error);
    for (const other of this.#queue.all()) {
      if (!isRefused(other.call.model.model)) continue;
      this.#queue.remove(other);
      other.fail(error);
    }
  }

  #requeue(entry: Entry, attempt: Attempt, kind: ModelErrorKind, waitMs: number, now: number): void {
    entry.lost(attempt, kind);
    entry.notBefore = now + waitMs;
    this.#queue.add(entry);
    this.#dispatch();
  }

  /** Sends a late call again: in a free lane, else once in its own. */
  #considerHedge(entry: Entry, attempt: Attempt, state: ModelState): void {
    const { call } = entry;
    if (!this.#options.hedge || !call.hedge || entry.settled || attempt !== [...entry.attempts].at(-1)) return;
    const now = this.#clock.now();
    if (this.#breaker.until(now) > 0 || this.#breaker.allowance !== Infinity) return;
    const { late, silent } = getLateness({ entry, attempt, state }, now);
    if (!late || this.#inFlight.isServerSlow(state, now) || state.rate.wait(state.needOf(call), now) > 0) return;
    const budget = this.#budgetOf(entry.run);
    const lateMs = Math.round(now - attempt.state.startedAt);
    const free = this.#busy < this.#limit.concurrency && this.#queue.best(now) === undefined;
    const mayTakeOwnLane = attempt.state.firstAt === undefined;
    const isOpen = entry.hedges < (free ? maxHedgesOfCall : Number(mayTakeOwnLane));
    if (isOpen && budget.mayHedge(entry.last)) {
      entry.hedges += 1;
      budget.hedge();
      this.#log(`hedge: ${call.call.stage} late after ${lateMs} ms`);
    } else if (silent && entry.retries < this.#options.maxRetries && budget.retry()) {
      entry.retries += 1;
      this.#log(`stalled: ${call.call.stage} silent for ${lateMs} ms`);
    } else return;
    if (free && (entry.attempts.size === 1 || !mayTakeOwnLane)) return this.#launch(entry);
    entry.swapping = attempt;
    attempt.abort({ kind: 'stalled', code: 'slow' });
  }
}
