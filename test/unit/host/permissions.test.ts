import assert from 'node:assert/strict';
import { Permissions, type PermissionMemento } from '../../../src/host/permissions.ts';

function memento(values: Record<string, unknown> = {}): PermissionMemento & { readonly values: typeof values } {
  return {
    values,
    get: <T>(key: string) => values[key] as T | undefined,
    update: async (key, value) => void (values[key] = value),
  };
}

describe('permissions', () => {
  it('keeps, lists and withdraws answers', async () => {
    const permissions = new Permissions(memento(), () => 7);
    await permissions.set('prices', 'b', 'send');
    await permissions.set('host', 'api.openai.com', 'send');
    await permissions.set('host', 'api.openai.com', 'offline');
    assert.deepEqual(permissions.list(), [
      { kind: 'host', name: 'api.openai.com', answer: 'offline', at: 7 },
      { kind: 'prices', name: 'b', answer: 'send', at: 7 },
    ]);
    await permissions.set('host', 'api.openai.com', undefined);
    assert.equal(permissions.get('host', 'api.openai.com'), undefined);
    assert.equal(await permissions.clear(), 1);
    assert.deepEqual(permissions.list(), []);
  });

  it('takes over the answers of version 0.1, once', async () => {
    const stored = memento({ 'precis.consent': ['openai|api.openai.com', 'anthropic|api.anthropic.com', 3] });
    const permissions = new Permissions(stored, () => 7);
    assert.equal(permissions.get('host', 'api.openai.com'), 'send');
    await permissions.set('host', 'api.openai.com', 'withdrawn');
    assert.equal(permissions.get('host', 'api.openai.com'), 'withdrawn');
    assert.equal(permissions.get('host', 'api.anthropic.com'), 'send');
    assert.equal(stored.values['precis.consent'], undefined);
  });

  it('ignores damage', () => {
    for (const value of [
      null,
      3,
      'x',
      {},
      [null, 1, { kind: 'host' }, { kind: 'x', name: 'a', answer: 'send', at: 1 }],
    ])
      assert.deepEqual(new Permissions(memento({ 'precis.permissions': value }), () => 0).list(), []);
  });
});
