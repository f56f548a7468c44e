/** What every adapter must do, over real HTTP against the simulated provider, whatever its wire. */
import assert from 'node:assert/strict';
import {
  ModelError,
  type ChatModel,
  type ModelCall,
  type ModelErrorKind,
  type ModelEvent,
  type ModelFinish,
} from '../../src/engine/model.ts';
import type { ProviderConfig, ProviderMemory } from '../../src/providers/provider.ts';
import { checkTranslatable } from './pseudo.ts';
import { startProvider, type Fault, type ProviderOptions, type SimulatedProvider } from './provider/index.ts';

export const plantedKey = 'sk-planted-8f3a51c09d7e';
const sentence = 'FACT-7 The pump in hall 4 was replaced on 3 March.';

export interface Conforming {
  /** How the server plays its vendor. */
  readonly server: ProviderOptions;
  make(config: ProviderConfig): Promise<ChatModel>;
  readonly baseUrl: (server: SimulatedProvider) => string;
  readonly model: string;
  /** A parameter that the adapter sends and can do without. */
  readonly droppable: string;
  readonly takesStop: boolean;
  /** The wire is made of server-sent events; else of lines. */
  readonly events: boolean;
  /** The vendor tells its rate limits in headers. */
  readonly rateHeaders: boolean;
  /** The wire has a finish reason for a refusal of the model. */
  readonly refuses: boolean;
  readonly filters: boolean;
  /** Somebody is billed for it. */
  readonly paid: boolean;
  /** The fetch that is handed in is not the one that is used. */
  readonly passesFetch?: boolean;
}

export function memory(): ProviderMemory & { readonly values: Map<string, unknown> } {
  const values = new Map<string, unknown>();
  return { values, get: (key) => values.get(key), set: (key, value) => void values.set(key, structuredClone(value)) };
}

let accounts = 0;

/** A configuration with an account of its own. */
export function config(baseUrl: string, model: string, more: Partial<ProviderConfig> = {}): ProviderConfig {
  return {
    baseUrl,
    model,
    apiKey: plantedKey,
    contextWindow: 0,
    fetch: globalThis.fetch,
    account: `account ${++accounts}`,
    memory: memory(),
    ...more,
  };
}

export function call(more: Partial<ModelCall> = {}): ModelCall {
  const user = `[1]\n${sentence}\n[2]\nFACT-9 Nobody was hurt.\n\nSummarize.`;
  return {
    stage: 'reduce',
    system: 'You summarize the text between the marks.',
    user,
    maxTokens: 500,
    effort: 'low',
    inputTokens: 60,
    reusable: false,
    ...more,
  };
}

export interface Outcome {
  readonly events: readonly ModelEvent[];
  readonly text: string;
  readonly finish?: ModelFinish;
  readonly error?: ModelError;
}

/** Runs one call and holds it to the stream's grammar. */
export async function outcome(
  model: ChatModel,
  request: ModelCall = call(),
  signal = new AbortController().signal,
): Promise<Outcome> {
  const events: ModelEvent[] = [];
  let error: ModelError | undefined;
  try {
    for await (const event of model.stream(request, signal)) {
      events.push(event);
    }
  } catch (thrown) {
    assert.ok(thrown instanceof ModelError, `threw something else: ${String(thrown)}`);
    error = thrown;
  }
  const finishes = events.filter((event) => event.type === 'finish');
  assert.equal(finishes.length, error === undefined ? 1 : 0, 'exactly one finish, or an error');
  assert.equal(error === undefined ? events.at(-1)?.type : 'finish', 'finish', 'the finish comes last');
  assert.equal(events.filter((event, at) => event.type === 'open' && at > 0).length, 0, 'open comes first and once');
  const void_ = events.findLastIndex((event) => event.type === 'retract');
  const text = events.map((event, at) => (event.type === 'text' && at > void_ ? event.text : '')).join('');
  return { events, text, finish: finishes[0], error };
}

