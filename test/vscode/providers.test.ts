import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { ModelErrorKind } from '../../src/engine/model.ts';
import { loadProvider } from '../../src/providers/index.ts';
import { adapters } from '../support/adapters.ts';
import { call, config, conforms, outcome, until, type Conforming } from '../support/conformance.ts';

const host = globalThis as { __vscodeOriginalFetch?: typeof fetch };

// Through VS Code's own fetch, which is another than Node's. Servers of this machine would be spoken to past it.
describe('through the fetch of VS Code', () => {
  const original = host.__vscodeOriginalFetch;
  before(() => {
    assert.ok(original, 'VS Code has its own');
    delete host.__vscodeOriginalFetch;
  });
  after(() => {
    host.__vscodeOriginalFetch = original;
  });
  for (const [name, adapter] of Object.entries(adapters)) {
    conforms(name, adapter);
  }
});
describe('past it, to a server of this machine', () => {
  conforms('openai-compatible', { ...adapter('openai-compatible'), passesFetch: true });
});

function adapter(name: string): Conforming {
  const found = adapters[name];
  assert.ok(found);
  return found;
}

describe('the vscode provider with another extension’s models', () => {
  let other: { cancelled: number };
  before(async () => {
    const extension = vscode.extensions.getExtension<{ cancelled: number }>('precis-test.model-provider');
    assert.ok(extension, 'the extension with the models is there');
    other = await extension.activate();
  });

  const provider = () => loadProvider('vscode', { vscode });
  const run = async (model: string, signal?: AbortSignal) =>
    outcome(await (await provider()).create(config('', `precis-test/${model}`)), call(), signal);

  it('lists them with what goes in', async () => {
    const models = await (await provider()).listModels(config('', ''), new AbortController().signal);
    const info = models.find(({ id }) => id === 'precis-test/answers');
    assert.equal(info?.limits?.softMaxInputTokens, 20_000);
  });
  it('streams an answer', async () => {
    const { text, finish, events } = await run('answers');
    assert.match(text, /pump in hall 4.*\[1\]/);
    assert.equal(finish?.reason, 'stop');
    assert.ok(events.filter(({ type }) => type === 'text').length > 1);
  });
  it('reads the counts that come as data', async () => {
    assert.deepEqual((await run('counts')).finish?.usage, {
      inputTokens: 321,
      cachedInputTokens: 100,
      outputTokens: 12,
    });
  });
  it('cancels', async () => {
    const controller = new AbortController();
    const before = other.cancelled;
    const ended = run('stalls', controller.signal);
    setTimeout(() => controller.abort(), 50);
    assert.equal((await ended).error?.kind, 'cancelled');
    await until(() => other.cancelled > before);
  });
  it('understands their errors', async () => {
    const expected: Record<string, ModelErrorKind> = {
      blocked: 'quota',
      denied: 'auth',
      breaks: 'unknown',
      overflows: 'too-long',
    };
    for (const [model, kind] of Object.entries(expected)) {
      assert.equal((await run(model)).error?.kind, kind, model);
    }
  });
});
