/** What a command owes its shell: pipes, signals, exit codes, disks that fail, and a stable `--json`. */
import assert from 'node:assert/strict';
import { execFileSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import type { SummaryResult } from '../../../src/engine/events.ts';
import { bundleCli, failingDisk, type Cli } from '../../support/cli.ts';
import * as corpus from '../../support/corpus.ts';
import { startProvider, type SimulatedProvider } from '../../support/provider/index.ts';
import { until } from '../../support/until.ts';

/** The fields that README documents: one that is added, renamed or of another type fails here. */
const resultSchema = v.strictObject({
  status: v.picklist(['complete', 'partial', 'cancelled']),
  markdown: v.string(),
  strategy: v.picklist(['single', 'map-reduce', 'offline']),
  provider: v.string(),
  model: v.string(),
  usage: v.strictObject({
    calls: v.number(),
    cachedCalls: v.number(),
    retries: v.number(),
    inputTokens: v.number(),
    outputTokens: v.number(),
    cachedInputTokens: v.number(),
    costUsd: v.optional(v.number()),
    estimated: v.optional(v.literal(true)),
    wallMs: v.number(),
    firstTokenMs: v.optional(v.number()),
  }),
  citations: v.array(
    v.strictObject({ id: v.number(), uri: v.optional(v.string()), startLine: v.number(), endLine: v.number() }),
  ),
  gaps: v.array(
    v.strictObject({
      uri: v.optional(v.string()),
      startLine: v.number(),
      endLine: v.number(),
      count: v.optional(v.number()),
      reason: v.string(),
    }),
  ),
  coverage: v.strictObject({
    lines: v.number(),
    linesRead: v.number(),
    folded: v.number(),
    kinds: v.optional(v.number()),
    filesRead: v.optional(v.number()),
    filesSkipped: v.optional(v.array(v.strictObject({ uri: v.string(), reason: v.string() }))),
  }),
  verification: v.optional(
    v.strictObject({ claims: v.number(), supported: v.number(), elsewhere: v.number(), notFound: v.number() }),
  ),
});
const parseResult = (json: string): SummaryResult => v.parse(resultSchema, JSON.parse(json)) as SummaryResult;

describe('the precis command in a shell', () => {
  let cli: Cli;
  let provider: SimulatedProvider;
  let folder: string;
  let homes = 0;
  before(async () => {
    cli = await bundleCli();
    provider = await startProvider({ flavour: 'compatible', contextWindow: 32_768 });
    folder = await realpath(await mkdtemp(join(tmpdir(), 'precis-shell-')));
    await writeFile(join(folder, 'long.md'), corpus.prose(1, 240_000));
    await writeFile(join(folder, 'short.md'), 'The pump P-77 arrives on 9 December.\n');
  });
  afterEach(() => provider.reset({ latency: undefined, faults: [] }));
  after(async () => {
    await Promise.all([cli.dispose(), provider.close(), rm(folder, { recursive: true })]);
  });

  const path = (name: string): string => join(folder, name);
  const online = (model = 'm'): string[] => [
    ...['--provider', 'openai-compatible', '--base-url', `${provider.url}/v1`, '--model', model],
  ];
  /** A cache, configuration and state of their own. */
  const freshHome = (): string => path(`home-${(homes += 1)}`);
  const ended = async (child: ChildProcess): Promise<{ code: number | null; stderr: string }> => {
    let stderr = '';
    child.stderr?.on('data', (data: Buffer) => (stderr += data.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stderr };
  };

  it('ends quietly when the reader closes the pipe, and keeps what was paid', async () => {
    const env = { PRECIS_HOME: freshHome() };
    const child = cli.start([path('long.md'), '--json', ...online()], env);
    child.stdout?.destroy();
    assert.deepEqual(await ended(child), { code: 0, stderr: '' });
    const calls = provider.calls.length;
    assert.ok(calls > 1);
    await cli.run([path('long.md'), '--json', ...online()], { env });
    assert.equal(provider.calls.length, calls);
  });

  it('exits 130 on an interrupt, and the next run resumes with the finished parts', async () => {
    const env = { PRECIS_HOME: freshHome() };
    const parts = (): number => provider.calls.filter(({ stage }) => stage === 'map').length;
    provider.reset({ latency: { firstTokenMs: 100, perInputTokenMs: 0, perOutputTokenMs: 2 } });
    const args = [path('long.md'), '--concurrency', '1', '--context-window', '20000', ...online()];
    const child = cli.start(args, env);
    const end = ended(child);
    // one request at a time: the third begins after two are stored
    await until(() => parts() >= 3);
    child.kill('SIGINT');
    const { code, stderr } = await end;
    assert.equal(code, 130);
    assert.match(stderr, /Cancelled\. Finished parts are cached\./);
    provider.reset({ latency: undefined });
    const resumed = await cli.run([...args, '--json'], { env });
    const { usage, status } = parseResult(resumed.stdout);
    assert.equal(status, 'complete');
    assert.ok(usage.cachedCalls >= 2, `${usage.cachedCalls} cached calls`);
  });

  it('names a file that it may not read', async () => {
    const run = await cli.run([path('short.md')], { env: failingDisk('EACCES', path('short.md'), ['open']) });
    assert.equal(run.code, 1);
    assert.match(run.stderr, /short\.md: No permission to read/);
  });

  it('tells a folder inside that it may not read, and counts the summary as partial', async () => {
    await mkdir(path('tree/closed'), { recursive: true });
    await writeFile(path('tree/open.md'), 'The lamp burned all night at the pier.\n');
    const env = failingDisk('EACCES', path('tree/closed'), ['opendir']);
    const run = await cli.run([path('tree')], { env });
    assert.equal(run.code, 3);
    assert.match(run.stderr, /Left out: .*closed\S* \(No permission to read\)/);
    assert.match(run.stdout, /lamp burned/);
    const json = await cli.run([path('tree'), '--json'], { env });
    assert.deepEqual([json.code, parseResult(json.stdout).status], [3, 'partial']);
  });

  for (const [disk, code] of [
    ['full', 'ENOSPC'],
    ['read-only', 'EROFS'],
  ] as const) {
    it(`summarizes with a ${disk} disk and says that answers are not kept`, async () => {
      const home = freshHome();
      const env = { PRECIS_HOME: home, ...failingDisk(code, home, ['write', 'writeFile', 'mkdir']) };
      const run = await cli.run([path('short.md'), '--json', ...online()], { env });
      assert.equal(run.code, 0, run.stderr);
      assert.equal(parseResult(run.stdout).status, 'complete');
      assert.match(run.stderr, new RegExp(`The cache's files are off: writing failed \\(${code}\\)`));
    });
  }

  if (existsSync('/dev/full')) {
    it('fails where the summary cannot be written', async () => {
      const command = `"${process.execPath}" "${cli.program}" "${path('short.md')}" > /dev/full`;
      try {
        execFileSync('/bin/sh', ['-c', command], { env: cli.env, stdio: 'pipe' });
        assert.fail('exit code 0');
      } catch (error) {
        const { status, stderr } = error as { status: number; stderr: Buffer };
        assert.equal(status, 1);
        assert.match(stderr.toString(), /The result could not be written: ENOSPC/);
      }
    });
  }

  if (existsSync('/proc')) {
    it('ends where its folder can never exist', async () => {
      const run = await cli.run([path('short.md')], { env: { PRECIS_HOME: '/proc/none' } });
      assert.equal(run.code, 0, run.stderr);
    });
  }

  it('exits 2 for wrong usage and a broken configuration, with one sentence and nothing on standard output', async () => {
    const home = freshHome();
    await mkdir(home);
    await writeFile(join(home, 'config.json'), '{"maxCostUsd": "1"}');
    for (const [args, env, sentence] of [
      [['--colour', path('short.md')], {}, /^precis: Unknown option '--colour'\.$/m],
      [
        [path('short.md'), '--length', 'huge'],
        {},
        /^precis: --length takes brief, standard or detailed, not "huge"\.$/m,
      ],
      [[path('short.md')], { PRECIS_HOME: home }, /config\.json: "maxCostUsd" takes a number, not "1"\.$/m],
    ] as const) {
      const run = await cli.run(args, { env });
      assert.deepEqual([run.code, run.stdout], [2, '']);
      assert.match(run.stderr, sentence);
    }
  });

  it('says what is wrong with standard input', async () => {
    const empty = await cli.run(['-']);
    assert.deepEqual([empty.code, empty.stderr], [1, 'precis: Standard input is empty.\n']);
    const binary = await cli.run(['-'], { stdin: Uint8Array.from({ length: 4_000 }, (_, i) => (i * 37) % 251) });
    assert.deepEqual([binary.code, binary.stderr], [1, 'precis: Standard input is not text.\n']);
  });

  it('exits 3 where a part could not be read, and lists its lines', async () => {
    const lines = corpus.prose(6, 120_000).split('\n');
    await writeFile(path('refused.md'), lines.toSpliced(lines.length / 2, 0, 'Zanzibar is mentioned here.').join('\n'));
    provider.reset({
      faults: [
        { kind: 'refusal', times: Infinity, stage: 'map', at: ({ asked }) => /Zanzibar/.test(asked?.user ?? '') },
      ],
    });
    const run = await cli.run([path('refused.md'), '--no-cache', ...online()]);
    assert.equal(run.code, 3, run.stderr);
    assert.match(run.stderr, /Not read: \S*refused\.md:\d+-\d+ \(/);
  });

  it('reads one line of 4 MB', async () => {
    await writeFile(path('line.txt'), corpus.prose(5, 4_200_000).replaceAll('\n', ' '));
    const { code, stdout } = await cli.run([path('line.txt'), '--json']);
    const { coverage, markdown } = parseResult(stdout);
    assert.deepEqual([code, coverage.lines, coverage.linesRead], [0, 1, 1]);
    assert.ok(markdown.length > 100);
  });

  it('takes flags before the environment, and the environment before the configuration', async () => {
    const home = freshHome();
    await mkdir(home);
    const config = { provider: 'openai-compatible', baseUrl: `${provider.url}/v1`, model: 'from-config', cache: false };
    await writeFile(join(home, 'config.json'), JSON.stringify(config));
    const asked = async (args: readonly string[], env: NodeJS.ProcessEnv): Promise<string | undefined> => {
      await cli.run([path('short.md'), ...args], { env: { PRECIS_HOME: home, ...env } });
      return provider.calls.at(-1)?.model;
    };
    assert.equal(await asked([], {}), 'from-config');
    assert.equal(await asked([], { PRECIS_MODEL: 'from-env' }), 'from-env');
    assert.equal(await asked(['--model', 'from-flag'], { PRECIS_MODEL: 'from-env' }), 'from-flag');
  });

  it('names the field of its own configuration where a price is missing for a limit', async () => {
    const run = await cli.run([path('short.md'), '--max-cost', '1', '--no-cache', ...online('unpriced')]);
    assert.equal(run.code, 1);
    assert.match(run.stderr, /Set it under "prices" in config\.json/);
  });
});