/** One adapter in front of the simulated provider, with the checks that its tests share. */
interface Subject {
  readonly adapter: Conforming;
  readonly server: SimulatedProvider;
  readonly make: (options?: Partial<ProviderOptions>, more?: Partial<ProviderConfig>) => Promise<ChatModel>;
  readonly faulted: (...faults: Fault[]) => Promise<Outcome>;
  readonly checkKind: (kind: ModelErrorKind, ...faults: Fault[]) => Promise<ModelError>;
  readonly checkSentence: (error: ModelError) => void;
  readonly checkRead: (...faults: Fault[]) => Promise<Outcome>;
  readonly checkCancelled: (fault: Fault) => Promise<void>;
}

function createSubject(adapter: Conforming, current: () => SimulatedProvider): Subject {
  const make = (options: Partial<ProviderOptions> = {}, more: Partial<ProviderConfig> = {}): Promise<ChatModel> => {
    current().reset({
      faults: [],
      refuses: [],
      latency: {},
      answer: undefined,
      contextWindow: 100_000,
      ...adapter.server,
      ...options,
    });
    return adapter.make(config(adapter.baseUrl(current()), adapter.model, more));
  };
  const faulted = async (...faults: Fault[]): Promise<Outcome> => outcome(await make({ faults }));
  async function checkKind(kind: ModelErrorKind, ...faults: Fault[]): Promise<ModelError> {
    const { error, finish } = await faulted(...faults);
    assert.equal(error?.kind, kind, error?.message ?? `finished: ${finish?.reason}`);
    checkSentence(error);
    return error;
  }
  function checkSentence(error: ModelError): void {
    checkTranslatable(error);
    assert.doesNotMatch(error.message, /planted|FACT|pump|\{|undefined/, 'without key, text or JSON');
  }
  async function checkRead(...faults: Fault[]): Promise<Outcome> {
    const plain = await outcome(await make());
    const odd = await faulted(...faults);
    assert.equal(odd.error, undefined, odd.error?.message);
    assert.equal(odd.text, plain.text);
    assert.equal(odd.finish?.reason, 'stop');
    return odd;
  }
  async function checkCancelled(fault: Fault): Promise<void> {
    const model = await make({ faults: [fault] });
    const controller = new AbortController();
    const ended = outcome(model, call(), controller.signal);
    await until(() => current().openRequests > 0);
    controller.abort();
    assert.equal((await ended).error?.kind, 'cancelled');
    await until(() => current().calls.at(-1)?.clientClosed === true);
  }
  return {
    adapter,
    make,
    faulted,
    checkKind,
    checkSentence,
    checkRead,
    checkCancelled,
    get server() {
      return current();
    },
  };
}

/** Describes the suite of one adapter; call it within a test file. */
export function conforms(name: string, adapter: Conforming): void {
  describe(`${name} conforms`, () => {
    let server: SimulatedProvider;
    before(async () => {
      server = await startProvider(adapter.server);
    });
    after(() => server.close());
    const subject = createSubject(adapter, () => server);

    describe('requests and answers', () => testAnswers(subject));
    describe('broken streams', () => testStreams(subject));
    describe('refusals', () => testRefusals(subject));
    describe('cancelling', () => testCancelling(subject));
    describe('odd answers', () => testForms(subject));
    describe('limits', () => testLimits(subject));
  });
}

function testAnswers(subject: Subject): void {
  const { adapter, make } = subject;
  it('streams an answer and ends with its finish reason and usage', async () => {
    const { events, text, finish } = await outcome(await make({ faults: [{ kind: 'slow', ms: 1 }] }));
    assert.match(text, /pump in hall 4/);
    assert.equal(events[0]?.type, 'open');
    assert.ok(events.filter((event) => event.type === 'text').length > 1, 'in pieces');
    assert.equal(finish?.reason, 'stop');
    const asked = subject.server.calls.at(-1);
    assert.equal(finish?.usage.inputTokens, asked?.promptTokens);
    assert.equal(finish?.usage.outputTokens, asked?.outputTokens);
    assert.ok((finish?.usage.outputTokens ?? 0) > 0);
  });

  it('sends one request, with the key where its vendor wants it and nothing of the environment', async () => {
    const canary = 'canary-2b7f';
    const names = [
      'OPENAI_ORG_ID',
      'OPENAI_PROJECT_ID',
      'OPENAI_ADMIN_KEY',
      'ANTHROPIC_AUTH_TOKEN',
      'ANTHROPIC_API_KEY',
      'OPENAI_API_KEY',
      'ANTHROPIC_PROFILE',
    ];
    const values: Record<string, string> = Object.fromEntries(names.map((key) => [key, canary]));
    values['OPENAI_CUSTOM_HEADERS'] = `x-canary: ${canary}\nAuthorization: Bearer ${canary}`;
    values['ANTHROPIC_CUSTOM_HEADERS'] = `x-canary: ${canary}\nx-api-key: ${canary}\nAuthorization: Bearer ${canary}`;
    values['OPENAI_BASE_URL'] = values['ANTHROPIC_BASE_URL'] = 'http://127.0.0.1:9/';
    values['OPENAI_LOG'] = values['ANTHROPIC_LOG'] = 'debug';
    values['ANTHROPIC_OPEN_TELEMETRY'] = 'true';
    values['ANTHROPIC_OPEN_TELEMETRY_TRACES_CONTENT_MODE'] = 'content';
    const kept = Object.keys(values).map((key) => [key, process.env[key]] as const);
    Object.assign(process.env, values);
    try {
      const sent: Headers[] = [];
      const spy: typeof fetch = (input, init) => {
        sent.push(new Headers(init?.headers));
        assert.equal(init?.redirect, 'manual');
        return fetch(input, init);
      };
      const { error } = await outcome(await make({ apiKey: plantedKey }, { fetch: spy }));
      assert.equal(error, undefined, error?.message);
      assert.equal(subject.server.calls.length, 1);
      if (adapter.passesFetch === true) {
        return;
      }
      assert.ok(sent.length > 0);
      const all = sent.map(told).join('\n');
      assert.doesNotMatch(all, /canary|x-stainless|openai-org/i);
      assert.match(all, new RegExp(plantedKey));
    } finally {
      for (const [key, value] of kept) {
        if (value === undefined) {
          delete process.env[key];
        } else {
          process.env[key] = value;
        }
      }
    }
  });
}

function testStreams(subject: Subject): void {
  const { adapter, make, faulted, checkKind } = subject;
  it('tells a cut answer by its finish reason', async () => {
    const { finish } = await outcome(
      await make({ answer: () => 'word '.repeat(4000), maxOutputTokens: 50_000 }),
      call({ maxTokens: 20, runWindow: 4000 }),
    );
    assert.equal(finish?.reason, 'length');
  });

  it('takes an end without a finish reason as a broken connection', async () => {
    const error = await checkKind('network', { kind: 'end-early' });
    assert.match(error.message, /early/);
  });

  it('takes a reset connection as a network error', async () => {
    await checkKind('network', { kind: 'reset-midway' });
    await checkKind('network', { kind: 'reset-before-headers' });
  });

  it('reads on behind an event that cannot be read', async () => {
    const { error, text } = await faulted({ kind: 'broken-json' });
    if (adapter.events) assert.match(text, /pump in hall 4/, error?.message);
    else assert.ok(error === undefined || error.kind === 'network', error?.message);
  });

  it('takes a stream in which nothing can be read as a network error', async () => {
    const spy: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      const isAnswer = init?.method === 'POST' && !String(input).endsWith('/api/show');
      return isAnswer && response.ok ? new Response('data: : PROCESSING\n\ndata: nonsense\n\n') : response;
    };
    const { error } = await outcome(await make({}, { fetch: spy }));
    if (adapter.passesFetch !== true) assert.equal(error?.kind, 'network', error?.message);
  });

  it('takes a web page for what it is', async () => {
    const error = await checkKind('network', { kind: 'portal' });
    assert.match(error.message, /web page/);
  });

  it('takes an error within the stream as that error', async () => {
    const { error } = await faulted({ kind: 'error-event' });
    assert.ok(error !== undefined && ['overloaded', 'unknown', 'rate-limit'].includes(error.kind), error?.kind);
  });
}

