import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import {
  selfSigned,
  startProvider,
  type Fault,
  type ProviderOptions,
  type SimulatedProvider,
} from '../../support/provider/index.ts';

const prompt = [
  'Text 0badcafe12',
  '[1]',
  'The lamp was lit. FACT-a says 42 lamps.',
  '[2]',
  'Nothing here but weather.',
  'End 0badcafe12',
  'Write notes.',
].join('\n');
const expected = '- FACT-a says 42 lamps. [1]\n- Nothing here but weather. [2]';

async function withProvider(
  options: ProviderOptions,
  check: (provider: SimulatedProvider) => Promise<void>,
): Promise<void> {
  const provider = await startProvider(options);
  try {
    await check(provider);
  } finally {
    await provider.close();
  }
}

const openaiOf = (provider: SimulatedProvider): OpenAI =>
  new OpenAI({
    apiKey: 'sk-test',
    baseURL: `${provider.url}/v1`,
    organization: null,
    project: null,
    maxRetries: 0,
    logLevel: 'off',
    fetchOptions: { redirect: 'manual' },
  });
const anthropicOf = (provider: SimulatedProvider): Anthropic =>
  new Anthropic({ apiKey: 'sk-test', baseURL: provider.url, maxRetries: 0, logLevel: 'off' });

interface Outcome {
  text: string;
  finish: string | null;
  usage?: { prompt_tokens: number; completion_tokens: number };
}
async function chat(
  provider: SimulatedProvider,
  extra: Partial<OpenAI.ChatCompletionCreateParamsStreaming> = {},
  signal?: AbortSignal,
): Promise<Outcome> {
  const stream = await openaiOf(provider).chat.completions.create(
    {
      model: 'gpt-6-sol',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: prompt },
      ],
      stream: true,
      stream_options: { include_usage: true },
      ...extra,
    },
    { signal },
  );
  const outcome: Outcome = { text: '', finish: null };
  for await (const chunk of stream) {
    outcome.text += chunk.choices[0]?.delta.content ?? '';
    outcome.finish = chunk.choices[0]?.finish_reason ?? outcome.finish;
    if (chunk.usage) outcome.usage = chunk.usage;
  }
  return outcome;
}

describe('the simulated provider', () => {
  describe('wires', testWires);
  describe('limits', testLimits);
});

