/**
 * The whole way with a real model: VS Code, the extension as built, a llama.cpp server. Run by `npm run test:model`, which names the
 * server and the weights. What a model of 135 million parameters writes is not judged here, only that every run ends well.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as vscode from 'vscode';
import type { PrecisApi, RunEvent, SummaryOptions, SummaryResult } from '../../src/api.ts';
import { RepetitionGuard } from '../../src/engine/answer/repetition.ts';
import { checkGrammar } from '../support/grammar.ts';
import { figure } from '../vscode/figure.ts';

interface Llama {
  readonly url: string;
  readonly port: number;
  log(): string;
  stop(): Promise<void>;
}
interface LlamaOptions {
  readonly port?: number;
  readonly slots?: number;
  /** Tokens of one slot. */
  readonly window?: number;
}

const root = process.env['PRECIS_TEST_ROOT'] ?? '';
const window = 2048;
const slots = 2;

/** The server sees a cancel between two batches: small ones take less than a second. */
async function startLlama(options: LlamaOptions): Promise<Llama> {
  const path = join(root, '.config', 'scripts', 'lib', 'localModel.mjs');
  const helper = (await import(pathToFileURL(path).href)) as {
    startLlama(given: LlamaOptions & { readonly args: readonly string[] }): Promise<Llama>;
  };
  return helper.startLlama({ ...options, args: ['--batch-size', '64'] });
}

const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

async function until(what: string, limitMs: number, done: () => boolean | Promise<boolean>): Promise<number> {
  const from = performance.now();
  while (!(await done())) {
    assert.ok(performance.now() - from < limitMs, `${what}: not within ${limitMs} ms`);
    await wait(20);
  }
  return performance.now() - from;
}

async function countBusySlots({ url }: Llama): Promise<number> {
  const answer = await fetch(`${url}/slots`);
  const rows = (await answer.json()) as readonly { readonly is_processing: boolean }[];
  return rows.filter(({ is_processing }) => is_processing).length;
}

/** Whether a slot has begun to write; while it only reads, the server looks for a closed connection once a second. */
async function isWriting({ url }: Llama): Promise<boolean> {
  const answer = await fetch(`${url}/slots`);
  const rows = (await answer.json()) as readonly { readonly next_token?: unknown }[];
  const written = rows.flatMap(
    ({ next_token }) => next_token as readonly { readonly n_decoded?: number }[] | undefined,
  );
  return written.some((token) => (token?.n_decoded ?? 0) > 2);
}

