import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createCachedQuery } from '../../../src/providers/cachedQuery.ts';
import { getCatalogLimits } from '../../../src/providers/catalog.ts';
import { checkKeyText, parseEndpoint } from '../../../src/providers/endpoint.ts';
import { createCancelledError } from '../../../src/providers/errors.ts';
import { createGuardedFetch } from '../../../src/providers/http.ts';
import { loadProviders, providerIds } from '../../../src/providers/index.ts';
import { checkNotCut, getOutputRoom } from '../../../src/providers/limits.ts';
import { presets } from '../../../src/providers/presets.ts';
import { readEvents, type ServerEvent } from '../../../src/providers/stream.ts';
import { createThinkFilter } from '../../../src/providers/wires/think.ts';
import { call } from '../../support/conformance.ts';

const seed = 20261124;

describe('tagged thinking', () => {
  const shown = (pieces: readonly string[]): string => {
    const filter = createThinkFilter();
    return pieces.map((piece) => filter.push(piece)).join('') + filter.end();
  };
  function checkShown(text: string, expected: string): void {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: text.length }), { maxLength: 6 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), text.length];
        assert.equal(shown(at.slice(1).map((end, n) => text.slice(at[n], end))), expected);
      }),
      { seed, numRuns: 60 },
    );
  }
  it('is left out at the beginning of an answer, however it is cut', () => {
    checkShown('<think>I wonder.\n</think>\n\nThe answer.', 'The answer.');
    checkShown('\n<Thinking>a < b</Thinking>It is.', 'It is.');
    checkShown('<think></think>It is.', 'It is.');
  });
  it('is left alone anywhere else', () => {
    checkShown('The tag <think>x</think> is HTML-like.', 'The tag <think>x</think> is HTML-like.');
    checkShown('<thin', '<thin');
    checkShown('<table>', '<table>');
    checkShown('', '');
  });
  it('whose opening tag stands in the prompt is void when it ends, however it is cut', () => {
    const text = 'Okay, a < b. The tag </thin is no end.\nFine.\n</think>\n\nThe answer has `</think>` in it.\n';
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: text.length }), { maxLength: 8 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), text.length];
        let answer = '';
        let voids = 0;
        let isVoid = false;
        const filter = createThinkFilter(false, () => (isVoid = true));
        for (const piece of at.slice(1).map((end, n) => text.slice(at[n], end))) {
          const shown = filter.push(piece);
          answer = isVoid ? shown : answer + shown;
          voids += Number(isVoid);
          isVoid = false;
        }
        assert.deepEqual([answer + filter.end(), voids], ['The answer has `</think>` in it.\n', 1]);
      }),
      { seed, numRuns: 100 },
    );
  });
  it('is waited for where a model is known to begin with it, and is the answer where none ends', () => {
    const known = (pieces: readonly string[], whole: boolean): string => {
      const filter = createThinkFilter(true);
      return pieces.map((piece) => filter.push(piece)).join('') + filter.end(whole);
    };
    assert.equal(known(['Okay', '.\n</thi', 'nk>\n', '\nIt is.'], true), 'It is.');
    assert.equal(known(['It is', ' so.'], true), 'It is so.');
    assert.equal(known(['Okay, and', ' on'], false), '');
  });
  it('that never ends is never shown', () => {
    checkShown('<think>and on and on', '');
  });
});

