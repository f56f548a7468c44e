import assert from 'node:assert/strict';
import {
  mergeKey,
  noteKey,
  createRowId,
  type NoteChunk,
  type NoteContext,
} from '../../../../src/engine/stages/keys.ts';
import type { RunOptions } from '../../../../src/engine/request.ts';
import type { Kind } from '../../../../src/engine/source.ts';
import { hash } from '../../../../src/host/hash.ts';
import { enginePorts, memoryCache, testModel } from '../../../support/engine.ts';

/** Nothing is asked there. */
const nowhere = { url: 'http://127.0.0.1:1', provider: 'openai', model: 'gpt-6-sol' } as const;
const options: RunOptions = {
  length: 'standard',
  language: '',
  instructions: '',
  chunkTokens: 0,
  concurrency: 8,
  maxCostUsd: 0,
};
const chunk: NoteChunk = {
  part: 0,
  text: 'The pump failed.',
  context: 'Hall 3',
  startLine: 1,
  endLine: 1,
  tokens: 4,
  priority: 1,
};

async function keyWith(
  more: { options?: Partial<RunOptions>; chunk?: Partial<NoteChunk>; kind?: Kind; model?: string } = {},
): Promise<string> {
  const ports = await enginePorts(nowhere);
  const mapModel = await testModel({ ...nowhere, model: more.model ?? nowhere.model });
  const part = { kind: more.kind ?? 'prose', chunks: [], lines: 1, foldedLines: 0, facts: '' };
  const context = {
    options: { ...options, ...more.options },
    ports: { ...ports, mapModel },
    parts: [part, part],
    cache: memoryCache(),
  } as unknown as NoteContext;
  return noteKey(context, { ...chunk, ...more.chunk });
}

describe('the key of a note', () => {
  it('changes with all that can change the answer', async () => {
    const keys = await Promise.all([
      keyWith(),
      keyWith({ chunk: { text: 'The pump failed!' } }),
      keyWith({ chunk: { context: 'Hall 4' } }),
      keyWith({ options: { language: 'German' } }),
      keyWith({ options: { instructions: 'Name the halls.' } }),
      keyWith({ kind: 'log' }),
      keyWith({ model: 'gpt-6-luna' }),
    ]);
    assert.equal(new Set(keys).size, keys.length);
    assert.ok(keys.every((key) => /^[0-9a-f]{64}$/.test(key)));
  });

  it('changes with nothing else: place, length, pace and price', async () => {
    const same = await Promise.all([
      keyWith({ chunk: { part: 1, startLine: 90, endLine: 95, priority: 3 } }),
      keyWith({ options: { length: 'detailed', concurrency: 1, chunkTokens: 500, maxCostUsd: 1 } }),
    ]);
    assert.deepEqual(new Set(same), new Set([await keyWith()]));
  });
});

describe('the key of a merge, and the id of a row', () => {
  it('are made of the prompt, and of the keys of the answers', async () => {
    const ports = await enginePorts(nowhere);
    const call = { stage: 'collapse', system: 's', user: 'u', maxTokens: 9, effort: 'low', inputTokens: 3 } as const;
    const key = mergeKey({ ports }, { ...call, reusable: false });
    assert.equal(mergeKey({ ports }, { ...call, maxTokens: 1, reusable: true }), key);
    assert.notEqual(mergeKey({ ports }, { ...call, user: 'v', reusable: false }), key);
    assert.notEqual(mergeKey({ ports }, { ...call, stage: 'reduce', reusable: false }), key);
    assert.equal(createRowId(hash, [key]), key.slice(0, 40));
    assert.match(createRowId(hash, ['a', 'b']), /^[0-9a-f]{40}$/);
    assert.notEqual(createRowId(hash, ['a', 'b']), createRowId(hash, ['b', 'a']));
  });
});
