import assert from 'node:assert/strict';
import type { RunEvent } from '../../../../src/engine/events.ts';
import type { ChatModel, ModelCall, ModelEvent } from '../../../../src/engine/model.ts';
import { createScheduler } from '../../../../src/engine/schedule/scheduler.ts';
import { emptyView, runView } from '../../../../src/shared/runView.ts';
import { computeShare, estimateRemainingMs } from '../../../../src/shared/remainingTime.ts';
import { drain, virtualClock, type VirtualClock } from '../../../support/clock.ts';
import * as corpus from '../../../support/corpus.ts';
import { runEngine } from '../../../support/engine.ts';
import { checkGrammar } from '../../../support/grammar.ts';
import { seeded } from '../../../support/random.ts';

interface Machine {
  readonly slots: number;
  /** ms for a token, if one call has the processor alone. */
  readonly readMs: number;
  readonly writeMs: number;
}

const batchTokens = 512;

/** A server whose calls share one processor: two at a time take twice as long each. */
function localModel(clock: VirtualClock, { slots, readMs, writeMs }: Machine): ChatModel & { readonly sent: number[] } {
  const sent: number[] = [];
  let busy = 0;
  let write = 0;
  async function* stream(call: ModelCall, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    sent.push(clock.now());
    busy += 1;
    try {
      yield { type: 'open' };
      for (let read = 0; read < call.inputTokens; read += batchTokens) {
        await clock.sleep(Math.min(batchTokens, call.inputTokens - read) * readMs * busy, signal);
        yield { type: 'pulse', readShare: Math.min(1, (read + batchTokens) / call.inputTokens) };
      }
      const sentences = call.stage === 'map' ? 5 : 10;
      for (let i = 0; i < sentences; i++) {
        await clock.sleep(18 * writeMs * busy, signal);
        const text = corpus.sentence(corpus.picker((write += 1)));
        yield { type: 'text', text: `- ${text.trim()} ${1000 + write} of ${2000 + write}.\n` };
      }
      const usage = { inputTokens: call.inputTokens, outputTokens: sentences * 18 };
      yield { type: 'finish', reason: 'stop', raw: 'stop', usage };
    } finally {
      busy -= 1;
    }
  }
  return {
    provider: 'openai-compatible',
    model: 'tiny-1b',
    host: '127.0.0.1',
    account: 'local',
    sent,
    limits: () =>
      Promise.resolve({
        contextWindow: 8_192,
        maxOutputTokens: 2_048,
        tier: 'cheap',
        reasoning: false,
        tokenFactor: 1,
        loopback: true,
        known: true,
        slots,
        reportsReading: true,
      }),
    stream,
  };
}

interface Seen {
  readonly at: number;
  readonly event: RunEvent;
}

async function play(machine: Machine, text: string): Promise<{ seen: Seen[]; endMs: number; sent: readonly number[] }> {
  const clock = virtualClock(0, 8);
  const model = localModel(clock, machine);
  const settings = {
    concurrency: machine.slots,
    maxRetries: 5,
    requestTimeoutMs: 120_000,
    firstTokenTimeoutMs: 600_000,
    hedge: true,
    sharesProcessor: true,
  };
  const scheduler = createScheduler({ ...settings, hedge: false }, { clock, random: seeded(3) });
  const seen: Seen[] = [];
  const ports = { model, mapModel: model, scheduler, mapScheduler: scheduler, clock };
  const running = runEngine(text, { url: 'http://127.0.0.1:1', concurrency: machine.slots, ports }, (event) =>
    seen.push({ at: clock.now(), event }),
  );
  let isRunning = true;
  void running.finally(() => (isRunning = false)).catch(() => undefined);
  // preparing takes turns of the event loop and no time of the clock
  while (isRunning) {
    await drain();
    await clock.runAll(() => !isRunning);
  }
  const { events } = await running;
  checkGrammar(events);
  return { seen, endMs: clock.now(), sent: model.sent };
}

const text = corpus.prose(4, 60_000);

describe('Progress on a server that shares one processor', () => {
  for (const [title, machine] of [
    ['one slot', { slots: 1, readMs: 4, writeMs: 25 }],
    ['two slots', { slots: 2, readMs: 4, writeMs: 25 }],
    ['four slots that read slowly', { slots: 4, readMs: 20, writeMs: 60 }],
    ['two slots of a fast machine', { slots: 2, readMs: 0.5, writeMs: 8 }],
  ] as const)
    it(`tells what remains within 30 % after the first part: ${title}`, async () => {
      const { seen, endMs } = await play(machine, text);
      const first = seen.findIndex(({ event }) => event.type === 'call-end' && event.outcome === 'done');
      const view = seen.slice(0, first + 1).reduce((state, { event }) => runView(state, event), emptyView);
      const at = seen[first]!.at;
      const told = estimateRemainingMs(view, at, computeShare(view)) ?? 0;
      const error = told / (endMs - at) - 1;
      assert.ok(Math.abs(error) <= 0.3, `told ${told} ms, took ${endMs - at} ms`);
    });

  it('moves while the server reads, and never goes back', async () => {
    const { seen } = await play({ slots: 2, readMs: 40, writeMs: 25 }, text);
    const firstText = seen.findIndex(({ event }) => event.type === 'note');
    const reads = seen.slice(0, firstText).filter(({ event }) => event.type === 'call-read');
    assert.ok(reads.length >= 4, `${reads.length} reports`);
    let view = emptyView;
    let last = 0;
    for (const { event } of seen) {
      view = runView(view, event);
      const share = computeShare(view) ?? last;
      assert.ok(share >= last - 1e-9, `${event.type}: ${share} after ${last}`);
      last = share;
    }
  });

  it('is waited for: no call is given up or sent twice while its prompt is read', async () => {
    // twelve minutes for a prompt, a report every few of them
    const { seen, sent } = await play({ slots: 2, readMs: 350, writeMs: 25 }, corpus.prose(5, 14_000));
    const ends = seen.flatMap(({ event }) => (event.type === 'call-end' ? [event] : []));
    assert.ok(
      ends.every(({ outcome, attempts }) => outcome === 'done' && attempts === 1),
      JSON.stringify(ends),
    );
    assert.equal(sent.length, ends.length);
  });
});
