/** What servers of other people do, on every wire: the result, the number of requests and the sentence that a run owes then. */
import assert from 'node:assert/strict';
import type { RunEvent, SummaryResult } from '../../../src/engine/events.ts';
import { ModelError } from '../../../src/engine/model.ts';
import { createScheduler } from '../../../src/engine/schedule/scheduler.ts';
import { fastClock } from '../../faults/fastClock.ts';
import * as corpus from '../../support/corpus.ts';
import { memory } from '../../support/conformance.ts';
import { runEngine, type EngineSetup } from '../../support/engine.ts';
import {
  oddWires,
  startOddServer,
  type OddOptions,
  type OddRequest,
  type OddServer,
  type OddWire,
  type Refuse,
} from '../../support/oddServer.ts';
import { seeded } from '../../support/random.ts';

const told = 'The harbour office ordered pump P-77 for 9 December. [1]\n\nThe crane on pier 4 stays closed. [1]';
const short = corpus.prose(1, 3_000);
const middle = corpus.prose(2, 40_000);
const long = corpus.prose(3, 160_000);

const providers = {
  chat: 'openai-compatible',
  responses: 'openai',
  messages: 'anthropic',
  ollama: 'openai-compatible',
} as const;

const asOllama: OddOptions['probe'] = (path) =>
  ({
    '/api/version': { version: '0.12.10' },
    '/api/tags': { models: [{ name: 'some-model', model: 'some-model' }] },
    '/api/show': { model_info: { 'general.architecture': 'some', 'some.context_length': 32_768 } },
  })[path];

interface Played {
  readonly result?: SummaryResult;
  readonly error?: ModelError;
  readonly server: OddServer;
  readonly waits: readonly number[];
  readonly events: readonly RunEvent[];
  /** ms of the run's own clock. */
  readonly ms: number;
}

type More = Partial<OddOptions> & {
  readonly text?: string;
  readonly setup?: Partial<EngineSetup>;
  /** Virtual seconds in a real one. */
  readonly factor?: number;
};

async function play(wire: OddWire, reply: OddOptions['reply'], more: More = {}): Promise<Played> {
  const { text = short, setup = {}, factor = 40, ...options } = more;
  const server = await startOddServer({
    wires: [wire],
    reply,
    ...(wire === 'ollama' ? { probe: asOllama } : {}),
    ...options,
  });
  try {
    return { ...(await runOn(server, providers[wire], text, setup, factor)), server };
  } finally {
    await server.close();
  }
}

async function runOn(
  server: OddServer,
  provider: EngineSetup['provider'],
  text: string,
  setup: Partial<EngineSetup> = {},
  factor = 40,
): Promise<Omit<Played, 'server'>> {
  const clock = fastClock(factor);
  const { concurrency = 8, maxRetries = 5 } = setup;
  const idle = { requestTimeoutMs: 120_000, firstTokenTimeoutMs: 120_000 };
  const scheduler = createScheduler({ concurrency, maxRetries, ...idle, hedge: false }, { clock, random: seeded(7) });
  const events: RunEvent[] = [];
  const began = clock.now();
  let result: SummaryResult | undefined;
  let error: ModelError | undefined;
  try {
    const played = await runEngine(
      text,
      {
        url: server.url,
        ...(provider === undefined ? {} : { provider }),
        model: 'some-model',
        contextWindow: 0,
        concurrency,
        ...setup,
        ports: { scheduler, mapScheduler: scheduler, clock },
      },
      (event) => events.push(event),
    );
    ({ result } = played);
  } catch (thrown) {
    if (!(thrown instanceof ModelError)) throw thrown;
    error = thrown;
  }
  return {
    ...(result ? { result } : {}),
    ...(error ? { error } : {}),
    events,
    waits: events.flatMap((event) => (event.type === 'wait' ? [event.waitMs] : [])),
    ms: clock.now() - began,
  };
}

const bodyOf = ({ body }: OddRequest): string => JSON.stringify(body);

