import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { PreparedPart, SourcePart } from '../../../src/engine/source.ts';
import { createPrepare } from '../../../src/text/prepare.ts';
import { createTextWorker, type TextWorker } from '../../../src/text/textWorker.ts';

const hash = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
const key = `ghp_${'aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY0zC2fL5'}`;
const prose = Array.from(
  { length: 3_000 },
  (_, i) =>
    `Paragraph ${i} tells of the lamp, the ${i % 13}th keeper and a storm.\n${i % 400 === 7 ? `token ${key}\n` : ''}\n`,
).join('');
const part: SourcePart = { title: 'book.md', languageId: 'markdown', startLine: 1, text: prose };

/** Pieces of a length that fits nothing, as a file's reader gives them. */
async function* pieces(text: string): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += 70_001) {
    await setImmediate();
    yield text.slice(at, at + 70_001);
  }
}

function never(): void {
  // progress is not looked at here
}

describe('preparing a part', function () {
  // the worker's first start loads the engine from its sources
  this.timeout(10_000);

  let worker: TextWorker;
  const signal = new AbortController().signal;
  const options = { salt: 'salt of the test', hash, yield: () => setImmediate() };

  before(() => {
    worker = createTextWorker(() => new Worker(new URL('../../../src/text/worker.ts', import.meta.url)));
  });
  after(() => worker.dispose());

  async function checkSame(source: SourcePart, expected: PreparedPart): Promise<void> {
    assert.deepEqual(await createPrepare({ ...options, worker, workerAbove: 1 })(source, signal, never), expected);
  }

  it('gives the same in the worker as on this thread, for a text and for its pieces, with the secrets named', async () => {
    const here = await createPrepare(options)(part, signal, never);
    assert.equal(here.masked, 8);
    assert.ok(here.chunks.length > 10);
    assert.ok(!here.chunks.some((chunk) => chunk.text.includes(key)));
    await checkSame(part, here);
    await checkSame({ ...part, text: () => pieces(prose), bytes: prose.length }, here);
  });

  it('tells how far it is', async () => {
    let length = 0;
    await createPrepare({ ...options, worker, workerAbove: 1 })(
      part,
      signal,
      (now) => (length = Math.max(length, now)),
    );
    assert.equal(length, prose.length);
  });

  it('rejects with the reason of the cancel, and stops reading', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    let closed = false;
    async function* endless(): AsyncGenerator<string> {
      try {
        for (let i = 0; ; i++) {
          if (i === 3) controller.abort(reason);
          await setImmediate();
          yield 'The same line of a book without end.\n'.repeat(500);
        }
      } finally {
        closed = true;
      }
    }
    await assert.rejects(
      createPrepare({ ...options, worker })({ ...part, text: endless }, controller.signal, never),
      reason,
    );
    await setImmediate();
    assert.equal(closed, true);
  });

  it("rejects with the reader's own error, and the worker goes on with the next part", async () => {
    const broken = new Error('the file changed');
    async function* changing(): AsyncGenerator<string> {
      yield prose;
      throw broken;
    }
    await assert.rejects(createPrepare({ ...options, worker })({ ...part, text: changing }, signal, never), broken);
    const prepared = await createPrepare({ ...options, worker, workerAbove: 1 })(
      { ...part, text: 'One line.\n'.repeat(3) },
      signal,
      never,
    );
    assert.equal(prepared.lines, 3);
  });
});
