import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SummaryResult } from '../../../src/engine/events.ts';
import { bundleCli, type Cli, type CliRun } from '../../support/cli.ts';
import { facts } from '../../support/facts.ts';
import { startProvider, type ProviderOptions, type SimulatedProvider } from '../../support/provider/index.ts';
import { until } from '../../support/until.ts';

type Vendor = 'openai' | 'anthropic' | 'gemini';
const key = 'sk-test-0123456789abcdef';
const vendors: readonly Vendor[] = ['openai', 'anthropic', 'gemini'];

/** Flags and environment of a vendor's wire. */
function connection(vendor: Vendor, url: string): { flags: string[]; env: NodeJS.ProcessEnv } {
  const of = {
    openai: ['openai', `${url}/v1`, 'gpt-6-sol', 'OPENAI_API_KEY'],
    anthropic: ['anthropic', url, 'claude-sonnet-5-5', 'ANTHROPIC_API_KEY'],
    gemini: ['openai-compatible', `${url}/v1beta/openai`, 'test-model', 'PRECIS_API_KEY'],
  } as const;
  const [provider, baseUrl, model, variable] = of[vendor];
  const flags = ['--provider', provider, '--base-url', baseUrl, '--model', model, '--map-model', 'same'];
  return { flags: [...flags, '--context-window', '32768'], env: { [variable]: key } };
}

let cli: Cli;
let folder: string;
let provider: SimulatedProvider;
const simulate = (batch: ProviderOptions['batch'], more: Partial<ProviderOptions> = {}): void =>
  provider.reset({ reader: {}, batch, ...more });
/** @param every files between two that hold facts */
async function writeFacts(files: number, each: number, every = 1): Promise<void> {
  for (let n = 0; n < files; n++) {
    const sub = join(folder, `part ${n % 40}`);
    await mkdir(sub, { recursive: true });
    const plain = n % every === 0 ? facts(each) : facts(each).replaceAll(/^The FACT.*$/gm, `Nothing came on day ${n}.`);
    const text = plain.replaceAll(/FACT-(\d+)/g, `FACT-${n}x$1`).replaceAll('Section', `Section ${n}.`);
    await writeFile(join(sub, `file ${n}.md`), text);
  }
}
const batch = (vendor: Vendor, args: readonly string[]): Promise<CliRun> =>
  cli.run(['batch', ...args], { env: connection(vendor, provider.url).env });
const submit = (vendor: Vendor, ...more: string[]): Promise<CliRun> =>
  batch(vendor, ['submit', folder, ...connection(vendor, provider.url).flags, ...more]);
async function submitted(vendor: Vendor, ...more: string[]): Promise<string> {
  const run = await submit(vendor, ...more);
  assert.equal(run.code, 0, run.stderr);
  return run.stdout.trim();
}
async function collected(vendor: Vendor, id: string): Promise<SummaryResult> {
  for (let round = 0; round < 12; round++) {
    const run = await batch(vendor, ['collect', id, '--json']);
    assert.ok(run.code === 0 || run.code === 3, run.stderr);
    if (run.code === 0) return JSON.parse(run.stdout) as SummaryResult;
  }
  return assert.fail('The job did not end.');
}
const liveReads = (): number => provider.calls.filter(({ stage }) => stage === 'map').length;
function checkBilledOnce(): void {
  const ids = provider.batchRows.map(({ customId }) => customId);
  assert.ok(ids.length > 0);
  assert.equal(new Set(ids).size, ids.length);
}

describe('precis batch', function () {
  this.timeout(180_000);
  before(async () => {
    cli = await bundleCli();
    provider = await startProvider({ flavour: 'cloud' });
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'precis-batch-'));
    await rm(cli.home, { recursive: true, force: true });
  });
  afterEach(() => rm(folder, { recursive: true }));
  after(() => Promise.all([cli.dispose(), provider.close()]));

  describe('a job of each provider', testVendors);
  describe('many files and processes', testMany);
  describe('limits and privacy', testLimits);
});

