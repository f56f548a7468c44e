import assert from 'node:assert/strict';
import { findVariable } from '../../../src/host/environment.ts';
import { createKeys } from '../../../src/host/secrets.ts';
import { presets } from '../../../src/providers/presets.ts';

describe('keys of the environment for compatible servers', () => {
  it('exist for every hosted preset but Vertex, whose tokens last an hour', () => {
    const hosted = presets.filter(({ needsKey, id }) => needsKey && id !== 'vertex');
    for (const { baseUrl } of hosted) assert.ok(findVariable(new URL(baseUrl.replace(/[{}]/g, '')).host), baseUrl);
  });

  it('belong to one host each', () => {
    assert.equal(findVariable('models.github.ai'), 'GITHUB_TOKEN');
    const others = [
      'github.ai',
      'api.github.com',
      'evil-openrouter.ai',
      'openrouter.ai.evil.example',
      'openrouter.ai:8443',
    ];
    for (const host of [...others, 'x.execute-api.api.aws', 'localhost:11434'])
      assert.equal(findVariable(host), undefined, host);
  });

  it('serve at that host over https alone, behind a stored key', async () => {
    const stored = new Map<string, string>();
    const keys = createKeys(
      {
        get: (id) => Promise.resolve(stored.get(id)),
        store: (id, key) => Promise.resolve(void stored.set(id, key)),
        delete: (id) => Promise.resolve(void stored.delete(id)),
        keys: () => Promise.resolve([...stored.keys()]),
      },
      (name) => `key of ${name}`,
    );
    const at = async (url: string) => (await keys.resolve('openai-compatible', url))?.key;
    assert.equal(await at('https://api.x.ai/v1'), 'key of XAI_API_KEY');
    assert.equal(await at('http://api.x.ai/v1'), undefined);
    assert.equal(await at('https://gateway.example/v1'), undefined);
    await keys.set('openai-compatible', 'https://api.x.ai/v1', 'mine');
    assert.equal(await at('https://api.x.ai/v1'), 'mine');
  });
});
