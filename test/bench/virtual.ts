/** Runs the real engine against a simulated server on a virtual clock: hundreds of runs in seconds, exact on any machine. */
import { createHash } from 'node:crypto';
import pLimit from 'p-limit';
import type { PlanReady, SummaryUsage } from '../../src/engine/events.ts';
import { ModelError, type ChatModel, type ModelEvent, type ModelLimits } from '../../src/engine/model.ts';
import type { RunOptions } from '../../src/engine/request.ts';
import { run } from '../../src/engine/run/run.ts';
import { createScheduler } from '../../src/engine/schedule/scheduler.ts';
import type { LatencyFigures } from '../../src/engine/schedule/types.ts';
import type { PreparedPart } from '../../src/engine/source.ts';
import { estimateTokens } from '../../src/engine/tokens.ts';
import { virtualClock, type VirtualClock } from '../support/clock.ts';
import { countTokens, cutTokens } from '../support/provider/tokens.ts';
import { guessStage } from '../support/provider/compose.ts';
import { paceOf } from '../support/provider/latency.ts';
import { hash32, seeded } from '../support/random.ts';
import type { LatencyOptions } from '../support/provider/index.ts';
import { benchAnswer } from './answer.ts';
import { createRateRule, type RateRule } from './rateRule.ts';
import type { Call } from './server.ts';
import { memoryCache } from './memoryCache.ts';

/** How the simulated model reads a prompt and what it writes. */
export interface Reader {
  /** The server's tokens of a text. */
  count(text: string): number;
  answer(system: string, user: string): string;
}

export interface VirtualOptions {
  readonly latency: LatencyOptions;
  readonly lanes?: number;
  readonly window?: number;
  readonly run?: Partial<RunOptions>;
  /** Default: four bytes a token, answers by `benchAnswer`. */
  readonly reader?: Reader;
  /** Requests that the server works on at once; more wait in its queue. Default: all. */
  readonly slots?: number;
  readonly rate?: RateRule;
  readonly limits?: Partial<ModelLimits>;
  /** The model that reads the parts, if it is another one. */
  readonly mapModel?: { readonly latency: LatencyOptions; readonly limits: Partial<ModelLimits> };
  /** Learned by earlier runs. */
  readonly known?: LatencyFigures;
  /** Turns of the event loop between two timers; 1 is enough where nothing but promises is awaited. */
  readonly turns?: number;
  /** Called with each request. */
  readonly onCall?: () => void;
  /** Ms between two pieces of an answer. */
  readonly eventMs?: number;
}

export interface VirtualRun {
  readonly wallMs: number;
  readonly firstTokenMs: number;
  readonly status: string;
  readonly plan: PlanReady;
  readonly usage: SummaryUsage;
  readonly calls: VirtualCall[];
}

/** A call with the most tokens that it was allowed to write. */
export type VirtualCall = Call & { readonly maxTokens?: number };

const plainReader: Reader = { count: countTokens, answer: benchAnswer };
const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

export async function virtualRun(prepared: PreparedPart, options: VirtualOptions): Promise<VirtualRun> {
  const { lanes = 8, reader = plainReader } = options;
  const clock = virtualClock(0, options.turns ?? 8);
  const calls: VirtualCall[] = [];
  const model = virtualModel(clock, options, calls);
  const mapModel =
    options.mapModel === undefined
      ? model
      : { ...virtualModel(clock, { ...options, ...options.mapModel }, calls), model: 'bench-reader' };
  const settings = {
    concurrency: lanes,
    maxRetries: 5,
    requestTimeoutMs: 120_000,
    firstTokenTimeoutMs: 1_200_000,
    hedge: true,
  };
  const known = options.known === undefined ? undefined : new Map([[model.model, options.known]]);
  const scheduler = createScheduler(settings, { clock, random: seeded(1), ...(known ? { known } : {}) });
  const source = {
    title: 'text',
    parts: [{ title: 'text.txt', startLine: 1, text: '' }],
    skipped: [],
    shape: 'text',
  } as const;
  const runOptions = {
    length: 'standard',
    language: '',
    instructions: '',
    chunkTokens: 0,
    concurrency: lanes,
    maxCostUsd: 0,
    ...options.run,
  } as const;
  const count = options.reader === undefined ? estimateTokens : reader.count;
  const events = run(
    { id: 'virtual', source, options: runOptions },
    {
      model,
      mapModel,
      scheduler,
      mapScheduler: scheduler,
      cache: memoryCache(),
      prepare: () => Promise.resolve(prepared),
      tokens: { count: (texts) => Promise.resolve(texts.map(count)) },
      clock,
      hash,
      fence: (body) => hash(body).slice(0, 16),
      yield: () => Promise.resolve(),
      signal: new AbortController().signal,
    },
  );
  const ended = await clock.settle(readEvents(events, clock), 86_400_000);
  return { ...ended, calls };
}

