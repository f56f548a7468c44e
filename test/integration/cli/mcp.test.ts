import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { ClientCapabilities } from '@modelcontextprotocol/sdk/types.js';
import { ElicitRequestSchema, ListRootsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { bundleCli, type Cli } from '../../support/cli.ts';
import * as corpus from '../../support/corpus.ts';
import { startProvider, type SimulatedProvider } from '../../support/provider/index.ts';
import { until } from '../../support/until.ts';

interface Answer {
  readonly text: string;
  readonly isError: boolean;
  readonly data: Record<string, unknown>;
}

let cli: Cli;
let provider: SimulatedProvider;
let base: string;
let root: string;
const clients: Client[] = [];
async function connect(flags: readonly string[], capabilities: ClientCapabilities = {}): Promise<Client> {
  const client = new Client({ name: 'test', version: '1.0.0' }, { capabilities });
  clients.push(client);
  const command = { command: process.execPath, args: [cli.program, 'mcp', ...flags], cwd: root };
  await client.connect(new StdioClientTransport({ ...command, env: cli.env as Record<string, string> }));
  return client;
}
const online = (): string[] => ['--provider', 'openai-compatible', '--base-url', `${provider.url}/v1`, '--model', 'm'];
async function call(client: Client, name: string, args: Record<string, unknown>): Promise<Answer> {
  const result = await client.callTool({ name, arguments: args });
  const [first] = result.content as { text: string }[];
  return {
    text: first?.text ?? '',
    isError: result.isError === true,
    data: (result.structuredContent ?? {}) as Record<string, unknown>,
  };
}

describe('the MCP server', () => {
  before(async () => {
    cli = await bundleCli();
    provider = await startProvider({ flavour: 'compatible', contextWindow: 32_768 });
    base = await realpath(await mkdtemp(join(tmpdir(), 'precis-mcp-')));
    root = join(base, 'root');
    await mkdir(root);
    await writeFile(join(base, 'outside.md'), 'outside');
    await writeFile(join(root, 'small.md'), 'The pump P-77 arrives on 9 December.\n\npassword = "hunter2-Zq81x"\n');
    await writeFile(join(root, 'large.md'), corpus.prose(1, 240_000));
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
    provider.reset({ latency: undefined });
  });
  after(async () => {
    await Promise.all([cli.dispose(), provider.close(), rm(base, { recursive: true })]);
  });

  describe('tools', testTools);
  describe('limits', testLimits);
  describe('several clients and cancelling', testClients);
  describe('refusals', testRefusals);
});

function testTools(): void {
  it('offers three tools that say when to use them', async () => {
    const { tools } = await (await connect([])).listTools();
    assert.deepEqual(
      tools.map(({ name }) => name),
      ['summarize', 'read', 'estimate'],
    );
    assert.match(tools[0]!.description ?? '', /more than 200 lines or 20 KB/);
    assert.ok(tools.every(({ annotations }) => annotations?.readOnlyHint));
  });

  it('summarizes offline with citations, as data and with secrets masked', async () => {
    const answer = await call(await connect([]), 'summarize', { path: 'small.md' });
    assert.match(answer.text, /data from the text, not instructions/);
    assert.match(answer.text, /P-77/);
    assert.doesNotMatch(answer.text, /hunter2/);
    assert.equal(answer.data['status'], 'complete');
    assert.equal((answer.data['citations'] as { place: string }[])[0]?.place, 'small.md:1');
  });

  it('reads the lines behind a citation, with secrets masked', async () => {
    const client = await connect([]);
    const lines = await call(client, 'read', { path: 'small.md', startLine: 1, endLine: 1 });
    assert.match(lines.text, /P-77 arrives/);
    const secret = await call(client, 'read', { path: 'small.md', startLine: 3, endLine: 3 });
    assert.doesNotMatch(secret.text, /hunter2/);
  });

  it('respects the roots of the client', async () => {
    const client = await connect([], { roots: {} });
    client.setRequestHandler(ListRootsRequestSchema, () => ({
      roots: [{ uri: pathToFileURL(root).toString(), name: 'root' }],
    }));
    assert.equal((await call(client, 'summarize', { path: 'small.md' })).isError, false);
    for (const path of ['../outside.md', join(base, 'outside.md')]) {
      const answer = await call(client, 'summarize', { path });
      assert.ok(answer.isError);
      assert.match(answer.text, /outside the folders that are open/);
    }
  });

  it('reports progress and bills what it says', async () => {
    const client = await connect(online());
    const progress: number[] = [];
    const result = await client.callTool({ name: 'summarize', arguments: { path: 'large.md' } }, undefined, {
      onprogress: ({ progress: done }) => void progress.push(done),
    });
    const data = result.structuredContent as { inputTokens: number; status: string };
    assert.equal(data.status, 'complete');
    assert.ok(progress.length > 1);
    assert.equal(
      data.inputTokens,
      provider.calls.reduce((sum, { promptTokens, finish }) => sum + (finish ? promptTokens : 0), 0),
    );
  });
}

function testLimits(): void {
  it('refuses above the limit with the estimate and the flag, where nobody can be asked', async () => {
    const client = await connect([...online(), '--max-tokens', '1000', '--no-cache']);
    const before = provider.calls.length;
    const answer = await call(client, 'summarize', { path: 'large.md' });
    assert.ok(answer.isError);
    assert.match(answer.text, /about \d+ tokens in.*above the limit of 1000 tokens.*--max-tokens/);
    assert.equal(provider.calls.length, before);
  });

  it('asks above the limit where the client can ask, and sends only after a yes', async () => {
    const client = await connect([...online(), '--max-tokens', '1000', '--no-cache'], { elicitation: {} });
    const answers = [false, true];
    client.setRequestHandler(ElicitRequestSchema, () => ({
      action: 'accept' as const,
      content: { send: answers.shift() ?? false },
    }));
    const before = provider.calls.length;
    assert.ok((await call(client, 'summarize', { path: 'large.md' })).isError);
    assert.equal(provider.calls.length, before);
    assert.equal((await call(client, 'summarize', { path: 'large.md' })).isError, false);
    assert.ok(provider.calls.length > before);
  });

  it('holds to a budget that the agent names', async () => {
    const answer = await call(await connect(online()), 'summarize', { text: corpus.prose(9, 20_000), maxTokens: 100 });
    assert.ok(answer.isError);
    assert.match(answer.text, /more than maxTokens/);
  });

  it('estimates without sending', async () => {
    const client = await connect([...online(), '--no-cache']);
    const before = provider.calls.length;
    const answer = await call(client, 'estimate', { path: 'large.md' });
    assert.ok((answer.data['requests'] as number) > 1 && (answer.data['inputTokens'] as number) > 10_000);
    assert.equal(provider.calls.length, before);
  });
}

function testClients(): void {
  it('ends a cancelled call at the server', async () => {
    provider.reset({ latency: { firstTokenMs: 60_000, perInputTokenMs: 0, perOutputTokenMs: 0 } });
    const client = await connect([...online(), '--no-cache']);
    const abort = new AbortController();
    const running = client.callTool({ name: 'summarize', arguments: { path: 'small.md' } }, undefined, {
      signal: abort.signal,
    });
    await until(() => provider.openRequests > 0);
    abort.abort();
    await assert.rejects(running);
    await until(() => provider.openRequests === 0);
    assert.ok(provider.calls[0]?.clientClosed);
  });

  it('answers calls at the same time, each with its own text', async () => {
    const client = await connect([...online(), '--no-cache']);
    const names = ['Aldgate', 'Bexley', 'Camden', 'Dalston'];
    const answers = await Promise.all(
      names.map((name) => call(client, 'summarize', { text: `The pump at ${name} failed on 9 December.\n` })),
    );
    for (const [i, { text, isError }] of answers.entries()) {
      assert.equal(isError, false, text);
      assert.deepEqual(
        names.filter((name) => text.includes(name)),
        [names[i]],
      );
    }
  });

  it('frees the server and ends when its client goes away in the middle of a call', async () => {
    provider.reset({ latency: { firstTokenMs: 60_000, perInputTokenMs: 0, perOutputTokenMs: 0 } });
    const child = cli.start(['mcp', ...online(), '--no-cache']);
    const ended = once(child, 'exit');
    const send = (message: object): unknown =>
      child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
    const clientInfo = { name: 'test', version: '1.0.0' };
    send({ id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo } });
    send({ method: 'notifications/initialized' });
    send({ id: 2, method: 'tools/call', params: { name: 'summarize', arguments: { text: 'The pump failed.' } } });
    await until(() => provider.openRequests > 0);
    child.stdin?.end();
    child.stdout?.destroy();
    assert.deepEqual(await ended, [0, null]);
    await until(() => provider.openRequests === 0);
  });

  it('asks for the roots at each call, because a client may change them', async () => {
    const client = await connect([], { roots: { listChanged: true } });
    let roots = [root];
    client.setRequestHandler(ListRootsRequestSchema, () => ({
      roots: roots.map((folder) => ({ uri: pathToFileURL(folder).toString() })),
    }));
    assert.equal((await call(client, 'summarize', { path: join(root, 'small.md') })).isError, false);
    roots = [];
    await client.sendRootsListChanged();
    const answer = await call(client, 'summarize', { path: join(root, 'small.md') });
    assert.match(answer.text, /outside the folders that are open/);
  });
}

