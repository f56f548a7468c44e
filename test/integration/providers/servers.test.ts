import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { loadProvider } from '../../../src/providers/index.ts';
import type { ModelCall } from '../../../src/engine/model.ts';
import type { ProviderConfig } from '../../../src/providers/provider.ts';
import { startProvider, type ProviderOptions, type SimulatedProvider } from '../../support/provider/index.ts';
import { call, config, memory, outcome, plantedKey, type Outcome } from '../../support/conformance.ts';

const forever = new AbortController().signal;
const long = (): Partial<ModelCall> => ({
  user: `[1]\n${'The pump in hall 4 was replaced. '.repeat(1500)}\n\nSummarize.`,
  inputTokens: 12_000,
});

let server: SimulatedProvider;
function play(options: ProviderOptions): void {
  const none: ProviderOptions = {
    apiKey: undefined,
    anthropicAuth: 'both',
    contextWindow: 8192,
    defaultNumCtx: 4096,
    models: undefined,
    faults: [],
    refuses: [],
  };
  server.reset({ ...none, ...options });
}
async function compatible(path: string, more: Partial<ProviderConfig> = {}) {
  return (await loadProvider('openai-compatible', {})).create(config(server.url + path, 'some-model', more));
}
async function checkWindow(options: ProviderOptions, contextWindow: number): Promise<void> {
  play({ models: { 'some-model': {} }, ...options });
  const limits = await (await compatible('/v1')).limits(forever);
  assert.equal(limits.contextWindow, contextWindow);
  assert.equal(limits.known, true);
}

describe('servers as their users have them', () => {
  before(async () => {
    server = await startProvider({});
  });
  after(() => server.close());

  describe('windows', testWindows);
  describe('thinking and silence', testSilence);
  describe('keys and dialects', testDialects);
  describe('costs and lists', testCosts);
});

