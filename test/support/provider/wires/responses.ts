/** OpenAI's Responses, streamed and whole. */
import type { Answer, Asked, StreamFrames, Wire } from '../types.ts';
import { numberOr, record, sse, textOf } from './shared.ts';

const incomplete = (answer: Answer): string | undefined =>
  answer.finish === 'length' || answer.finish === 'window'
    ? 'max_output_tokens'
    : answer.finish === 'content-filter'
      ? 'content_filter'
      : undefined;

function usageOf(answer: Answer): unknown {
  if (!answer.usage) return null;
  return {
    input_tokens: answer.inputTokens,
    input_tokens_details: { cached_tokens: answer.cachedTokens, cache_write_tokens: answer.cacheWriteTokens },
    output_tokens: answer.outputTokens,
    output_tokens_details: { reasoning_tokens: answer.reasoningTokens },
    total_tokens: answer.inputTokens + answer.outputTokens,
  };
}

function partOf(answer: Answer, text: string): unknown {
  return answer.finish === 'refused'
    ? { type: 'refusal', refusal: text }
    : { type: 'output_text', text, annotations: [], logprobs: [] };
}

function itemOf(status: string, content: unknown[]): unknown {
  return { id: 'msg_sim', type: 'message', status, role: 'assistant', content };
}

function responseOf(
  asked: Asked,
  status: string,
  output: unknown[],
  extra: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    id: 'resp_sim',
    object: 'response',
    created_at: 1_790_000_000,
    status,
    error: null,
    incomplete_details: null,
    instructions: asked.body['instructions'] ?? null,
    max_output_tokens: asked.body['max_output_tokens'] ?? null,
    model: asked.model,
    output,
    parallel_tool_calls: true,
    store: asked.body['store'] ?? true,
    temperature: 1,
    service_tier: asked.body['service_tier'] ?? 'default',
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled',
    usage: null,
    metadata: {},
    ...extra,
  };
}

function finalOf(asked: Asked, answer: Answer): Record<string, unknown> {
  const reason = incomplete(answer);
  const status = reason === undefined ? 'completed' : 'incomplete';
  const output = [itemOf(status, [partOf(answer, answer.text)])];
  return responseOf(asked, status, output, {
    incomplete_details: reason === undefined ? null : { reason },
    usage: usageOf(answer),
  });
}

function frames(asked: Asked, answer: Answer): StreamFrames {
  let sequence = 0;
  const event = (type: string, data: Record<string, unknown>): string =>
    sse({ type, sequence_number: sequence++, ...data }, type);
  const at = { item_id: 'msg_sim', output_index: 0, content_index: 0 };
  const refused = answer.finish === 'refused';
  return {
    contentType: 'text/event-stream; charset=utf-8',
    open: () =>
      event('response.created', { response: responseOf(asked, 'in_progress', []) }) +
      event('response.in_progress', { response: responseOf(asked, 'in_progress', []) }) +
      event('response.output_item.added', { output_index: 0, item: itemOf('in_progress', []) }) +
      event('response.content_part.added', { ...at, part: partOf(answer, '') }),
    text: (piece) =>
      event(refused ? 'response.refusal.delta' : 'response.output_text.delta', {
        ...at,
        delta: piece,
        ...(refused ? {} : { logprobs: [] }),
      }),
    reasoning: (piece) =>
      event('response.reasoning_summary_text.delta', {
        item_id: 'rs_sim',
        output_index: 0,
        summary_index: 0,
        delta: piece,
      }),
    close: () => {
      const final = finalOf(asked, answer);
      return (
        event(refused ? 'response.refusal.done' : 'response.output_text.done', {
          ...at,
          ...(refused ? { refusal: answer.text } : { text: answer.text, logprobs: [] }),
        }) +
        event('response.content_part.done', { ...at, part: partOf(answer, answer.text) }) +
        event('response.output_item.done', {
          output_index: 0,
          item: itemOf(String(final['status']), [partOf(answer, answer.text)]),
        }) +
        event(`response.${String(final['status'])}`, { response: final })
      );
    },
    done: '',
    keepAlive: ': keep-alive\n\n',
    broken: 'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","del\n\n',
    error: (message) => event('error', { code: 'server_error', message, param: null }),
  };
}

export const responsesWire: Wire = {
  id: 'responses',
  parse(body) {
    const input = body['input'];
    const items = Array.isArray(input) ? input.map(record) : [];
    const instructs = (item: Record<string, unknown>): boolean =>
      item['role'] === 'system' || item['role'] === 'developer';
    return {
      wire: 'responses',
      model: String(body['model'] ?? ''),
      system: [textOf(body['instructions']), ...items.filter(instructs).map((item) => textOf(item['content']))]
        .filter((text) => text !== '')
        .join('\n'),
      user:
        typeof input === 'string'
          ? input
          : items
              .filter((item) => !instructs(item))
              .map((item) => textOf(item['content']))
              .join('\n'),
      stream: body['stream'] === true,
      includeUsage: true,
      maxTokens: numberOr(body['max_output_tokens'], Infinity),
      stop: [],
      body,
    };
  },
  whole: finalOf,
  frames,
};
