import assert from 'node:assert/strict';
import {
  decideConsent,
  resolveConsent,
  type ConsentAnswer,
  type ConsentFacts,
  type ConsentStore,
  type NamedBy,
} from '../../../src/host/consent.ts';

const remote = { provider: 'openai', host: 'api.openai.com', loopback: false, official: true } as const;
const proxy = { provider: 'openai', host: 'proxy.example', loopback: false, official: false } as const;
const local = { provider: 'openai-compatible', host: '127.0.0.1:11434', loopback: true, official: true } as const;
const vendor = { provider: 'vscode', host: 'vscode:copilot', loopback: false, official: false } as const;
const places = [remote, proxy, local, vendor];

function decide(more: Partial<ConsentFacts>): string {
  return decideConsent({ destination: remote, namedBy: 'auto', storedKey: false, interactive: true, ...more });
}

function memory(answers: Record<string, ConsentAnswer> = {}): ConsentStore & { readonly answers: typeof answers } {
  return {
    answers,
    get: (host) => answers[host],
    set: async (host, answer) => void (answers[host] = answer),
  };
}

describe('consent to send', () => {
  it('sends nothing through a non-interactive door without it: auto runs offline, a named provider is refused', () => {
    for (const destination of places) {
      assert.equal(decide({ destination, interactive: false }), 'offline', destination.host);
      assert.equal(decide({ destination, interactive: false, namedBy: 'settings' }), 'refuse', destination.host);
    }
  });

  it('asks a person at the first send, for every provider and whatever the host of auto', () => {
    for (const destination of places)
      for (const namedBy of ['auto', 'settings'] as const)
        assert.equal(decide({ destination, namedBy }), 'ask', `${namedBy} ${destination.host}`);
    assert.equal(decide({ namedBy: 'user-settings' }), 'ask');
  });

  it('asks nothing about a server of this machine that the user’s own settings name', () => {
    for (const interactive of [true, false]) {
      assert.equal(decide({ destination: local, namedBy: 'user-settings', interactive }), 'send');
      assert.notEqual(decide({ destination: proxy, namedBy: 'user-settings', interactive }), 'send');
    }
  });

  it('takes an argument of the command line for the official host and for loopback only', () => {
    const named = (destination: ConsentFacts['destination']) =>
      decide({ destination, namedBy: 'command-line', interactive: false });
    assert.deepEqual([named(remote), named(local), named(proxy)], ['send', 'send', 'refuse']);
  });

  it('takes a stored key, and the model picked in the chat, for a yes', () => {
    assert.equal(decide({ storedKey: true, interactive: false }), 'send');
    assert.equal(decide({ destination: vendor, namedBy: 'person', interactive: false }), 'send');
    assert.equal(decide({ storedKey: true, remembered: 'withdrawn', interactive: false }), 'offline');
    assert.equal(decide({ storedKey: true, remembered: 'withdrawn' }), 'ask');
  });

  it('keeps both answers', () => {
    for (const namedBy of ['auto', 'settings', 'user-settings'] as NamedBy[]) {
      assert.equal(decide({ namedBy, remembered: 'send', interactive: false }), 'send');
      assert.equal(decide({ namedBy, remembered: 'offline' }), 'offline');
    }
    assert.equal(decide({ namedBy: 'settings', remembered: 'offline', interactive: false }), 'refuse');
  });

  it('remembers Send and Summarize Offline for the host, and nothing of a closed question', async () => {
    const facts = { destination: remote, namedBy: 'auto', storedKey: false, interactive: true } as const;
    const store = memory();
    assert.equal(await resolveConsent(facts, store, async () => undefined), 'cancelled');
    assert.deepEqual(store.answers, {});
    assert.equal(await resolveConsent(facts, store, async () => 'offline'), 'offline');
    assert.deepEqual(store.answers, { 'api.openai.com': 'offline' });
    const never = () => assert.fail('asked twice');
    assert.equal(await resolveConsent(facts, store, never), 'offline');
    const other = memory();
    assert.equal(await resolveConsent(facts, other, async () => 'send'), 'send');
    assert.equal(await resolveConsent({ ...facts, interactive: false }, other, never), 'send');
  });

  it('asks once for runs that start together', async () => {
    const facts = { destination: proxy, namedBy: 'auto', storedKey: false, interactive: true } as const;
    const store = memory();
    let asked = 0;
    const ask = async (): Promise<'send'> => {
      asked++;
      await Promise.resolve();
      return 'send';
    };
    assert.deepEqual(await Promise.all([resolveConsent(facts, store, ask), resolveConsent(facts, store, ask)]), [
      'send',
      'send',
    ]);
    assert.equal(asked, 1);
  });
});