function testVendors(): void {
  for (const vendor of vendors) {
    describe(`on the wire of ${vendor}`, () => {
      it('submits, waits over several calls, and prints one summary with citations', async () => {
        simulate({ polls: 3 });
        await writeFacts(4, 12);
        const id = await submitted(vendor);
        assert.match(id, /^precis-[0-9a-f]{12}$/);
        const early = await batch(vendor, ['collect', id]);
        assert.equal(early.code, 3);
        assert.equal(early.stdout, '');
        assert.match(early.stderr, /is not ready: \d+ of \d+ requests? done/);
        const result = await collected(vendor, id);
        assert.equal(result.status, 'complete');
        for (let n = 0; n < 4; n++) assert.match(result.markdown, new RegExp(`FACT-${n}x\\d`));
        assert.ok(result.citations.length > 0);
        checkBilledOnce();
        assert.equal(liveReads(), 0);
        assert.deepEqual(provider.files, []);
        const asked = provider.calls.length;
        const again = await batch(vendor, ['collect', id]);
        assert.equal(again.code, 0);
        assert.match(again.stdout, /\nSources:\n\[1\] /);
        assert.equal(provider.calls.length, asked);
      });

      it('goes on after a kill at any request of the submission, and pays each row once', async () => {
        for (const requests of vendor === 'openai' ? [1, 2, 3] : [2]) {
          await rm(cli.home, { recursive: true, force: true });
          simulate({ polls: 1 }, { latency: { firstTokenMs: 40, perInputTokenMs: 0, perOutputTokenMs: 0 } });
          await writeFacts(3, 12);
          const { flags, env } = connection(vendor, provider.url);
          const child = cli.start(['batch', 'submit', folder, ...flags], env);
          const ended = new Promise((resolve) => child.once('exit', resolve));
          await Promise.race([until(() => provider.journal.length >= requests), ended]);
          child.kill('SIGKILL');
          await ended;
          const id = await submitted(vendor);
          const result = await collected(vendor, id);
          assert.equal(result.status, 'complete');
          checkBilledOnce();
          assert.equal(liveReads(), 0);
        }
      });

      it('submits lost rows once more at half price', async () => {
        let failing = true;
        simulate({ polls: 1, fails: () => failing });
        await writeFacts(3, 12);
        const id = await submitted(vendor);
        const lost = await batch(vendor, ['collect', id]);
        assert.equal(lost.code, 3, lost.stderr);
        assert.match(lost.stderr, /did not come back and were submitted again/);
        failing = false;
        const result = await collected(vendor, id);
        assert.equal(result.status, 'complete');
        assert.match(result.markdown, /FACT-2x/);
        assert.equal(liveReads(), 0);
      });

      it('cancels, keeps what came back and leaves nothing at the provider', async () => {
        simulate({ polls: 1_000, cancelledAfterShare: 1 });
        await writeFacts(3, 12);
        const id = await submitted(vendor);
        for (let round = 0; round < 4; round++) {
          const run = await batch(vendor, round === 0 ? ['cancel', id] : ['status', id]);
          if (run.code === 0) break;
        }
        const view = JSON.parse((await batch(vendor, ['status', id, '--json'])).stdout) as { state: string };
        assert.equal(view.state, 'cancelled');
        assert.deepEqual(provider.files, []);
        assert.equal((await batch(vendor, ['collect', id])).code, 1);
      });
    });
  }
}

function testMany(): void {
  it('hands over 1,200 files, killed between and during calls, and reads each once', async () => {
    simulate({ polls: 3 });
    await writeFacts(1_200, 1, 100);
    const { flags, env } = connection('openai', provider.url);
    const child = cli.start(['batch', 'submit', folder, '--max-tokens', '0', ...flags], env);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await Promise.race([until(() => provider.journal.length >= 2), ended]);
    child.kill('SIGKILL');
    await ended;
    const id = await submitted('openai', '--max-tokens', '0');
    const collecting = cli.start(['batch', 'collect', id], env);
    const stopped = new Promise((resolve) => collecting.once('exit', resolve));
    const before = provider.journal.length;
    await Promise.race([until(() => provider.journal.length > before), stopped]);
    collecting.kill('SIGKILL');
    await stopped;
    const result = await collected('openai', id);
    assert.equal(result.status, 'complete');
    assert.equal(result.coverage.filesRead, 1_200);
    assert.equal(result.coverage.linesRead, result.coverage.lines);
    checkBilledOnce();
    assert.equal(liveReads(), 0);
  });

  it('submits the same text once, and of an edited text only the edit', async () => {
    simulate({ polls: 2 });
    await writeFacts(6, 30);
    const id = await submitted('openai');
    assert.equal(await submitted('openai'), id);
    assert.equal(provider.batches.length, 1);
    await writeFile(join(folder, 'part 0', 'file 0.md'), `${facts(30)}\n## New\n\nThe FACT-new arrived.\n`);
    const other = await submitted('openai');
    assert.notEqual(other, id);
    const result = await collected('openai', other);
    assert.equal(result.status, 'complete');
    assert.match(result.markdown, /FACT-/);
    checkBilledOnce();
    assert.equal(liveReads(), 0);
  });

  it('lets two processes submit at once without paying twice', async () => {
    simulate({ polls: 1 });
    await writeFacts(4, 12);
    const [one, two] = await Promise.all([submitted('openai'), submitted('openai')]);
    assert.equal(one, two);
    assert.equal(provider.batches.length, 1);
  });
}

