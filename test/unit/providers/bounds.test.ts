import assert from 'node:assert/strict';
import { loadProvider } from '../../../src/providers/index.ts';
import { createGuardedFetch, sendJson } from '../../../src/providers/http.ts';
import { learnLimit, recall } from '../../../src/providers/limitMemory.ts';
import { readEvents } from '../../../src/providers/stream.ts';
import { call, config, memory, outcome, plantedKey } from '../../support/conformance.ts';
import { measureMsAsync } from '../../support/processorTime.ts';

const forever = new AbortController().signal;
const openAi = (body: object, status = 400): Response => Response.json(body, { status });

/** A body that never ends. */
function endless(piece: string): { body: ReadableStream<Uint8Array>; read: () => number; cancelled: () => boolean } {
  const bytes = new TextEncoder().encode(piece);
  let read = 0;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      read += bytes.length;
      controller.enqueue(bytes);
    },
    cancel: () => void (cancelled = true),
  });
  return { body, read: () => read, cancelled: () => cancelled };
}

describe('bounds of what a server may send', () => {
  it('end a list of models that does not end', async () => {
    const stream = endless(' '.repeat(65_536));
    const fetch: typeof globalThis.fetch = () => Promise.resolve(new Response(stream.body));
    await assert.rejects(sendJson({ fetch, host: 'h', url: 'http://h/models', signal: forever }), { code: 'endless' });
    assert.ok(stream.read() < 20_000_000 && stream.cancelled());
  });
  it('end a line that does not end', async () => {
    for (const piece of ['data: ' + 'x'.repeat(65_536), ': ' + 'x'.repeat(65_536), '{"a":"' + 'x'.repeat(65_536)]) {
      const stream = endless(piece);
      for await (const event of readEvents(new Response(stream.body), 'h', forever)) assert.ok(event);
      assert.ok(stream.read() < 40_000_000, piece.slice(0, 8));
    }
  });
  it('read a long event in linear time, in however many packets it comes', async () => {
    const read = async (packets: number): Promise<void> => {
      let sent = 0;
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          if (sent++ === packets) controller.close();
          else controller.enqueue(new TextEncoder().encode(sent === 1 ? 'data: "' : 'x'.repeat(1000)));
        },
      });
      for await (const event of readEvents(new Response(body), 'h', forever)) assert.ok(event);
    };
    await read(200);
    const [small, large] = [await measureMsAsync(() => read(500)), await measureMsAsync(() => read(4000))];
    assert.ok(large < small * 40 + 100, `${small} ms, eight times as much ${large} ms`);
  });
  it('end thoughts that do not end', async () => {
    const piece = `data: ${JSON.stringify({ choices: [{ delta: { content: '<think>'.padEnd(9000, 'x') } }] })}\n\n`;
    const stream = endless(piece);
    const fetch: typeof globalThis.fetch = (input) =>
      Promise.resolve(String(input).endsWith('completions') ? new Response(stream.body) : openAi({}, 404));
    const model = await (
      await loadProvider('openai-compatible', {})
    ).create(config('http://h.local/v1', 'm', { fetch }));
    const { text, finish } = await outcome(model, call({ maxTokens: 300 }));
    assert.deepEqual([text, finish?.cutBy], ['', 'runaway']);
  });
  it('end a server that names an ever smaller limit after eight requests', async () => {
    let limit = 100_000;
    let asked = 0;
    const fetch: typeof globalThis.fetch = (input) => {
      if (!String(input).endsWith('completions')) return Promise.resolve(openAi({}, 404));
      asked++;
      limit -= 7;
      return Promise.resolve(openAi({ error: { message: `max_tokens must be less than or equal to ${limit}` } }));
    };
    const model = await (
      await loadProvider('openai-compatible', {})
    ).create(config('http://h.local/v1', 'm', { fetch }));
    const { error } = await outcome(model);
    assert.equal(error?.kind, 'bad-request');
    assert.ok(asked <= 8, String(asked));
  });
  it('take no count that cannot be true', async () => {
    const usage = { prompt_tokens: 1e308, completion_tokens: -3 };
    const answer = { choices: [{ message: { content: 'Fine.' }, finish_reason: 'stop' }], usage };
    const fetch: typeof globalThis.fetch = (input) =>
      Promise.resolve(String(input).endsWith('completions') ? Response.json(answer) : openAi({}, 404));
    const model = await (
      await loadProvider('openai-compatible', {})
    ).create(config('http://h.local/v1', 'm', { fetch }));
    const { finish } = await outcome(model);
    assert.deepEqual([finish?.usage.inputTokens, finish?.usage.estimated], [60, true]);
  });
  it('take no id of a request that repeats the key', async () => {
    for (const status of [200, 500]) {
      const headers = { 'x-request-id': `a-${plantedKey}` };
      const fetch: typeof globalThis.fetch = () => Promise.resolve(new Response('{}', { status, headers }));
      const guarded = createGuardedFetch(
        fetch,
        { base: 'http://h', host: 'h' },
        { authorization: `Bearer ${plantedKey}` },
      );
      const got = await guarded('http://h/x').then(
        (response) => response.headers.get('x-request-id') ?? undefined,
        (error: { requestId?: string }) => error.requestId,
      );
      assert.equal(got, undefined);
    }
  });
});

describe('a limit that a server claimed', () => {
  const now = Date.parse('2026-11-30T12:00:00Z');
  it('holds for a day', () => {
    const store = memory();
    learnLimit(store, 'k', 4096, now);
    assert.equal(recall(store, 'k', now + 23 * 3_600_000), 4096);
    assert.equal(recall(store, 'k', now + 25 * 3_600_000), undefined);
  });
  it('is no limit where it is no number of tokens, or was stored by an older version', () => {
    const store = memory();
    for (const value of [Number.NaN, 0, -1, 1e308]) learnLimit(store, 'k', value, now);
    assert.equal(recall(store, 'k', now), undefined);
    store.set('k', 128);
    assert.equal(recall(store, 'k', now), undefined);
  });
});
