import assert from 'node:assert/strict';
import type { ModelErrorKind } from '../../../src/engine/model.ts';
import { createVscodeProvider, type VsCodeParts } from '../../../src/providers/vscodeLm.ts';
import { call, config, outcome } from '../../support/conformance.ts';
import { checkTranslatable } from '../../support/pseudo.ts';

class TextPart {
  value: string;
  constructor(value: string) {
    this.value = value;
  }
}
class LmError extends Error {
  code: string;
  constructor(code: string, message = '') {
    super(message);
    this.code = code;
  }
}
class TokenSource {
  cancelled = false;
  disposed = false;
  token = {};
  cancel(): void {
    this.cancelled = true;
    sources.forEach((listener) => listener());
  }
  dispose(): void {
    this.disposed = true;
  }
}
const sources = new Set<() => void>();

interface FakeModel {
  readonly vendor?: string;
  readonly id?: string;
  readonly maxInputTokens?: number;
  answer?(): AsyncIterable<unknown>;
  readonly sent?: unknown[];
}

/** The pieces of the editor, with the models given. */
function parts(...models: FakeModel[]): VsCodeParts {
  const made = models.map((model) => ({
    vendor: 'copilot',
    id: 'gpt-6.1-terra',
    family: 'gpt-6.1',
    name: 'GPT',
    maxInputTokens: 60_000,
    ...model,
    sendRequest: (messages: unknown) => {
      model.sent?.push(messages);
      return Promise.resolve({ stream: model.answer?.() ?? pieces('An ', 'answer.') });
    },
  }));
  const fake = {
    lm: { selectChatModels: () => Promise.resolve(made) },
    LanguageModelChatMessage: { User: (content: string) => ({ role: 'user', content }) },
    LanguageModelTextPart: TextPart,
    LanguageModelError: LmError,
    CancellationTokenSource: TokenSource,
  };
  return fake as unknown as VsCodeParts;
}

async function* pieces(...texts: (string | object | Error)[]): AsyncGenerator<unknown> {
  for (const piece of texts) {
    await Promise.resolve();
    if (piece instanceof Error) {
      throw piece;
    }
    yield typeof piece === 'string' ? new TextPart(piece) : piece;
  }
}

const model = async (given: FakeModel, id = '') => createVscodeProvider(parts(given)).create(config('', id));

describe('the vscode provider', () => {
  it('streams text, and takes the end of the stream for the end of the answer', async () => {
    const sent: unknown[] = [];
    const { text, finish, events } = await outcome(await model({ sent }));
    assert.equal(text, 'An answer.');
    assert.equal(finish?.reason, 'stop');
    assert.ok(
      (finish?.usage.inputTokens ?? 0) > 0 && finish?.usage.estimated,
      'estimated where VS Code tells no counts',
    );
    assert.equal(events[0]?.type, 'open');
    assert.deepEqual(sent[0], [
      { role: 'user', content: call().system },
      { role: 'user', content: call().user },
    ]);
  });

  it('reads the counts that Copilot sends beside the text, and passes over parts that it does not know', async () => {
    const data = new TextEncoder().encode(
      '{"prompt_tokens":812,"completion_tokens":40,"prompt_tokens_details":{"cached_tokens":512}}',
    );
    const answer = () => pieces('Text.', { mimeType: 'usage', data }, { value: { thinking: true } });
    const { finish, events } = await outcome(await model({ answer }));
    assert.deepEqual(finish?.usage, { inputTokens: 812, cachedInputTokens: 512, outputTokens: 40 });
    assert.ok(events.some((event) => event.type === 'pulse'));
  });

  it('leaves out thoughts in the text', async () => {
    for (const written of [
      ['<think>What does the ', 'text say?</think>\n\nAn answer.'],
      ['What does the text say?\n</th', 'ink>\nAn answer.'],
    ]) {
      const { text } = await outcome(await model({ answer: () => pieces(...written) }));
      assert.equal(text.trim(), 'An answer.');
    }
  });

  async function checkKind(kind: ModelErrorKind, thrown: Error): Promise<void> {
    const { error } = await outcome(await model({ answer: () => pieces('Begun', thrown) }));
    assert.equal(error?.kind, kind);
    checkTranslatable(error, 'copilot');
    assert.doesNotMatch(error.message, /secret/);
  }
  it('understands the errors of the editor and of other extensions', async () => {
    await checkKind('auth', new LmError('NoPermissions'));
    await checkKind('quota', new LmError('Blocked'));
    await checkKind('no-model', new LmError('NotFound'));
    await checkKind('too-long', new Error('Message exceeds the context window, secret text'));
    await checkKind('rate-limit', new Error('Sorry, you have hit a rate limit. secret'));
    await checkKind('unknown', new Error('secret'));
    await checkKind('cancelled', Object.assign(new Error('Canceled'), { name: 'Canceled' }));
  });

  it('cancels the request when the call is aborted', async () => {
    const controller = new AbortController();
    let cancelled = false;
    const answer = async function* (): AsyncGenerator<unknown> {
      yield new TextPart('Begun');
      await new Promise<void>((resolve) => {
        sources.add(() => {
          cancelled = true;
          resolve();
        });
        controller.abort();
      });
    };
    const { error } = await outcome(await model({ answer }), call(), controller.signal);
    sources.clear();
    assert.equal(error?.kind, 'cancelled');
    assert.ok(cancelled);
  });

  it('ends an answer that does not end', async () => {
    const { finish } = await outcome(
      await model({ answer: () => pieces(...Array<string>(200).fill('x'.repeat(100))) }),
      call({ maxTokens: 100 }),
    );
    assert.equal(finish?.reason, 'length');
  });

  it('finds a model by vendor and id, and says so when it is gone', async () => {
    const provider = createVscodeProvider(parts({ vendor: 'mine', id: 'a' }, { vendor: 'copilot', id: 'b' }));
    const named = async (id: string) => (await provider.create(config('', id))).model;
    assert.equal(await named('mine/a'), 'mine/a');
    assert.equal(await named(''), 'copilot/b');
    await assert.rejects(named('gone/c'), { kind: 'no-model' });
    await assert.rejects(createVscodeProvider(parts()).create(config('', '')), { kind: 'no-model' });
  });

  it('holds the prompt to what the editor says goes in', async () => {
    const limits = await (await model({ maxInputTokens: 30_000 })).limits(new AbortController().signal);
    assert.equal(limits.softMaxInputTokens, 30_000);
    assert.ok(limits.contextWindow >= 30_000);
    assert.equal(limits.known, true);
  });
});
