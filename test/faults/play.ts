/** One run with faults, and the oracle that every run must satisfy. */
import assert from 'node:assert/strict';
import type { RunEvent, SummaryResult } from '../../src/engine/events.ts';
import { ModelError } from '../../src/engine/model.ts';
import type { RunOptions } from '../../src/engine/request.ts';
import type { Scheduler } from '../../src/engine/schedule/types.ts';
import { createScheduler } from '../../src/engine/schedule/scheduler.ts';
import { memoryCache, runEngine, type EngineSetup } from '../support/engine.ts';
import { checkGrammar } from '../support/grammar.ts';
import { startProvider, type Fault, type ProviderOptions, type SimulatedProvider } from '../support/provider/index.ts';
import { seeded } from '../support/random.ts';
import { factsIn, type Document, type Fact } from './document.ts';
import { fastClock, type FastClock } from './fastClock.ts';
import { wires, type WireName } from './table.ts';

export interface Play {
  readonly document: Document;
  readonly wire: WireName;
  readonly window: number;
  readonly faults?: readonly Fault[];
  readonly server?: Partial<ProviderOptions>;
  readonly options?: Partial<RunOptions>;
  readonly signal?: AbortSignal;
  readonly concurrency?: number;
  readonly idleMs?: number;
  readonly hedge?: boolean;
  /** Virtual seconds in a real one; default 40. */
  readonly factor?: number;
  /** False: the stream is too long to be looked at piece by piece. */
  readonly grammar?: boolean;
  readonly cache?: EngineSetup['cache'];
  readonly seed?: number;
  /** Shared with other runs. */
  readonly clock?: FastClock;
  readonly scheduler?: Scheduler;
  /** Where the provider is asked, if not where it is. */
  readonly url?: string;
  readonly during?: (event: RunEvent, clock: FastClock, provider: SimulatedProvider) => void;
}

export interface Played {
  /** Undefined: nothing could be summarized, and the run failed with `error`. */
  readonly result?: SummaryResult;
  readonly error?: ModelError;
  readonly events: readonly RunEvent[];
  /** Requests for an answer, by stage. */
  readonly calls: Readonly<Record<string, number>>;
  readonly total: number;
  /** Requests that the fault hit. */
  readonly hits: number;
  /** Requests for an answer that were sent more than once in the same words, beyond the ones that failed. */
  readonly paidTwice: number;
  readonly found: readonly Fact[];
  readonly virtualMs: number;
  readonly cached: number;
}

export async function play(setup: Play): Promise<Played> {
  const { provider: id, flavour, model } = wires[setup.wire];
  const provider = await startProvider({ flavour, ...setup.server, faults: setup.faults ?? [] });
  try {
    return await playOn(provider, setup, { provider: id, model });
  } finally {
    await provider.close();
  }
}

export async function playOn(
  provider: SimulatedProvider,
  setup: Play,
  who: Pick<EngineSetup, 'provider' | 'model'>,
): Promise<Played> {
  const { document } = setup;
  const clock = setup.clock ?? fastClock(setup.factor ?? 40);
  const idle = setup.idleMs ?? 30_000;
  const concurrency = setup.concurrency ?? 4;
  const scheduler =
    setup.scheduler ??
    createScheduler(
      { concurrency, maxRetries: 5, requestTimeoutMs: idle, firstTokenTimeoutMs: idle, hedge: setup.hedge ?? false },
      { clock, random: seeded(setup.seed ?? 7) },
    );
  const cache = setup.cache ?? memoryCache();
  const events: RunEvent[] = [];
  const began = clock.now();
  let result: SummaryResult | undefined;
  let error: ModelError | undefined;
  try {
    const run = await runEngine(
      document.source,
      {
        url: setup.url ?? provider.url,
        ...who,
        contextWindow: setup.window,
        concurrency,
        cache,
        ...(setup.options ? { options: setup.options } : {}),
        ...(setup.signal ? { signal: setup.signal } : {}),
        ports: { scheduler, mapScheduler: scheduler, clock, prepare: () => Promise.resolve(document.prepared) },
      },
      (event) => {
        events.push(event);
        setup.during?.(event, clock, provider);
      },
    );
    result = run.result;
  } catch (thrown) {
    if (!(thrown instanceof ModelError)) throw thrown;
    error = thrown;
  }
  const virtualMs = clock.now() - began;
  await quiet(provider, clock);
  if (setup.grammar !== false) checkGrammar(events, { ended: result !== undefined });
  const calls: Record<string, number> = {};
  for (const { stage } of provider.calls) calls[stage] = (calls[stage] ?? 0) + 1;
  return {
    ...(result ? { result } : {}),
    ...(error ? { error } : {}),
    events,
    calls,
    total: provider.calls.length,
    hits: provider.calls.filter((call) => call.fault !== undefined).length,
    paidTwice: answeredTwice(provider),
    found: factsIn(result?.markdown ?? '', document.facts),
    virtualMs,
    cached: 'entries' in cache ? (cache as { entries: Map<string, string> }).entries.size : 0,
  };
}

/** When a run has ended, nothing of it goes on: no request is open, no timer waits. */
async function quiet(provider: SimulatedProvider, clock: FastClock): Promise<void> {
  const until = performance.now() + 4_000;
  while ((provider.openRequests > 0 || clock.pending > 0) && performance.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 2));
  assert.equal(provider.openRequests, 0, 'requests are open after the end');
  assert.equal(clock.pending, 0, 'timers wait after the end');
}

/** The same words answered to the end more than once. */
function answeredTwice(provider: SimulatedProvider): number {
  const whole = provider.calls.filter((call) => call.finish === 'stop' && !call.fault && !call.clientClosed);
  return whole.length - new Set(whole.map((call) => JSON.stringify(call.body))).size;
}

const cutOff = /could not be finished\.|could not be written \(/;

/** What every run owes, whatever happened: each fact is told or its lines are named as not read, and the status tells the truth. */
export function checkNothingLost({ document }: Pick<Play, 'document'>, played: Played): void {
  const { result, error } = played;
  if (!result) {
    assert.ok(error && error.message.length > 10, 'a failed run says why');
    return;
  }
  if (result.status === 'cancelled') return;
  const told = new Set(played.found);
  const lost = document.facts.filter(
    (fact) => !told.has(fact) && !result.gaps.some((gap) => gap.startLine <= fact.line && fact.line <= gap.endLine),
  );
  const last = result.markdown.trim();
  if (lost.length > 0)
    assert.match(last, cutOff, `silently lost: ${lost.map(({ name, line }) => `${name} (line ${line})`).join(', ')}`);
  const told_ = result.gaps.length > 0 || cutOff.test(last);
  assert.equal(result.status, told_ ? 'partial' : 'complete', 'the status tells the truth');
  if (result.gaps.length > 0)
    assert.match(last.split('\n\n').at(-1) ?? '', /^\*\*Not read:\*\* lines? \d+/, 'the last paragraph names the gaps');
  assert.equal(
    played.events.filter(({ type }) => type === 'call-start').length,
    played.events.filter(({ type }) => type === 'call-end').length,
  );
}

export function waits(played: Played): number[] {
  return played.events.flatMap((event) => (event.type === 'wait' ? [event.waitMs] : []));
}

/** As many at a time as keep two cores busy while some of them wait. */
export async function inParallel<T>(
  items: readonly T[],
  lanes: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let at = next++; at < items.length; at = next++) await work(items[at] as T);
    }),
  );
}