function testWindows(): void {
  it('tell their window: vLLM, LM Studio, llama.cpp, Ollama', async () => {
    await checkWindow({ flavour: 'vllm', contextWindow: 12_288 }, 12_288);
    await checkWindow({ flavour: 'lmstudio', contextWindow: 6144 }, 6144);
    await checkWindow({ flavour: 'llamacpp', contextWindow: 10_240 }, 10_240);
    await checkWindow({ flavour: 'ollama', contextWindow: 40_960 }, 40_960);
  });

  it('are Ollama with or without /v1, and get one window for the whole run, large enough for its largest call', async () => {
    for (const path of ['', '/', '/v1', '/v1/']) {
      play({ flavour: 'ollama', contextWindow: 40_960 });
      const model = await compatible(path);
      await outcome(model, call({ runWindow: 9000 }));
      await outcome(model, call({ ...long(), inputTokens: 8000, maxTokens: 500, runWindow: 9000 }));
      const windows = server.calls.map(({ body }) => (body as { options: { num_ctx: number } }).options.num_ctx);
      assert.deepEqual(
        server.calls.map((asked) => asked.path),
        ['/api/chat', '/api/chat'],
      );
      assert.equal(windows[0], windows[1]);
      assert.ok((windows[0] ?? 0) >= 9000 && (windows[0] ?? 0) <= 12_288, String(windows[0]));
    }
  });

  it('are found out when they cut the prompt and say nothing', async () => {
    play({ flavour: 'ollama', contextWindow: 4096 });
    // A call that the plan made before it knew better.
    const { error } = await outcome(await compatible('/v1'), call({ ...long(), runWindow: 4096 }));
    assert.equal(error?.kind, 'too-long');
    assert.ok((error?.limitTokens ?? 0) <= 4096);
    assert.match(error?.message ?? '', /read only \d+ of about 12000 tokens/);
  });

  it('are believed where they leave cached tokens out of their count', async () => {
    const answer = [
      { message: { role: 'assistant', content: 'Fine.' }, done: false },
      { message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop', prompt_eval_count: 40 },
    ];
    const spy: typeof fetch = (input, init) =>
      (input as string).endsWith('/api/chat')
        ? Promise.resolve(new Response(answer.map((line) => `${JSON.stringify(line)}\n`).join('')))
        : fetch(input, init);
    play({ flavour: 'ollama', contextWindow: 40_960 });
    const { text, error } = await outcome(await compatible('/v1', { fetch: spy }), call(long()));
    assert.deepEqual([text, error], ['Fine.', undefined]);
  });
}

function testSilence(): void {
  it('that turn out to think get room for it from the next call on', async () => {
    play({ flavour: 'compatible', faults: [{ kind: 'reasoning' }] });
    const model = await compatible('/v1');
    await outcome(model, call({ maxTokens: 300 }));
    await outcome(model, call({ maxTokens: 300 }));
    const bodies = server.calls.map(({ body }) => body as Record<string, unknown>);
    assert.deepEqual(
      bodies.map((body) => body['max_tokens']),
      [300, 2300],
    );
  });

  it('whose models begin within a thought are found out, and from the next call on it is not shown', async () => {
    play({ flavour: 'compatible', faults: [{ kind: 'think-begun', times: 2 }] });
    const model = await compatible('/v1');
    const first = await outcome(model);
    const second = await outcome(model);
    const third = await outcome(model);
    const voids = [first, second, third].map(({ events }) => events.filter(({ type }) => type === 'retract').length);
    assert.deepEqual(voids, [1, 0, 0]);
    assert.match(first.text, /pump in hall 4/);
    assert.equal(second.text, first.text);
    assert.equal(third.text, first.text, 'where it thinks no longer, the answer is whole all the same');
  });

  it('that are silent to all but requests for answers are believed to be there, but not for ever', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const paths: string[] = [];
      const silence = (signal: AbortSignal | null | undefined): Promise<Response> =>
        new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError'))));
      let dead = true;
      const spy: typeof fetch = (input, init) => {
        paths.push(new URL(input as string).pathname);
        const piece = {
          choices: [{ delta: { content: 'Fine.' }, finish_reason: 'stop' }],
          usage: { prompt_tokens: 9 },
        };
        const answers = paths.at(-1) === '/v1/chat/completions' && !dead;
        return answers ? Promise.resolve(new Response(`data: ${JSON.stringify(piece)}\n\n`)) : silence(init?.signal);
      };
      const model = (await loadProvider('openai-compatible', {})).create(
        config('http://h.local', 'some-model', { fetch: spy }),
      );
      const ended = async (): Promise<Outcome> => {
        const end = outcome(await model);
        let over = false;
        void end.finally(() => (over = true));
        while (!over) {
          await new Promise((resolve) => setImmediate(resolve));
          mock.timers.tick(1000);
        }
        return end;
      };
      const first = await ended();
      assert.match(first.error?.message ?? '', /accepted the connection and did not answer/);
      dead = false;
      assert.equal((await ended()).text, 'Fine.');
      assert.deepEqual(paths, ['/api/version', '/api/version', '/v1/chat/completions', '/v1/chat/completions']);
    } finally {
      mock.timers.reset();
    }
  });
}

function testDialects(): void {
  it('need no key where none is', async () => {
    play({ flavour: 'compatible' });
    const sent: Headers[] = [];
    const spy: typeof fetch = (input, init) => {
      sent.push(new Headers(init?.headers));
      return fetch(input, init);
    };
    const { error } = await outcome(await compatible('/v1', { apiKey: '', fetch: spy }));
    assert.equal(error, undefined, error?.message);
    assert.ok(sent.every((headers) => !headers.has('authorization') && !headers.has('x-api-key')));
  });

  it('without the Responses API are spoken to in Chat Completions, and that is remembered', async () => {
    play({ flavour: 'compatible' });
    const remembered = memory();
    const provider = await loadProvider('openai', {});
    for (let run = 0; run < 2; run++) {
      const { error } = await outcome(
        await provider.create(config(`${server.url}/v1`, 'gpt-6.1-terra', { memory: remembered })),
      );
      assert.equal(error, undefined, error?.message);
    }
    const paths = server.journal.map(({ path }) => path).filter((path) => path !== '/v1/models');
    assert.deepEqual(paths, ['/v1/responses', '/v1/chat/completions', '/v1/chat/completions']);
  });

  it('of an older Anthropic dialect get x-api-key, and that is remembered', async () => {
    play({ flavour: 'anthropic', anthropicAuth: 'x-api-key', apiKey: plantedKey });
    const remembered = memory();
    const provider = await loadProvider('anthropic', {});
    for (let run = 0; run < 2; run++) {
      const model = await provider.create(
        config(server.url, 'claude-sonnet-5-5', { memory: remembered, contextWindow: 50_000 }),
      );
      const { error } = await outcome(model);
      assert.equal(error, undefined, error?.message);
    }
    assert.deepEqual(
      server.calls.map(({ credential }) => credential),
      ['bearer', 'x-api-key', 'x-api-key'],
    );
    assert.equal(server.calls.at(-1)?.headers['anthropic-version'], '2023-06-01');
  });
}

