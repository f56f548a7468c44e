import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { suggestFollowups, handleChat } from '../../src/chat/participant.ts';
import { createTools } from '../../src/chat/tools.ts';
import { estimateTokens } from '../../src/engine/tokens.ts';
import { createServices, type Services } from '../../src/services.ts';
import { log, markdown } from '../support/corpus.ts';
import { startProvider, type SimulatedProvider } from '../support/provider/index.ts';
import { createContext } from './context.ts';
import { figure } from './figure.ts';

const set = (id: string, value: unknown): Thenable<void> =>
  vscode.workspace.getConfiguration().update(id, value, vscode.ConfigurationTarget.Global);

const folder = (): vscode.Uri => vscode.workspace.workspaceFolders![0]!.uri;

async function write(name: string, text: string): Promise<vscode.Uri> {
  const uri = vscode.Uri.joinPath(folder(), name);
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  return uri;
}

const facts = (count: number): string =>
  Array.from({ length: count }, (_, i) => `The FACT-${i} says that pump ${3000 + i * 7} failed.\n`).join('\n');

describe('the tools that agents call', function () {
  this.timeout(60_000);
  let provider: SimulatedProvider;
  const invoke = async (name: string, input: object, token?: vscode.CancellationToken): Promise<string> => {
    const answer = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined }, token);
    return answer.content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join('');
  };
  const bodies = (): string => JSON.stringify(provider.calls.map(({ body }) => body));

  before(async () => {
    provider = await startProvider({ flavour: 'cloud' });
    await vscode.extensions.getExtension('precis.precis')!.activate();
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

  it('are known by their names, with a schema', () => {
    const known = vscode.lm.tools.filter(({ name }) => name.startsWith('precis_'));
    assert.deepEqual(known.map(({ name }) => name).sort(), ['precis_read', 'precis_summarize']);
    for (const { inputSchema, description } of known) assert.ok(inputSchema && description.length > 100);
  });

  it('hand over a log of 5 MB for a page of tokens, with its rarest line', async () => {
    const lines = log(3, 5_000_000).split('\n');
    const odd = '2026-03-04T05:06:07.008Z ERROR [vault] FACT-1 seal broken by operator 4711 at gate nine';
    lines.splice(Math.floor(lines.length * 0.7), 0, odd);
    const uri = await write('agent.log', lines.join('\n'));
    try {
      const answer = await invoke('precis_summarize', { path: 'agent.log' });
      const tokens = estimateTokens(answer);
      figure(`a 5 MB log costs an agent ${tokens} tokens; ${provider.calls.length} calls`);
      assert.ok(tokens <= 1_000, `${tokens} tokens:\n${answer}`);
      assert.match(answer, /FACT-1\b/);
      assert.match(answer, new RegExp(`of ${lines.filter(Boolean).length} lines of agent\\.log`));
    } finally {
      await vscode.workspace.fs.delete(uri);
    }
  });

  it('read a range, and nothing else of the file leaves', async () => {
    await write('range.md', facts(40));
    const answer = await invoke('precis_summarize', { path: 'range.md', startLine: 21, endLine: 23 });
    assert.match(answer, /FACT-10\b[^]*FACT-11\b/);
    assert.match(answer, /\[1\] range\.md:21-21/);
    assert.doesNotMatch(bodies(), /FACT-9\b|FACT-12\b/);
  });

  it('read a folder without key files and what ignore files hide, and give lines behind its marks', async () => {
    await write('agentFolder/one.md', facts(2).replaceAll('FACT-', 'FACT-one'));
    await write('agentFolder/sub/two.md', facts(2).replaceAll('FACT-', 'FACT-two'));
    await write('agentFolder/.env', 'FACT-key=1\n');
    await write('agentFolder/hidden.md', facts(2).replaceAll('FACT-', 'FACT-hidden'));
    await write('agentFolder/.aiignore', 'hidden.md\n');
    const answer = await invoke('precis_summarize', { path: 'agentFolder' });
    assert.match(answer, /FACT-one0\b[^]*FACT-two0\b/);
    assert.doesNotMatch(bodies(), /FACT-key|FACT-hidden/);
    const [, mark = '', place = ''] = /^\[(\d+)\] (agentFolder\/[\w/]+\.md):/m.exec(answer) ?? [];
    const read = await invoke('precis_read', { path: 'agentFolder', citation: Number(mark) });
    assert.ok(read.includes(place), read);
    const range = { path: 'agentFolder', startLine: 1 };
    await assert.rejects(invoke('precis_summarize', range), /need a file, not a folder/);
  });

  it('answer a question about a file', async () => {
    await write('question.md', facts(30));
    const answer = await invoke('precis_summarize', { path: 'question.md', question: 'Which pump is FACT-17 about?' });
    assert.match(answer, /FACT-17\b/);
    assert.match(bodies(), /Which pump is FACT-17 about\?/);
  });

  it('give the lines behind a mark, without a model', async () => {
    await write('read.md', facts(30));
    const answer = await invoke('precis_summarize', { path: 'read.md' });
    const calls = provider.calls.length;
    const mark = /FACT-20\b[^\n]*?\[(\d+)\]/.exec(answer)?.[1];
    const line = new RegExp(`\\[${mark}\\] read\\.md:(\\d+)-`).exec(answer)?.[1];
    const read = await invoke('precis_read', { path: 'read.md', citation: Number(mark) });
    assert.match(read, new RegExp(`^${line}: .*FACT-20\\b`, 'm'));
    assert.equal(provider.calls.length, calls);
    await assert.rejects(invoke('precis_read', { path: 'read.md', citation: 999 }), /mark \[999\]/);
    await write('unread.md', facts(3));
    await assert.rejects(invoke('precis_read', { path: 'unread.md', citation: 1 }), /no summary of that file/);
  });

  it('give the lines of a file that has become too large for VS Code to open, with secrets named', async () => {
    const secret = `ghp_${'Zz9Yy8Xx7Ww6Vv5Uu4Tt3Ss2Rr1Qq0Pp9Oo8'}`;
    const uri = await write('vast.md', `${facts(2)}token: ${secret}\n`);
    try {
      const answer = await invoke('precis_summarize', { path: 'vast.md' });
      const mark = /FACT-0\b[^\n]*?\[(\d+)\]/.exec(answer)?.[1];
      appendFileSync(uri.fsPath, 'one of many lines\n'.repeat(3_000_000));
      const read = await invoke('precis_read', { path: 'vast.md', citation: Number(mark) });
      assert.match(read, /^1: .*FACT-0\b[^]*^4: token: ‹secret-/m);
      assert.ok(!read.includes(secret));
    } finally {
      await vscode.workspace.fs.delete(uri);
    }
  });

  it('refuse what is not valid, and say what to give instead', async () => {
    await write('valid.md', facts(3));
    const wrong: [string, object, RegExp][] = [
      ['precis_summarize', {}, /"path"/],
      ['precis_summarize', { path: 7 }, /path: .*Give "path"/],
      ['precis_summarize', { path: 'valid.md', startLine: 0 }, /startLine/],
      ['precis_summarize', { path: 'valid.md', startLine: 1.5 }, /startLine/],
      ['precis_summarize', { path: 'valid.md', startLine: 5, endLine: 2 }, /"endLine" is before "startLine"/],
      ['precis_summarize', { path: 'valid.md', length: 'endless' }, /length/],
      ['precis_summarize', { path: 'valid.md', question: 'x'.repeat(3000) }, /question/],
      ['precis_summarize', { path: 'missing.md' }, /does not exist/],
      ['precis_summarize', { path: '../outside.md' }, /workspace/],
      ['precis_summarize', { uri: 'https://example.org/a.md' }, /workspace/],
      ['precis_summarize', { uri: 'not a uri' }, /not a URI/],
      ['precis_read', { path: 'valid.md' }, /citation/],
    ];
    for (const [name, input, message] of wrong) {
      await assert.rejects(invoke(name, input), message, `${name} ${JSON.stringify(input).slice(0, 80)}`);
    }
    assert.equal(provider.calls.length, 0);
  });

  it('obey a cancel, and leave no request open', async () => {
    provider.reset({ latency: { firstTokenMs: 60_000 } });
    await write('cancel.md', facts(30));
    const source = new vscode.CancellationTokenSource();
    const ended = invoke('precis_summarize', { path: 'cancel.md' }, source.token);
    ended.catch(() => undefined);
    while (provider.openRequests === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    source.cancel();
    await assert.rejects(ended);
    while (provider.openRequests > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('tell a provider’s failure as a sentence', async () => {
    await write('fails.md', facts(3));
    provider.reset({ faults: [{ kind: 'auth', times: Infinity }] });
    await assert.rejects(
      invoke('precis_summarize', { path: 'fails.md' }),
      (error: Error) => /key/i.test(error.message) && !/\bat \w+ \(|\[object/.test(error.message),
    );
  });
});

interface Shown {
  text: string;
  readonly anchors: vscode.Location[];
  readonly references: string[];
  readonly buttons: string[];
  readonly progress: string[];
}

/** What VS Code would show of an answer; the part's text is where the anchor stands. */
function recorder(): { stream: vscode.ChatResponseStream; shown: Shown } {
  const shown: Shown = { text: '', anchors: [], references: [], buttons: [], progress: [] };
  const stream = {
    markdown: (value: string) => void (shown.text += value),
    anchor: (value: vscode.Location, title: string) => {
      shown.text += title;
      shown.anchors.push(value);
    },
    reference: (value: vscode.Uri) => void shown.references.push(value.toString()),
    button: ({ command }: vscode.Command) => void shown.buttons.push(command),
    progress: (value: string) => void shown.progress.push(value),
  };
  return { stream: stream as unknown as vscode.ChatResponseStream, shown };
}

describe('@precis in the chat', function () {
  this.timeout(60_000);
  const home = mkdtempSync(join(tmpdir(), 'precis-chat-'));
  let services: Services;
  let model: vscode.LanguageModelChat;

  let context: vscode.ExtensionContext;
  before(async () => {
    await vscode.extensions.getExtension('precis-test.model-provider')!.activate();
    context = createContext(home);
    services = createServices(context, vscode.window.createOutputChannel('Précis in tests', { log: true }));
    const [found] = await vscode.lm.selectChatModels({ vendor: 'precis-test', id: 'answers' });
    assert.ok(found);
    model = found;
  });
  after(() => {
    for (const one of context.subscriptions) one.dispose();
    rmSync(home, { recursive: true, force: true });
  });

  interface Turn {
    readonly command?: string;
    readonly prompt?: string;
    readonly attached?: readonly unknown[];
    readonly history?: readonly vscode.ChatResult[];
    readonly token?: vscode.CancellationToken;
    readonly model?: vscode.LanguageModelChat;
  }
  async function ask(turn: Turn): Promise<Shown & { result: vscode.ChatResult & { metadata?: { runId?: string } } }> {
    const { stream, shown } = recorder();
    const request = {
      command: turn.command,
      prompt: turn.prompt ?? '',
      references: (turn.attached ?? []).map((value, i) => ({ id: String(i), value })),
      toolReferences: [],
      model: turn.model ?? model,
    } as unknown as vscode.ChatRequest;
    const history = (turn.history ?? []).map((result) =>
      Object.assign(Object.create(vscode.ChatResponseTurn.prototype) as object, { result, response: [] }),
    ) as unknown as vscode.ChatResponseTurn[];
    const token = turn.token ?? new vscode.CancellationTokenSource().token;
    const result = await handleChat(services, request, { history }, stream, token);
    return { ...shown, result };
  }

  it('above the limit a tool call tells where how much goes, and is not asked a second time', async () => {
    const ids = ['precis.provider', 'precis.vscode.model', 'precis.confirmAboveTokens'] as const;
    const values = ['vscode', `${model.vendor}/${model.id}`, 1_000] as const;
    for (const [i, id] of ids.entries()) await set(id, values[i]);
    try {
      await write('agreed.md', facts(200));
      const input = { path: 'agreed.md' };
      const { token } = new vscode.CancellationTokenSource();
      const tool = createTools(services).precis_summarize;
      const call = async (): Promise<string> => {
        const answer = await tool.invoke({ input, toolInvocationToken: undefined }, token);
        return (answer?.content ?? []).map((part) => (part as vscode.LanguageModelTextPart).value).join('');
      };
      await assert.rejects(call(), /not yet allowed Précis to send text to VS Code’s language models \(precis-test\)/);
      await services.permissions.set('host', 'vscode:precis-test', 'send');
      const prepared = await tool.prepareInvocation?.({ input }, token);
      assert.match(
        String(prepared?.confirmationMessages?.message),
        /^At most about [\d,]+ tokens would be sent to precis-test \(.*\), price not known\.$/,
      );
      assert.match(await call(), /FACT-0\b/);
      await tool.prepareInvocation?.({ input }, token);
      await write('agreed.md', `${facts(200)}one more line\n`);
      await assert.rejects(call(), /nobody could be asked/, 'another content was not agreed to');
      await services.caches.clear();
      await assert.rejects(call(), /nobody could be asked/, 'who was not shown it has not agreed');
    } finally {
      await services.permissions.clear();
      await set('precis.provider', 'offline');
      for (const id of ids.slice(1)) await set(id, undefined);
    }
  });

  it('the calls of a session count together against the limit', async () => {
    const ids = ['precis.provider', 'precis.vscode.model', 'precis.confirmAboveTokens'] as const;
    const values = ['vscode', `${model.vendor}/${model.id}`, 3_000] as const;
    for (const [i, id] of ids.entries()) await set(id, values[i]);
    try {
      await services.permissions.set('host', 'vscode:precis-test', 'send');
      const { token } = new vscode.CancellationTokenSource();
      const tool = createTools(services).precis_summarize;
      const call = async (i: number): Promise<unknown> => {
        await write(`counted-${i}.md`, `The pump ${i} failed. `.repeat(150));
        return tool.invoke({ input: { path: `counted-${i}.md` }, toolInvocationToken: undefined }, token);
      };
      for (const i of [1, 2]) assert.ok(await call(i));
      await assert.rejects(
        async () => {
          for (const i of [3, 4, 5]) await call(i);
        },
        /nobody could be asked/,
        'five calls of about 900 tokens',
      );
    } finally {
      await services.permissions.clear();
      await set('precis.provider', 'offline');
      for (const id of ids.slice(1)) await set(id, undefined);
    }
  });

  it('summarizes an attached file with the chat’s model, links to its lines, and offers the panel', async () => {
    const uri = await write('chat.md', facts(12));
    const { text, anchors, references, buttons, progress, result } = await ask({ command: 'file', attached: [uri] });
    assert.equal(result.errorDetails, undefined);
    assert.match(text, /FACT-0\b[^\n]*\[1\]/);
    assert.ok(anchors.length > 0);
    for (const anchor of anchors) assert.equal(anchor.uri.toString(), uri.toString());
    assert.deepEqual(references, [uri.toString()]);
    assert.deepEqual(buttons, ['precis.showSummary', 'precis.openSummary']);
    assert.ok(progress.length > 0);
    const run = await services.runs.get(result.metadata?.runId ?? '');
    assert.equal(run?.state.result?.provider, 'vscode');
  });

  it('asks the summary before it, with the same model, and offers more questions', async () => {
    const uri = await write('chat-ask.md', facts(12));
    const first = await ask({ command: 'file', attached: [uri] });
    const { text, result } = await ask({
      command: 'ask',
      prompt: 'Which pump is FACT-3 about?',
      history: [first.result],
    });
    assert.equal(result.errorDetails, undefined);
    assert.match(text, /FACT-\d+\b[^\n]*\[\d+\]/);
    assert.equal(result.metadata?.runId, first.result.metadata?.runId);
    assert.deepEqual(
      suggestFollowups(result).map(({ command }) => command),
      ['ask', 'ask'],
    );
    const other = (await vscode.lm.selectChatModels({ vendor: 'precis-test', id: 'denied' }))[0];
    const refused = await ask({
      command: 'ask',
      prompt: 'And FACT-4?',
      history: [first.result],
      ...(other && { model: other }),
    });
    assert.match(refused.result.errorDetails?.message ?? '', /[.!]$/);
  });

  it('takes the selection, an attached place, several files, and a folder', async () => {
    const uri = await write('chat-parts.md', facts(12));
    const editor = await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));
    editor.selection = new vscode.Selection(4, 0, 5, 0);
    const selected = await ask({ command: 'selection' });
    assert.match(selected.text, /FACT-2\b/);
    assert.doesNotMatch(selected.text, /FACT-[013]\b/);
    assert.equal(selected.anchors[0]?.range.start.line, 4);
    const place = await ask({ attached: [new vscode.Location(uri, new vscode.Range(8, 0, 9, 0))] });
    assert.match(place.text, /FACT-4\b/);
    assert.doesNotMatch(place.text, /FACT-[35]\b/);
    editor.selection = new vscode.Selection(0, 0, 0, 0);
    const other = await write('chat-other.md', 'The OTHER-1 says that the lamp was lit.\n');
    const both = await ask({ attached: [uri, other] });
    assert.deepEqual([...both.references].sort(), [other.toString(), uri.toString()].sort());
    await write('chat-folder/one.md', 'The lamp of the north tower was lit at six.\n');
    const inside = await ask({ command: 'folder', attached: [vscode.Uri.joinPath(folder(), 'chat-folder')] });
    assert.match(inside.text, /north tower/);
  });

  it('takes the open file when nothing is attached, and hears what is wanted of it', async () => {
    const uri = await write('chat-open.md', facts(6));
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));
    const { text } = await ask({ prompt: 'Only the failures.' });
    assert.match(text, /FACT-0\b[^\n]*\[1\]/);
  });

  it('follows a template by its command or by /name, and a folder’s only after a yes', async () => {
    const uri = await write('chat-template.md', facts(6));
    const templateOf = async ({ result }: { result: { metadata?: { runId?: string } } }): Promise<string | undefined> =>
      (await services.runs.get(result.metadata?.runId ?? ''))?.state.template?.id;
    assert.equal(await templateOf(await ask({ command: 'tldr', attached: [uri] })), 'tldr');
    assert.equal(await templateOf(await ask({ prompt: '/risks of pumps', attached: [uri] })), 'risks');
    assert.equal(await templateOf(await ask({ prompt: 'see /etc/hosts', attached: [uri] })), undefined);
    const none = await ask({ prompt: '/no-such thing', attached: [uri] });
    assert.equal(none.result.errorDetails?.message, 'There is no template “no-such”.');
    await write('.precis/own.md', '---\nname: Own\n---\nTell it.\n');
    // VS Code shows no dialog under test, so nobody can say yes
    const own = await ask({ prompt: '/own', attached: [uri] });
    assert.equal(own.result.errorDetails?.message, 'The template “Own” was not used.');
    await vscode.workspace.fs.delete(vscode.Uri.joinPath(folder(), '.precis'), { recursive: true });
  });

  it('says in a sentence what is missing', async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    const none = await ask({ command: 'file' });
    assert.match(none.result.errorDetails?.message ?? '', /^Open or attach a file to summarize\.$/);
    const selection = await ask({ command: 'selection' });
    assert.match(selection.result.errorDetails?.message ?? '', /selected/);
    const gone = await ask({ attached: [vscode.Uri.joinPath(folder(), 'gone.md')] });
    assert.match(gone.result.errorDetails?.message ?? '', /[.]$/);
  });

  it('stops when it is cancelled, without an error', async () => {
    const uri = await write('chat-cancel.md', markdown(4, 3_000));
    const stalls = (await vscode.lm.selectChatModels({ vendor: 'precis-test', id: 'stalls' }))[0];
    assert.ok(stalls);
    const source = new vscode.CancellationTokenSource();
    const ended = ask({ command: 'file', attached: [uri], model: stalls, token: source.token });
    while (services.runs.running.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    source.cancel();
    const { result, buttons } = await ended;
    assert.equal(result.errorDetails, undefined);
    assert.deepEqual(buttons, []);
    assert.equal(services.runs.running.length, 0);
  });
});
