import assert from 'node:assert/strict';
import type { ChatModel, ModelCall } from '../../../src/engine/model.ts';
import type { ProviderId } from '../../../src/contributions.ts';
import { loadProvider } from '../../../src/providers/index.ts';
import type { ProviderConfig } from '../../../src/providers/provider.ts';
import { call, config, memory, outcome } from '../../support/conformance.ts';

type Json = Record<string, unknown>;
interface Request {
  readonly method: string;
  readonly path: string;
  readonly body: Json;
}
const forever = new AbortController().signal;
const text = '- The pump P-77 arrives on 9 December. [1]';

/** A server that answers from a function; undefined is a 404. */
function scripted(answer: (request: Request, asked: readonly Request[]) => Response | undefined) {
  const asked: Request[] = [];
  const fetch: typeof globalThis.fetch = (input, init) => {
    const body = typeof init?.body === 'string' ? (JSON.parse(init.body) as Json) : {};
    const request = { method: init?.method ?? 'GET', path: new URL(String(input)).pathname, body };
    asked.push(request);
    return Promise.resolve(answer(request, asked) ?? Response.json({ detail: 'Not Found' }, { status: 404 }));
  };
  return { asked, fetch, paths: () => asked.map(({ path }) => path) };
}
async function make(
  server: { fetch: typeof globalThis.fetch },
  more: Partial<ProviderConfig> = {},
  id: ProviderId = 'openai-compatible',
): Promise<ChatModel> {
  return (await loadProvider(id, {})).create(config('http://h.local/v1', 'm', { fetch: server.fetch, ...more }));
}
const sse = (...events: readonly (object | string)[]): Response =>
  new Response(events.map((e) => `data: ${typeof e === 'string' ? e : JSON.stringify(e)}\n\n`).join(''));
const chunk = (content: string, finish: string | null = null, usage?: object): object => ({
  choices: [{ index: 0, delta: { content }, finish_reason: finish }],
  ...(usage === undefined ? {} : { usage }),
});
const counts = (input: number, output: number): object => ({ prompt_tokens: input, completion_tokens: output });
const isChat = ({ path }: Request): boolean => path.endsWith('/chat/completions');
const fail = (status: number, message: string, more: object = {}): Response =>
  Response.json({ error: { message, ...more } }, { status });
const long = (more: Partial<ModelCall> = {}): ModelCall => call({ inputTokens: 2000, maxTokens: 2000, ...more });

describe('a server that lacks a wire', () => {
  it('is spoken to in Chat Completions where it only looks like Ollama, and that is remembered', async () => {
    const server = scripted((request) => {
      if (request.path === '/api/version') return Response.json({ version: '0.12.10' });
      if (request.path === '/api/tags') return Response.json({ models: [{ name: 'm' }] });
      return isChat(request) ? sse(chunk(text, 'stop'), '[DONE]') : undefined;
    });
    const kept = memory();
    for (let run = 0; run < 2; run++) {
      assert.equal((await outcome(await make(server, { memory: kept }))).text, text);
    }
    assert.equal(server.paths().filter((path) => path === '/api/chat').length, 1);
  });
  it('is spoken to in Responses where it has nothing else', async () => {
    const server = scripted(({ path }) =>
      path === '/v1/responses'
        ? Response.json({
            status: 'completed',
            output: [{ type: 'message', content: [{ type: 'output_text', text }] }],
          })
        : undefined,
    );
    const model = await make(server);
    assert.equal((await outcome(model)).text, text);
    assert.equal((await outcome(model)).text, text);
    assert.equal(server.paths().filter((path) => path === '/v1/chat/completions').length, 1);
  });
  it('is not spoken to otherwise because a model is missing', async () => {
    const server = scripted((request) => (isChat(request) ? fail(404, "model 'm' not found") : undefined));
    assert.equal((await outcome(await make(server))).error?.kind, 'no-model');
    assert.ok(!server.paths().includes('/v1/responses'));
  });
});