async function countTokens({ url }: Llama, content: string): Promise<number> {
  const body = JSON.stringify({ content });
  const answer = await fetch(`${url}/tokenize`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  return ((await answer.json()) as { readonly tokens: readonly number[] }).tokens.length;
}

/** A result that a person can use: some text, no loop in it, every part read or named. */
function checkSummary(result: SummaryResult): void {
  assert.ok(result.status === 'complete' || result.status === 'partial', result.status);
  assert.match(result.markdown, /\p{L}{3}/u);
  assert.equal(new RepetitionGuard().push(`${result.markdown}\n`), undefined, 'no loop is shown');
  if (result.gaps.length > 0) assert.equal(result.status, 'partial');
}

const set = (id: string, value: unknown): Thenable<void> =>
  vscode.workspace.getConfiguration().update(id, value, vscode.ConfigurationTarget.Global);

describe('a real model', function () {
  this.timeout(600_000);
  let api: PrecisApi;
  let llama: Llama;
  let folder: string;
  /** Real prose, as long as one window. */
  let page: string;
  /** Real prose of three windows. */
  let book: string;

  const use = async (server: Llama): Promise<void> => {
    llama = server;
    await set('precis.openaiCompatible.baseUrl', `${server.url}/v1`);
  };
  const summarize = async (
    text: string,
    options: SummaryOptions = {},
    onEvent: (event: RunEvent) => void = () => undefined,
    token?: vscode.CancellationToken,
  ): Promise<SummaryResult> => {
    const events: RunEvent[] = [];
    const result = await api.summarize(
      { text, title: 'readme.md', languageId: 'markdown' },
      options,
      token,
      (event) => {
        events.push(event);
        onEvent(event);
      },
    );
    checkGrammar(events, { ended: true });
    const { calls, cachedCalls, wallMs } = result.usage;
    figure(
      `${text.length} characters: ${result.status}, ${calls} calls, ${cachedCalls} cached, ${Math.round(wallMs)} ms`,
    );
    return result;
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'precis-model-'));
    const source = ['README.md', 'CHANGELOG.md', 'SECURITY.md'].map((name) => readFileSync(join(root, name), 'utf8'));
    const all = source.join('\n\n');
    api = await vscode.extensions.getExtension<PrecisApi>('precis.precis')!.activate();
    await set('precis.openaiCompatible.model', 'SmolLM2-135M-Instruct');
    await set('precis.provider', 'openai-compatible');
    await use(await startLlama({ slots, window }));
    const charactersPerToken = all.length / (await countTokens(llama, all));
    page = all.slice(0, Math.floor(charactersPerToken * window * 0.4));
    book = all.slice(0, Math.floor(charactersPerToken * window * 3));
  });
  after(async () => {
    await llama.stop();
    for (const id of ['precis.openaiCompatible.baseUrl', 'precis.openaiCompatible.model']) await set(id, undefined);
    await set('precis.provider', 'offline');
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    await vscode.commands.executeCommand('precis.clearCache');
  });

  it('summarizes a short text by the command', async () => {
    const file = join(folder, 'short.md');
    writeFileSync(file, page);
    const result = await vscode.commands.executeCommand<SummaryResult>('precis.summarizeFile', vscode.Uri.file(file));
    assert.equal(result.provider, 'openai-compatible');
    checkSummary(result);
    assert.ok(result.usage.calls >= 1);
  });

  it('summarizes a text of three windows over two slots, and a second time out of the cache', async () => {
    let most = 0;
    let isRunning = true;
    const watching = (async () => {
      for (; isRunning; await wait(50)) most = Math.max(most, await countBusySlots(llama));
    })();
    const first = await summarize(book).finally(() => (isRunning = false));
    await watching;
    checkSummary(first);
    assert.ok(first.usage.calls >= 3, `${first.usage.calls} calls`);
    assert.equal(most, slots, 'both slots worked at the same time, and no call waited in the server');
    // a note that was cut or lost is asked for again
    const second = await summarize(book);
    assert.ok(second.usage.cachedCalls > 0);
    if (first.status === 'complete') assert.equal(second.usage.calls, 0);
    else assert.ok(second.usage.calls < first.usage.calls);
  });

  it('frees the slots within a second of a cancel', async () => {
    const source = new vscode.CancellationTokenSource();
    const running = summarize(page, {}, () => undefined, source.token);
    await until('the server writes', 120_000, () => isWriting(llama));
    source.cancel();
    const ms = await until('the slots are free', 1_000, async () => (await countBusySlots(llama)) === 0);
    figure(`slots free ${Math.round(ms)} ms after the cancel`);
    assert.equal((await running).status, 'cancelled');
  });

  it('goes on after the server was stopped and started again', async () => {
    let restarted: Promise<void> | undefined;
    const restart = async (): Promise<void> => {
      const { port } = llama;
      await llama.stop();
      await wait(1_000);
      llama = await startLlama({ port, slots, window });
    };
    const result = await summarize(book, {}, (event) => {
      if (event.type === 'call-end' && event.outcome === 'done') restarted ??= restart();
    });
    assert.ok(restarted, 'the server was stopped in the middle');
    await restarted;
    checkSummary(result);
    assert.ok(
      result.gaps.every(({ reason }) => !/connection|provider failed/.test(reason)),
      JSON.stringify(result.gaps),
    );
    assert.ok(result.usage.retries > 0);
  });

  it('ends well where the window cuts the answer', async () => {
    const { port } = llama;
    await llama.stop();
    const small = 1024;
    llama = await startLlama({ port, slots: 1, window: small });
    // the extension believes in a larger window: nearly all of the real one is taken by the text
    const room = 40;
    let text = page;
    while ((await countTokens(llama, text)) > small - room - 90) text = text.slice(0, -40);
    const result = await summarize(text, { contextWindow: 8_192 });
    checkSummary(result);
  });
});
