import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { createTextWorker, type TextWorker, type WorkerThread } from '../../../src/text/textWorker.ts';
import { createTokenCounter } from '../../../src/text/tokens.ts';
import { measureMsAsync } from '../../support/processorTime.ts';

const file = fileURLToPath(new URL('../../../src/text/worker.ts', import.meta.url));
const thread = (): WorkerThread => new Worker(file) as WorkerThread;

describe('exact token counts', function () {
  // Loading the tokenizer takes half a second on an idle machine.
  this.timeout(20_000);
  let worker: TextWorker;
  before(() => {
    worker = createTextWorker(thread);
  });
  after(() => worker.dispose());

  it('come from o200k, off the thread, in the order asked', async () => {
    const counts = await createTokenCounter(worker).count([
      'hello world',
      '',
      'The quick brown fox jumps over the lazy dog.',
      '東京都',
    ]);
    assert.deepEqual(counts, [2, 0, 10, 1]);
  });
  it('take marks of the tokenizer for text', async () => {
    const [count] = await createTokenCounter(worker).count(['<|endoftext|>']);
    assert.ok((count ?? 0) > 1);
  });
  it('take no longer for endless runs of one sign', async () => {
    const texts = ['='.repeat(200_000), ' '.repeat(200_000), 'a'.repeat(200_000), '—'.repeat(50_000)];
    let counts: number[] = [];
    const ms = await measureMsAsync(async () => (counts = await createTokenCounter(worker).count(texts)));
    assert.ok(ms < 1500, `${ms} ms`);
    assert.ok(
      counts.every((count) => count > 500 && count < 60_000),
      counts.join(),
    );
  });
  it('end when they are no longer wanted', async () => {
    const controller = new AbortController();
    const asked = createTokenCounter(worker).count(
      Array<string>(1000).fill('some words to count '.repeat(200)),
      controller.signal,
    );
    controller.abort();
    await assert.rejects(asked, { name: 'AbortError' });
    assert.deepEqual(await createTokenCounter(worker).count(['hello world']), [2]);
  });
});

describe('the text worker', () => {
  interface Fake extends WorkerThread {
    readonly sent: { id: number; type: string }[];
    emit(name: string, value: unknown): void;
    terminated: boolean;
  }
  function fake(): Fake {
    const listeners = new Map<string, (value: never) => void>();
    const made: Fake = {
      sent: [],
      terminated: false,
      emit: (name, value) => listeners.get(name)?.(value as never),
      postMessage: (message) => void made.sent.push(message as { id: number; type: string }),
      on: (name: string, listener: (value: never) => void) => listeners.set(name, listener),
      terminate: () => {
        made.terminated = true;
        return Promise.resolve();
      },
      ref: () => undefined,
      unref: () => undefined,
    };
    return made;
  }

  it('starts no thread before a job, one for several, and ends it when idle', async () => {
    const made: Fake[] = [];
    const worker = createTextWorker(() => {
      made.push(fake());
      return made.at(-1) as Fake;
    }, 5);
    assert.equal(made.length, 0);
    const jobs = [worker.run('count', []), worker.run('count', [])];
    assert.equal(made.length, 1);
    made[0]?.sent.forEach(({ id }) => made[0]?.emit('message', { id, type: 'done', result: id }));
    assert.deepEqual(await Promise.all(jobs), [1, 2]);
    await new Promise((resolve) => setTimeout(resolve, 15));
    assert.equal(made[0]?.terminated, true);
    void worker.run('count', []);
    assert.equal(made.length, 2);
  });
  it('fails its jobs when the thread dies, and starts another for the next', async () => {
    const made: Fake[] = [];
    const worker = createTextWorker(() => {
      made.push(fake());
      return made.at(-1) as Fake;
    });
    const job = worker.run('count', []);
    made[0]?.emit('error', new Error('out of memory'));
    await assert.rejects(job, /out of memory/);
    const next = worker.run('count', []);
    assert.equal(made.length, 2);
    worker.dispose();
    await assert.rejects(next, /ended/);
  });
  it('passes data both ways, and a job’s error', async () => {
    const made = fake();
    const worker = createTextWorker(() => made);
    const got: unknown[] = [];
    const job = worker.run('prepare', 1, undefined, {
      onData: (data, send) => {
        got.push(data);
        send('more');
      },
    });
    made.emit('message', { id: 1, type: 'data', data: 'piece' });
    made.emit('message', { id: 1, type: 'failed', message: 'no such file' });
    await assert.rejects(job, /no such file/);
    assert.deepEqual(got, ['piece']);
    assert.deepEqual(
      made.sent.map(({ type }) => type),
      ['start', 'data'],
    );
    worker.dispose();
  });
});
