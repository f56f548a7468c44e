import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { startProvider, type SimulatedProvider } from '../support/provider/index.ts';
import { facts } from '../support/facts.ts';

const key = 'sk-test-abcdefghij0123456789';
const count = 18;

async function set(values: Record<string, unknown>): Promise<void> {
  const configuration = vscode.workspace.getConfiguration();
  for (const [id, value] of Object.entries(values))
    await configuration.update(id, value, vscode.ConfigurationTarget.Global);
}

async function within(ms: number, what: string, done: () => boolean): Promise<void> {
  const end = performance.now() + ms;
  while (!done()) {
    assert.ok(performance.now() < end, `${what}: not within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('a folder in batch inside VS Code', function () {
  this.timeout(60_000);
  let provider: SimulatedProvider;
  let folder: vscode.Uri;
  const names = [
    'precis.provider',
    'precis.openai.baseUrl',
    'precis.anthropic.baseUrl',
    'precis.openaiCompatible.baseUrl',
  ];

  before(async () => {
    provider = await startProvider({ flavour: 'cloud', reader: {}, batch: { polls: 1 } });
    await vscode.extensions.getExtension('precis.precis')!.activate();
    await set({
      'precis.openai.baseUrl': `${provider.url}/v1`,
      'precis.anthropic.baseUrl': provider.url,
      'precis.openaiCompatible.baseUrl': `${provider.url}/v1`,
      'precis.openaiCompatible.model': 'test-model',
      'precis.chunkTokens': 2_000,
    });
    for (const id of ['openai', 'anthropic', 'openai-compatible'])
      await vscode.commands.executeCommand('precis.setApiKey', id, key);
    folder = vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, 'nightly');
    const sections = facts(count).split(/(?=^## )/m);
    for (let n = 0; n < 3; n++) {
      const text = sections.slice((n * count) / 3, ((n + 1) * count) / 3).join('');
      await vscode.workspace.fs.writeFile(vscode.Uri.joinPath(folder, `day${n}.md`), new TextEncoder().encode(text));
    }
  });
  after(async () => {
    await set(
      Object.fromEntries(
        [...names, 'precis.openaiCompatible.model', 'precis.chunkTokens'].map((id) => [id, undefined]),
      ),
    );
    await vscode.workspace.fs.delete(folder, { recursive: true });
    await provider.close();
  });
  beforeEach(async () => {
    provider.reset();
    await vscode.commands.executeCommand('precis.clearCache');
  });

  async function check(id: string): Promise<void> {
    await set({ 'precis.provider': id });
    const job = await vscode.commands.executeCommand<string>('precis.summarizeInBatch', folder);
    assert.match(String(job), /^precis-/);
    const polls = (): number =>
      provider.journal.filter(({ method, path }) => method === 'GET' && /batches\/[^/]+$/.test(path)).length;
    await within(10_000, 'the first poll', () => polls() > 0);
    await within(40_000, 'the summary', () => provider.calls.some(({ stage }) => stage === 'reduce'));
    await within(10_000, 'its end', () => provider.openRequests === 0);
    let markdown = '';
    for (let n = 0; n < 50 && !/FACT-17\b/.test(markdown); n++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      await vscode.commands.executeCommand('precis.copySummary');
      markdown = await vscode.env.clipboard.readText();
    }
    for (let n = 0; n < count; n++) assert.match(markdown, new RegExp(`FACT-${n}\\b`));
    const rows = provider.batchRows.map(({ customId }) => customId);
    assert.ok(rows.length >= 2);
    assert.equal(new Set(rows).size, rows.length);
    assert.equal(provider.calls.filter(({ stage }) => stage === 'map').length, 0);
    assert.deepEqual(provider.files, []);
  }

  it('can be cancelled, and what is missing asked in a new batch or live, by the commands of the view', async () => {
    provider.reset({ batch: { polls: 10_000, cancelledAfterShare: 0.5 } });
    await set({ 'precis.provider': 'openai' });
    const id = await vscode.commands.executeCommand<string>('precis.summarizeInBatch', folder);
    const tell = (order: string): Thenable<unknown> => vscode.commands.executeCommand(`precis.batch.${order}`, id);
    const states = (): string => provider.batches.map(({ state }) => state).join();
    await tell('cancel');
    await within(30_000, 'the end of it', () => states() === 'cancelled' && provider.files.length === 0);
    const before = provider.batchRows.length;
    await tell('again');
    await within(30_000, 'a second one', () => provider.batches.length === 2);
    await tell('finish');
    await within(40_000, 'the rest, asked live', () => provider.calls.some(({ stage }) => stage === 'reduce'));
    await within(10_000, 'its end', () => provider.openRequests === 0);
    assert.equal(states(), 'cancelled,cancelled');
    const rows = provider.batchRows.map(({ customId }) => customId);
    assert.equal(new Set(rows).size, rows.length, 'nothing is asked twice');
    assert.ok(before > 0 && provider.calls.some(({ stage }) => stage === 'map'));
    await tell('open');
    provider.reset({ batch: { polls: 1 } });
  });

  for (const id of ['openai', 'anthropic', 'openai-compatible'])
    it(`comes back as a summary on the wire of ${id}`, () => check(id));
  it('comes back as a summary on the wire of Gemini', async () => {
    await set({ 'precis.openaiCompatible.baseUrl': `${provider.url}/v1beta/openai` });
    await vscode.commands.executeCommand('precis.setApiKey', 'openai-compatible', key);
    await check('openai-compatible');
  });
});
