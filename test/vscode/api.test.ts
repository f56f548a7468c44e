import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { PrecisApi, RunEvent, SummaryResult } from '../../src/api.ts';
import { checkGrammar } from '../support/grammar.ts';
import { startProvider, type SimulatedProvider } from '../support/provider/index.ts';

interface Example {
  outline(
    document: vscode.TextDocument,
    onMarkdown: (markdown: string) => void,
    token?: vscode.CancellationToken,
  ): Promise<{ result: SummaryResult; text: string }>;
}

const text = Array.from({ length: 40 }, (_, i) => `The FACT-${i} says that pump ${5000 + i} stood still.`).join('\n\n');

describe('an extension that uses the API', () => {
  let provider: SimulatedProvider;
  let example: Example;
  let api: PrecisApi;
  const set = (id: string, value: unknown): Thenable<void> =>
    vscode.workspace.getConfiguration().update(id, value, vscode.ConfigurationTarget.Global);

  before(async () => {
    provider = await startProvider({ flavour: 'cloud' });
    const extension = vscode.extensions.getExtension<Example>('precis-test.example-extension');
    assert.ok(extension, 'the example is there');
    example = await extension.activate();
    api = await vscode.extensions.getExtension<PrecisApi>('precis.precis')!.activate();
    await set('precis.openaiCompatible.baseUrl', `${provider.url}/v1`);
    await set('precis.openaiCompatible.model', 'some-model');
    await set('precis.provider', 'openai-compatible');
  });
  after(async () => {
    for (const id of ['precis.openaiCompatible.baseUrl', 'precis.openaiCompatible.model']) await set(id, undefined);
    // as the suite began
    await set('precis.provider', 'offline');
    await provider.close();
  });
  beforeEach(async () => {
    provider.reset({ faults: [], latency: {}, reader: {} });
    await vscode.commands.executeCommand('precis.clearCache');
  });

  it('gets the summary while it is written, with lines for each mark', async () => {
    const document = await vscode.workspace.openTextDocument({ language: 'markdown', content: text });
    const seen: string[] = [];
    const { result, text: outline } = await example.outline(document, (markdown) => seen.push(markdown));
    assert.equal(result.status, 'complete');
    assert.equal(seen.at(-1), result.markdown);
    assert.ok(seen.length > 1, 'it came in pieces');
    for (const { id, startLine, endLine } of result.citations) {
      assert.ok(outline.includes(`[${id}]: lines ${startLine} to ${endLine}`));
      const cited = document.getText(new vscode.Range(startLine - 1, 0, endLine, 0));
      const claim = result.markdown.split('\n').find((line) => line.includes(`[${id}]`)) ?? '';
      assert.ok(cited.includes(/FACT-\d+\b/.exec(claim)?.[0] ?? '?'), `${claim}\n${cited}`);
    }
    assert.ok(result.citations.length > 0);
    const asked = JSON.stringify(provider.calls.map(({ body }) => body));
    assert.match(asked, /Write an outline\./);
  });

  it('runs its command into a document, and shows no panel', async () => {
    const document = await vscode.workspace.openTextDocument({ language: 'markdown', content: text });
    await vscode.window.showTextDocument(document);
    const panels = (): number =>
      vscode.window.tabGroups.all
        .flatMap(({ tabs }) => tabs)
        .filter((tab) => tab.input instanceof vscode.TabInputWebview).length;
    const before = panels();
    const written = await vscode.commands.executeCommand<string>('precisExample.outline');
    assert.match(written, /FACT-39\b[^]*\[1\]: lines \d+ to \d+/);
    assert.equal(panels(), before);
  });

  it('cancels', async () => {
    provider.reset({ latency: { firstTokenMs: 60_000 } });
    const document = await vscode.workspace.openTextDocument({ language: 'markdown', content: text });
    const source = new vscode.CancellationTokenSource();
    const ended = example.outline(document, () => undefined, source.token);
    while (provider.openRequests === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    source.cancel();
    assert.equal((await ended).result.status, 'cancelled');
    while (provider.openRequests > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('hands over a text with a place of its own: lines count from the range, the range alone is read', async () => {
    const uri = vscode.Uri.parse('example:/report.md');
    const events: RunEvent[] = [];
    const result = await api.summarize(
      { text: 'The FACT-7 says that pump 7 failed.\n', uri, range: new vscode.Range(99, 0, 100, 0), title: 'Report' },
      {},
      undefined,
      (event) => events.push(event),
    );
    checkGrammar(events, { ended: true });
    assert.deepEqual(result.citations, [{ id: 1, uri: uri.toString(), startLine: 100, endLine: 100 }]);
    const document = await vscode.workspace.openTextDocument({ language: 'markdown', content: text });
    const part = await api.summarize({ uri: document.uri, range: new vscode.Range(2, 0, 5, 0) });
    assert.match(part.markdown, /FACT-1\b[^]*FACT-2\b/);
    assert.doesNotMatch(part.markdown, /FACT-0\b|FACT-3\b/);
  });

  it('hears once that an offline summary in another language keeps the quotes as they are', async () => {
    const { token } = new vscode.CancellationTokenSource();
    const said = async (language: string): Promise<number> => {
      const events: RunEvent[] = [];
      await api.summarize({ text, title: 'pumps' }, { provider: 'offline', language }, token, (e) => events.push(e));
      return events.filter((event) => event.type === 'notice' && /Quotes stay/.test(event.message)).length;
    };
    assert.deepEqual([await said('German'), await said('English'), await said('')], [1, 0, 0]);
  });

  it('survives a listener that throws', async () => {
    const result = await api.summarize({ text: 'The FACT-7 says that pump 7 failed.' }, {}, undefined, () => {
      throw new Error('a fault of the other extension');
    });
    assert.match(result.markdown, /FACT-7/);
  });

  it('is told why lines of a file cannot be read, and sends none of a file that may hold keys', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'precis-api-'));
    const range = new vscode.Range(0, 0, 2, 0);
    const refused = async (name: string, why: RegExp): Promise<void> => {
      await assert.rejects(api.summarize({ uri: vscode.Uri.file(join(folder, name)), range }), why);
    };
    writeFileSync(join(folder, 'picture.md'), Buffer.from([0, 1, 2, 0, 255, 0, 3, 0]));
    writeFileSync(join(folder, '.env'), 'TOKEN=abcdefgh\nOTHER=1\n');
    writeFileSync(join(folder, 'blank.md'), ' \n\t\n \n');
    await refused('gone.md', /gone\.md: No longer exists\./);
    await refused('picture.md', /picture\.md: Binary file/);
    await refused('.env', /may hold keys or passwords: it was not sent/);
    await refused('blank.md', /: There is no text to summarize\.$/);
    assert.equal(provider.calls.length, 0);
    rmSync(folder, { recursive: true });
  });

  it('refuses a request without a text in a sentence', async () => {
    await assert.rejects(
      api.summarize({}),
      (error: Error) => error.message === 'There is nothing to summarize: give a text or a URI.',
    );
    await assert.rejects(api.summarize({ uri: vscode.Uri.file('/nowhere/at-all.md') }), /[.]$/);
    await assert.rejects(api.summarize({ text: 'A text.' }, { provider: 'nobody' }), /no provider “nobody”/);
  });
});
