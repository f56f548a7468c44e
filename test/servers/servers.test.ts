/** Servers of other authors, as `npm run test:servers` starts them: the same cases for each, and a table of the results. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { PrecisApi, RunEvent, SummaryResult } from '../../src/api.ts';
import type { ProviderId } from '../../src/contributions.ts';
import { ModelError, type ChatModel, type ModelCall } from '../../src/engine/model.ts';
import { loadProvider } from '../../src/providers/index.ts';
import type { ProviderConfig } from '../../src/providers/provider.ts';
import { call, config, memory, outcome } from '../support/conformance.ts';
import * as corpus from '../support/corpus.ts';
import { checkGrammar } from '../support/grammar.ts';
import { figure } from '../vscode/figure.ts';

interface Server {
  readonly name: string;
  readonly provider: ProviderId;
  readonly baseUrl: string;
  readonly model: string;
  readonly key?: string;
  /** A real model answers. */
  readonly isModel: boolean;
}

const servers = JSON.parse(process.env['PRECIS_SERVERS'] ?? '[]') as readonly Server[];
const host = globalThis as { __vscodeOriginalFetch?: typeof fetch };
const forever = new AbortController().signal;
const sections = { openai: 'openai', anthropic: 'anthropic', 'openai-compatible': 'openaiCompatible' } as const;
/** Time of a case: a small model on two cores. */
const caseMs = 300_000;

const article = `The harbour office ordered pump P-77 on 3 March. It arrives on 9 December.
The crane on pier 4 stays closed until the spring, because its brake failed twice in February.`;

/** A request of about so many tokens. */
function callOf(tokens: number, more: Partial<ModelCall> = {}): ModelCall {
  const text = tokens < 100 ? article : corpus.prose(7, tokens * 4.5);
  return call({
    system: 'You summarize the text between the marks in plain sentences.',
    user: `[1]\n${text}\n\nSummarize the text in three sentences.`,
    inputTokens: tokens,
    maxTokens: 24,
    effort: 'none',
    ...more,
  });
}

class Case {
  readonly server: Server;
  readonly asked: string[] = [];
  /** The summary of the short text. */
  short: SummaryResult | undefined;
  private readonly shared = memory();

  constructor(server: Server) {
    this.server = server;
  }

  config(more: Partial<ProviderConfig> = {}): ProviderConfig {
    const { baseUrl, model, key = '' } = this.server;
    const fetch: typeof globalThis.fetch = (input, init) => {
      this.asked.push(`${init?.method ?? 'GET'} ${new URL(String(input)).pathname}`);
      return globalThis.fetch(input, init);
    };
    return config(baseUrl, model, { apiKey: key, account: this.server.name, memory: this.shared, fetch, ...more });
  }

  async make(more: Partial<ProviderConfig> = {}): Promise<ChatModel> {
    return (await loadProvider(this.server.provider, {})).create(this.config(more));
  }

  async summarize(text: string, more: object = {}): Promise<{ result: SummaryResult; events: RunEvent[] }> {
    const found = vscode.extensions.getExtension<PrecisApi>('precis.precis');
    assert.ok(found);
    const api = await found.activate();
    const { provider, model } = this.server;
    const events: RunEvent[] = [];
    const result = await api.summarize(
      { text, title: 'text.md', languageId: 'markdown' },
      { provider, model, length: 'brief', ...more },
      undefined,
      (event) => void events.push(event),
    );
    checkGrammar(events, { ended: true });
    return { result, events };
  }
}

/** @returns what the table shows; `–` and a reason where a server cannot play the case. @throws where it goes wrong */
type Check = (at: Case) => Promise<string>;

/** Complete, or partial and the summary says why. */
function isWhole({ status, gaps, markdown }: SummaryResult): boolean {
  const isTold = gaps.length > 0 || /could not be finished|repeat itself|unreliable|without a model/.test(markdown);
  return status === 'complete' || (status === 'partial' && isTold);
}