function testWires(): void {
  it('streams a chat completion with usage to the real SDK', () =>
    withProvider({}, async (provider) => {
      const outcome = await chat(provider);
      assert.equal(outcome.text, expected);
      assert.equal(outcome.finish, 'stop');
      assert.ok(outcome.usage && outcome.usage.prompt_tokens > 20 && outcome.usage.completion_tokens > 5);
      assert.equal(provider.calls[0]?.credential, 'bearer');
      assert.ok(!JSON.stringify(provider.journal).includes('sk-test'), 'the key must not be in the journal');
    }));

  it('answers a chat completion whole', () =>
    withProvider({}, async (provider) => {
      const answer = await openaiOf(provider).chat.completions.create({
        model: 'm',
        messages: [{ role: 'user', content: prompt }],
      });
      assert.equal(answer.choices[0]?.message.content, expected);
      assert.equal(answer.choices[0].finish_reason, 'stop');
    }));

  it('speaks the whole list of events of Responses', () =>
    withProvider({}, async (provider) => {
      const types: string[] = [];
      let text = '';
      const stream = await openaiOf(provider).responses.create({
        model: 'm',
        instructions: 'Be brief.',
        input: prompt,
        store: false,
        stream: true,
      });
      for await (const event of stream) {
        types.push(event.type);
        if (event.type === 'response.output_text.delta') text += event.delta;
        if (event.type === 'response.completed') assert.ok((event.response.usage?.output_tokens ?? 0) > 5);
      }
      assert.equal(text, expected);
      assert.deepEqual(types.slice(0, 4), [
        'response.created',
        'response.in_progress',
        'response.output_item.added',
        'response.content_part.added',
      ]);
      assert.equal(types.at(-1), 'response.completed');
      assert.equal((provider.calls[0]?.body as { store?: boolean }).store, false);
      const helper = await openaiOf(provider).responses.stream({ model: 'm', input: prompt }).finalResponse();
      assert.equal(helper.output_text, expected);
      const cut = await openaiOf(provider).responses.create({ model: 'm', input: prompt, max_output_tokens: 3 });
      assert.deepEqual([cut.status, cut.incomplete_details?.reason], ['incomplete', 'max_output_tokens']);
    }));

  it('streams and answers Messages, counts tokens and lists models with limits', () =>
    withProvider({ contextWindow: 50_000, maxOutputTokens: 9_000 }, async (provider) => {
      const client = anthropicOf(provider);
      const message = await client.messages
        .stream({ model: 'claude-sonnet-5-5', max_tokens: 200, messages: [{ role: 'user', content: prompt }] })
        .finalMessage();
      assert.equal(message.content[0]?.type === 'text' ? message.content[0].text : '', expected);
      assert.equal(message.stop_reason, 'end_turn');
      const whole = await client.messages.create({
        model: 'claude-sonnet-5-5',
        max_tokens: 3,
        messages: [{ role: 'user', content: prompt }],
      });
      assert.equal(whole.stop_reason, 'max_tokens');
      const stopped = await client.messages.create({
        model: 'claude-sonnet-5-5',
        max_tokens: 99,
        stop_sequences: ['lamps'],
        messages: [{ role: 'user', content: prompt }],
      });
      assert.deepEqual([stopped.stop_reason, stopped.stop_sequence], ['stop_sequence', 'lamps']);
      assert.ok(
        (await client.messages.countTokens({ model: 'm', messages: [{ role: 'user', content: prompt }] }))
          .input_tokens > 20,
      );
      assert.equal((await client.models.retrieve('claude-sonnet-5-5')).max_input_tokens, 50_000);
      assert.deepEqual(
        (await client.models.list()).data.map((model) => model.id),
        ['claude-sonnet-5-5', 'claude-haiku-5-5'],
      );
    }));
}

