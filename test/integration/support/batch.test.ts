import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI, { toFile } from 'openai';
import { startProvider, type ProviderOptions, type SimulatedProvider } from '../../support/provider/index.ts';

async function withProvider(
  options: ProviderOptions,
  check: (provider: SimulatedProvider) => Promise<void>,
): Promise<void> {
  const provider = await startProvider(options);
  try {
    await check(provider);
  } finally {
    await provider.close();
  }
}
const openaiOf = (provider: SimulatedProvider): OpenAI =>
  new OpenAI({ apiKey: 'k', baseURL: `${provider.url}/v1`, maxRetries: 0, logLevel: 'off' });
const anthropicOf = (provider: SimulatedProvider): Anthropic =>
  new Anthropic({ apiKey: 'k', baseURL: provider.url, maxRetries: 0, logLevel: 'off' });
const textOf = (row: number): string => `[1]\nFACT-${row} is in row ${row}.`;
const rows = Array.from({ length: 10 }, (_, row) => row);

interface OutputLine {
  custom_id: string;
  response: { status_code: number; body: { choices?: { message: { content: string } }[] } } | null;
  error: { code: string } | null;
}

async function startOpenai(client: OpenAI, lines: readonly string[]): Promise<OpenAI.Batch> {
  const file = await client.files.create({
    file: await toFile(Buffer.from(lines.join('\n')), 'in.jsonl'),
    purpose: 'batch',
    expires_after: { anchor: 'created_at', seconds: 3600 },
  });
  return client.batches.create({
    input_file_id: file.id,
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
    metadata: { job: 'abc' },
  });
}
const line = (row: number, extra: Record<string, unknown> = {}): string =>
  JSON.stringify({
    custom_id: `row-${row}`,
    method: 'POST',
    url: '/v1/chat/completions',
    body: { model: 'gpt-6-sol', messages: [{ role: 'user', content: textOf(row) }] },
    ...extra,
  });

async function endOf(client: OpenAI, id: string): Promise<OpenAI.Batch> {
  for (let poll = 0; poll < 20; poll++) {
    const batch = await client.batches.retrieve(id);
    if (['completed', 'failed', 'expired', 'cancelled'].includes(batch.status)) return batch;
  }
  throw new Error('the batch does not end');
}
async function linesOfFile(client: OpenAI, id: string | null | undefined): Promise<OutputLine[]> {
  if (!id) return [];
  const text = await (await client.files.content(id)).text();
  return text
    .trim()
    .split('\n')
    .map((entry) => JSON.parse(entry) as OutputLine);
}

async function startAnthropic(client: Anthropic): Promise<string> {
  const requests = rows.map((row) => ({
    custom_id: `row-${row}`,
    params: {
      model: 'claude-sonnet-5-5',
      max_tokens: 100,
      messages: [{ role: 'user' as const, content: textOf(row) }],
    },
  }));
  return (await client.messages.batches.create({ requests })).id;
}

