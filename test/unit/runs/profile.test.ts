/** A profile that version 0.1.0 wrote opens without loss. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Uri } from 'vscode';
import {
  createBatchRunner,
  createJobStore,
  spentOf,
  type BatchWire,
  type JobRecord,
} from '../../../src/batch/index.ts';
import { countRows, chooseAction } from '../../../src/batch/job.ts';
import { createAnswerCache } from '../../../src/cache/cache.ts';
import { english } from '../../../src/engine/messages.ts';
import { translateError } from '../../../src/host/errors.ts';
import { installSecret } from '../../../src/host/fence.ts';
import { createKeys } from '../../../src/host/secrets.ts';
import { createRunStore, type RunRecord } from '../../../src/runs/history.ts';
import { memoryCache } from '../../support/engine.ts';
import { key } from '../../support/cacheFolder.ts';
import { virtualClock } from '../../support/clock.ts';
import { memoryFs } from '../../support/memoryFs.ts';
import { seeded } from '../../support/random.ts';

interface Profile {
  readonly now: number;
  readonly cacheFiles: Readonly<Record<string, string>>;
  readonly workspaceState: Readonly<Record<string, unknown>>;
  readonly runs: readonly RunRecord[];
  readonly jobs: readonly JobRecord[];
  readonly rows: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, string>>;
}

const profile = JSON.parse(
  readFileSync(new URL('../../fixtures/profile-0.1.0.json', import.meta.url), 'utf8'),
) as Profile;
const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const uri = (path: string): Uri => ({ path }) as Uri;

const answers = [
  ['map', key(1), '- Pumpe 12 fällt um 07:40 aus.'],
  ['collapse', key(2), '- Notes merged. [1]'],
  ['reduce', key(3), '# Summary\n\nPump 12 failed at 07:40. [1]'],
  ['tokens', key(4), '1234'],
] as const;

describe('A profile of version 0.1.0', () => {
  for (const level of ['files', 'workspace state'] as const) {
    it(`keeps its cached answers in the ${level}`, async () => {
      const clock = virtualClock();
      const files = new Map(
        Object.entries(profile.cacheFiles).map(([name, text]) => [name, new Uint8Array(Buffer.from(text, 'base64'))]),
      );
      const cache = await createAnswerCache({
        ...(level === 'files' ? { files: { fs: memoryFs(() => profile.now, files), alive: () => false } } : {}),
        ...(level === 'files'
          ? {}
          : { memento: { get: (name) => profile.workspaceState[name], update: () => Promise.resolve() } }),
        window: 'new',
        clock,
        now: () => profile.now + 3_600_000,
        limits: () => ({ ttlMs: 168 * 3_600_000, maxBytes: 64 * 1024 * 1024 }),
        log: (line) => assert.fail(line),
      });
      for (const [namespace, id, value] of answers) assert.equal(await cache.get(namespace, id), value);
      if (level === 'files') assert.deepEqual(cache.stats().files, { ...cache.stats().files, entries: 4, damaged: 0 });
      await cache.close();
    });
  }

  it('keeps its summaries, pins, questions and places', async () => {
    const stored = new Map(profile.runs.map((record) => [`/runs/${record.id}.json`, encode(record)]));
    const store = createRunStore(
      uri('/runs'),
      {
        readFile: ({ path }) => Promise.resolve(stored.get(path)!),
        readDirectory: () => Promise.resolve([...stored.keys()].map((path): [string, number] => [path.slice(6), 1])),
        writeFile: () => Promise.resolve(),
        rename: () => Promise.resolve(),
        delete: ({ path }) => Promise.resolve(void stored.delete(path)),
        createDirectory: () => Promise.resolve(),
      },
      (base, ...parts) => uri([base.path, ...parts].join('/')),
    );
    const listed = await store.list();
    assert.deepEqual(
      new Map(listed.map((record) => [record.id, record])),
      new Map(profile.runs.map((record) => [record.id, record])),
    );
  });

  it('keeps its keys and the secret of its marks', async () => {
    const storage = {
      get: (id: string) => Promise.resolve(profile.secrets[id]),
      keys: () => Promise.resolve(Object.keys(profile.secrets)),
      store: () => Promise.reject(new Error('nothing is stored anew')),
      delete: () => Promise.reject(new Error('nothing is deleted')),
    };
    const keys = createKeys(storage, () => undefined);
    assert.equal((await keys.resolve('openai', 'https://api.openai.com/v1'))?.key, 'key-one');
    assert.equal((await keys.resolve('openai-compatible', 'http://10.0.0.7:8080/v1'))?.key, 'key-two');
    assert.equal(await installSecret(storage), profile.secrets['precis.install']);
  });

  it('finishes a batch job whose merges went in batches too', async () => {
    const fs = memoryFs();
    const [job] = profile.jobs as [JobRecord];
    fs.files.set(`${job.id}.job.json`, encode(job));
    for (const [name, rows] of Object.entries(profile.rows)) fs.files.set(`${name}.rows.json`, encode(rows));
    const cache = memoryCache();
    const clock = virtualClock();
    const asked: string[] = [];
    const wire = {
      status: (id: string) =>
        Promise.resolve({ state: 'ended', total: 2, done: 1, failed: 1, refs: [`of ${id}`] } as const),
      async *results() {
        yield {
          state: 'done',
          id: 'row-a',
          text: '- Merged.',
          finish: 'stop',
          usage: { inputTokens: 100, outputTokens: 10 },
        } as const;
        yield { state: 'failed', id: 'row-b' } as const;
      },
      remove: (id: string) => Promise.resolve(void asked.push(`remove ${id}`)),
    } as unknown as BatchWire;
    let finished: JobRecord | undefined;
    const runner = createBatchRunner({
      store: createJobStore(fs),
      wire: () => Promise.resolve(wire),
      plan: () => assert.fail('its rows are submitted already'),
      cache: () => Promise.resolve(cache),
      finish: (record) => Promise.resolve(((finished = record), true)),
      acquire: () => Promise.resolve({ isHeld: () => Promise.resolve(true), release: () => Promise.resolve() }),
      clock,
      now: () => job.nextAt,
      random: seeded(1),
      onChange: () => undefined,
      log: () => undefined,
    });
    assert.equal(translateError((await runner.jobs())[0]!.problem!, english), job.problem);
    await runner.adopt();
    await clock.settle(runner.idle());
    const [after] = await runner.jobs();
    assert.equal(after?.phase, 'done');
    assert.equal(chooseAction(after).type, 'none');
    assert.equal(await cache.get('collapse', key(10)), '- Merged.', 'a merge that is paid for is used');
    assert.deepEqual(asked, ['remove batch_2']);
    assert.deepEqual(countRows(finished!), { rows: 4, done: 3, lost: 1 });
    const usd = (4_000 * 0.5 + 400 * 1 + 100 * 5 + 10 * 10) / 1e6;
    assert.ok(Math.abs(spentOf(finished!).costUsd! - usd) < 1e-12);
    await runner.dispose();
  });
});
