import assert from 'node:assert/strict';
import { createBatchPlan, type BatchRow } from '../../../../src/engine/batch/plan.ts';
import type { Source, SourcePart } from '../../../../src/engine/source.ts';
import { prose } from '../../../support/corpus.ts';
import { enginePorts } from '../../../support/engine.ts';

const texts = [1, 2, 3, 4, 5, 6].map((seed) => prose(seed, 9_000));
const options = {
  length: 'standard',
  language: '',
  instructions: '',
  chunkTokens: 2_000,
  concurrency: 8,
  maxCostUsd: 0,
} as const;

/** Nothing is asked there. */
const nowhere = { url: 'http://127.0.0.1:1', provider: 'openai', model: 'gpt-6-sol' } as const;

async function rowsOf(parts: readonly SourcePart[]): Promise<{ rows: BatchRow[]; rowCount: number }> {
  const source: Source = { title: 'folder', parts, skipped: [], shape: 'folder' };
  const plan = await createBatchPlan({ id: 'run', source, options }, await enginePorts(nowhere));
  const rows: BatchRow[] = [];
  for await (const row of plan.rows()) rows.push(row);
  return { rows, rowCount: plan.rowCount };
}

const held = texts.map((text, i): SourcePart => ({ title: `${i}.txt`, startLine: 1, text }));
/** As large as it says, for all that anybody knows. */
const large = (readings: (part: number, reading: number) => string): SourcePart[] =>
  texts.map((_, i) => {
    let reading = 0;
    const text = async function* (): AsyncGenerator<string> {
      yield readings(i, reading++);
    };
    return { title: `${i}.txt`, startLine: 1, bytes: 20_000_000, text };
  });

describe('the rows of a batch', () => {
  it('are the same whether the text is held or read again when they are sent', async () => {
    const expected = await rowsOf(held);
    assert.ok(expected.rows.length >= 6);
    const got = await rowsOf(large((part) => texts[part]!));
    assert.deepEqual(got, expected);
  });

  it('go through the text from its beginning to its end', async () => {
    const { rows } = await rowsOf(held);
    const at = rows.map(({ call }) => texts.findIndex((text) => text.includes(call.user.split('\n')[2]!)));
    assert.deepEqual(
      at,
      at.toSorted((a, b) => a - b),
    );
    assert.ok(!at.includes(-1));
  });

  it('leave out what changed since they were planned, or is gone', async () => {
    const expected = await rowsOf(held);
    // each part is read when it is planned, and then once more
    const changed = await rowsOf(
      large((part, reading) => {
        if (part === 2 && reading >= 1) return texts[2]!.toUpperCase();
        if (part === 4 && reading >= 1) throw new Error('gone');
        return texts[part]!;
      }),
    );
    assert.equal(changed.rowCount, expected.rowCount);
    assert.ok(changed.rows.length < expected.rows.length && changed.rows.length >= expected.rows.length - 6);
    const known = new Set(expected.rows.map(({ id }) => id));
    assert.ok(changed.rows.every(({ id }) => known.has(id)));
  });
});