describe('the simulated batch wire of OpenAI', () => {
  it('gets on from poll to poll, answers each row once, in another order, and its files can be deleted', () =>
    withProvider({ batch: { polls: 3, fails: (id) => id === 'row-4' } }, async (provider) => {
      const client = openaiOf(provider);
      const batch = await startOpenai(
        client,
        rows.map((row) => line(row)),
      );
      assert.equal(batch.status, 'validating');
      assert.equal(provider.files[0]?.expiresAt !== undefined, true);
      const midway = await client.batches.retrieve(batch.id);
      assert.deepEqual([midway.status, midway.request_counts?.completed], ['in_progress', 3]);
      const done = await endOf(client, batch.id);
      assert.deepEqual([done.status, done.request_counts], ['completed', { total: 10, completed: 9, failed: 1 }]);
      const output = await linesOfFile(client, done.output_file_id);
      assert.equal(output.length, 9);
      assert.notDeepEqual(
        output.map((entry) => entry.custom_id),
        output.map((entry) => entry.custom_id).sort(),
      );
      for (const entry of output)
        assert.equal(
          entry.response?.body.choices?.[0]?.message.content,
          `- FACT-${entry.custom_id.slice(4)} is in row ${entry.custom_id.slice(4)}. [1]`,
        );
      assert.deepEqual(
        (await linesOfFile(client, done.error_file_id)).map((entry) => [entry.custom_id, entry.response?.status_code]),
        [['row-4', 500]],
      );
      assert.equal(new Set(provider.batchRows.map((row) => row.customId)).size, provider.batchRows.length);
      assert.deepEqual((await client.batches.list()).data[0]?.metadata, { job: 'abc' });
      for (const file of provider.files) await client.files.delete(file.id);
      assert.equal(provider.files.length, 0);
    }));

  it('says line by line what is wrong with a file', () =>
    withProvider({}, async (provider) => {
      const client = openaiOf(provider);
      const batch = await startOpenai(client, [
        line(1),
        line(1),
        '{broken',
        line(2, { url: '/v1/responses' }),
        line(3, { body: { model: 'other', messages: [] } }),
      ]);
      const failed = await endOf(client, batch.id);
      assert.equal(failed.status, 'failed');
      assert.deepEqual(
        failed.errors?.data?.map((problem) => [problem.line, problem.code]),
        [
          [2, 'duplicate_custom_id'],
          [3, 'invalid_json_line'],
          [4, 'mismatched_endpoint'],
          [5, 'mismatched_model'],
        ],
      );
    }));

  it('keeps what was done when it expires or is cancelled', () =>
    withProvider({ batch: { expiresAfterShare: 0.7 } }, async (provider) => {
      const client = openaiOf(provider);
      const expired = await endOf(
        client,
        (
          await startOpenai(
            client,
            rows.map((row) => line(row)),
          )
        ).id,
      );
      assert.equal(expired.status, 'expired');
      assert.equal((await linesOfFile(client, expired.output_file_id)).length, 7);
      assert.deepEqual(
        (await linesOfFile(client, expired.error_file_id)).map((entry) => entry.error?.code),
        ['batch_expired', 'batch_expired', 'batch_expired'],
      );
      provider.reset({ batch: { cancelledAfterShare: 0.2 } });
      const second = await startOpenai(
        client,
        rows.map((row) => line(row)),
      );
      assert.equal((await client.batches.cancel(second.id)).status, 'cancelling');
      const cancelled = await endOf(client, second.id);
      assert.equal(cancelled.status, 'cancelled');
      assert.equal((await linesOfFile(client, cancelled.output_file_id)).length, 2);
    }));

  it('answers polls with 429 when told to, and loses results that are gone', () =>
    withProvider(
      { faults: [{ kind: 'rate-limit', path: /batches/, at: 2, retryAfter: 1 }], batch: { polls: 1 } },
      async (provider) => {
        const client = openaiOf(provider);
        const batch = await startOpenai(client, [line(1)]);
        await assert.rejects(client.batches.retrieve(batch.id), OpenAI.RateLimitError);
        const done = await endOf(client, batch.id);
        provider.reset({ batch: { gone: true } });
        await assert.rejects(client.files.content(done.output_file_id ?? ''), OpenAI.NotFoundError);
      },
    ));

  it('mixes in lines that cannot be read when told to', () =>
    withProvider({ batch: { polls: 1, dirty: true } }, async (provider) => {
      const client = openaiOf(provider);
      const done = await endOf(
        client,
        (
          await startOpenai(
            client,
            rows.map((row) => line(row)),
          )
        ).id,
      );
      const lines = (await (await client.files.content(done.output_file_id ?? '')).text()).trim().split('\n');
      assert.equal(lines.length, 13);
      assert.throws(() => JSON.parse(lines[0] ?? '') as unknown);
    }));
});