const checks: Readonly<Record<string, Check>> = {
  'lists its models': async (at) => {
    const models = await (await loadProvider(at.server.provider, {})).listModels(at.config({ model: '' }), forever);
    assert.ok(models.length > 0);
    return 'yes';
  },
  'tells its window': async (at) => {
    const { contextWindow, known } = await (await at.make()).limits(forever);
    assert.ok(contextWindow >= 512);
    return known ? String(contextWindow) : 'guessed';
  },
  streams: async (at) => {
    const { events, text, error } = await outcome(await at.make(), callOf(80));
    assert.equal(error, undefined, error?.message);
    assert.ok(text.trim().length > 0);
    return events.filter(({ type }) => type === 'text').length > 1 ? 'yes' : 'in one piece';
  },
  counts: async (at) => {
    const { finish, error } = await outcome(await at.make(), callOf(80));
    assert.equal(error, undefined, error?.message);
    assert.ok((finish?.usage.inputTokens ?? 0) > 0 && (finish?.usage.outputTokens ?? 0) > 0);
    return finish?.usage.estimated ? 'estimated' : 'yes';
  },
  'cut is a cut': async (at) => {
    if (!at.server.isModel) return '–';
    const { finish, error } = await outcome(await at.make(), callOf(80, { maxTokens: 16 }));
    assert.equal(error, undefined, error?.message);
    assert.equal(finish?.reason, 'length');
    return 'yes';
  },
  cancels: async (at) => {
    const controller = new AbortController();
    const model = await at.make();
    const began = performance.now();
    setTimeout(() => controller.abort(), 60);
    const { error } = await outcome(model, callOf(400, { maxTokens: 400 }), controller.signal);
    if (error === undefined) return 'answers at once';
    assert.equal(error.kind, 'cancelled');
    assert.ok(performance.now() - began < 2_000);
    return 'yes';
  },
  'is free again': async (at) => {
    const began = performance.now();
    const { error } = await outcome(await at.make(), callOf(80, { maxTokens: 16 }));
    assert.equal(error, undefined, error?.message);
    return `${((performance.now() - began) / 1000).toFixed(1)} s`;
  },
  'wrong model': async (at) => {
    const { error } = await outcome(await at.make({ model: 'no-such-model-4' }), callOf(80, { maxTokens: 16 }));
    if (error === undefined) return 'any name';
    if (error.kind === 'unknown' && (error.status ?? 0) >= 500) return `HTTP ${error.status}`;
    assert.ok(['no-model', 'bad-request', 'auth'].includes(error.kind), `${error.kind}: ${error.message}`);
    return error.kind;
  },
  'wrong key': async (at) => {
    const key = 'sk-planted-wrong-8f3a51c09d7e';
    const { error } = await outcome(await at.make({ apiKey: key, account: 'other' }), callOf(80, { maxTokens: 16 }));
    if (error === undefined) return 'any key';
    assert.equal(error.kind, 'auth', error.message);
    assert.ok(!`${error.message} ${error.said}`.includes('planted'));
    return 'refused';
  },
  'too long': async (at) => {
    if (!at.server.isModel) return '–';
    const { error, finish } = await outcome(await at.make({ memory: memory() }), callOf(6_000));
    assert.equal(error?.kind ?? finish?.reason, 'too-long', error?.message);
    return error?.limitTokens === undefined ? 'yes' : String(error.limitTokens);
  },
  'four at a time': async (at) => {
    const model = await at.make();
    const all = await Promise.all([1, 2, 3, 4].map(() => outcome(model, callOf(80, { maxTokens: 16 }))));
    assert.deepEqual(all.map(({ error }) => error?.message).filter(Boolean), []);
    return 'yes';
  },
  'end mark': async (at) => {
    const stop = '⟦end 7e41c9⟧';
    const { text, error } = await outcome(await at.make(), callOf(80, { stop }));
    assert.equal(error, undefined, error?.message);
    assert.ok(!text.includes(stop));
    return 'yes';
  },
  characters: async (at) => {
    const user = `[1]\n港の事務所はポンプ P-77 を注文した。Žluťoučký kůň 🐎 ⚓.\n\nSummarize the text.`;
    const { text, error } = await outcome(await at.make(), callOf(80, { user, maxTokens: 24 }));
    assert.equal(error, undefined, error?.message);
    assert.ok(!text.includes('\uFFFD'));
    return 'yes';
  },
  'asks once': async (at) => {
    const own = memory();
    at.asked.length = 0;
    // a server of this machine is asked past the fetch that counts
    const original = host.__vscodeOriginalFetch;
    delete host.__vscodeOriginalFetch;
    try {
      for (let run = 0; run < 3; run++) await (await at.make({ memory: own })).limits(forever);
    } finally {
      host.__vscodeOriginalFetch = original;
    }
    const counts = new Map<string, number>();
    for (const path of at.asked) counts.set(path, (counts.get(path) ?? 0) + 1);
    assert.ok(Math.max(0, ...counts.values()) <= 1, JSON.stringify([...counts]));
    return String(at.asked.length);
  },
  'short text': async (at) => {
    const { result } = await at.summarize(article);
    assert.ok(isWhole(result) && result.markdown.trim().length > 0, result.markdown);
    at.short = result;
    return result.status;
  },
  'again from the cache': async (at) => {
    if (at.short?.status !== 'complete') return '–';
    const { result } = await at.summarize(article);
    assert.equal(result.usage.calls, 0);
    assert.equal(result.markdown, at.short.markdown);
    return 'yes';
  },
  costs: (at) => {
    const usage = at.short?.usage;
    assert.ok(usage !== undefined && usage.inputTokens > 0);
    return Promise.resolve(usage.costUsd === undefined ? 'unknown' : `$${usage.costUsd}`);
  },
  'long text': async (at) => {
    const { result } = await at.summarize(corpus.prose(5, 4_200), { cache: false });
    assert.ok(isWhole(result) && result.markdown.trim().length > 0, result.markdown);
    return `${result.status}, ${result.usage.calls} calls`;
  },
};

const table = new Map<string, Map<string, string>>();

function printTable(): void {
  const names = servers.map(({ name }) => name);
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rows = Object.keys(checks).map((title) =>
    row([title, ...names.map((name) => table.get(name)?.get(title) ?? '')]),
  );
  figure([row(['case', ...names]), row(['---', ...names.map(() => '---')]), ...rows].join('\n'));
}

for (const server of servers)
  describe(server.name, function () {
    this.timeout(caseMs);
    const at = new Case(server);
    const results = new Map<string, string>();
    const global = vscode.ConfigurationTarget.Global;
    const setting = `precis.${sections[server.provider as keyof typeof sections]}.baseUrl`;
    before(async () => {
      table.set(server.name, results);
      await vscode.workspace.getConfiguration().update(setting, server.baseUrl, global);
      await vscode.commands.executeCommand('precis.setApiKey', server.provider, server.key ?? 'sk-none-needed');
    });
    after(async () => {
      await vscode.workspace.getConfiguration().update(setting, undefined, global);
      await vscode.commands.executeCommand('precis.clearApiKey', server.provider);
    });
    for (const [title, check] of Object.entries(checks))
      it(title, async () => {
        try {
          results.set(title, await check(at));
        } catch (error) {
          const kind = ModelError.is(error) ? error.kind : 'wrong';
          results.set(title, `✘ ${kind}`);
          throw error;
        }
      });
  });

describe('all servers', () => {
  it('were asked', () => {
    assert.ok(servers.length > 0, 'run npm run test:servers');
    printTable();
  });
});