function testLimits(): void {
  it('refuses in the vendors’ words what does not fit', () =>
    withProvider({ contextWindow: 20, refuses: ['temperature'] }, async (provider) => {
      await assert.rejects(
        chat(provider),
        (error: unknown) => error instanceof OpenAI.BadRequestError && error.code === 'context_length_exceeded',
      );
      await assert.rejects(
        chat(provider, { temperature: 0.2 }),
        (error: unknown) => error instanceof OpenAI.BadRequestError && error.param === 'temperature',
      );
      await assert.rejects(
        anthropicOf(provider).messages.create({
          model: 'm',
          max_tokens: 5,
          messages: [{ role: 'user', content: prompt }],
        }),
        /prompt is too long: \d+ tokens > 20 maximum/,
      );
    }));

  it('obeys max_tokens with length, and pays for reasoning first', () =>
    withProvider({ reasoningTokens: 10 }, async (provider) => {
      const cut = await chat(provider, { max_completion_tokens: 14 });
      assert.equal(cut.finish, 'length');
      assert.equal(cut.usage?.completion_tokens, 14);
      assert.ok(cut.text.length > 0 && cut.text.length <= 16);
      assert.equal((await chat(provider, { max_completion_tokens: 8 })).text, '');
    }));

  it('keeps to its law of latency', () =>
    withProvider({ latency: { firstTokenMs: 40, perOutputTokenMs: 4 } }, async (provider) => {
      const outcomes = await Promise.all(Array.from({ length: 16 }, () => chat(provider)));
      for (const entry of provider.calls) {
        const law = 40 + 4 * entry.outputTokens;
        const took = (entry.endedAt ?? 0) - entry.startedAt;
        assert.ok(took >= law - 2 && took < law + 1500, `${took} ms for ${law}`);
        assert.ok((entry.firstTextAt ?? 0) - entry.startedAt >= 39);
      }
      assert.equal(outcomes.length, 16);
      assert.equal(provider.peakRequests, 16);
      assert.equal(provider.openRequests, 0);
    }));

  it('limits requests a minute and tells its state in headers', () =>
    withProvider({ rate: { requestsPerMinute: 2 } }, async (provider) => {
      await chat(provider);
      await chat(provider);
      await assert.rejects(chat(provider), (error: unknown) => {
        assert.ok(error instanceof OpenAI.RateLimitError);
        assert.equal(error.headers.get('x-ratelimit-limit-requests'), '2');
        const waitMs = Number(error.headers.get('retry-after-ms'));
        assert.ok(waitMs > 0 && waitMs <= 30_000, `${waitMs} ms`);
        return true;
      });
      await assert.rejects(
        anthropicOf(provider).messages.create({
          model: 'm',
          max_tokens: 5,
          messages: [{ role: 'user', content: prompt }],
        }),
        (error: unknown) =>
          error instanceof Anthropic.RateLimitError && error.headers?.get('anthropic-ratelimit-requests-limit') === '2',
      );
    }));

  it('sees when a client goes away', () =>
    withProvider({ latency: { firstTokenMs: 5, perOutputTokenMs: 500 } }, async (provider) => {
      const abort = new AbortController();
      const stream = await openaiOf(provider).chat.completions.create(
        { model: 'm', messages: [{ role: 'user', content: prompt }], stream: true },
        { signal: abort.signal },
      );
      for await (const chunk of stream) if (chunk.choices[0]?.delta.content) abort.abort();
      while (provider.openRequests > 0) await new Promise((resolve) => setTimeout(resolve, 2));
      assert.equal(provider.calls[0]?.clientClosed, true);
    }));

  it('plays an Ollama: own wire, window from the request, prompts silently cut', () =>
    withProvider({ flavour: 'ollama', contextWindow: 32_768, defaultNumCtx: 64 }, async (provider) => {
      const long = `[1]\nFACT-first is here.\n${'filler words go on. '.repeat(60)}\nFACT-last is here.`;
      const ask = async (numCtx?: number): Promise<{ text: string; prompt: number }> => {
        const response = await fetch(`${provider.url}/api/chat`, {
          method: 'POST',
          body: JSON.stringify({
            model: 'sim:8b',
            messages: [
              { role: 'system', content: 'You write notes about texts.' },
              { role: 'user', content: long },
            ],
            options: numCtx ? { num_ctx: numCtx } : {},
          }),
        });
        const lines = (await response.text())
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as { message: { content: string }; prompt_eval_count?: number });
        return {
          text: lines.map((line) => line.message.content).join(''),
          prompt: lines.at(-1)?.prompt_eval_count ?? 0,
        };
      };
      const cut = await ask();
      assert.equal(cut.prompt, 64);
      assert.ok(!cut.text.includes('FACT-first') && cut.text.includes('FACT-last'));
      assert.ok((await ask(4096)).text.includes('FACT-first'));
      const version = (await (await fetch(`${provider.url}/api/version`)).json()) as { version: string };
      assert.match(version.version, /^\d+\./);
      assert.equal((await chat(provider, { messages: [{ role: 'user', content: long }] })).usage?.prompt_tokens, 64);
    }));
}

