import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeError, english, errorMessages, type ErrorCode, type Translate } from '../../../src/engine/messages.ts';
import { ModelError, type ModelErrorKind } from '../../../src/engine/model.ts';
import { toProblemError, toProblem } from '../../../src/batch/job.ts';
import { translateError, createErrorView } from '../../../src/host/errors.ts';
import { translateProviderName, providerNames } from '../../../src/host/providerNames.ts';
import { fromResponse, fromThrown } from '../../../src/providers/errors.ts';
import { parseEndpoint } from '../../../src/providers/endpoint.ts';
import { loadProviders } from '../../../src/providers/index.ts';
import { presets } from '../../../src/providers/presets.ts';
import { SourceError, type SourceFix } from '../../../src/sources/outcome.ts';
import type { VsCodeParts } from '../../../src/providers/vscodeLm.ts';
import { checkTranslatable, pseudo, rawEnglish } from '../../support/pseudo.ts';

const source = fileURLToPath(new URL('../../../src', import.meta.url));
const host = 'host.example:8443';
const codes = Object.keys(errorMessages) as ErrorCode[];

function filesOf(folder: string): { name: string; text: string }[] {
  return readdirSync(join(source, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ name: `${folder}/${name}`, text: readFileSync(join(source, folder, name), 'utf8') }));
}

