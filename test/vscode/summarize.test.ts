import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { PrecisApi, RunEvent } from '../../src/api.ts';
import type { SummaryResult } from '../../src/engine/events.ts';
import { checkGrammar } from '../support/grammar.ts';
import { markdown } from '../support/corpus.ts';
import { startProvider, type SimulatedProvider } from '../support/provider/index.ts';

const key = 'sk-test-abcdefghij0123456789';

function withFacts(size: number, count: number): string {
  const lines = markdown(9, size)
    .split('\n')
    .filter((line) => line.trim() && !/^\s*(```|~~~|\||#)/.test(line));
  for (let i = 0; i < count; i++)
    lines[Math.round((i * (lines.length - 1)) / Math.max(1, count - 1))] +=
      ` The FACT-${i} says pump ${3000 + i * 7} failed.`;
  return lines.join('\n');
}

async function set(values: Record<string, unknown>): Promise<void> {
  const configuration = vscode.workspace.getConfiguration();
  for (const [id, value] of Object.entries(values))
    await configuration.update(id, value, vscode.ConfigurationTarget.Global);
}

describe('summaries over real HTTP inside VS Code', function () {
  this.timeout(60_000);
  let provider: SimulatedProvider;
  let api: PrecisApi;
  before(async () => {
    provider = await startProvider({ flavour: 'cloud' });
    api = await vscode.extensions.getExtension<PrecisApi>('precis.precis')!.activate();
    await set({
      'precis.confirmAboveTokens': 0,
      'precis.openai.baseUrl': `${provider.url}/v1`,
      'precis.anthropic.baseUrl': provider.url,
      'precis.openaiCompatible.baseUrl': `${provider.url}/v1`,
    });
    for (const id of ['openai', 'anthropic', 'openai-compatible'])
      await vscode.commands.executeCommand('precis.setApiKey', id, key);
  });
  after(async () => {
    await set({
      'precis.provider': undefined,
      'precis.confirmAboveTokens': undefined,
      'precis.openai.baseUrl': undefined,
      'precis.anthropic.baseUrl': undefined,
      'precis.openaiCompatible.baseUrl': undefined,
    });
    await provider.close();
  });
  beforeEach(async () => {
    provider.reset({ faults: [], latency: {}, reader: {} });
    await vscode.commands.executeCommand('precis.clearCache');
  });

  async function check(
    text: string,
    options: Parameters<PrecisApi['summarize']>[1],
    facts: number,
  ): Promise<{ result: SummaryResult; events: RunEvent[] }> {
    const events: RunEvent[] = [];
    const result = await api.summarize(
      { text, title: 'text.md', languageId: 'markdown' },
      options,
      undefined,
      (event) => events.push(event),
    );
    checkGrammar(events, { ended: true });
    const missing = Array.from({ length: facts }, (_, i) => i).filter(
      (i) => !new RegExp(`FACT-${i}\\b`).test(result.markdown),
    );
    assert.deepEqual([result.status, missing], ['complete', []]);
    assert.equal(provider.openRequests, 0);
    return { result, events };
  }

  for (const [id, model] of [
    ['openai', 'gpt-6-luna'],
    ['anthropic', 'claude-haiku-5-5'],
    ['openai-compatible', 'some-model'],
  ] as const) {
    it(`${id}: 200 bytes and 1 MB come out right, and cost nothing again`, async () => {
      await check(withFacts(200, 1), { provider: id, model }, 1);
      const text = withFacts(1_000_000, 40);
      const { result } = await check(text, { provider: id, model }, 40);
      assert.equal(result.strategy, 'map-reduce');
      const calls = provider.calls.length;
      const again = await check(text, { provider: id, model }, 40);
      assert.equal(provider.calls.length, calls);
      assert.equal(again.result.markdown, result.markdown);
      assert.ok(again.result.usage.cachedCalls > 0);
    });
  }

  it('goes where the settings say at the next run, with no reload', async () => {
    const document = await vscode.workspace.openTextDocument({ language: 'markdown', content: withFacts(900, 1) });
    await vscode.window.showTextDocument(document);
    await set({ 'precis.provider': 'openai' });
    await vscode.commands.executeCommand('precis.summarizeFile', document.uri);
    await set({ 'precis.provider': 'anthropic' });
    await vscode.commands.executeCommand('precis.summarizeFile', document.uri);
    assert.deepEqual(
      provider.calls.map((call) => call.wire),
      ['responses', 'messages'],
    );
  });

  it('shows the panel and returns the result of a selection, each selection in order', async () => {
    await set({ 'precis.provider': 'openai' });
    const document = await vscode.workspace.openTextDocument({
      language: 'markdown',
      content: 'one FACT-0 is here.\ntwo\nthree FACT-1 is here.\nfour\n',
    });
    const editor = await vscode.window.showTextDocument(document);
    editor.selections = [new vscode.Selection(2, 0, 3, 0), new vscode.Selection(0, 0, 1, 0)];
    const result = await vscode.commands.executeCommand<SummaryResult>('precis.summarizeSelection');
    assert.match(result.markdown, /FACT-0[^]*FACT-1/);
    assert.deepEqual(
      result.citations.map((c) => c.startLine),
      [1, 3],
    );
    const tabs = vscode.window.tabGroups.all
      .flatMap((group) => group.tabs)
      .filter((tab) => tab.input instanceof vscode.TabInputWebview);
    assert.ok(tabs.length > 0, 'a panel is open');
  });

  it('leaves no request open when it is cancelled half way', async () => {
    provider.reset({ latency: { firstTokenMs: 40, perOutputTokenMs: 1 }, reader: {} });
    const source = new vscode.CancellationTokenSource();
    let done = 0;
    const result = await api.summarize(
      { text: withFacts(600_000, 10) },
      { provider: 'openai', model: 'gpt-6-luna', concurrency: 3 },
      source.token,
      (event) => {
        if (event.type === 'call-end' && ++done === 3) source.cancel();
      },
    );
    assert.equal(result.status, 'cancelled');
    const until = Date.now() + 5_000;
    while (provider.openRequests && Date.now() < until) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(provider.openRequests, 0);
  });

  it('says in a sentence what is wrong: key, server, empty text', async () => {
    provider.reset({ faults: [{ kind: 'auth', times: Infinity }] });
    await assert.rejects(api.summarize({ text: withFacts(300, 1) }, { provider: 'openai' }), /key/i);
    await set({ 'precis.openaiCompatible.baseUrl': 'http://127.0.0.1:9/v1' });
    await assert.rejects(
      api.summarize({ text: withFacts(300, 1) }, { provider: 'openai-compatible', model: 'm' }),
      (error: Error) => /127\.0\.0\.1:9/.test(error.message) && !/\bat \w+ \(|ECONN|\[object/.test(error.message),
    );
    await set({ 'precis.openaiCompatible.baseUrl': `${provider.url}/v1` });
    await assert.rejects(api.summarize({ text: ' \n\t' }, { provider: 'offline' }), /no text/i);
  });

  it('answers an agent with lines and gaps, and reads the lines behind a mark', async () => {
    await set({ 'precis.provider': 'openai' });
    const folder = vscode.workspace.workspaceFolders![0]!.uri;
    const uri = vscode.Uri.joinPath(folder, 'agent.md');
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(withFacts(40_000, 5)));
    const invoke = async (name: string, input: object): Promise<string> => {
      const answer = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
      return answer.content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join('');
    };
    const summary = await invoke('precis_summarize', { path: 'agent.md' });
    assert.match(summary, /FACT-4[^\n]*\[\d+\][^]*Read \d+ of \d+ lines of agent\.md[^]*\[1\] agent\.md:\d+-\d+/);
    const mark = Number(/FACT-2\b[^\n]*?\[(\d+)\]/.exec(summary)![1]);
    assert.match(await invoke('precis_read', { path: 'agent.md', citation: mark }), /FACT-2\b/);
    await assert.rejects(invoke('precis_summarize', { path: '../../etc/passwd' }), /workspace/);
    await assert.rejects(invoke('precis_summarize', { path: '/etc/passwd' }), /workspace/);
    await assert.rejects(invoke('precis_summarize', {}), /path/);
  });

  it('answers a question from the text', async () => {
    await set({ 'precis.provider': 'openai' });
    const document = await vscode.workspace.openTextDocument({ language: 'markdown', content: withFacts(300_000, 12) });
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('precis.summarizeFile', document.uri);
    const calls = provider.calls.length;
    const answer = await vscode.commands.executeCommand<SummaryResult>('precis.ask', 'What does FACT-7 say of a pump?');
    assert.match(answer.markdown, /FACT-7\b/);
    assert.equal(provider.calls.length, calls + 1, 'notes come from the cache');
  });

  it('finds the last summary of a document again', async () => {
    await set({ 'precis.provider': 'offline' });
    const document = await vscode.workspace.openTextDocument({
      language: 'markdown',
      content: '# A\n\nThe lamp burns 42 litres of oil in a night of December.\n',
    });
    await vscode.window.showTextDocument(document);
    const result = await vscode.commands.executeCommand<SummaryResult>('precis.summarizeFile', document.uri);
    assert.equal(await vscode.commands.executeCommand('precis.showSummary'), result.markdown);
  });
});
