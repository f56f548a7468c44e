import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Chunk, PreparedPart } from '../../src/engine/source.ts';
import { createScheduler } from '../../src/engine/schedule/scheduler.ts';
import { realClock } from '../../src/host/clock.ts';
import { memoryCache, runEngine } from '../support/engine.ts';
import { seeded } from '../support/random.ts';
import { startProvider } from '../support/provider/index.ts';
import { documentWith, factsIn, type Document } from './document.ts';
import { checkNothingLost, playOn } from './play.ts';
import { soak } from './soak.ts';
import { wires } from './table.ts';

/** The setting's default. */
const lanes = 8;
const scheduler = (): ReturnType<typeof createScheduler> =>
  createScheduler(
    { concurrency: lanes, maxRetries: 5, requestTimeoutMs: 60_000, firstTokenTimeoutMs: 60_000, hedge: false },
    { clock: realClock, random: seeded(1) },
  );

/** A text that is cut into so many chunks, each hundredth with a fact. */
function manyChunks(count: number): Document {
  const chunks: Chunk[] = [];
  const facts = [];
  for (let i = 0; i < count; i++) {
    const fact = i % 100 === 0;
    const text = `Section ${i} tells of hall ${(i * 7919) % 1009}, where nothing of note happened on that day at all.${fact ? ` The FACT-${i} says that pump ${i} failed.` : ''}\nIts second line is as plain as ${(i * 31) % 997} others.\n`;
    if (fact) facts.push({ name: `FACT-${i}`, line: 2 * i + 1 });
    const place = { index: i, part: 0, startLine: 2 * i + 1, endLine: 2 * i + 2 };
    chunks.push({ ...place, text, context: '', tokens: 45, priority: (Math.imul(i, 0x9e3779b1) >>> 8) / 2 ** 24 });
  }
  const part = { uri: 'file:///many.md', title: 'many.md', startLine: 1, text: '' };
  const figures = { lines: 2 * count, foldedLines: 0, masked: 0, invisible: 0, length: 100 * count };
  const prepared: PreparedPart = { kind: 'prose', chunks, ...figures, facts: '' };
  return { source: { title: 'many.md', parts: [part], skipped: [], shape: 'text' }, prepared, facts };
}

describe('under load', function () {
  this.timeout(120_000);

  it('200 runs that start together all end, share the lanes, and lose nothing', async () => {
    const document = await documentWith(24_000, 8);
    const provider = await startProvider({ flavour: 'compatible', keepBodies: false, latency: { firstTokenMs: 10 } });
    const shared = scheduler();
    try {
      const results = await Promise.all(
        Array.from({ length: 200 }, () =>
          runEngine(document.source, {
            url: provider.url,
            contextWindow: 4_096,
            cache: memoryCache(),
            ports: { scheduler: shared, mapScheduler: shared, prepare: () => Promise.resolve(document.prepared) },
          }),
        ),
      );
      for (const { result } of results)
        assert.deepEqual(
          [result.status, factsIn(result.markdown, document.facts).length],
          ['complete', document.facts.length],
        );
      assert.ok(provider.peakRequests <= lanes, `${provider.peakRequests} requests at once`);
      assert.equal(provider.openRequests, 0);
    } finally {
      await provider.close();
    }
  });

  it('one run of 20,000 chunks ends, loses nothing, and leaves the thread free', async () => {
    const document = manyChunks(20_000);
    const provider = await startProvider({ flavour: 'compatible', keepBodies: false });
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    try {
      const setup = { document, window: 128_000, wire: 'chat', factor: 1, grammar: false } as const;
      const played = await playOn(provider, setup, { provider: wires.chat.provider, model: 'm' });
      delay.disable();
      checkNothingLost(setup, played);
      assert.equal(played.result?.status, 'complete');
      assert.equal(played.result.gaps.length, 0);
      // The server of the test answers on the same thread, so this is only a fence against what grows with the square.
      assert.ok(delay.max / 1e6 < 2_000, `the thread was blocked for ${Math.round(delay.max / 1e6)} ms`);
    } finally {
      await provider.close();
    }
  });

  it('a hundred runs with faults at random leave no memory, timer or connection behind', async () => {
    const { heapBefore, heapAfter, left, statuses } = await soak(100, 11);
    assert.ok((statuses['complete'] ?? 0) > 50, JSON.stringify(statuses));
    assert.ok(heapAfter < heapBefore * 1.1, `heap ${heapBefore} → ${heapAfter}`);
    assert.deepEqual(
      left.filter((one) => one === 'Timeout' || one === 'TCPServerWrap'),
      [],
    );
  });
});