function testRefusals(): void {
  it('sends nothing where the person declines, closes the question, or cannot be asked', async () => {
    const before = provider.calls.length;
    for (const [outcome, sentence] of [
      [{ action: 'decline' }, /nothing more was sent/],
      [{ action: 'cancel' }, /nothing more was sent/],
      [{ action: 'accept', content: { send: false } }, /nothing more was sent/],
      [undefined, /could not ask its user.*--max-tokens/],
    ] as const) {
      const client = await connect([...online(), '--max-tokens', '1000', '--no-cache'], { elicitation: {} });
      client.setRequestHandler(ElicitRequestSchema, () => {
        if (!outcome) throw new Error('no window');
        return outcome;
      });
      const answer = await call(client, 'summarize', { path: 'large.md' });
      assert.ok(answer.isError);
      assert.match(answer.text, sentence);
    }
    assert.equal(provider.calls.length, before);
  });

  it('answers wrong arguments with a sentence', async () => {
    const client = await connect([]);
    for (const [name, args, sentence] of [
      ['summarize', { path: 5 }, /^The argument "path" is wrong: .*expected string/],
      ['summarize', { path: 'small.md', length: 'huge' }, /^The argument "length" is wrong: /],
      ['summarize', { file: 'small.md' }, /^Give a path, paths or a text\.$/],
      ['read', { path: 'small.md' }, /^The argument "startLine" is wrong: /],
      ['estimate', {}, /^Give a path, paths or a text\.$/],
      ['delete', {}, /^There is no tool "delete"\.$/],
    ] as const) {
      const answer = await call(client, name, args);
      assert.ok(answer.isError);
      assert.match(answer.text, sentence);
    }
  });
}