describe('server-sent events', () => {
  const wire =
    ': hello\r\n\r\nevent: a\r\ndata: {"x":"é"}\r\n\r\ndata: one\rdata: two\r\r\ndata:no space\nid: 4\n\n: ping\n\ndata: last 東';
  async function eventsOf(text: string): Promise<ServerEvent[]> {
    const events: ServerEvent[] = [];
    for await (const event of readEvents(new Response(text), 'h', new AbortController().signal)) {
      events.push(event);
    }
    return events.filter((event) => event !== 'pulse');
  }
  const expected: ServerEvent[] = [
    { event: 'a', data: '{"x":"é"}' },
    { event: '', data: 'one\ntwo' },
    { event: '', data: 'no space' },
    { event: '', data: 'last 東' },
  ];
  it('are read the same however their bytes are cut', async () => {
    const bytes = new TextEncoder().encode(wire);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 12 }), async (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const body = new ReadableStream<Uint8Array>({
          start(controller) {
            at.slice(1).forEach((end, n) => controller.enqueue(bytes.slice(at[n], end)));
            controller.close();
          },
        });
        const events: ServerEvent[] = [];
        for await (const event of readEvents(new Response(body), 'h', new AbortController().signal)) {
          if (event !== 'pulse') events.push(event);
        }
        assert.deepEqual(events, expected);
      }),
      { seed, numRuns: 100 },
    );
  });
  it('are told apart where the empty line between them is missing', async () => {
    const events = await eventsOf('data: {"a":1}\ndata: {"b":\ndata: 2}\ndata: [DONE]\n');
    assert.deepEqual(
      events.map((event) => (event as { data: string }).data),
      ['{"a":1}', '{"b":\n2}', '[DONE]'],
    );
  });
  it('may be one JSON instead, on one line or many', async () => {
    for (const json of ['{"a":{"b":1}}', '\n{\n  "a": {\n\n    "b": 1 }\n}\n']) {
      const [event, ...more] = await eventsOf(json);
      assert.deepEqual([JSON.parse((event as { data: string }).data), more], [{ a: { b: 1 } }, []]);
    }
  });
  it('are read out behind the last that matters, so that the connection serves again, unless they go on', async () => {
    const read = async (goesOn: boolean): Promise<string> => {
      let end: (how: string) => void = () => undefined;
      const ended = new Promise<string>((resolve) => (end = resolve));
      let pieces = 0;
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          await new Promise((resolve) => setImmediate(resolve));
          controller.enqueue(new TextEncoder().encode(`data: ${pieces}\n\n`));
          if (++pieces === 3 && !goesOn) {
            controller.close();
            end('read');
          }
        },
        cancel: () => end('cancelled'),
      });
      for await (const event of readEvents(new Response(body), 'h', new AbortController().signal)) {
        assert.deepEqual(event, { event: '', data: '0' });
        break;
      }
      return ended;
    };
    assert.deepEqual([await read(false), await read(true)], ['read', 'cancelled']);
  });
  it('are not sought in a web page, whatever it is called', async () => {
    await assert.rejects(eventsOf('\n<!DOCTYPE html>\n<html><body>Sign in</body></html>'), {
      kind: 'network',
      message: /web page/,
    });
  });
});

describe('an address', () => {
  it('is read with or without a version and slashes', () => {
    const base = (url: string): string => parseEndpoint(url, '', '/v1').base;
    assert.equal(base('http://localhost:11434'), 'http://localhost:11434/v1');
    assert.equal(base(' https://a.example/openai/v1/ '), 'https://a.example/openai/v1');
    assert.equal(parseEndpoint('http://localhost:1234/v1', '').root, 'http://localhost:1234');
    assert.equal(parseEndpoint('https://a.example/x/v1?api-version=2', '').query['api-version'], '2');
  });
  it('is refused where it holds a password or would carry a key in the open', () => {
    for (const [url, key] of [
      ['ftp://a.example', ''],
      ['nonsense', ''],
      ['https://user:pw@a.example', ''],
      ['https://a.example/#x', ''],
      ['http://a.example/v1', 'sk-1'],
    ] as const) {
      assert.throws(() => parseEndpoint(url, key), { kind: 'bad-request' }, url);
    }
    assert.equal(parseEndpoint('http://192.168.1.4:8000/v1', 'sk-1').local, true);
    assert.equal(parseEndpoint('http://127.0.0.1:8000/v1', 'sk-1').loopback, true);
  });
  it('of a key with characters that no key has is not quoted', () => {
    assert.equal(checkKeyText(' sk-1\n'), 'sk-1');
    assert.throws(
      () => checkKeyText('sk-1\nX-Evil: 1'),
      (error: Error) => !error.message.includes('sk-1'),
    );
  });
});