describe('what a server says about itself', () => {
  it('is asked once an address and session, for all models and runs', async () => {
    const server = scripted((request) => (isChat(request) ? sse(chunk(text, 'stop')) : undefined));
    const kept = memory();
    const one = { memory: kept, account: 'one' };
    const models = await Promise.all([make(server, one), make(server, { ...one, model: 'n' })]);
    await Promise.all(models.map((model) => model.limits(forever)));
    await (await make(server, one)).limits(forever);
    const probes = server.asked.filter((request) => !isChat(request)).map(({ path }) => path);
    assert.equal(new Set(probes).size, probes.length, probes.join(' '));
  });
  it('is not asked on after a key was refused', async () => {
    const server = scripted(() => fail(401, 'Incorrect API key provided'));
    const { error } = await outcome(await make(server));
    assert.equal(error?.kind, 'auth');
    assert.deepEqual(server.paths(), ['/api/version', '/v1/chat/completions']);
  });
  it('is asked again where it is still loading', async () => {
    const server = scripted((request, asked) => {
      if (asked.length < 2) return fail(503, 'Loading model');
      return request.path === '/props'
        ? Response.json({ default_generation_settings: { n_ctx: 4096 }, total_slots: 2 })
        : undefined;
    });
    const limits = await (await make(server)).limits(forever);
    assert.deepEqual([limits.contextWindow, limits.known, limits.slots], [4096, true, 2]);
  });
  const rows: readonly [server: string, row: object, window: number, output?: number][] = [
    ['LiteLLM', { max_input_tokens: 1500, max_output_tokens: 300 }, 1500, 300],
    ['vLLM', { max_model_len: 12_288 }, 12_288],
    ['LM Studio', { loaded_context_length: 6144, max_context_length: 131_072 }, 6144],
    [
      'OpenRouter',
      { context_length: 200_000, top_provider: { context_length: 100_000, max_completion_tokens: 9000 } },
      100_000,
      9000,
    ],
    ['Groq', { context_window: 131_072, max_completion_tokens: 32_768 }, 131_072, 32_768],
    ['llama.cpp', { meta: { n_ctx: 8192, n_ctx_train: 131_072 } }, 8192],
    ['Mistral', { max_context_length: 32_768 }, 32_768],
    ['Gemini', { inputTokenLimit: 1_048_576, outputTokenLimit: 65_536 }, 1_048_576, 65_536],
    ['DeepInfra', { metadata: { context_length: 65_536, max_tokens: 4096 } }, 65_536, 4096],
    ['a liar', { context_length: 0, max_model_len: 1e308, max_context_length: 2048 }, 2048],
  ];
  for (const [name, row, window, output] of rows) {
    it(`is read in the list of ${name}`, async () => {
      const server = scripted(({ path }) =>
        path === '/v1/models' ? Response.json({ data: [{ id: 'm', ...row }, { id: 'n' }] }) : undefined,
      );
      const limits = await (await make(server)).limits(forever);
      assert.deepEqual([limits.contextWindow, limits.known], [window, true]);
      if (output !== undefined) assert.equal(limits.maxOutputTokens, Math.min(output, Math.floor(window / 2)));
    });
  }
});

describe('an answer that cannot be had in the first form', () => {
  it('is asked for without a stream after a second one without a byte, and the error tells why', async () => {
    const server = scripted((request) => {
      if (!isChat(request)) return undefined;
      return request.body['stream'] === true
        ? new Response('')
        : fail(400, 'Context size has been exceeded: context length 2048');
    });
    const model = await make(server);
    assert.equal((await outcome(model)).error?.kind, 'network');
    const second = await outcome(model);
    assert.deepEqual([second.error?.kind, second.error?.limitTokens], ['too-long', 2048]);
    assert.equal(server.asked.filter(isChat).length, 3);
  });
  it('is asked for without the stop sequence where the model begins with it', async () => {
    for (const path of ['/v1/chat/completions', '/api/chat']) {
      const server = scripted((request) => {
        if (path === '/api/chat' && request.path === '/api/version') return Response.json({ version: '1.0.0' });
        if (path === '/api/chat' && request.path === '/api/tags') return Response.json({ models: [] });
        if (request.path !== path) return undefined;
        const options = (request.body['options'] ?? {}) as Json;
        const stopped = (request.body['stop'] ?? options['stop']) !== undefined;
        const said = stopped ? '' : `<<end>>\n${text}\n<<end>>`;
        return path === '/api/chat'
          ? new Response(`${JSON.stringify({ message: { content: said }, done: true, done_reason: 'stop' })}\n`)
          : sse(chunk(said, 'stop'), '[DONE]');
      });
      const { text: shown, finish, events } = await outcome(await make(server), call({ stop: '<<end>>' }));
      assert.deepEqual([shown.trim(), finish?.reason], [text, 'stop'], path);
      assert.equal(events.filter(({ type }) => type === 'open').length, 1);
      assert.equal(server.asked.filter((request) => request.path === path).length, 2);
    }
  });
});

