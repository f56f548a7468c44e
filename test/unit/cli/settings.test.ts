import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../../../src/cli/args.ts';
import { getPlatformFolders } from '../../../src/cli/folders.ts';
import { defaults, readEnvironment, readConfig, resolveSettings } from '../../../src/cli/settings.ts';

const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  contributes: { configuration: { properties: Record<string, { default: unknown }> }[] };
};
const properties = Object.assign({}, ...manifest.contributes.configuration.map((group) => group.properties)) as Record<
  string,
  { default: unknown }
>;

describe('settings of the command line', () => {
  it('have the defaults of the extension', () => {
    const same: Record<keyof typeof defaults, string> = {
      length: 'precis.summary.length',
      reasoningEffort: 'precis.reasoningEffort',
      serviceTier: 'precis.serviceTier',
      maxTokens: 'precis.confirmAboveTokens',
      concurrency: 'precis.concurrency',
      maxRetries: 'precis.maxRetries',
      requestTimeoutSeconds: 'precis.requestTimeoutSeconds',
      hedgeStragglers: 'precis.hedgeStragglers',
      cacheTtlHours: 'precis.cache.ttlHours',
      cacheMaxMegabytes: 'precis.cache.maxMegabytes',
    };
    for (const [name, id] of Object.entries(same)) {
      assert.equal(defaults[name as keyof typeof defaults], properties[id]?.default, id);
    }
  });

  it('take flags before the environment, and the environment before the file', () => {
    const environment = readEnvironment({ PRECIS_MODEL: 'env', PRECIS_PROVIDER: 'anthropic' });
    const settings = resolveSettings({ provider: 'openai' }, environment, { model: 'file', language: 'de' });
    assert.deepEqual([settings.provider, settings.model, settings.language], ['openai', 'env', 'de']);
  });

  it('stay offline unless a provider is named, whatever keys there are', () => {
    for (const provider of [undefined, 'auto']) {
      const settings = resolveSettings(provider ? { provider } : {}, {}, {});
      assert.deepEqual([settings.provider, settings.providerNamed], ['offline', false]);
    }
    assert.throws(() => resolveSettings({ provider: 'vscode' }, {}, {}), UsageError);
  });

  describe('in a file', () => {
    let folder: string;
    beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'precis-config-'))));
    afterEach(() => rm(folder, { recursive: true }));
    const write = (text: string): Promise<void> => writeFile(join(folder, 'config.json'), text);

    it('are none where there is no file', async () => assert.deepEqual(await readConfig(folder), {}));

    it('are read', async () => {
      await write('{"provider":"openai","maxCostUsd":1,"keyCommand":["pass","openai"]}');
      assert.deepEqual(await readConfig(folder), {
        provider: 'openai',
        maxCostUsd: 1,
        keyCommand: ['pass', 'openai'],
      });
    });

    it('stop the run where a limit has the wrong type, and name the field', async () => {
      for (const [text, field] of [
        ['{"maxCostUsd":"1"}', /"maxCostUsd" takes a number, not "1"\.$/],
        ['{"maxCost":1}', /there is no field "maxCost"\.$/],
        ['{"concurrency":0}', /"concurrency" takes 1 or more, not 0\.$/],
        ['{"concurrency":1.5}', /"concurrency" takes a whole number, not 1\.5\.$/],
        ['{"keyCommand":"pass"}', /"keyCommand" takes a list of texts, not "pass"\.$/],
        ['{"prices":{"m":{"input":-1,"output":1}}}', /"prices\.m\.input" takes 0 or more, not -1\.$/],
        ['[]', /a JSON object is needed\.$/],
        ['{', /is not valid JSON\.$/],
      ] as const) {
        await write(text);
        await assert.rejects(readConfig(folder), (error) => error instanceof UsageError && field.test(error.message));
      }
    });
  });

  it('lie in the folders of the platform', () => {
    assert.deepEqual(getPlatformFolders({ XDG_CONFIG_HOME: '/c' }, 'linux', '/home/a'), {
      config: '/c/precis',
      cache: '/home/a/.cache/precis',
      state: '/home/a/.local/state/precis',
    });
    assert.equal(getPlatformFolders({}, 'darwin', '/h').cache, '/h/Library/Caches/precis');
    assert.equal(getPlatformFolders({ PRECIS_HOME: '/p' }, 'win32').config, '/p');
  });
});
