/** A model whose every answer is written by the test, on the test's clock. */
import { ModelError } from '../../../../src/engine/model.ts';
import type { ChatModel, ModelCall, ModelErrorData, ModelEvent, RateLimits } from '../../../../src/engine/model.ts';
import { createScheduler } from '../../../../src/engine/schedule/scheduler.ts';
import type { CallResult, ScheduledCall, Scheduler, SchedulerOptions } from '../../../../src/engine/schedule/types.ts';
import { virtualClock, type VirtualClock } from '../../../support/clock.ts';
import { seeded } from '../../../support/random.ts';

export interface Script {
  readonly firstMs?: number;
  /** Events of 4 characters, so one token each. */
  readonly tokens?: number;
  readonly perTokenMs?: number;
  readonly finish?: 'stop' | 'length';
  readonly rate?: () => RateLimits;
  /** Thrown instead of an answer's head, after `firstMs`. */
  readonly error?: ModelErrorData;
  /** Thrown after so many tokens. */
  readonly breaksAfter?: number;
  /** Silent for ever after so many tokens. */
  readonly hangsAfter?: number;
  /** After the head nothing but keep-alives, one each so many ms, for ever. */
  readonly keepAliveMs?: number;
  /** What was written before so many tokens turns out to be no part of the answer. */
  readonly retractsAt?: number;
  /** Does not end when it is aborted. */
  readonly deaf?: boolean;
}

export interface Sent {
  readonly name: string;
  readonly at: number;
  readonly attempt: number;
  aborted?: number;
  ended?: number;
}

export interface Stage {
  readonly clock: VirtualClock;
  readonly sent: Sent[];
  readonly scheduler: Scheduler;
  readonly model: ChatModel;
  readonly log: string[];
  call(
    name: string,
    more?: Partial<ScheduledCall> & { inputTokens?: number; stage?: ModelCall['stage'] },
  ): Promise<CallResult>;
  /** Most calls that were on their way at once. */
  readonly most: () => number;
}

export const defaults: SchedulerOptions = {
  concurrency: 8,
  maxRetries: 5,
  requestTimeoutMs: 120_000,
  firstTokenTimeoutMs: 120_000,
  hedge: true,
};

export function stageOf(
  script: (name: string, attempt: number, at: number) => Script,
  options: Partial<SchedulerOptions> = {},
): Stage {
  const clock = virtualClock();
  const sent: Sent[] = [];
  const log: string[] = [];
  let now = 0;
  let most = 0;
  const model: ChatModel = {
    provider: 'scripted',
    model: 'scripted-1',
    host: '',
    account: 'account',
    limits: () => Promise.reject(new Error('not asked here')),
    async *stream(call, signal): AsyncIterable<ModelEvent> {
      const name = call.user;
      const attempt = sent.filter((other) => other.name === name).length + 1;
      const record: Sent = { name, at: clock.now(), attempt };
      sent.push(record);
      now += 1;
      most = Math.max(most, now);
      let open = true;
      const leave = (): void => {
        if (open) now -= 1;
        open = false;
      };
      signal.addEventListener('abort', () => {
        record.aborted = clock.now();
        leave();
      });
      try {
        yield* answer(script(name, attempt, clock.now()), clock, signal);
        record.ended = clock.now();
      } finally {
        leave();
      }
    },
  };
  const scheduler = createScheduler(
    { ...defaults, ...options },
    { clock, random: seeded(7), log: (line) => log.push(line) },
  );
  return {
    clock,
    sent,
    scheduler,
    model,
    log,
    call(name, { inputTokens = 1_000, stage = 'map', ...more } = {}) {
      const promise = scheduler.run({
        model,
        call: { stage, system: '', user: name, maxTokens: 900, effort: 'low', inputTokens, reusable: false },
        run: 'run',
        priority: 0,
        outputTokens: 100,
        hedge: true,
        signal: new AbortController().signal,
        ...more,
      });
      promise.catch(() => undefined);
      return promise;
    },
    most: () => most,
  };
}

async function* answer(script: Script, clock: VirtualClock, abort: AbortSignal): AsyncIterable<ModelEvent> {
  const signal = script.deaf === true ? new AbortController().signal : abort;
  const firstMs = script.firstMs ?? 500;
  if (script.error !== undefined) {
    await clock.sleep(firstMs, signal);
    throw new ModelError(script.error);
  }
  await clock.sleep(firstMs / 2, signal);
  yield { type: 'open', requestId: 'request', ...(script.rate === undefined ? {} : { rate: script.rate() }) };
  while (script.keepAliveMs !== undefined) {
    await clock.sleep(script.keepAliveMs, signal);
    yield { type: 'pulse', keepAlive: true };
  }
  await clock.sleep(firstMs / 2, signal);
  const tokens = script.tokens ?? 100;
  for (let token = 0; token < tokens; token++) {
    if (token === script.breaksAfter) throw new ModelError({ kind: 'network', message: 'The connection broke.' });
    if (token === script.retractsAt) yield { type: 'retract' };
    if (token === script.hangsAfter) await clock.sleep(1e9, signal);
    yield { type: 'text', text: `${String(token % 1_000).padStart(3, '0')} ` };
    await clock.sleep(script.perTokenMs ?? 10, signal);
  }
  yield {
    type: 'finish',
    reason: script.finish ?? 'stop',
    raw: 'stop',
    usage: { inputTokens: 1_000, outputTokens: tokens },
    model: 'scripted-1',
  };
}