describe('the end of an answer', () => {
  const finish = async (answer: Response, list: object = {}, asked = long()) => {
    const server = scripted((request) => {
      if (request.path === '/v1/models') return Response.json({ data: [{ id: 'm', ...list }] });
      return isChat(request) ? answer : undefined;
    });
    return (await outcome(await make(server), asked)).finish;
  };
  it('is a full window where fewer tokens came than were asked for', async () => {
    const known = await finish(sse(chunk('and then the', 'length', counts(2000, 90))), { max_model_len: 2090 });
    assert.equal(known?.reason, 'too-long');
    const unknown = await finish(sse(chunk('and then the', 'length', counts(2000, 48))));
    assert.equal(unknown?.reason, 'too-long');
  });
  it('is a limit of the server or of the call otherwise', async () => {
    const server = await finish(sse(chunk(text, 'length', counts(2000, 30))), { max_model_len: 32_768 });
    assert.deepEqual([server?.reason, server?.cutBy], ['length', 'server']);
    const asked = await finish(sse(chunk('and then the', 'length', counts(2000, 2000))), { max_model_len: 32_768 });
    assert.deepEqual([asked?.reason, asked?.cutBy], ['length', 'asked']);
  });
  it('with a word that nobody knows is an end where the answer ends like a sentence', async () => {
    assert.equal((await finish(sse(chunk(text, 'eos_found'))))?.reason, 'stop');
    assert.equal((await finish(sse(chunk('and then the', 'eos_found'))))?.reason, 'length');
  });
  it('of Responses is what its status says', async () => {
    const ends: readonly [object, string][] = [
      [{ status: 'failed', error: { code: 'server_error', message: 'The server is overloaded' } }, 'overloaded'],
      [{ status: 'failed' }, 'unknown'],
      [{ status: 'cancelled' }, 'overloaded'],
    ];
    for (const [response, kind] of ends) {
      const delta = { type: 'response.output_text.delta', delta: text };
      const server = scripted(({ path }) =>
        path === '/v1/responses' ? sse(delta, { type: 'response.completed', response }) : undefined,
      );
      assert.equal((await outcome(await make(server, {}, 'openai'))).error?.kind, kind);
    }
  });
  it('without counts, or with counts of nought, is estimated and says so', async () => {
    for (const usage of [undefined, counts(0, 0)]) {
      const end = await finish(sse(chunk(text, 'stop', usage)));
      assert.deepEqual([end?.usage.estimated, end?.usage.inputTokens], [true, 2000]);
      assert.ok((end?.usage.outputTokens ?? 0) > 5);
    }
  });
});

describe('the older dialect of Messages', () => {
  it('is tried after errors about version, header or key, and no others', async () => {
    for (const [message, requests] of [
      ['messages.0.content: something is wrong', 1],
      ['anthropic-version: this version is not supported', 2],
    ] as const) {
      const server = scripted(({ path }) => (path === '/v1/messages' ? fail(400, message) : undefined));
      await outcome(await make(server, { contextWindow: 50_000 }, 'anthropic'));
      assert.equal(server.paths().filter((path) => path === '/v1/messages').length, requests, message);
    }
  });
});