function testRefusals(subject: Subject): void {
  const { adapter, make, checkKind, checkSentence } = subject;
  it('names what a status means', async () => {
    await checkKind('auth', { kind: 'auth' });
    await checkKind('auth', { kind: 'forbidden' });
    await checkKind('no-model', { kind: 'model-gone' });
    if (adapter.paid) {
      await checkKind('quota', { kind: 'quota' });
    }
    await checkKind('unknown', { kind: 'status', status: 500 });
    await checkKind('overloaded', { kind: 'status', status: 503 });
    await checkKind('overloaded', { kind: 'status', status: 529 });
  });

  it('tells how long a rate limit asks to wait, and says nothing where it does not', async () => {
    const told = await checkKind('rate-limit', { kind: 'rate-limit', retryAfter: 7 });
    assert.equal(told.retryAfterMs, 7000);
    const untold = await checkKind('rate-limit', { kind: 'rate-limit' });
    assert.equal(untold.retryAfterMs, undefined);
    assert.equal(subject.server.calls.length, 1, 'it does not retry by itself');
  });

  it('tells the rate limits of an answer', async () => {
    const model = await make({ rate: { requestsPerMinute: 600, tokensPerMinute: 90_000 } });
    const { events } = await outcome(model);
    const rate = events[0]?.type === 'open' ? events[0].rate : undefined;
    assert.equal(rate?.requestsLimit, adapter.rateHeaders ? 600 : undefined);
    assert.equal(rate?.tokensLimit, adapter.rateHeaders ? 90_000 : undefined);
  });

  it('tells a prompt that does not fit, with the limit, and remembers it', async () => {
    const model = await make({ contextWindow: 2000 });
    const long = `[1]\n${`${sentence} `.repeat(900)}\n\nSummarize.`;
    const { error } = await outcome(model, call({ user: long, inputTokens: 12_000, runWindow: 16_000 }));
    assert.equal(error?.kind, 'too-long', error?.message);
    assert.ok((error?.limitTokens ?? 0) <= 2000, `limit ${error?.limitTokens}`);
    checkSentence(error as ModelError);
  });

  it('drops a parameter that is refused, goes on, and does not send it again', async () => {
    const model = await make({ refuses: [adapter.droppable] });
    const first = await outcome(model, call({ stop: '<<end>>' }));
    assert.equal(first.error, undefined, first.error?.message);
    assert.equal(subject.server.calls.length, 2);
    const second = await outcome(model, call({ stop: '<<end>>' }));
    assert.equal(second.error, undefined);
    assert.equal(subject.server.calls.length, 3, 'remembered');
    assert.ok(adapter.droppable in (subject.server.calls[0]?.body as object));
    assert.ok(!(adapter.droppable in (subject.server.calls[2]?.body as object)));
  });

  it('ends at the stop mark where the wire has one', async () => {
    const model = await make({ answer: () => 'All of it. <<end>> And more that nobody wants.' });
    const { text, finish } = await outcome(model, call({ stop: '<<end>>' }));
    assert.equal(finish?.reason, 'stop');
    assert.equal(text.includes('nobody'), !adapter.takesStop);
  });

  it('follows no redirect, and sends nothing to its target', async () => {
    const other = await startProvider({ flavour: 'cloud' });
    try {
      for (const status of [301, 302, 303, 307, 308]) {
        const error = await checkKind('bad-request', { kind: 'redirect', status, to: `${other.url}/v1/elsewhere` });
        assert.match(error.message, /redirect/);
      }
      assert.equal(other.journal.length, 0);
    } finally {
      await other.close();
    }
  });
}

