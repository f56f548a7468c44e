import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SummaryResult } from '../../../src/engine/events.ts';
import { bundleCli, type Cli } from '../../support/cli.ts';
import * as corpus from '../../support/corpus.ts';
import { selfSigned, startProvider, type SimulatedProvider } from '../../support/provider/index.ts';

describe('the precis command', () => {
  let cli: Cli;
  let provider: SimulatedProvider;
  let folder: string;
  before(async () => {
    cli = await bundleCli();
    provider = await startProvider({ flavour: 'compatible', contextWindow: 32_768 });
    folder = await mkdtemp(join(tmpdir(), 'precis-cli-text-'));
  });
  after(async () => {
    await Promise.all([cli.dispose(), provider.close(), rm(folder, { recursive: true })]);
  });
  const online = (): string[] => [
    '--provider',
    'openai-compatible',
    '--base-url',
    `${provider.url}/v1`,
    '--model',
    'm',
  ];
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };

  it('summarizes a file offline, cites file:line and says that it was offline', async () => {
    const run = await cli.run(['README.md', '--length', 'brief', '--language', 'German']);
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stdout, /\[1\]/);
    assert.match(run.stdout, /^\[1\] README\.md:\d+/m);
    assert.match(run.stderr, /Offline summary/);
    assert.equal(run.stderr.split('quotes stay in the language of the text').length, 2, 'said once');
  });

  it('reads standard input', async () => {
    const run = await cli.run(['-', '--json'], { stdin: 'The pump P-77 arrives on 9 December.\n' });
    const result = JSON.parse(run.stdout) as SummaryResult;
    assert.equal(result.status, 'complete');
    assert.match(result.markdown, /P-77/);
  });

  it('asks a server for a folder, and nothing again for the same text', async () => {
    await file('one.md', corpus.prose(1, 120_000));
    await file('two.md', corpus.prose(2, 120_000));
    const first = JSON.parse((await cli.run([folder, '--json', ...online()])).stdout) as SummaryResult;
    assert.equal(first.status, 'complete');
    assert.equal(first.strategy, 'map-reduce');
    const asked = provider.calls.length;
    assert.ok(asked > 1);
    const again = JSON.parse((await cli.run([folder, '--json', ...online()])).stdout) as SummaryResult;
    assert.equal(again.markdown, first.markdown);
    assert.equal(provider.calls.length, asked);
  });

  it('lets the writer read where the server lacks its reader, says so once and remembers', async () => {
    const shop = await startProvider({
      flavour: 'compatible',
      contextWindow: 32_768,
      models: { 'claude-sonnet-5-5': {} },
      lists: ['claude-sonnet-5-5', 'claude-haiku-5-5'],
    });
    const options = ['--provider', 'openai-compatible', '--base-url', `${shop.url}/v1`, '--model', 'claude-sonnet-5-5'];
    const text = await file('long.md', corpus.prose(3, 240_000));
    const run = await cli.run([text, '--no-cache', ...options]);
    const again = await cli.run([text, '--no-cache', ...options]);
    await shop.close();
    assert.deepEqual([run.code, again.code], [0, 0], run.stderr);
    assert.match(run.stderr, /does not offer claude-haiku-5-5: claude-sonnet-5-5 reads the parts too/);
    assert.doesNotMatch(again.stderr, /does not offer/);
  });

  it('estimates without sending', async () => {
    const path = await file('estimate.md', corpus.prose(3, 20_000));
    const before = provider.calls.length;
    const run = await cli.run([path, '--estimate', ...online()]);
    assert.match(run.stdout, /^m at 127\.0\.0\.1:\d+: 1 request, about \d+ tokens/);
    assert.equal(run.code, 0);
    assert.equal(provider.calls.length, before);
  });

  it('refuses a run above the limit and names the flag that allows it', async () => {
    const path = await file('large.md', corpus.prose(4, 30_000));
    const before = provider.calls.length;
    const run = await cli.run([path, '--max-tokens', '1000', ...online()]);
    assert.equal(run.code, 1);
    assert.match(run.stderr, /Allow it with --max-tokens \d+/);
    assert.equal(provider.calls.length, before);
  });

  it('sends no key file without a flag, and no text to a host that was not allowed', async () => {
    const key = await file('.env', 'TOKEN=abc\nOTHER=1\n');
    const before = provider.calls.length;
    const refused = await cli.run([key, ...online()]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /--include-key-files/);
    const elsewhere = await cli.run(['README.md', '--provider', 'openai', '--base-url', 'https://gateway.example/v1'], {
      env: { OPENAI_API_KEY: 'sk-0123456789abcdef' },
    });
    assert.equal(elsewhere.code, 1);
    assert.match(elsewhere.stderr, /--allow-host gateway\.example/);
    assert.equal(provider.calls.length, before);
    const sent = await cli.run([key, '--include-key-files', ...online()]);
    assert.equal(sent.code, 0, sent.stderr);
  });

  it('trusts a certificate of the company that NODE_EXTRA_CA_CERTS names, and says so where it does not', async () => {
    const tls = selfSigned();
    assert.ok(tls, 'openssl makes a certificate');
    const secure = await startProvider({ flavour: 'compatible', contextWindow: 32_768, tls });
    const text = await file('secure.md', 'The pump P-77 arrives on 9 December.\n');
    const trusted = await file('ca.pem', tls.cert);
    const options = ['--provider', 'openai-compatible', '--base-url', `${secure.url}/v1`, '--model', 'm', '--no-cache'];
    const refused = await cli.run([text, ...options]);
    const accepted = await cli.run([text, ...options], { env: { NODE_EXTRA_CA_CERTS: trusted } });
    await secure.close();
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /The certificate of 127\.0\.0\.1:\d+ was not accepted/);
    assert.equal(accepted.code, 0, accepted.stderr);
  });

  it('takes the key from a command, without a shell', async () => {
    const path = await file('config.md', 'The lamp burned all night at the pier.\n');
    const home = await mkdtemp(join(tmpdir(), 'precis-home-'));
    try {
      const print = `process.stdout.write('sk-from-$(command)')`;
      await writeFile(join(home, 'config.json'), JSON.stringify({ keyCommand: [process.execPath, '-e', print] }));
      provider.reset({ apiKey: 'sk-from-$(command)' });
      const run = await cli.run([path, ...online()], { env: { PRECIS_HOME: home } });
      assert.equal(run.code, 0, run.stderr);
      assert.equal(provider.calls.at(-1)?.credential, 'bearer');
    } finally {
      provider.reset({ apiKey: undefined });
      await rm(home, { recursive: true });
    }
  });

  it('ends with its exit codes: usage 2, error 1', async () => {
    assert.equal((await cli.run([])).code, 2);
    assert.equal((await cli.run(['no-such-file'])).code, 1);
    assert.equal((await cli.run(['--help'])).code, 0);
    assert.match((await cli.run(['--version'])).stdout, /^\d+\.\d+\.\d+$/m);
  });
});
