import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ModelError, type ModelErrorKind } from '../../../src/engine/model.ts';
import { endSentences } from '../../../src/engine/stages/context.ts';
import { errorView } from '../../../src/host/errors.ts';
import {
  providerName,
  providerNames,
  providerSentence,
  providerSentences,
} from '../../../src/host/providerSentences.ts';
import { english, type Translate } from '../../../src/host/translate.ts';
import { fromResponse, fromThrown } from '../../../src/providers/errors.ts';
import { endpoint } from '../../../src/providers/endpoint.ts';
import { loadProviders } from '../../../src/providers/index.ts';
import { presets } from '../../../src/providers/presets.ts';
import type { VsCodeParts } from '../../../src/providers/vscodeLm.ts';
import { panelTexts } from '../../../src/shared/texts.ts';
import { checkTranslatable, pseudo, rawEnglish } from '../../support/pseudo.ts';

const source = fileURLToPath(new URL('../../../src', import.meta.url));
/** Stands for what is not known before it runs. */
const hole = '77';
const host = 'host.example:8443';

/** What is written into the summary, read by a model, or said by the panel. */
const elsewhere = /^engine\/(?:prompts|offline|fold|split)\/|^engine\/(?:finish|context|question|items)\.ts/;
/** A file without any of these says nothing when something fails. */
const mayFail = /Error\(|abort\(|problem/;

/** The literal texts in the rooms that speak no language but English, with `hole` for what is filled in. */
function literals(room: string): string[] {
  return readdirSync(join(source, room), { recursive: true, encoding: 'utf8' }).flatMap((name) => {
    const file = `${room}/${name.replaceAll('\\', '/')}`;
    const code = file.endsWith('.ts') && !elsewhere.test(file) ? readFileSync(join(source, file), 'utf8') : '';
    return mayFail.test(code) ? literalsOf(code) : [];
  });
}

function literalsOf(code: string): string[] {
  const plain = code.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*/g, '');
  return [...plain.matchAll(/'((?:[^'\\\n]|\\.)+)'|`([^`\n]+)`/g)].map((match) =>
    (match[1] ?? match[2] ?? '').replace(/\$\{[^{}]*\}/g, hole),
  );
}

const isSentence = (text: string): boolean => /^(?:\p{Lu}|77 ).* .*\.$/u.test(text);

const ofPanel = Object.values(panelTexts).map((text) => text.replace(/\{\d\}/g, hole));
/** What a call is told that another one overtook: nobody else hears of it. */
const unheard = ['Another attempt began to answer first.', 'Another attempt answered first.'];
const notOurs: ReadonlySet<string> = new Set([...ofPanel, ...unheard]);