describe('sizes of a call', () => {
  const limits = { ...getCatalogLimits('gpt-6.1-terra', false), contextWindow: 10_000, maxOutputTokens: 4000 };
  it('never ask for more output than the window or the model holds', () => {
    assert.equal(getOutputRoom(call({ maxTokens: 500, inputTokens: 1000, effort: 'low' }), limits), 2500);
    assert.equal(getOutputRoom(call({ maxTokens: 500, inputTokens: 8000, effort: 'low' }), limits), 1200);
    assert.equal(getOutputRoom(call({ maxTokens: 500, inputTokens: 1000, effort: 'medium' }), limits), 4000);
    assert.ok(getOutputRoom(call({ maxTokens: 500, inputTokens: 50_000 }), limits) > 0);
  });
  it('give away a prompt that was cut, but not a wrong estimate of a short one', () => {
    const user = 'some words '.repeat(4_000);
    assert.throws(() => checkNotCut(call({ user, inputTokens: 10_000 }), 4096, 'h'), {
      kind: 'too-long',
      limitTokens: 4096,
    });
    checkNotCut(call({ user, inputTokens: 10_000 }), 7000, 'h');
    checkNotCut(call({ user: 'short', inputTokens: 800 }), 100, 'h');
    checkNotCut(call({ user, inputTokens: 10_000 }), 40, 'h');
  });
  it('take a server that counts in its own way for no cutter', () => {
    const user = '4711;42.75;0x1f\n'.repeat(600);
    checkNotCut(call({ user, inputTokens: 7_000 }), Math.ceil(user.length / 4), 'h');
  });
  it('say nothing of a prompt whose count is unknown', () => {
    checkNotCut(call({ inputTokens: 10_000 }), undefined, 'h');
  });
});

describe('a question to a server', () => {
  it('is asked once for all calls, and again when it failed', async () => {
    let count = 0;
    const question = createCachedQuery(async () => {
      count++;
      await Promise.resolve();
      if (count === 1) {
        throw new Error('busy');
      }
      return count;
    });
    const { signal } = new AbortController();
    await assert.rejects(question.get(signal), /busy/);
    assert.deepEqual(await Promise.all([question.get(signal), question.get(signal)]), [2, 2]);
    question.forget();
    assert.equal(await question.get(signal), 3);
    assert.equal(await question.get(signal), 3);
  });
  it('that one caller cancels is still answered to the other', async () => {
    let answer = (_: string): void => assert.fail('nothing was asked');
    const question = createCachedQuery(
      (signal: AbortSignal) =>
        new Promise<string>((resolve, reject) => {
          signal.addEventListener('abort', () => reject(createCancelledError()), { once: true });
          answer = resolve;
        }),
    );
    const first = new AbortController();
    const one = question.get(first.signal);
    const two = question.get(new AbortController().signal);
    first.abort();
    await assert.rejects(one, { kind: 'cancelled' });
    answer('here');
    assert.equal(await two, 'here');
  });
});

describe('the way out', () => {
  it('reads an error whose body never ends', async () => {
    let cancelledBody = false;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(16_384).fill(32)),
      cancel: () => void (cancelledBody = true),
    });
    const endless: typeof fetch = () => Promise.resolve(new Response(body, { status: 503 }));
    const way = createGuardedFetch(endless, { base: 'http://h', host: 'h' }, {});
    await assert.rejects(way('http://h/v1'), { kind: 'overloaded', status: 503 });
    assert.equal(cancelledBody, true);
  });
  it('leads to no other host, even where the server names one', async () => {
    const none: typeof fetch = () => Promise.reject(new Error('sent'));
    const guarded = createGuardedFetch(none, parseEndpoint('https://a.example/v1', ''), {});
    for (const url of [
      'https://b.example/v1/results',
      'http://a.example/v1',
      'https://a.example:444/v1',
      'https://a.example.b.example/',
    ]) {
      await assert.rejects(guarded(url), { kind: 'bad-request' }, url);
    }
    await assert.rejects(guarded('https://a.example/other'), /sent/);
  });
});

describe('the table of providers', () => {
  it('has each of them once, ready to be offered', async () => {
    const all = await loadProviders({});
    assert.deepEqual(
      all.map(({ id }) => id),
      providerIds.filter((id) => id !== 'vscode'),
    );
    assert.ok(all.every(({ label }) => label !== ''));
  });
  it('has presets with addresses that can be used, each once, and a page that helps', () => {
    const bases = presets.map(({ baseUrl, needsKey }) => {
      const url = baseUrl.replace(/\{\w+\}/g, 'mine');
      return parseEndpoint(url, needsKey ? 'sk-1' : '', '/v1').base;
    });
    assert.equal(new Set(bases).size, presets.length);
    assert.deepEqual(
      presets.filter(({ help }) => !help.startsWith('https://')),
      [],
    );
  });
});
