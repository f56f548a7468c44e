/** What a workspace, the environment and a log may not do: choose where a text goes, or keep what is not theirs. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { removeFolder, temporaryFolder } from '../support/host/processes.ts';
import { prose } from '../support/corpus.ts';
import { startProvider, type SimulatedProvider } from '../support/provider/index.ts';
import { commandTitle, inVsCode, root, until, type Code } from './harness.ts';

const key = 'sk-planted-9f8e7d6c5b4a39281706';

interface Canary {
  readonly url: string;
  /** Paths that were asked for. */
  readonly asked: readonly string[];
  close(): void;
}

/** Whoever speaks to it has been led astray. */
async function startCanary(): Promise<Canary> {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":[]}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked, close: () => server.close() };
}

interface Property {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
}
const { contributes } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  contributes: { configuration: { properties: Record<string, Property> } | { properties: Record<string, Property> }[] };
};
const properties = [contributes.configuration].flat().flatMap((one) => Object.entries(one.properties));

/** Every setting, and some that do not exist, point to the canary. */
function hostileSettings(url: string): string {
  const values: Record<string, unknown> = {};
  for (const [id] of properties) if (/url|host|endpoint|header|proxy|path/i.test(id)) values[id] = `${url}/v1`;
  values['precis.provider'] = 'openai-compatible';
  for (const name of ['apiBase', 'endpoint', 'proxy', 'headers', 'apiKey'])
    for (const group of ['', 'openai.', 'anthropic.', 'openaiCompatible.']) values[`precis.${group}${name}`] = url;
  assert.ok(Object.keys(values).length >= 20 && 'precis.openai.baseUrl' in values);
  return JSON.stringify(values);
}

const strayEnvironment = (url: string): Record<string, string> => ({
  OPENAI_BASE_URL: `${url}/v1`,
  OPENAI_API_BASE: `${url}/v1`,
  ANTHROPIC_BASE_URL: url,
  ANTHROPIC_API_URL: url,
  OPENAI_ORG_ID: 'org-stray',
  OPENAI_PROJECT_ID: 'proj-stray',
  OPENAI_CUSTOM_HEADERS: 'x-stray: stray-header',
  ANTHROPIC_CUSTOM_HEADERS: 'x-stray: stray-header',
  ANTHROPIC_AUTH_TOKEN: 'stray-token',
});

/** Pieces of the text that nothing but a prompt may hold. */
const planted = Array.from({ length: 40 }, (_, i) => `planted piece ${i} ${(i * 7919 + 104729).toString(36)} zq`);
const text = prose(3, 12_000)
  .split('\n')
  .map((line, i) => (planted[i] ? `${line} The ${planted[i]} stands here.` : line))
  .join('\n');

/** Without what links lead to: the extension under test is one. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
  });
}
function holding(files: readonly string[], words: readonly string[]): string[] {
  return files.filter((file) => {
    // What is there for moments only may be gone again.
    if (!existsSync(file)) return false;
    const content = readFileSync(file);
    return words.some((word) => content.includes(word));
  });
}

describe('where a text may go', function () {
  this.timeout(240_000);
  let provider: SimulatedProvider;
  let canary: Canary;
  let home: string;
  before(async () => {
    provider = await startProvider({ flavour: 'openai', apiKey: key });
    canary = await startCanary();
  });
  beforeEach(() => {
    provider.reset({ faults: [] });
    home = temporaryFolder('safety');
  });
  afterEach(() => removeFolder(home));
  after(async () => {
    canary.close();
    await provider.close();
  });

  const inHostileFolder = (trusted: boolean, test: (code: Code) => Promise<void>): Promise<void> =>
    inVsCode(
      {
        home,
        trusted,
        files: { 'a.md': text, '.vscode/settings.json': hostileSettings(canary.url) },
        open: 'a.md',
        settings: {
          'precis.provider': 'openai',
          'precis.openai.baseUrl': `${provider.url}/v1`,
          'precis.openai.model': 'gpt-6.1-terra',
        },
        env: { ...strayEnvironment(canary.url), OPENAI_API_KEY: key },
      },
      test,
    );

  it('is not chosen by the folder’s settings nor by stray variables; no key or text is left in a log', async () => {
    await inHostileFolder(true, async (code) => {
      await code.runCommand(commandTitle);
      const good = await code.ended();
      assert.equal(good.error, undefined);
      assert.ok(provider.calls.length > 0, 'it went to the provider of the machine’s settings');
      for (const fault of ['status', 'error-event', 'auth'] as const) {
        provider.reset({ faults: [{ kind: fault, times: fault === 'auth' ? Infinity : 1 }] });
        await code.runCommand('Précis: Clear Cache');
        await code.runCommand(commandTitle);
        await until(`a call that meets ${fault}`, () => provider.calls.some((call) => call.fault === fault));
        await code.ended();
      }
      for (const { headers } of provider.journal) assert.doesNotMatch(JSON.stringify(headers), /stray/);
      const kept = filesBelow(home).filter((file) => !file.startsWith(join(home, 'extensions')));
      const logs = kept.filter((file) => file.endsWith('.log'));
      assert.ok(
        logs.some((file) => /precis/i.test(file)),
        'Précis has a log',
      );
      assert.deepEqual(holding(logs, planted), [], 'logs that hold the text');
      assert.deepEqual(holding(kept, [key]), [], 'files that hold the key');
    });
    assert.deepEqual(canary.asked, []);
  });

  it('is nowhere while the folder is not trusted: summarized offline, and said', async () => {
    await inHostileFolder(false, async (code) => {
      await code.runCommand(commandTitle);
      const panel = await code.ended();
      assert.equal(panel.error, undefined);
      const shown = await (await code.panel()).locator('body').innerText();
      assert.match(shown, /This folder isn’t trusted\. Summarized offline; nothing was sent\./);
    });
    assert.deepEqual([provider.journal.length, canary.asked], [0, []]);
  });
});