describe('The sentences of providers', () => {
  it('are all in the table: whatever the providers, the batches and the scheduler say', () => {
    const sentences = ['providers', 'batch', 'engine']
      .flatMap(literals)
      .filter((text) => isSentence(text) && !notOurs.has(text));
    assert.ok(sentences.length > 30, `${sentences.length} sentences were found`);
    assert.deepEqual(
      sentences.filter((text) => rawEnglish(providerSentence(text, pseudo)).length > 0),
      [],
    );
    for (const text of Object.values(endSentences)) checkTranslatable(text);
  });

  it('are known for every answer that fails', () => {
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
        const { kind, message } = fromResponse({ status, body }, host, 0);
        kinds.add(kind);
        checkTranslatable(message, host);
      }
    }
    assert.equal(kinds.size, 9, [...kinds].join(' '));
  });

  it('are known for every connection that breaks and every address that is refused', () => {
    const codes = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'CERT_HAS_EXPIRED', 'ECONNRESET', 'UND_ERR_SOCKET', ''];
    for (const code of codes) checkTranslatable(fromThrown(Object.assign(new Error(), { code }), host).message, host);
    checkTranslatable(fromThrown(new SyntaxError(), host).message, host);
    checkTranslatable(fromThrown(new Error(), host, AbortSignal.abort()).message);
    for (const url of ['nonsense', 'ftp://a.example', 'https://me:pw@a.example', 'http://a.example']) {
      assert.throws(
        () => endpoint(url, 'key'),
        (error: Error) => {
          checkTranslatable(error.message, 'a.example');
          return true;
        },
      );
    }
  });

  it('come back as they were in English, whatever a host is called', () => {
    for (const name of [
      '{0}',
      '{1}',
      '$&',
      "$'.example",
      'a(b)[c]*+?.example',
      '[::1]:11434',
      'It refused the request.',
    ]) {
      for (const template of Object.values(providerSentences)) {
        const message = english(template, name, '12', '34');
        assert.equal(providerSentence(message, english), message);
      }
      const { message } = fromResponse({ status: 401, body: { code: 'bad_key' } }, name);
      assert.equal(message, `${name} did not accept the API key (HTTP 401, bad_key).`);
      assert.equal(providerSentence(message, english), message);
    }
  });

  it('hand on their values in their places', () => {
    const order: Translate = (_, ...args) => args.join('|');
    for (const name of ['{0}', 'a(b).example', '$1']) {
      const cut = `${name} read only 4096 of about 12000 tokens: its window is smaller than the prompt and it cut the text without saying so.`;
      assert.equal(providerSentence(cut, order), `${name}|4096|12000`);
    }
  });

  it('keep the codes of a server before the full stop of the language', () => {
    const message = 'api.example does not have this model, or the account may not use it (HTTP 404, model_not_found).';
    const chinese: Translate = (_, name) => `${name}没有此模型。`;
    assert.equal(providerSentence(message, chinese), 'api.example没有此模型 (HTTP 404, model_not_found)。');
    const both: Translate = (template, ...args) => english(template.replace('asks to wait', 'bittet um'), ...args);
    assert.equal(
      providerSentence(
        'h asks to go slower: its rate limit is reached (HTTP 429). The provider asks to wait 9 minutes.',
        both,
      ),
      'h asks to go slower: its rate limit is reached (HTTP 429). The provider bittet um 9 minutes.',
    );
  });

  it('stay as they are where they are another’s, at no cost in time', () => {
    for (const message of ['', 'The batch has 3 invalid lines', 'Der Server antwortet nicht.', ' (x).'.repeat(9_000)])
      assert.equal(providerSentence(message, pseudo), message);
  });

  it('have different forms, each found again as itself', () => {
    const templates = Object.values(providerSentences);
    assert.equal(new Set(templates).size, templates.length);
    for (const template of templates) {
      const asked: string[] = [];
      providerSentence(english(template, 'a', '1', '2'), (one) => (asked.push(one), one));
      assert.equal(asked.at(-1), template);
    }
  });
});

describe('Errors in another language', () => {
  it('have nothing English left but names and codes, for every kind', () => {
    const statuses: Partial<Record<ModelErrorKind, number>> = {
      auth: 401,
      quota: 402,
      overloaded: 503,
      'no-model': 410,
    };
    for (const [kind, status] of Object.entries(statuses)) {
      const view = errorView(
        fromResponse({ status, body: { error: { message: 'model', code: 'c_1' } } }, host),
        pseudo,
      );
      assert.equal(view.kind, kind);
      assert.ok(view.message.includes(host) && view.message.includes(` (HTTP ${status}, c_1).`), view.message);
      assert.deepEqual(rawEnglish(view.message, host), []);
    }
    const wait = new ModelError({
      kind: 'rate-limit',
      message: `${fromResponse({ status: 429 }, host).message} The provider asks to wait 12 minutes.`,
    });
    assert.deepEqual(rawEnglish(errorView(wait, pseudo).message, host), []);
  });

  it('know the one sentence that comes out of the worker as a plain error', () => {
    assert.deepEqual(rawEnglish(errorView(new Error(providerSentences.wholeTooLong), pseudo).message), []);
    assert.equal(errorView(new Error(providerSentences.noText), english).kind, 'unknown');
  });

  it('put no space after a full stop that has its own', () => {
    const chinese: Translate = (template) => (template.startsWith('{0}') ? '未接受密钥。' : '请重新设置。');
    assert.equal(
      errorView(fromResponse({ status: 401 }, host), chinese).message,
      '未接受密钥 (HTTP 401)。请重新设置。',
    );
  });
});

describe('The names of providers', () => {
  it('are brands, or in the table', async () => {
    const definitions = await loadProviders({ vscode: {} as VsCodeParts });
    const holes = presets.flatMap(({ baseUrl }) => [...baseUrl.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!));
    const shown = [...definitions, ...presets].map(({ label }) => label).concat(holes);
    const words = shown.filter((name) => /\b[a-z]{4,}\b(?!\.)/.test(name));
    assert.deepEqual(
      words.filter((name) => rawEnglish(providerName(name, pseudo)).length > 0),
      [],
    );
    const known: readonly string[] = Object.values(providerNames);
    assert.deepEqual(
      known.filter((name) => !shown.includes(name)),
      [],
    );
    assert.equal(providerName('Ollama', pseudo), 'Ollama');
  });

  it('are said within a sentence too', () => {
    const message =
      'OpenAI-compatible server offers no batches at half the price. Summarize there as usual, or choose another provider.';
    assert.deepEqual(rawEnglish(providerSentence(message, pseudo)), []);
  });
});
