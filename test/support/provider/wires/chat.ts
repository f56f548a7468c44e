/** OpenAI's Chat Completions, streamed and whole. */
import type { Answer, Asked, StreamFrames, Wire } from '../types.ts';
import { listOfText, numberOr, record, sse, textOf } from './shared.ts';

const finishes = {
  stop: 'stop',
  length: 'length',
  'content-filter': 'content_filter',
  refused: 'stop',
  window: 'length',
} as const;

function usageOf(answer: Answer): unknown {
  if (!answer.usage) return null;
  return {
    prompt_tokens: answer.inputTokens,
    completion_tokens: answer.outputTokens,
    total_tokens: answer.inputTokens + answer.outputTokens,
    prompt_tokens_details: { cached_tokens: answer.cachedTokens, cache_write_tokens: answer.cacheWriteTokens },
    completion_tokens_details: { reasoning_tokens: answer.reasoningTokens },
  };
}

function frames(asked: Asked, answer: Answer): StreamFrames {
  const base = { id: 'chatcmpl-sim', object: 'chat.completion.chunk', created: 1_790_000_000, model: asked.model };
  const chunk = (delta: unknown, finish: string | null = null): string =>
    sse({
      ...base,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
      ...(asked.includeUsage ? { usage: null } : {}),
    });
  return {
    contentType: 'text/event-stream; charset=utf-8',
    open: () => chunk({ role: 'assistant', content: '', refusal: null }),
    text: (piece) => chunk(answer.finish === 'refused' ? { refusal: piece } : { content: piece }),
    reasoning: (piece) => chunk({ reasoning_content: piece }),
    close: () =>
      chunk({}, finishes[answer.finish]) +
      (asked.includeUsage && answer.usage ? sse({ ...base, choices: [], usage: usageOf(answer) }) : ''),
    done: 'data: [DONE]\n\n',
    keepAlive: ': keep-alive\n\n',
    broken: 'data: {"id":"chatcmpl-sim","choices":[{"delta":{"con\n\n',
    error: (message) => sse({ error: { message, type: 'server_error', code: 'server_error', param: null } }),
  };
}

export const chatWire: Wire = {
  id: 'chat',
  parse(body) {
    const messages = Array.isArray(body['messages']) ? body['messages'].map(record) : [];
    const instructs = (message: Record<string, unknown>): boolean =>
      message['role'] === 'system' || message['role'] === 'developer';
    return {
      wire: 'chat',
      model: String(body['model'] ?? ''),
      system: messages
        .filter(instructs)
        .map((message) => textOf(message['content']))
        .join('\n'),
      user: messages
        .filter((message) => !instructs(message))
        .map((message) => textOf(message['content']))
        .join('\n'),
      stream: body['stream'] === true,
      includeUsage: record(body['stream_options'])['include_usage'] === true,
      maxTokens: numberOr(body['max_completion_tokens'] ?? body['max_tokens'], Infinity),
      stop: listOfText(body['stop']),
      body,
    };
  },
  whole: (asked, answer) => ({
    id: 'chatcmpl-sim',
    object: 'chat.completion',
    created: 1_790_000_000,
    model: asked.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: answer.finish === 'refused' ? null : answer.text,
          refusal: answer.finish === 'refused' ? answer.text : null,
          ...(answer.reasoning === '' ? {} : { reasoning_content: answer.reasoning }),
        },
        logprobs: null,
        finish_reason: finishes[answer.finish],
      },
    ],
    ...(answer.usage ? { usage: usageOf(answer) } : {}),
  }),
  frames,
};