describe('the simulated batch wire of Anthropic', () => {
  it('counts nothing until it ends, then tells all results by name', () =>
    withProvider({ batch: { fails: (_, index) => index === 3 } }, async (provider) => {
      const client = anthropicOf(provider);
      const id = await startAnthropic(client);
      const midway = await client.messages.batches.retrieve(id);
      assert.deepEqual(
        [midway.processing_status, midway.request_counts.succeeded, midway.results_url],
        ['in_progress', 0, null],
      );
      const done = await client.messages.batches.retrieve(id);
      assert.deepEqual(
        [done.processing_status, done.request_counts.succeeded, done.request_counts.errored],
        ['ended', 9, 1],
      );
      const texts = new Map<string, string>();
      for await (const entry of await client.messages.batches.results(id)) {
        const block = entry.result.type === 'succeeded' ? entry.result.message.content[0] : undefined;
        texts.set(entry.custom_id, block?.type === 'text' ? block.text : entry.result.type);
      }
      assert.equal(texts.get('row-3'), 'errored');
      assert.equal(texts.get('row-8'), '- FACT-8 is in row 8. [1]');
      await client.messages.batches.delete(id);
      await assert.rejects(client.messages.batches.retrieve(id), Anthropic.NotFoundError);
    }));

  it('refuses names that it does not take, and sampling parameters row by row', () =>
    withProvider({ batch: { polls: 1 } }, async (provider) => {
      const client = anthropicOf(provider);
      const params = { model: 'm', max_tokens: 9, messages: [{ role: 'user' as const, content: 'x' }] };
      await assert.rejects(
        client.messages.batches.create({ requests: [{ custom_id: 'a b', params }] }),
        Anthropic.BadRequestError,
      );
      const warm = { ...params, temperature: 1 };
      const batch = await client.messages.batches.create({ requests: [{ custom_id: 'a', params: warm }] });
      assert.equal((await client.messages.batches.retrieve(batch.id)).request_counts.errored, 1);
    }));

  it('cancels, and archives', () =>
    withProvider({ batch: { polls: 9 } }, async (provider) => {
      const client = anthropicOf(provider);
      const id = await startAnthropic(client);
      assert.equal((await client.messages.batches.cancel(id)).processing_status, 'canceling');
      const ended = await client.messages.batches.retrieve(id);
      assert.deepEqual([ended.request_counts.succeeded, ended.request_counts.canceled], [5, 5]);
      provider.reset({ batch: { polls: 1, gone: true } });
      const second = await startAnthropic(client);
      const archived = await client.messages.batches.retrieve(second);
      assert.deepEqual([archived.archived_at !== null, archived.results_url], [true, null]);
    }));
});

describe('the simulated batch wire of Gemini', () => {
  interface Operation {
    name: string;
    done?: boolean;
    metadata: { state: string; batchStats: { requestCount: string; successfulRequestCount: string } };
    response?: {
      inlinedResponses: {
        inlinedResponses: {
          metadata: { key: string };
          response?: { candidates: { content: { parts: { text: string }[] } }[] };
          error?: { code: number };
        }[];
      };
    };
  }
  async function call(provider: SimulatedProvider, path: string, body?: unknown): Promise<Operation> {
    const response = await fetch(`${provider.url}/v1beta/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'x-goog-api-key': 'k' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return (await response.json()) as Operation;
  }
  const requests = rows.map((row) => ({
    request: { contents: [{ parts: [{ text: textOf(row) }] }] },
    metadata: { key: `row-${row}` },
  }));
  const batch = { batch: { display_name: 'job', input_config: { requests: { requests } } } };

  it('runs inline requests as an operation, in the order of the requests', () =>
    withProvider({ flavour: 'gemini', batch: { fails: (id) => id === 'row-2' } }, async (provider) => {
      const started = await call(provider, 'models/gemini-3-flash:batchGenerateContent', batch);
      assert.equal(started.metadata.state, 'BATCH_STATE_PENDING');
      assert.equal((await call(provider, started.name)).metadata.state, 'BATCH_STATE_RUNNING');
      const done = await call(provider, started.name);
      assert.deepEqual(
        [done.done, done.metadata.state, done.metadata.batchStats.successfulRequestCount],
        [true, 'BATCH_STATE_SUCCEEDED', '9'],
      );
      const results = done.response?.inlinedResponses.inlinedResponses ?? [];
      assert.deepEqual(
        results.map((result) => result.metadata.key),
        rows.map((row) => `row-${row}`),
      );
      assert.equal(results[1]?.response?.candidates[0]?.content.parts[0]?.text, '- FACT-1 is in row 1. [1]');
      assert.equal(results[2]?.error?.code, 13);
    }));

  it('leaves nothing when it is cancelled', () =>
    withProvider({ flavour: 'gemini', batch: { polls: 5 } }, async (provider) => {
      const started = await call(provider, 'models/gemini-3-flash:batchGenerateContent', batch);
      await call(provider, `${started.name}:cancel`, {});
      const ended = await call(provider, started.name);
      assert.deepEqual([ended.done, ended.metadata.state, ended.response], [true, 'BATCH_STATE_CANCELLED', undefined]);
    }));
});