describe('the simulated provider’s faults', () => {
  async function outcomeOf(provider: SimulatedProvider): Promise<string> {
    try {
      const outcome = await chat(provider, {}, AbortSignal.timeout(2000));
      return `${outcome.finish ?? 'none'}:${outcome.text === expected ? 'whole' : outcome.text === '' ? 'nothing' : expected.startsWith(outcome.text) ? 'part' : 'other'}${outcome.usage ? '' : ':no-usage'}`;
    } catch (error) {
      if (error instanceof OpenAI.APIError && error.status !== undefined) return String(error.status);
      return error instanceof OpenAI.APIConnectionError
        ? 'connection'
        : error instanceof OpenAI.APIError
          ? 'error-event'
          : (error as Error).constructor.name;
    }
  }
  function checkFault(fault: Omit<Fault, 'kind'> & Pick<Fault, 'kind'>, wanted: string): void {
    it(`${fault.kind}${fault.status ? ` ${fault.status}` : ''} is seen by the SDK as ${wanted}, once`, () =>
      withProvider({ faults: [{ at: 2, ...fault }] }, async (provider) => {
        assert.equal(await outcomeOf(provider), 'stop:whole');
        assert.equal(await outcomeOf(provider), wanted);
        assert.equal(await outcomeOf(provider), 'stop:whole');
        assert.deepEqual(
          provider.calls.map((entry) => entry.fault),
          [undefined, fault.kind, undefined],
        );
      }));
  }
  checkFault({ kind: 'status', status: 500 }, '500');
  checkFault({ kind: 'status', status: 529 }, '529');
  checkFault({ kind: 'rate-limit', retryAfter: 90 }, '429');
  checkFault({ kind: 'quota' }, '429');
  checkFault({ kind: 'model-gone' }, '404');
  checkFault({ kind: 'auth' }, '401');
  checkFault({ kind: 'window', tokens: 10 }, '400');
  checkFault({ kind: 'proxy-auth' }, 'connection');
  checkFault({ kind: 'reset-before-headers' }, 'connection');
  checkFault({ kind: 'other-protocol' }, 'connection');
  checkFault({ kind: 'reset-midway' }, 'TypeError');
  checkFault({ kind: 'end-early' }, 'none:part:no-usage');
  checkFault({ kind: 'done-without-finish' }, 'none:part:no-usage');
  checkFault({ kind: 'portal' }, 'none:nothing:no-usage');
  checkFault({ kind: 'error-event' }, 'error-event');
  checkFault({ kind: 'broken-json' }, 'SyntaxError');
  checkFault({ kind: 'empty' }, 'stop:nothing');
  checkFault({ kind: 'length' }, 'length:part');
  checkFault({ kind: 'content-filter' }, 'content_filter:part');
  checkFault({ kind: 'no-usage' }, 'stop:whole:no-usage');
  checkFault({ kind: 'split-packets' }, 'stop:whole');
  checkFault({ kind: 'keep-alive' }, 'stop:whole');
  checkFault({ kind: 'reasoning' }, 'stop:whole');
  checkFault({ kind: 'think' }, 'stop:other');
  checkFault({ kind: 'crlf' }, 'stop:whole');
  checkFault({ kind: 'no-done' }, 'stop:whole');
  checkFault({ kind: 'slow', ms: 1 }, 'stop:whole');
  checkFault({ kind: 'stall-before-headers', ms: 30 }, 'stop:whole');
  checkFault({ kind: 'stall-midway', ms: 30 }, 'stop:whole');
  checkFault({ kind: 'redirect', status: 307 }, '307');

  it('an answer of megabytes arrives whole', () =>
    withProvider({ faults: [{ kind: 'huge', bytes: 1_000_000 }] }, async (provider) => {
      assert.ok((await chat(provider)).text.length >= 900_000);
    }));

  it('a certificate that nobody trusts stops the client before it has sent anything', async function () {
    const tls = selfSigned();
    if (tls === undefined) this.skip();
    await withProvider({ tls }, async (provider) => {
      await assert.rejects(chat(provider), OpenAI.APIConnectionError);
      assert.equal(provider.journal.length, 0);
    });
  });

  it('a fault for good hits every call from its place on, and other paths when told to', () =>
    withProvider(
      {
        faults: [
          { kind: 'status', status: 503, at: 2, times: Infinity },
          { kind: 'rate-limit', path: /models/ },
        ],
      },
      async (provider) => {
        assert.deepEqual(
          [await outcomeOf(provider), await outcomeOf(provider), await outcomeOf(provider)],
          ['stop:whole', '503', '503'],
        );
        await assert.rejects(openaiOf(provider).models.list(), OpenAI.RateLimitError);
        provider.reset({ faults: [] });
        assert.equal(await outcomeOf(provider), 'stop:whole');
        assert.equal(provider.calls.length, 1);
      },
    ));
});
