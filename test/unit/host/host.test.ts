import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ModelError, type ModelErrorKind } from '../../../src/engine/model.ts';
import { realClock } from '../../../src/host/clock.ts';
import { Disposables } from '../../../src/host/disposables.ts';
import { createErrorView, isCancel } from '../../../src/host/errors.ts';
import { createFence, installSecret } from '../../../src/host/fence.ts';
import { hash, portableHash } from '../../../src/host/hash.ts';
import { createLog, scrub } from '../../../src/host/log.ts';
import { createKeys } from '../../../src/host/secrets.ts';
import { checkSetting, settingRules } from '../../../src/host/settingRules.ts';
import { english } from '../../../src/engine/messages.ts';
import { yieldToEventLoop } from '../../../src/host/yield.ts';
import type { SettingId } from '../../../src/contributions.ts';

interface Property {
  readonly type: string;
  readonly default: never;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}
const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  contributes: { configuration: readonly { properties: Readonly<Record<string, Property>> }[] };
};
const properties = Object.assign({}, ...manifest.contributes.configuration.map((group) => group.properties)) as Record<
  SettingId,
  Property
>;

/** A key ring that lives in memory. */
function ring(): {
  store(id: string, value: string): Promise<void>;
  get(id: string): Promise<string | undefined>;
  delete(id: string): Promise<void>;
  keys(): Promise<string[]>;
  readonly all: Map<string, string>;
} {
  const all = new Map<string, string>();
  return {
    all,
    get: async (id) => all.get(id),
    store: async (id, value) => void all.set(id, value),
    delete: async (id) => void all.delete(id),
    keys: async () => [...all.keys()],
  };
}

describe('settings', () => {
  it('have the bounds and choices that the manifest shows, and its defaults are within them', () => {
    assert.deepEqual(Object.keys(settingRules).sort(), Object.keys(properties).sort());
    for (const [id, property] of Object.entries(properties) as [SettingId, Property][]) {
      const rule = settingRules[id];
      if ('min' in rule)
        assert.deepEqual([rule.type, rule.min, rule.max], [property.type, property.minimum, property.maximum], id);
      if (rule.type === 'choice') assert.deepEqual(rule.of, property.enum, id);
      assert.deepEqual(checkSetting(id, property.default, property.default, english), { value: property.default }, id);
    }
  });

  it('that are wrong become the nearest that is right, with one sentence', () => {
    const cases: readonly (readonly [SettingId, unknown, unknown])[] = [
      ['precis.concurrency', 0, 1],
      ['precis.concurrency', 1e9, 64],
      ['precis.concurrency', 'eight', 8],
      ['precis.concurrency', Number.NaN, 8],
      ['precis.chunkTokens', 1000.4, 1000],
      ['precis.provider', 'evil', 'auto'],
      ['precis.cache.enabled', 'yes', true],
      ['precis.summary.language', 7, ''],
      [
        'precis.prices',
        { good: { input: 1, output: 2 }, bad: { input: -1, output: 2 } },
        { good: { input: 1, output: 2 } },
      ],
      ['precis.prices', null, {}],
    ];
    for (const [id, value, expected] of cases) {
      const checked = checkSetting(id, value, properties[id].default, english);
      assert.deepEqual(checked.value, expected, id);
      assert.match(checked.problem ?? '', new RegExp(id.replaceAll('.', '\\.')));
    }
  });
});