async function readEvents(events: ReturnType<typeof run>, clock: VirtualClock): Promise<Omit<VirtualRun, 'calls'>> {
  let firstTokenMs = 0;
  let plan: PlanReady | undefined;
  for await (const event of events) {
    if (event.type === 'plan') plan = event;
    if (event.type === 'restart') firstTokenMs = 0;
    if (event.type === 'delta') firstTokenMs ||= clock.now();
    if (event.type === 'end') {
      const { status, usage } = event.result;
      if (plan === undefined) throw new Error('the run had no plan');
      return { wallMs: clock.now(), firstTokenMs, status, usage, plan };
    }
  }
  throw new Error('the run had no end');
}

function virtualModel(clock: VirtualClock, options: VirtualOptions, calls: VirtualCall[]): ChatModel {
  const { latency, window: contextWindow = 32_000, reader = plainReader, slots = Infinity } = options;
  const repeats = new Map<number, number>();
  const queue = slots === Infinity ? undefined : pLimit(slots);
  const rate = options.rate === undefined ? undefined : createRateRule(options.rate, clock);
  const limits: ModelLimits = {
    contextWindow,
    maxOutputTokens: 16_000,
    tier: 'strong',
    reasoning: false,
    tokenFactor: 1,
    loopback: false,
    known: true,
    ...options.limits,
  };
  return {
    provider: 'virtual',
    model: 'bench-1',
    host: '',
    account: 'virtual',
    limits: () => Promise.resolve(limits),
    async *stream({ system, user, maxTokens }, signal): AsyncIterable<ModelEvent> {
      const id = hash32(system + user);
      const repeat = repeats.get(id) ?? 0;
      repeats.set(id, repeat + 1);
      const factor = limits.tokenFactor;
      const promptTokens = Math.round(factor * (reader.count(system) + reader.count(user)));
      const whole = reader.answer(system, user);
      const written = Math.ceil(factor * countTokens(whole));
      const cut = written > maxTokens;
      const largest = Math.floor(maxTokens / factor);
      const text = cut ? (cutTokens(whole, Number.MAX_SAFE_INTEGER, largest)[0]?.text ?? '') : whole;
      const outputTokens = Math.min(written, maxTokens);
      const pace = paceOf({ ...latency, eventMs: options.eventMs ?? 40 }, promptTokens, system + user, repeat);
      const call: VirtualCall = {
        maxTokens,
        number: calls.length + 1,
        wire: 'other',
        method: '',
        path: '',
        credential: 'none',
        stage: guessStage({ system, user } as Parameters<typeof guessStage>[0]),
        model: 'bench-1',
        startedAt: clock.now(),
        promptTokens,
        cachedTokens: 0,
        cacheWriteTokens: 0,
        writtenTokens: 0,
        outputTokens,
        clientClosed: false,
      };
      calls.push(call);
      options.onCall?.();
      const close = (): void => void (call.clientClosed = true);
      signal.addEventListener('abort', close);
      if (promptTokens + 1 > contextWindow) {
        Object.assign(call, { endedAt: clock.now(), status: 400 });
        throw new ModelError({ kind: 'too-long', message: 'too long', status: 400, limitTokens: contextWindow });
      }
      const admitted = rate?.admit(promptTokens, maxTokens);
      if (admitted?.refusal !== undefined) {
        await clock.sleep(20, signal);
        Object.assign(call, { endedAt: clock.now(), status: 429 });
        throw admitted.refusal;
      }
      const free = await takeSlot(queue, signal);
      try {
        await clock.sleep(pace.firstMs, signal);
        yield { type: 'open', ...(admitted?.rate === undefined ? {} : { rate: admitted.rate }) };
        for (const piece of cutTokens(text, pace.group)) {
          yield { type: 'text', text: piece.text };
          await clock.sleep(pace.perTokenMs * factor * piece.tokens, signal);
        }
        Object.assign(call, { endedAt: clock.now(), status: 200 });
        signal.removeEventListener('abort', close);
      } finally {
        free();
      }
      const reason = cut ? 'length' : 'stop';
      yield { type: 'finish', reason, raw: reason, usage: { inputTokens: promptTokens, outputTokens } };
    },
  };
}

/** Resolves with the way to free the slot again. An aborted request leaves the queue. */
async function takeSlot(queue: ReturnType<typeof pLimit> | undefined, signal: AbortSignal): Promise<() => void> {
  if (queue === undefined) return () => undefined;
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
    void queue(() => {
      if (signal.aborted) return undefined;
      return new Promise<void>((free) => resolve(free));
    });
  });
}
