import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ProviderDefinition } from '../../../src/providers/provider.ts';
import { call, config, outcome, plantedKey } from '../../support/conformance.ts';

const root = new URL('../../../', import.meta.url);

/** The example of the page, loaded as it stands, with its imports pointed at the sources. */
async function loadExample(): Promise<ProviderDefinition> {
  const page = await readFile(new URL('.github/CONTRIBUTING.md', root), 'utf8');
  const code = /```ts\n(\/\/ src\/providers\/acme\.ts\n[\s\S]*?)```/.exec(page)?.[1] ?? '';
  const sources = code
    .replaceAll("'./", `'${new URL('src/providers/', root).href}`)
    .replaceAll("'../", `'${new URL('src/', root).href}`);
  const folder = await mkdtemp(join(tmpdir(), 'precis-example-'));
  try {
    const file = join(folder, 'acme.ts');
    await writeFile(file, sources);
    return ((await import(pathToFileURL(file).href)) as { acme: ProviderDefinition }).acme;
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('the worked example of CONTRIBUTING', () => {
  const asked: { path?: string; key?: string; body: string }[] = [];
  let lines: readonly object[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked.push({ path: request.url, key: request.headers.authorization, body: Buffer.concat(chunks).toString() });
      response.end(
        request.url === '/models'
          ? '{"models":["acme-large"]}'
          : lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
      );
    });
  });
  let acme: ProviderDefinition;
  let settings: ReturnType<typeof config>;
  before(async () => {
    acme = await loadExample();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    settings = config(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'acme-large');
  });
  after(() => void server.close());

  it('streams an answer through the port', async () => {
    lines = [{ text: 'An ' }, { text: 'answer.' }, { end: 'complete', read: 812, wrote: 95 }];
    const { text, finish } = await outcome(await acme.create(settings));
    assert.equal(text, 'An answer.');
    assert.deepEqual([finish?.reason, finish?.usage], ['stop', { inputTokens: 812, outputTokens: 95 }]);
    assert.equal(asked.at(-1)?.key, `Bearer ${plantedKey}`);
    assert.equal((JSON.parse(asked.at(-1)?.body ?? '') as { prompt: string }).prompt, call().user);
  });
  it('tells a cut answer from a broken one', async () => {
    lines = [{ text: 'An ' }, { end: 'limit' }];
    assert.equal((await outcome(await acme.create(settings))).finish?.reason, 'length');
    lines = [{ text: 'An ' }];
    assert.equal((await outcome(await acme.create(settings))).error?.kind, 'network');
    lines = [{ error: 'rate limit reached' }];
    assert.equal((await outcome(await acme.create(settings))).error?.kind, 'rate-limit');
  });
  it('lists its models', async () => {
    assert.deepEqual(await acme.listModels(settings, new AbortController().signal), [{ id: 'acme-large' }]);
  });
});
