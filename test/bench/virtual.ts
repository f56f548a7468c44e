/** The same engine on a virtual clock against the same law: hundreds of runs in seconds, without the noise of a machine. For tuning. */
import { createHash } from 'node:crypto';
import type { SummaryUsage } from '../../src/engine/events.ts';
import type { ChatModel, ModelEvent } from '../../src/engine/model.ts';
import type { RunOptions } from '../../src/engine/request.ts';
import { run } from '../../src/engine/run/run.ts';
import { createScheduler } from '../../src/engine/schedule/scheduler.ts';
import type { PreparedPart } from '../../src/engine/source.ts';
import { estimateTokens } from '../../src/engine/tokens.ts';
import { virtualClock, type VirtualClock } from '../support/clock.ts';
import { countTokens, cutTokens } from '../support/provider/tokens.ts';
import { guessStage } from '../support/provider/compose.ts';
import { paceOf } from '../support/provider/latency.ts';
import { hash32, seeded } from '../support/random.ts';
import type { LatencyOptions } from '../support/provider/index.ts';
import { benchAnswer } from './answer.ts';
import type { Call } from './server.ts';
import { memoryCache } from './subject.ts';

export interface VirtualRun {
  readonly wallMs: number;
  readonly firstTokenMs: number;
  readonly usage: SummaryUsage;
  readonly calls: Call[];
}

export interface VirtualOptions {
  readonly latency: LatencyOptions;
  readonly lanes?: number;
  readonly window?: number;
  readonly lateFactor?: number;
  readonly run?: Partial<RunOptions>;
}

export async function virtualRun(prepared: PreparedPart, options: VirtualOptions): Promise<VirtualRun> {
  const { latency, lanes = 8, window = 32_000 } = options;
  const clock = virtualClock(0, 8);
  const calls: Call[] = [];
  const model = virtualModel(clock, latency, window, calls);
  const settings = {
    concurrency: lanes,
    maxRetries: 5,
    requestTimeoutMs: 120_000,
    firstTokenTimeoutMs: 120_000,
    hedge: true,
  };
  const scheduler = createScheduler(settings, {
    clock,
    random: seeded(1),
    ...(options.lateFactor === undefined ? {} : { lateFactor: options.lateFactor }),
  });
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
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
  const events = run(
    { id: 'virtual', source, options: runOptions },
    {
      model,
      mapModel: model,
      scheduler,
      mapScheduler: scheduler,
      cache: memoryCache(),
      prepare: () => Promise.resolve(prepared),
      tokens: { count: (texts) => Promise.resolve(texts.map(estimateTokens)) },
      clock,
      hash,
      fence: (body) => hash(body).slice(0, 16),
      yield: () => Promise.resolve(),
      signal: new AbortController().signal,
    },
  );
  const [wallMs, firstTokenMs, usage] = await clock.settle(told(events, clock), 3_600_000);
  return { wallMs, firstTokenMs, usage, calls };
}

async function told(events: ReturnType<typeof run>, clock: VirtualClock): Promise<[number, number, SummaryUsage]> {
  let firstTokenMs = 0;
  for await (const event of events) {
    if (event.type === 'restart') firstTokenMs = 0;
    if (event.type === 'delta') firstTokenMs ||= clock.now();
    if (event.type === 'end') return [clock.now(), firstTokenMs, event.result.usage];
  }
  throw new Error('the run had no end');
}

function virtualModel(clock: VirtualClock, latency: LatencyOptions, contextWindow: number, calls: Call[]): ChatModel {
  const repeats = new Map<number, number>();
  return {
    provider: 'virtual',
    model: 'bench-1',
    host: '',
    account: 'virtual',
    limits: () =>
      Promise.resolve({
        contextWindow,
        maxOutputTokens: 16_000,
        tier: 'strong',
        reasoning: false,
        tokenFactor: 1,
        loopback: false,
        known: true,
      }),
    async *stream({ system, user }, signal): AsyncIterable<ModelEvent> {
      const id = hash32(system + user);
      const repeat = repeats.get(id) ?? 0;
      repeats.set(id, repeat + 1);
      const promptTokens = countTokens(system) + countTokens(user);
      const text = benchAnswer(system, user);
      const outputTokens = countTokens(text);
      const pace = paceOf(latency, promptTokens, system + user, repeat);
      const asked = { system, user } as Parameters<typeof guessStage>[0];
      const call: Call = {
        number: calls.length + 1,
        wire: 'other',
        method: '',
        path: '',
        credential: 'none',
        stage: guessStage(asked),
        model: 'bench-1',
        startedAt: clock.now(),
        promptTokens,
        outputTokens,
        clientClosed: false,
      };
      calls.push(call);
      signal.addEventListener('abort', () => (call.clientClosed = true));
      await clock.sleep(pace.firstMs, signal);
      yield { type: 'open' };
      for (const piece of cutTokens(text, pace.group)) {
        yield { type: 'text', text: piece.text };
        await clock.sleep(pace.perTokenMs * piece.tokens, signal);
      }
      Object.assign(call, { endedAt: clock.now(), status: 200 });
      yield { type: 'finish', reason: 'stop', raw: 'stop', usage: { inputTokens: promptTokens, outputTokens } };
    },
  };
}