describe('what servers sent this year', () => {
  const whole = (more: object): Response =>
    Response.json({ choices: [{ index: 0, message: { role: 'assistant', content: text }, ...more }] });
  const raw = (body: string): Response => new Response(body);
  const overflow = 'request (6009 tokens) exceeds the available context size (4096 tokens), try increasing it';
  const azure = { id: '', model: '', choices: [], prompt_filter_results: [{ prompt_index: 0 }] };
  const good: readonly [where: string, answer: () => Response][] = [
    ['bifrost 1489: a whole answer without a finish reason', () => whole({})],
    ['sglang 3912: an empty finish reason in every piece', () => sse(chunk(text, ''), chunk('', 'stop'), '[DONE]')],
    [
      'llmcord 84: the finish reason under another name',
      () => sse({ choices: [{ delta: { content: text }, finish_reason: null, finishReason: 'stop' }] }),
    ],
    [
      'new-api 378: a finish reason in every piece',
      () => sse(chunk(text.slice(0, 9), 'stop'), chunk(text.slice(9), 'stop'), '[DONE]'),
    ],
    ['vllm 36944: the last text comes with the finish reason', () => sse(chunk(text, 'stop', counts(60, 9)), '[DONE]')],
    ['meilisearch 6341: first an event without choices', () => sse(azure, chunk(text, 'stop'), '[DONE]')],
    ['llm-gateway 2053: comments wrapped as data', () => sse(': OPENROUTER PROCESSING', chunk(text, 'stop'), '[DONE]')],
    [
      'opencode 46061: thoughts in a field `reasoning`',
      () => sse({ choices: [{ delta: { content: '', reasoning: 'The user' } }] }, chunk(text, 'stop')),
    ],
    [
      'planet 10281: no finish reason, but counts and an end mark',
      () => sse(chunk(text), { choices: [], usage: counts(60, 9) }, '[DONE]'),
    ],
    [
      'lmstudio 2013: Gemma 4 marks its thought in its own way',
      () => sse(chunk('<|channel>thought\nHm [1].<channel|>'), chunk(text, 'stop')),
    ],
    [
      'omlx 2533: the same thought without its opening mark',
      () => sse(chunk('Hm [1].<channel|>'), chunk(text, 'stop')),
    ],
    [
      'qwen-code 3896: each piece repeats the text so far',
      () => sse(chunk(text.slice(0, 9)), chunk(text.slice(0, 20)), chunk(text.slice(0, 30)), chunk(text, 'stop')),
    ],
    [
      'coddy-agent 106: comments and empty events between',
      () => raw(`: ping\n\ndata:\n\ndata: ${JSON.stringify(chunk(text, 'stop'))}\n\n`),
    ],
    [
      'mistral: content in parts, the first a thought',
      () =>
        sse({
          choices: [
            {
              delta: {
                content: [
                  { type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] },
                  { type: 'text', text },
                ],
              },
              finish_reason: 'stop',
            },
          ],
        }),
    ],
  ];
  for (const [where, answer] of good) {
    it(`is read (${where})`, async () => {
      const server = scripted((request) => (isChat(request) ? answer() : undefined));
      const { text: shown, finish, error } = await outcome(await make(server));
      assert.deepEqual([shown, finish?.reason], [text, 'stop'], error?.message);
    });
  }
  const bad: readonly [where: string, answer: () => Response, kind: string, limit?: number][] = [
    [
      'hermes-agent 68451: error_type and error_message',
      () =>
        sse({
          error_type: 'context_length_exceeded',
          error_message: "This model's maximum context length is 163840 tokens.",
        }),
      'too-long',
      163_840,
    ],
    [
      'coddy-agent 106: a field `error` instead of data',
      () =>
        raw(
          `error: {"code":400,"message":"the request exceeds the available context size","n_ctx":4096}\n\ndata: [DONE]\n\n`,
        ),
      'too-long',
    ],
    [
      'lemonade 2975: a bare JSON within the stream',
      () => raw(`: ok\n\n{"error":{"code":400,"message":"${overflow}","n_ctx":4096}}\n\n`),
      'too-long',
      4096,
    ],
    [
      'rocketmq-dashboard 2178: an error and an end mark',
      () => sse({ error: { message: 'quota exceeded for today: requests per day' } }, '[DONE]'),
      'quota',
    ],
    ['mistral.rs 1874: a sentence as data', () => sse('Number of choices must be greater than 0.'), 'network'],
    [
      'lmstudio 1347: the model crashed',
      () => fail(400, 'The model has crashed without additional information. (Exit code: 6)'),
      'overloaded',
    ],
    [
      'one-api: an error in a 200 without a member `error`',
      () => Response.json({ success: false, message: 'no available channel for model m' }),
      'unknown',
    ],
  ];
  for (const [where, answer, kind, limit] of bad) {
    it(`is an error (${where})`, async () => {
      const server = scripted((request) => (isChat(request) ? answer() : undefined));
      const { error } = await outcome(await make(server));
      assert.equal(error?.kind, kind, error?.said ?? error?.message);
      if (limit !== undefined) assert.equal(error?.limitTokens, limit);
    });
  }
  it('is asked for without the likeliest argument (SmartSub 439: Gemini names none)', async () => {
    const server = scripted((request) => {
      if (!isChat(request)) return undefined;
      const invalid = [
        { error: { code: 400, message: 'Request contains an invalid argument.', status: 'INVALID_ARGUMENT' } },
      ];
      return 'reasoning_effort' in request.body ? Response.json(invalid, { status: 400 }) : sse(chunk(text, 'stop'));
    });
    assert.equal((await outcome(await make(server, { model: 'gemini-3.6-flash' }))).text, text);
    assert.equal(server.asked.filter(isChat).length, 2);
  });
  it('is asked for with the output that the credit allows (OpenRouter’s 402)', async () => {
    const server = scripted((request) => {
      if (!isChat(request)) return undefined;
      const message =
        'This request requires more credits, or fewer max_tokens. You requested up to 500 tokens, but can only afford 300.';
      return Number(request.body['max_tokens']) > 300 ? fail(402, message, { code: 402 }) : sse(chunk(text, 'stop'));
    });
    assert.equal((await outcome(await make(server))).text, text);
  });
});

