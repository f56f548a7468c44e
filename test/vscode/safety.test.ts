import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as vscode from 'vscode';
import type { PrecisApi, RunEvent } from '../../src/api.ts';
import { ModelError } from '../../src/engine/model.ts';
import { loadProvider } from '../../src/providers/index.ts';
import { adapters } from '../support/adapters.ts';
import { call, config } from '../support/conformance.ts';
import { startProvider, type SimulatedProvider } from '../support/provider/index.ts';

const host = globalThis as { __vscodeOriginalFetch?: typeof fetch };
const key = 'sk-planted-0192837465abcdefABCD';

describe('a redirect to another origin', function () {
  this.timeout(60_000);
  let provider: SimulatedProvider;
  let other: Server;
  let asked: string[];
  let to: string;
  before(async () => {
    asked = [];
    other = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.writeHead(200).end('{}');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    to = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  });
  after(() => void other.close());
  afterEach(() => provider.close());

  async function check(name: string): Promise<void> {
    const adapter = adapters[name];
    assert.ok(adapter);
    provider = await startProvider(adapter.server);
    for (const status of [301, 302, 303, 307, 308]) {
      provider.reset({ faults: [{ kind: 'redirect', status, to, path: /./, times: Infinity }] });
      const model = await adapter.make({ ...config(adapter.baseUrl(provider), adapter.model), apiKey: key });
      await assert.rejects(
        async () => {
          for await (const event of model.stream(call(), new AbortController().signal))
            assert.notEqual(event.type, 'finish');
        },
        (error) => ModelError.is(error) && !error.message.includes(key),
        `${name} ${status}`,
      );
      const id = name === 'openai' || name === 'anthropic' ? name : 'openai-compatible';
      const definition = await loadProvider(id, {});
      const settings = { ...config(adapter.baseUrl(provider), adapter.model), apiKey: key };
      await definition.listModels(settings, new AbortController().signal).then(
        (models) => assert.equal(models.filter(({ id: model }) => model.includes('redirect')).length, 0),
        () => undefined,
      );
      assert.ok(
        provider.journal.some((entry) => entry.fault === 'redirect'),
        'it was asked',
      );
      assert.deepEqual(asked, [], `${name} ${status} went on to the other`);
    }
  }

  for (const name of Object.keys(adapters)) {
    it(`is not followed past VS Code’s fetch (${name})`, () => check(name));
    it(`is not followed through VS Code’s fetch (${name})`, async () => {
      const original = host.__vscodeOriginalFetch;
      assert.ok(original, 'VS Code has its own');
      delete host.__vscodeOriginalFetch;
      try {
        await check(name);
      } finally {
        host.__vscodeOriginalFetch = original;
      }
    });
  }
});

describe('the key', function () {
  this.timeout(60_000);

  it('is in no event, result or error', async () => {
    const provider = await startProvider({ flavour: 'openai' });
    const settings = vscode.workspace.getConfiguration();
    const global = vscode.ConfigurationTarget.Global;
    const api = await vscode.extensions.getExtension<PrecisApi>('precis.precis')?.activate();
    assert.ok(api);
    try {
      await settings.update('precis.openai.baseUrl', `${provider.url}/v1`, global);
      await vscode.commands.executeCommand('precis.setApiKey', 'openai', key);
      const events: RunEvent[] = [];
      const ask = (): Promise<unknown> =>
        api.summarize(
          { text: `A text of its own, ${Date.now()}. The FACT-1 says so.`, title: 'a' },
          { provider: 'openai', model: 'gpt-6.1-terra', cache: false },
          undefined,
          (event) => void events.push(event),
        );
      const result = await ask();
      assert.match(JSON.stringify(result), /FACT-1/);
      assert.ok(!JSON.stringify([result, events]).includes(key));
      for (const fault of ['auth', 'quota', 'model-gone', 'redirect', 'broken-json'] as const) {
        provider.reset({
          faults: [{ kind: fault, to: `http://127.0.0.1:9/${key}`, message: `bad key ${key}`, times: Infinity }],
        });
        const told = await ask().then(
          (value) => JSON.stringify(value),
          (error: unknown) => `${String(error)} ${(error as Error).stack} ${JSON.stringify((error as Error).cause)}`,
        );
        assert.ok(told.length > 20 && !told.includes(key), `${fault}: ${told.slice(0, 300)}`);
      }
      assert.ok(!JSON.stringify(events).includes(key));
    } finally {
      await vscode.commands.executeCommand('precis.clearApiKey', 'openai');
      await settings.update('precis.openai.baseUrl', undefined, global);
      await provider.close();
    }
  });
});