describe('Model errors', () => {
  it('carry a code wherever an adapter, a batch or the engine throws one', () => {
    const thrown = ['providers', 'batch', 'engine']
      .flatMap(filesOf)
      .flatMap(({ name, text }) =>
        [...text.matchAll(/new ModelError\(\{([^;]*?)\}\)/gs)].map((match) => `${name}: ${match[1]!.trim()}`),
      );
    assert.ok(thrown.length > 25, `${thrown.length} throws were found`);
    assert.deepEqual(
      thrown.filter((data) => /\bmessage: [`']/.test(data)),
      [],
    );
  });

  it('are translatable for every response that fails', () => {
    const bodies = [
      undefined,
      '<html>',
      { error: { message: 'maximum context length is 4096 tokens', code: 'context_length_exceeded' } },
      { error: { message: 'insufficient balance', type: 'billing_error', param: 'messages[0].content' } },
      { error: { message: 'content policy', code: 'content_filter' } },
      { error: { message: 'the model does not exist', code: 'model_not_found' } },
      { error: { message: 'invalid api key' } },
      { error: { message: 'overloaded' } },
      { error: { message: 'too many requests' } },
      { error: { message: 'model requires more system memory than is available' } },
    ];
    const kinds = new Set<ModelErrorKind>();
    for (const status of [undefined, 400, 401, 402, 403, 404, 408, 410, 413, 418, 422, 429, 500, 501, 503, 529]) {
      for (const body of bodies) {
        const error = fromResponse({ status, body }, host, 0);
        kinds.add(error.kind);
        checkTranslatable(error, host);
      }
    }
    assert.equal(kinds.size, 9, [...kinds].join(' '));
  });

  it('are translatable for every broken connection and rejected address', () => {
    const reasons = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'CERT_HAS_EXPIRED', 'ECONNRESET', 'UND_ERR_SOCKET', ''];
    for (const code of reasons) checkTranslatable(fromThrown(Object.assign(new Error(), { code }), host), host);
    checkTranslatable(fromThrown(new SyntaxError(), host), host);
    checkTranslatable(fromThrown(new Error(), host, AbortSignal.abort()));
    for (const url of ['nonsense', 'ftp://a.example', 'https://me:pw@a.example', 'http://a.example']) {
      assert.throws(
        () => parseEndpoint(url, 'key'),
        (error: ModelError) => {
          checkTranslatable(error, 'a.example');
          return true;
        },
      );
    }
  });

  it('keep hosts that look like placeholders or patterns', () => {
    for (const name of ['{0}', '{1}', '$&', "$'.example", 'a(b)[c]*+?.example', '[::1]:11434', 'It refused.']) {
      const error = fromResponse({ status: 401, body: { code: 'bad_key' } }, name);
      assert.equal(error.message, `${name} did not accept the API key (HTTP 401, bad_key).`);
      assert.ok(createErrorView(error, pseudo).message.includes(name));
    }
  });

  it('put the server’s codes before the full stop of the language', () => {
    const error = new ModelError({ kind: 'no-model', args: ['api.example'], detail: 'HTTP 404, model_not_found' });
    const chinese: Translate = (message, name) => (message.startsWith('{0}') ? `${name}没有此模型。` : '请选择。');
    assert.equal(
      createErrorView(error, chinese).message,
      'api.example没有此模型 (HTTP 404, model_not_found)。请选择。',
    );
  });

  it('name a wait that is too long to sit through, and no shorter one', () => {
    const limited = (retryAfterMs: number): string =>
      new ModelError({ kind: 'rate-limit', args: ['h'], retryAfterMs }).message;
    assert.equal(
      limited(540_000),
      'h asks for a slower pace: its rate limit is reached. The provider asks to wait 9 minutes.',
    );
    assert.equal(limited(300_000), 'h asks for a slower pace: its rate limit is reached.');
    const error = new ModelError({ kind: 'rate-limit', args: ['h.example'], retryAfterMs: 720_000 });
    assert.deepEqual(rawEnglish(createErrorView(error, pseudo).message, 'h.example'), []);
  });

  it('have no English but names and codes in another language, for every code', () => {
    for (const code of codes) {
      const error = new ModelError({ kind: 'bad-request', code, args: [host, 12, 34], detail: 'HTTP 400, c_1' });
      const { message } = createErrorView(error, pseudo);
      assert.deepEqual(rawEnglish(message, host), [], code);
      assert.equal(message.includes(host), errorMessages[code].includes('{0}'), code);
    }
    assert.equal(new Set(Object.values(errorMessages)).size, codes.length, 'no sentence has two codes');
  });

  it('lead to what helps: a key, another model, the very setting, another file', () => {
    const view = (code: ErrorCode, provider?: string): ReturnType<typeof createErrorView> =>
      createErrorView(new ModelError({ kind: 'bad-request', code, args: [host] }), english, provider);
    const settings = (['too-long', 'rate-limit', 'price-unknown', 'cost-limit'] as const).map(
      (code) => view(code).setting,
    );
    assert.deepEqual(settings, [
      'precis.contextWindow',
      'precis.requestTimeoutSeconds',
      'precis.prices',
      'precis.maxCostUsd',
    ]);
    assert.equal(view('no-endpoint', 'anthropic').setting, 'precis.anthropic.baseUrl');
    assert.match(view('no-endpoint', 'auto').setting ?? '', /^@ext:/);
    for (const code of codes) {
      const { actions, setting } = view(code);
      assert.ok(actions.length > 0 && actions.length <= 3, code);
      assert.equal(actions.includes('openSettings'), setting !== undefined, `${code} opens a setting`);
    }
  });

  it('offer to try again only where it can work without a change', () => {
    const hopeless: readonly ErrorCode[] = [
      'auth',
      'quota',
      'no-model',
      'too-long',
      'no-address',
      'cost-limit',
      'refused',
    ];
    for (const code of hopeless) {
      const { actions } = createErrorView(new ModelError({ kind: 'bad-request', code, args: [host] }), english);
      assert.ok(!actions.includes('retry'), code);
    }
    const source = (fix?: SourceFix) => createErrorView(new SourceError('The file is empty.', fix), english).actions;
    assert.deepEqual(
      [source(), source('again'), source('offline'), source('none')],
      [['pickFile'], ['retry'], ['offline'], []],
    );
  });

  it('of a text that cannot be read offer no log and no provider', () => {
    for (const code of ['no-text', 'whole-too-long'] as const) {
      const view = createErrorView(new ModelError({ kind: 'bad-request', code }), english);
      assert.deepEqual(view, { kind: 'source', message: errorMessages[code], actions: ['pickFile'] });
    }
  });
});

describe('Problems of batch jobs', () => {
  it('are stored as codes and read in the user’s language', () => {
    const stored = JSON.parse(JSON.stringify(toProblem(fromResponse({ status: 401 }, host)))) as ReturnType<
      typeof toProblem
    >;
    assert.deepEqual(stored, { code: 'auth', args: [host], detail: 'HTTP 401' });
    assert.deepEqual(rawEnglish(translateError(stored, pseudo), host), []);
    assert.equal(toProblemError(stored).message, `${host} did not accept the API key (HTTP 401).`);
  });

  it('of version 0.1.0 and in the vendor’s own words come back as they were', () => {
    for (const text of ['', 'The batch has 3 invalid lines', 'api.example is overloaded at the moment (HTTP 503).'])
      assert.equal(translateError(text, pseudo), text);
    assert.equal(toProblem(new Error('no disk')), 'no disk');
  });
});

describe('Provider names', () => {
  it('are brands, or have a translation', async () => {
    const definitions = await loadProviders({ vscode: {} as VsCodeParts });
    const holes = presets.flatMap(({ baseUrl }) => [...baseUrl.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!));
    const shown = [...definitions, ...presets].map(({ label }) => label).concat(holes);
    const words = shown.filter((name) => /\b[a-z]{4,}\b(?!\.)/.test(name));
    assert.deepEqual(
      words.filter((name) => rawEnglish(translateProviderName(name, pseudo)).length > 0),
      [],
    );
    const known: readonly string[] = Object.values(providerNames);
    assert.deepEqual(
      known.filter((name) => !shown.includes(name)),
      [],
    );
    assert.equal(translateProviderName('Ollama', pseudo), 'Ollama');
  });

  it('are translated inside a sentence', () => {
    const error = new ModelError({ kind: 'bad-request', code: 'no-batches', args: ['OpenAI-compatible server'] });
    assert.deepEqual(rawEnglish(createErrorView(error, pseudo).message), []);
    assert.equal(describeError({ code: 'no-batches', args: ['X'] }).startsWith('X offers'), true);
  });
});