describe('headers of the setting', () => {
  it('go with each request, with the key in its place, and can leave one out', async () => {
    const sent: Headers[] = [];
    const fetch: typeof globalThis.fetch = (input, init) => {
      sent.push(new Headers(init?.headers));
      const path = new URL(String(input)).pathname;
      return Promise.resolve(
        path.endsWith('/chat/completions') ? sse(chunk(text, 'stop')) : Response.json({}, { status: 404 }),
      );
    };
    const headers = { 'X-Gateway-Key': 'Token ${key}', 'X-Team': 'docs', Authorization: '' };
    await outcome(await make({ fetch }, { headers, apiKey: 'acme-1234567' }));
    assert.ok(sent.length > 1);
    for (const own of sent) {
      assert.deepEqual(
        [own.get('x-gateway-key'), own.get('x-team'), own.get('authorization')],
        ['Token acme-1234567', 'docs', null],
      );
    }
  });
});

describe('a server that refuses prompts as too long', () => {
  it('gets no second one as large, and none at all where it refuses small ones', async () => {
    const server = scripted((request) => (isChat(request) ? fail(400, 'context window exceeded') : undefined));
    const model = await make(server, { account: 'refuses everything' });
    const requests = async (inputTokens: number): Promise<number> => {
      assert.equal((await outcome(model, call({ inputTokens, maxTokens: 500 }))).error?.kind, 'too-long');
      return server.asked.filter(isChat).length;
    };
    const sent = [
      await requests(4000),
      await requests(4000),
      await requests(2000),
      await requests(600),
      await requests(300),
    ];
    assert.deepEqual(sent, [1, 1, 2, 3, 3]);
  });
});

describe('llama.cpp', () => {
  const progress = (processed: number): object => ({
    choices: [{ index: 0, delta: { role: 'assistant', content: null }, finish_reason: null }],
    prompt_progress: { total: 2_000, cache: 0, processed, time_ms: 9 },
  });
  const serve = (owner: string) =>
    scripted((request) => {
      if (request.path === '/v1/models')
        return Response.json({ data: [{ id: 'm', owned_by: owner, meta: { n_params: 134_515_008, n_ctx: 8_192 } }] });
      if (request.path === '/props')
        return Response.json({ default_generation_settings: { n_ctx: 8_192 }, total_slots: 2 });
      return isChat(request) ? sse(progress(512), progress(2_000), chunk(text, 'stop'), '[DONE]') : undefined;
    });

  it('is asked how much of the prompt it has read, and that is passed on', async () => {
    const server = serve('llamacpp');
    const model = await make(server);
    const shares: (number | undefined)[] = [];
    for await (const event of model.stream(long(), forever))
      if (event.type === 'pulse' && event.readShare !== undefined) shares.push(event.readShare);
    assert.deepEqual(shares, [0.256, 1]);
    assert.equal(server.asked.find(isChat)?.body['return_progress'], true);
  });

  it('alone is asked so', async () => {
    const server = serve('somebody');
    for await (const event of (await make(server)).stream(long(), forever)) assert.notEqual(event.type, 'never');
    assert.equal(server.asked.find(isChat)?.body['return_progress'], undefined);
  });
});