function testCancelling(subject: Subject): void {
  const { make, checkCancelled } = subject;
  it('sends nothing when it is cancelled before', async () => {
    const model = await make();
    const { error } = await outcome(model, call(), AbortSignal.abort());
    assert.equal(error?.kind, 'cancelled');
    assert.equal(subject.server.calls.length, 0);
  });

  it('closes the connection when it is cancelled while nothing comes', async () => {
    await checkCancelled({ kind: 'stall-before-headers' });
    await checkCancelled({ kind: 'stall-midway' });
  });

  it('closes the connection when the reader goes away', async () => {
    const model = await make({ answer: () => 'word '.repeat(50_000), maxOutputTokens: 60_000 });
    for await (const event of model.stream(call({ maxTokens: 50_000 }), new AbortController().signal)) {
      if (event.type === 'text') {
        break;
      }
    }
    await until(() => subject.server.openRequests === 0);
  });
}

function testForms(subject: Subject): void {
  const { adapter, make, faulted, checkRead } = subject;
  it('reads characters and events that are cut between packets', async () => {
    const answer = (): string => 'Größe 東京 👩‍🚀 naïve — done [1]';
    const { text, error } = await outcome(await make({ answer, faults: [{ kind: 'split-packets' }] }));
    assert.equal(error, undefined, error?.message);
    assert.equal(text, answer());
  });

  it('reads an answer that comes as one JSON, where the server does not stream or refuses to', async () => {
    const { finish } = await checkRead({ kind: 'whole' });
    assert.ok((finish?.usage.outputTokens ?? 0) > 0);
    if (adapter.droppable !== 'think' && adapter.droppable !== 'stop_sequences') {
      const { text, error } = await outcome(await make({ refuses: ['stream'] }));
      assert.equal(error, undefined, error?.message);
      assert.match(text, /pump in hall 4/);
    }
  });

  it('reads an answer without counts', async () => {
    const { finish } = await checkRead({ kind: 'no-usage' });
    assert.equal(finish?.usage.estimated, true);
    assert.equal(finish?.usage.inputTokens, call().inputTokens);
    assert.ok((finish?.usage.outputTokens ?? 0) > 0);
  });

  it('shows thinking as a sign of life only', async () => {
    const { events } = await checkRead({ kind: 'reasoning' });
    assert.ok(events.some((event) => event.type === 'pulse'));
    if (adapter.server.flavour !== 'anthropic' && adapter.server.flavour !== 'openai') {
      await checkRead({ kind: 'think' });
    }
  });

  if (adapter.events) {
    it('shows keep-alive comments as signs of life', async () => {
      const { events } = await checkRead({ kind: 'keep-alive' });
      assert.ok(events.some((event) => event.type === 'pulse'));
    });
    it('reads CRLF and a stream without an end mark', async () => {
      await checkRead({ kind: 'crlf' });
      await checkRead({ kind: 'no-done' });
    });
  }

  it('tells a filtered and a refused answer', async () => {
    if (adapter.filters) {
      const filtered = await faulted({ kind: 'content-filter' });
      assert.equal(filtered.finish?.reason ?? filtered.error?.kind, 'content-filter');
    }
    if (adapter.refuses) {
      const refused = await faulted({ kind: 'refusal' });
      assert.equal(refused.finish?.reason, 'refused');
    }
  });

  it('reads an answer that is far longer than any other, where it was asked for', async () => {
    const model = await make({
      faults: [{ kind: 'huge', bytes: 400_000 }],
      contextWindow: 400_000,
      maxOutputTokens: 200_000,
    });
    const { text, error } = await outcome(model, call({ maxTokens: 100_000, runWindow: 150_000 }));
    assert.equal(error, undefined, error?.message);
    assert.ok(text.length >= 350_000, String(text.length));
  });

  it('ends an answer that is many times longer than was asked for', async () => {
    const { text, error, finish } = await faulted({ kind: 'huge', bytes: 4_000_000 });
    assert.deepEqual([error, finish?.reason, finish?.cutBy], [undefined, 'length', 'runaway']);
    assert.ok(text.length < 200_000, String(text.length));
    await until(() => subject.server.openRequests === 0);
  });
}

function testLimits(subject: Subject): void {
  const { make } = subject;
  it('knows its limits, on this machine', async () => {
    const limits = await (await make()).limits(new AbortController().signal);
    assert.ok(limits.contextWindow > 0 && limits.maxOutputTokens > 0 && limits.maxOutputTokens < limits.contextWindow);
    assert.equal(limits.loopback, true);
  });

  it('keeps to the window that the settings name', async () => {
    const limits = await (await make({}, { contextWindow: 12_345 })).limits(new AbortController().signal);
    assert.equal(limits.contextWindow, 12_345);
  });
}

function told(headers: Headers): string {
  const lines: string[] = [];
  headers.forEach((value, name) => lines.push(`${name}: ${value}`));
  return lines.join('\n');
}

/** Waits for what another process's turn brings about; fails after a second. */
export async function until(done: () => boolean): Promise<void> {
  const end = performance.now() + 1000;
  while (!done()) {
    assert.ok(performance.now() < end, 'it did not happen within a second');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