function testCosts(): void {
  it('keep nothing: store is false, and map calls write no prompt cache', async () => {
    play({ flavour: 'openai' });
    const model = await (await loadProvider('openai', {})).create(config(`${server.url}/v1`, 'gpt-6.1-terra'));
    await outcome(model, call({ stage: 'map' }));
    const body = server.calls[0]?.body as Record<string, unknown>;
    assert.equal(body['store'], false);
    assert.deepEqual(body['prompt_cache_options'], { mode: 'explicit' });
    assert.ok(!JSON.stringify(body).includes('prompt_cache_breakpoint'));
  });

  it('get a breakpoint after a text that comes back', async () => {
    const text = 'The text that comes back. ';
    const asked = call({ user: `${text}Summarize.`, reusable: true, reusableLength: text.length });
    play({ flavour: 'openai' });
    await outcome(await (await loadProvider('openai', {})).create(config(`${server.url}/v1`, 'gpt-6.1-terra')), asked);
    const input = (server.calls[0]?.body as { input: { content: unknown }[] }).input[0]?.content;
    assert.deepEqual(input, [
      { type: 'input_text', text, prompt_cache_breakpoint: { mode: 'explicit' } },
      { type: 'input_text', text: 'Summarize.' },
    ]);
    play({ flavour: 'anthropic' });
    await outcome(await (await loadProvider('anthropic', {})).create(config(server.url, 'claude-sonnet-5-5')), asked);
    const content = (server.calls[0]?.body as { messages: { content: unknown }[] }).messages[0]?.content;
    assert.deepEqual(content, [
      { type: 'text', text, cache_control: { type: 'ephemeral' } },
      { type: 'text', text: 'Summarize.' },
    ]);
  });

  it('that think get room for it, and no stop', async () => {
    play({ flavour: 'openai' });
    const provider = await loadProvider('openai', {});
    const model = await provider.create(config(`${server.url}/v1`, 'gpt-6.1-terra'));
    await outcome(model, call({ maxTokens: 300, effort: 'low', stop: '<<end>>' }));
    await outcome(model, call({ maxTokens: 300, effort: 'medium' }));
    const bodies = server.calls.map(({ body }) => body as Record<string, unknown>);
    assert.deepEqual(
      bodies.map((body) => body['max_output_tokens']),
      [2300, 8300],
    );
    assert.deepEqual(
      bodies.map((body) => body['reasoning']),
      [{ effort: 'low' }, { effort: 'medium' }],
    );
    assert.ok(bodies.every((body) => !('stop' in body) && !('temperature' in body)));
  });

  it('list their models, and a free call tells whether a key is good', async () => {
    for (const [id, flavour, path] of [
      ['openai', 'openai', '/v1'],
      ['anthropic', 'anthropic', ''],
      ['openai-compatible', 'compatible', '/v1'],
      ['openai-compatible', 'ollama', ''],
    ] as const) {
      play({
        flavour,
        apiKey: flavour === 'ollama' ? undefined : plantedKey,
        models: { 'gpt-6.1-terra': {}, 'claude-sonnet-5-5': {} },
      });
      const provider = await loadProvider(id, {});
      const models = await provider.listModels(config(server.url + path, ''), forever);
      assert.ok(models.length > 0 && models.every((model) => model.id !== ''), id);
      await provider.checkKey(config(server.url + path, ''), forever);
      if (flavour !== 'ollama') {
        await assert.rejects(provider.checkKey(config(server.url + path, '', { apiKey: 'sk-wrong' }), forever), {
          kind: 'auth',
        });
      }
      assert.equal(server.calls.length, 0, 'free');
    }
  });
}