/** Most requests with the same words. */
function countAlike({ server }: Played): number {
  const counts = new Map<string, number>();
  for (const asked of server.asked) counts.set(bodyOf(asked), (counts.get(bodyOf(asked)) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}

/** One test for each wire. */
function onEachWire(title: string, check: (wire: OddWire) => Promise<void>, wires = oddWires): void {
  for (const wire of wires) it(`${title} (${wire})`, () => check(wire));
}

describe('a server that refuses everything as too long', () => {
  const refuse: Refuse = { status: 400, message: 'litellm.ContextWindowExceededError: context window exceeded' };
  onEachWire('gets at most eight requests, and the sentence says what to set', async (wire) => {
    const asked: readonly [text: string, concurrency: number][] = [
      [short, 8],
      [middle, 1],
      [long, 8],
      [long, 16],
    ];
    for (const [text, concurrency] of asked) {
      // A clock slower than the machine: a refusal comes at once.
      const played = await play(wire, () => ({ refuse }), { text, setup: { concurrency }, delayMs: 60, factor: 0.1 });
      assert.equal(played.error?.kind, 'too-long');
      assert.match(played.error?.message ?? '', /larger (?:context )?window/);
      assert.ok(played.server.asked.length <= 8, `${played.server.asked.length} requests at ${concurrency}`);
      assert.equal(countAlike(played), 1);
    }
  });
});

describe('a window that only a refusal names', () => {
  onEachWire('is kept from then on, and all is read', async (wire) => {
    const window = 1_500;
    const played = await play(
      wire,
      ({ tokens }) =>
        tokens > window
          ? { refuse: { status: 400, message: `Context Window exceeded. Max Input Tokens=${window}, Got=${tokens}` } }
          : { text: told },
      { text: middle },
    );
    assert.equal(played.result?.status, 'complete');
    const refused = played.server.asked.filter(({ tokens }) => tokens > window);
    assert.ok(refused.length <= 8, `${refused.length} refused`);
  });
});

describe('an answer that fills the window', () => {
  const window = 4_096;
  /** A model that would write on: the room that is left ends its answer. */
  const fill = ({ tokens, maxTokens }: OddRequest): ReturnType<OddOptions['reply']> => {
    const room = Math.min(maxTokens, window - tokens);
    if (room < 1) return { refuse: { status: 400, message: `context length exceeded: ${tokens} > ${window}` } };
    const text = corpus.prose(9, 6_000).slice(0, room * 4);
    return room < maxTokens ? { text, finish: 'length', outputTokens: room } : { text: told };
  };
  onEachWire('is read in parts and not continued', async (wire) => {
    const played = await play(wire, fill, { text: middle, setup: { contextWindow: 0 } });
    assert.equal(played.result?.status, 'complete', JSON.stringify(played.result?.gaps));
    const continued = played.server.asked.filter(({ user }) => user.includes('Go on exactly there'));
    assert.equal(continued.length, 0);
    assert.ok(!played.result.markdown.includes('Go on exactly'));
  });
});

describe('an answer that a limit of the server cuts', () => {
  onEachWire('is not asked for again in the same words, and its start is kept', async (wire) => {
    const played = await play(wire, ({ number }) => ({
      text: `${told}\n\nThe night shift ${number} repaired the`,
      finish: 'length',
      outputTokens: 40,
      inputTokens: 700,
    }));
    assert.equal(countAlike(played), 1);
    assert.ok(played.server.asked.length <= 3, `${played.server.asked.length}`);
    assert.match(played.result?.markdown ?? '', /pump P-77/);
    assert.equal(played.result?.status, 'partial');
  });
  onEachWire('that is all thoughts is not asked for in the same words more than twice', async (wire) => {
    const played = await play(wire, () => ({ text: '', reasoning: 'Hm. '.repeat(60), finish: 'length' }), {
      setup: { contextWindow: 2_048 },
    });
    assert.ok(countAlike(played) <= 2, `${countAlike(played)} alike`);
    assert.ok(played.server.asked.length <= 8, `${played.server.asked.length}`);
  });
  onEachWire('appears once where the model begins anew when asked to go on', async (wire) => {
    const played = await play(wire, () => ({ text: told, finish: 'length', outputTokens: 900, inputTokens: 700 }));
    assert.equal(played.result?.markdown.match(/pump P-77/g)?.length, 1);
    assert.ok(played.server.asked.length <= 2);
  });
  onEachWire('keeps no line of the prompt that comes back as its rest', async (wire) => {
    const played = await play(wire, ({ user, number }) =>
      number === 1
        ? { text: told, finish: 'length', outputTokens: 900, inputTokens: 700 }
        : { text: `${user.slice(-300)}\nGo on exactly there; repeat nothing.` },
    );
    assert.doesNotMatch(played.result?.markdown ?? '', /Go on exactly|your answer so far/);
  });
});

describe('answers that all begin anew', () => {
  onEachWire('are continued three times in a run, not more often', async (wire) => {
    const played = await play(wire, () => ({ text: told, finish: 'length', outputTokens: 40, inputTokens: 700 }), {
      text: middle,
    });
    const continued = played.server.asked.filter(({ user }) => user.includes('Go on exactly there'));
    assert.ok(continued.length <= 3 + 8, `${continued.length}`);
    assert.equal(played.result?.markdown.match(/pump P-77/g)?.length, 1);
  });
});

describe('a stream without a byte', () => {
  onEachWire('is asked for once without a stream, whose error tells', async (wire) => {
    const message = 'the request exceeds the available context size (2048 tokens)';
    const played = await play(
      wire,
      ({ stream, tokens }) =>
        tokens < 1_200 ? { text: told } : stream ? 'nothing' : { refuse: { status: 400, message } },
      { text: corpus.prose(4, 9_000) },
    );
    assert.equal(played.result?.status, 'complete');
    assert.ok(countAlike(played) <= 2);
  });
});

describe('a limit', () => {
  onEachWire('a minute without a hint is waited out, and the wait is said', async (wire) => {
    const began = performance.now();
    const factor = 100;
    const played = await play(
      wire,
      ({ at }) =>
        (at - began) * factor < 70_000
          ? {
              refuse: {
                status: 429,
                message: 'No deployments available for selected model.',
                code: 'rate_limit_error',
              },
            }
          : { text: told },
      { factor },
    );
    assert.equal(played.result?.status, 'complete', played.error?.message);
    assert.ok(played.waits.length > 0);
    assert.ok(played.server.asked.length <= 12, `${played.server.asked.length}`);
  });
  const spent: readonly [name: string, refuse: Refuse][] = [
    [
      'quota behind a gateway',
      {
        status: 429,
        message:
          'litellm.RateLimitError: RateLimitError: OpenAIException - You exceeded your current quota, please check your plan and billing details.',
        headers: { 'llm_provider-retry-after': '1' },
      },
    ],
    [
      'budget of a deployment',
      {
        status: 429,
        message: 'No deployments available - crossed budget: Exceeded budget for deployment model_name: m: 3.72 >= 1d',
      },
    ],
    [
      'budget of a key',
      {
        status: 400,
        message: 'Budget has been exceeded! Current cost: 1.05, Max budget: 1.0',
        code: 'budget_exceeded',
      },
    ],
    ['balance', { status: 403, message: 'Insufficient balance', code: 'insufficient_balance' }],
    ['credit of a failed server', { status: 500, message: 'Your credit balance is too low to access the API.' }],
  ];
  for (const [name, refuse] of spent)
    onEachWire(`that is a used-up ${name} costs one request`, async (wire) => {
      const played = await play(wire, () => ({ refuse }));
      assert.equal(played.error?.kind, 'quota');
      assert.equal(played.server.asked.length, 1);
      assert.match(played.error?.said ?? '', /quota|budget|balance/i);
    });
  const named: readonly Readonly<Record<string, string>>[] = [
    { 'retry-after': '20' },
    { 'retry-after-ms': '20000' },
    { 'llm_provider-retry-after': '20' },
    { 'x-ratelimit-reset-after': '20' },
    { ratelimit: '"default";r=0;t=20' },
  ];
  onEachWire('that names its wait, in whichever header, is waited for that long', async (wire) => {
    for (const headers of named) {
      const played = await play(
        wire,
        ({ number }) =>
          number === 1 ? { refuse: { status: 429, message: 'Too many requests', headers } } : { text: told },
        { factor: 100 },
      );
      assert.equal(played.server.asked.length, 2, JSON.stringify(headers));
      const [first, second] = played.server.asked;
      const waited = ((second?.at ?? 0) - (first?.at ?? 0)) * 100;
      assert.ok(waited > 18_000 && waited < 40_000, `${JSON.stringify(headers)}: ${waited}`);
    }
  });
});

describe('a refusal', () => {
  onEachWire('keeps the server’s own sentence', async (wire) => {
    const sentences: readonly [Refuse, RegExp][] = [
      [{ status: 403, message: 'Your organization must be verified to use this model.' }, /must be verified/],
      [{ status: 400, message: 'No connected db.' }, /No connected db/],
      [
        { status: 401, message: 'litellm.AuthenticationError: OpenAIException - Incorrect API key provided' },
        /Incorrect API key/,
      ],
    ];
    for (const [refuse, said] of sentences) {
      const lines: string[] = [];
      const played = await play(wire, () => ({ refuse }), { setup: { config: { log: (line) => lines.push(line) } } });
      assert.match(played.error?.said ?? '', said);
      assert.match(lines.join('\n'), said);
      assert.equal(countAlike(played), refuse.status === 401 && wire === 'messages' ? 2 : 1, String(refuse.status));
    }
  });
  onEachWire('of every part names the reason', async (wire) => {
    const played = await play(wire, () => ({ refuse: { status: 400, message: 'This group is closed.' } }), {
      text: long,
    });
    assert.equal(played.error?.kind, 'bad-request');
    assert.match(played.error?.said ?? '', /group is closed/);
  });
  onEachWire('that is not about version or header is sent in no other dialect', async (wire) => {
    const refuse = { status: 400, message: 'messages.0.content: something is wrong', code: 'invalid_request_error' };
    const played = await play(wire, () => ({ refuse }));
    assert.equal(played.server.asked.length, 1);
  });
});

describe('an answer', () => {
  onEachWire('without counts is estimated', async (wire) => {
    for (const counts of [{ usage: false }, { inputTokens: 0, outputTokens: 0 }]) {
      const played = await play(wire, () => ({ text: told, ...counts }));
      assert.equal(played.result?.usage.estimated, true);
      assert.ok((played.result?.usage.inputTokens ?? 0) > 100 && (played.result?.usage.outputTokens ?? 0) > 10);
    }
  });
  onEachWire('that begins with the fence is asked for without the stop sequence, and loses the fence', async (wire) => {
    const played = await play(wire, ({ stop, user }) => {
      const fence = stop[0] ?? /\S*[0-9a-f]{8,}\S*/.exec(user)?.[0] ?? '';
      return stop.length > 0 ? { text: '', stopped: fence } : { text: `${told}` };
    });
    assert.equal(played.result?.status, 'complete');
    assert.ok(played.server.asked.length <= 2);
  });
  onEachWire('to a small ask is given at most three times what it needs', async (wire) => {
    const played = await play(wire, () => ({ text: told }), { setup: { options: { length: 'brief' } } });
    const most = Math.max(...played.server.asked.map(({ maxTokens }) => maxTokens));
    assert.ok(most <= 2_600, `${most}`);
  });
});

describe('streams that break', () => {
  onEachWire('at 40 % leave no gap', async (wire) => {
    const random = seeded(11);
    const broken = new Set<number>();
    const played = await play(
      wire,
      ({ number }) => {
        if (random() < 0.4) broken.add(number);
        return broken.has(number) ? 'hang-up' : { text: told };
      },
      { text: long, setup: { contextWindow: 4_096 }, factor: 200 },
    );
    assert.ok(broken.size >= 5, `${broken.size} broken`);
    assert.equal(played.result?.status, 'complete', JSON.stringify(played.result?.gaps));
  });
  onEachWire('for good are tried as often as the setting says', async (wire) => {
    for (const maxRetries of [0, 2]) {
      const played = await play(wire, () => 'hang-up', { setup: { maxRetries }, factor: 200 });
      assert.equal(played.error?.kind, 'network');
      assert.equal(played.server.asked.length, maxRetries + 1);
    }
  });
});

describe('the end of an answer', () => {
  const ends: readonly [OddWire, string][] = [
    [
      'chat',
      'data: {"choices":[{"index":0,"delta":{"content":"The pump P-77 came. [1]"},"finish_reason":null}]}\n\ndata: {"choices":[{"index":0,"delta":{},"finish_reason":"odd_word"}]}\n\ndata: [DONE]\n\n',
    ],
    [
      'messages',
      'data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"The pump P-77 came. [1]"}}\n\ndata: {"type":"message_delta","delta":{"stop_reason":"odd_word"}}\n\ndata: {"type":"message_stop"}\n\n',
    ],
    [
      'ollama',
      '{"message":{"content":"The pump P-77 came. [1]"},"done":false}\n{"message":{"content":""},"done":true,"done_reason":"odd_word"}\n',
    ],
  ];
  for (const [wire, raw] of ends)
    it(`in a word that nobody knows is an end after a whole sentence (${wire})`, async () => {
      const played = await play(wire, () => ({ raw }));
      assert.equal(played.result?.status, 'complete');
      assert.equal(played.server.asked.length, 1);
    });
  onEachWire('at the limit of the call, within a sentence, is a cut, whatever the server calls it', async (wire) => {
    const played = await play(wire, ({ number, maxTokens }) =>
      number === 1
        ? { text: `${told}\n\nThe night shift repaired the`, outputTokens: maxTokens }
        : { text: 'the north gate on 5 December. [1]' },
    );
    assert.equal(played.server.asked.length, 2);
    assert.match(played.result?.markdown ?? '', /repaired the north gate on 5 December/);
    assert.equal(played.result?.status, 'complete');
  });
  it('of a response that failed is no answer, whatever its event is called', async () => {
    const error = { code: 'server_error', message: 'The model failed.' };
    const raw = [
      { type: 'response.output_text.delta', delta: 'The pump' },
      { type: 'response.completed', response: { status: 'failed', error, output: [] } },
    ];
    const played = await play('responses', ({ number }) =>
      number === 1 ? { raw: raw.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('') } : { text: told },
    );
    assert.equal(played.result?.status, 'complete');
    assert.equal(played.server.asked.length, 2);
    assert.match(played.result.markdown, /pump P-77 for 9 December/);
  });
});

describe('a server that lacks a wire', () => {
  for (const status of [404, 405, 501])
    it(`and says so with ${status} is spoken to in the next one, and that is remembered`, async () => {
      const lacks: OddOptions['reply'] = ({ via }) =>
        via === 'ollama' || via === 'responses' ? { refuse: { status, message: 'Not here' } } : { text: told };
      for (const [wires, provider] of [
        [['ollama', 'chat'], 'openai-compatible'],
        [['responses', 'chat'], 'openai'],
      ] as const) {
        const server = await startOddServer({
          wires: [...wires],
          reply: lacks,
          ...(provider === 'openai' ? {} : { probe: asOllama }),
        });
        const memo = memory();
        for (let run = 0; run < 2; run++) {
          const { result } = await runOn(server, provider, short, { config: { memory: memo } });
          assert.equal(result?.status, 'complete');
        }
        await server.close();
        assert.deepEqual(
          server.asked.map(({ via }) => via),
          [wires[0], 'chat', 'chat'],
        );
      }
    });
});

describe('the questions to a server', () => {
  onEachWire('are asked once each in a session, and not after a 401', async (wire) => {
    const memo = memory();
    const server = await startOddServer({
      wires: [wire],
      reply: () => ({ text: told }),
      ...(wire === 'ollama' ? { probe: asOllama } : {}),
    });
    for (let run = 0; run < 3; run++) await runOn(server, providers[wire], short, { config: { memory: memo } });
    await server.close();
    const alike = new Map<string, number>();
    for (const path of server.probes) alike.set(path, (alike.get(path) ?? 0) + 1);
    assert.deepEqual(
      [...alike.values()].filter((count) => count > 1),
      [],
      [...alike].join(' '),
    );
    const refused = await play(wire, () => ({ text: told }), { probe: () => ({ status: 401, message: 'No key' }) });
    const probes = refused.server.probes.filter((path) => !path.endsWith('/completions'));
    // an Anthropic gateway may want its key in the older header
    assert.ok(probes.length <= (wire === 'messages' ? 2 : 1), probes.join(' '));
  });
  onEachWire(
    'are asked again while it loads, before anything is planned',
    async (wire) => {
      let asked = 0;
      const window = 2_048;
      const probe: OddOptions['probe'] = (path) => {
        if (++asked < 3) return { status: 503, message: 'Loading model' };
        if (wire === 'ollama' && path !== '/api/show') return asOllama(path);
        return {
          ...(path.startsWith('/v1/models/') ? { max_input_tokens: window } : {}),
          model_info: { 'some.context_length': window },
          data: [{ id: 'some-model', max_model_len: window }],
        };
      };
      const played = await play(wire, ({ tokens }) => (tokens > window ? 'hang-up' : { text: told }), {
        probe,
        text: corpus.prose(4, 9_000),
      });
      assert.equal(played.result?.status, 'complete', played.error?.message);
      assert.equal(played.server.asked.filter(({ tokens }) => tokens > window).length, 0);
    },
    ['chat', 'messages', 'ollama'],
  );
});