describe('keys', () => {
  const official = 'https://api.openai.com/v1';

  async function checkKey(
    url: string,
    expected: string | undefined,
    keys: ReturnType<typeof createKeys>,
  ): Promise<void> {
    assert.equal((await keys.resolve('openai', url))?.key, expected, url);
  }

  it('are bound to the host that they were stored for', async () => {
    const keys = createKeys(ring(), () => undefined);
    await keys.set('openai', official, '  stored-key\n');
    await checkKey(official, 'stored-key', keys);
    await checkKey('https://api.openai.com/v2/other', 'stored-key', keys);
    for (const other of [
      'https://api.openai.com.evil.net/v1',
      'https://evil.net/v1',
      'https://api.openai.com:8443/v1',
      'http://api.openai.com/v1',
    ]) {
      await checkKey(other, undefined, keys);
    }
    assert.equal(await keys.resolve('openai-compatible', official), undefined);
  });

  it('of the environment serve when none is stored, and never over an open wire or for another provider', async () => {
    const asked: string[] = [];
    const keys = createKeys(ring(), (name) => {
      asked.push(name);
      return `from ${name}`;
    });
    await checkKey(official, 'from OPENAI_API_KEY', keys);
    assert.equal((await keys.resolve('anthropic', 'https://api.anthropic.com'))?.from, 'environment');
    await checkKey('http://proxy.example.net/v1', undefined, keys);
    await checkKey('http://127.0.0.1:9/v1', 'from OPENAI_API_KEY', keys);
    assert.equal(await keys.resolve('openai-compatible', 'https://gateway.example/v1'), undefined);
    await keys.set('openai', official, 'stored');
    await checkKey(official, 'stored', keys);
    assert.deepEqual([...new Set(asked)], ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY']);
  });

  it('of the environment serve where there is no key ring', async () => {
    const refuses = (): Promise<never> => Promise.reject(new Error('no key ring'));
    for (const storage of [
      { get: refuses, store: refuses, delete: refuses, keys: refuses },
      { get: refuses, store: refuses, delete: refuses },
    ]) {
      const keys = createKeys(storage, () => 'from the environment');
      await checkKey(official, 'from the environment', keys);
      assert.deepEqual([await keys.hasStored('openai'), await keys.clear('openai')], [false, 0]);
      await assert.rejects(keys.set('openai', official, 'k'));
    }
  });

  it('are cleared for one host or for all', async () => {
    const keys = createKeys(ring(), () => undefined);
    for (const host of ['a', 'b', 'c']) await keys.set('openai-compatible', `https://${host}.net`, host);
    assert.equal(await keys.clear('openai-compatible', 'https://a.net/v1'), 1);
    assert.equal(await keys.clear('openai-compatible'), 2);
    assert.equal(await keys.hasStored('openai-compatible'), false);
    await assert.rejects(keys.set('openai', 'no address', 'k'));
  });
});

describe('the log', () => {
  it('holds no key, no home folder, no line ends and no message of others', () => {
    const lines: string[] = [];
    const add = (line: string): number => lines.push(line);
    const log = createLog(
      { trace: add, debug: add, info: add, warn: add, error: add, show: () => undefined },
      '/home/ada',
    );
    log.hide('my-very-own-key');
    log.info('read /home/ada/notes.md with my-very-own-key\nnext');
    log.warn('Authorization: Bearer abcdefghijklmnop and sk-proj-abcdefghijklmnop');
    log.error('failed', new TypeError('unexpected token in "the text of the document"'));
    log.error('failed', new ModelError({ kind: 'network', message: 'No connection.' }));
    const all = lines.join('\n');
    for (const leak of ['ada', 'my-very-own-key', 'abcdefghijklmnop', 'text of the document'])
      assert.ok(!all.includes(leak), leak);
    assert.equal(lines.length, 4);
    assert.ok(lines.every((line) => !line.includes('\n')));
    assert.match(all, /read ~\/notes\.md/);
    assert.match(all, /failed: No connection\./);
    assert.match(all, /failed: TypeError/);
    assert.ok(scrub('x'.repeat(10_000), new Set()).length <= 601);
  });

  it('holds no key in another encoding', () => {
    const key = 'p/Q+7 my-very?own=key';
    const hidden = new Set([key]);
    for (const before of ['', 'a', 'ab', 'user:']) {
      const base64 = Buffer.from(`${before}${key} and more`).toString('base64');
      const url = Buffer.from(`${before}${key} and more`).toString('base64url');
      for (const text of [base64, url]) {
        const written = scrub(`sent ${text} to it`, hidden);
        const left = Buffer.from(written.replace(/^sent |\*+| to it$/g, ''), 'base64').toString('latin1');
        assert.ok(written.includes('***') && !left.includes('very'), written);
      }
    }
    assert.ok(!scrub(`GET /v1?key=${encodeURIComponent(key)}`, hidden).includes('very'));
  });
});

describe('errors', () => {
  it('of each kind have a sentence and a button, and keep the id of the request', () => {
    const kinds: ModelErrorKind[] = [
      'auth',
      'quota',
      'rate-limit',
      'overloaded',
      'too-long',
      'refused',
      'content-filter',
      'no-model',
      'bad-request',
      'network',
      'stalled',
      'cancelled',
      'unknown',
    ];
    for (const kind of kinds) {
      for (const message of ['', 'The provider said no']) {
        const view = createErrorView(new ModelError({ kind, message, requestId: 'req_1' }), english);
        assert.equal(view.kind, kind);
        assert.equal(view.requestId, 'req_1');
        assert.ok(
          view.actions.length > 0 && view.message.includes(message) && /[.]$/.test(view.message),
          `${kind}: ${view.message}`,
        );
      }
    }
  });

  it('that were not written for people are not shown to them', () => {
    const view = createErrorView(new TypeError("Cannot read properties of undefined (reading 'x')"), english);
    assert.ok(!view.message.includes('undefined'));
    assert.ok(view.actions.includes('showLog'));
    const source = Object.assign(new Error('“a.log” changed while it was read.'), { name: 'SourceError' });
    assert.equal(createErrorView(source, english).message, source.message);
  });

  it('of a cancel are known from every library', () => {
    const named = (name: string): Error => Object.assign(new Error('x'), { name });
    for (const error of [named('Canceled'), named('AbortError'), new ModelError({ kind: 'cancelled', message: '' })])
      assert.equal(isCancel(error), true);
    assert.equal(isCancel(new Error('Canceled')), false);
  });
});

describe('ports of the engine', () => {
  it('the hash is SHA-256, with and without Node', () => {
    for (const text of [
      '',
      'abc',
      'Grüße 世界 😀',
      ...[54, 55, 56, 63, 64, 65, 119, 120, 1000].map((length) => 'x'.repeat(length)),
    ]) {
      const expected = createHash('sha256').update(text, 'utf8').digest('hex');
      assert.equal(hash(text), expected);
      assert.equal(portableHash(text), expected);
    }
  });

  it('the fence is the same for the same text, another elsewhere, and its secret is made once', async () => {
    const storage = ring();
    const [first, second] = [await installSecret(storage), await installSecret(storage)];
    assert.equal(first, second);
    assert.match(first, /^[0-9a-f]{48}$/);
    const fence = createFence(first, hash);
    assert.match(fence('text'), /^[0-9a-f]{10}$/);
    assert.equal(fence('text'), fence('text'));
    assert.notEqual(fence('text'), fence('text '));
    assert.notEqual(fence('text'), createFence(await installSecret(ring()), hash)('text'));
  });

  it('the clock ends a sleep when it is told to', async () => {
    const controller = new AbortController();
    const sleeping = realClock.sleep(60_000, controller.signal);
    controller.abort(new Error('woken'));
    await assert.rejects(sleeping, /woken/);
    await assert.rejects(realClock.sleep(1, controller.signal), /woken/);
    let called = false;
    realClock.timer(1, () => (called = true))();
    await realClock.sleep(3);
    assert.equal(called, false);
  });

  it('a yield lets other work run first', async () => {
    let ran = false;
    setImmediate(() => (ran = true));
    await yieldToEventLoop();
    assert.equal(ran, true);
  });

  it('everything is ended once, newest first, also after one that fails', () => {
    const ended: number[] = [];
    const all = new Disposables();
    all.add({ dispose: () => ended.push(1) });
    all.add({ dispose: () => assert.fail('this one fails') });
    all.add({ dispose: () => ended.push(3) });
    all.dispose();
    all.dispose();
    all.add({ dispose: () => ended.push(4) });
    assert.deepEqual(ended, [3, 1, 4]);
  });
});