function testLimits(): void {
  it('tells price and limits before it sends', async () => {
    simulate({});
    await writeFacts(4, 12);
    const before = provider.journal.filter(({ method }) => method === 'POST').length;
    const estimate = await submit('openai', '--estimate', '--json');
    const figures = JSON.parse(estimate.stdout) as { requests: number; costUsd: number; liveUsd: number };
    assert.ok(figures.requests > 0 && figures.costUsd < figures.liveUsd);
    const cost = await submit('openai', '--max-cost', '0.000001');
    assert.equal(cost.code, 1);
    assert.match(cost.stderr, /more than --max-cost 0\.000001\. Nothing was sent/);
    const size = await submit('openai', '--max-tokens', '100');
    assert.equal(size.code, 1);
    assert.match(size.stderr, /Allow it with --max-tokens \d+/);
    await writeFile(join(folder, '.env'), 'TOKEN=abc\n');
    const secret = await cli.run(
      ['batch', 'submit', join(folder, '.env'), ...connection('openai', provider.url).flags],
      connection('openai', provider.url),
    );
    assert.match(secret.stderr, /--include-key-files/);
    assert.equal(provider.journal.filter(({ method }) => method === 'POST').length, before);
  });

  it('refuses what no batch can do, with a sentence', async () => {
    simulate({});
    await writeFacts(1, 2);
    const offline = await cli.run(['batch', 'submit', folder]);
    assert.equal(offline.code, 1);
    assert.match(offline.stderr, /needs a provider/);
    const unknown = await batch('openai', ['collect', 'precis-000000000000']);
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /There is no batch job/);
    assert.equal((await batch('openai', ['submit', '-'])).code, 2);
    assert.equal((await batch('openai', ['submit', folder, '--no-cache'])).code, 2);
    const taken = await startProvider({ flavour: 'compatible' });
    try {
      const flags = ['--provider', 'openai-compatible', '--base-url', `${taken.url}/v1`, '--model', 'm'];
      const none = await cli.run(['batch', 'submit', folder, ...flags]);
      assert.equal(none.code, 1);
      assert.match(none.stderr, /offers no batches/);
    } finally {
      await taken.close();
    }
  });

  it('keeps neither a key nor a text in its records, readable for their user alone', async () => {
    simulate({ polls: 3 });
    await writeFacts(2, 12);
    await submitted('openai');
    const state = join(cli.home, 'state', 'batch');
    for (const name of await readdir(state)) {
      const content = await readFile(join(state, name), 'utf8');
      assert.ok(!content.includes(key) && !content.includes('FACT-'), name);
    }
  });

  it('deletes what it sent when it is interrupted', async () => {
    simulate(
      { polls: 1_000, cancelledAfterShare: 0 },
      { latency: { firstTokenMs: 300, perInputTokenMs: 0, perOutputTokenMs: 0 } },
    );
    await writeFacts(3, 12);
    const { flags, env } = connection('openai', provider.url);
    const child = cli.start(['batch', 'submit', folder, ...flags], env);
    const code = new Promise((resolve) => child.once('exit', resolve));
    await until(() => provider.journal.some(({ method, path }) => method === 'POST' && path.endsWith('/files')));
    child.kill('SIGINT');
    assert.equal(await code, 130);
    const { stdout } = await batch('openai', ['status']);
    assert.match(stdout, /No batch jobs/);
    assert.deepEqual(provider.files, []);
    assert.equal(provider.batchRows.length, 0);
  });
}
