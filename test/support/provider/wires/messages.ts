/** Anthropic's Messages, streamed and whole. */
import type { Answer, Asked, StreamFrames, Wire } from '../types.ts';
import { listOfText, numberOr, record, sse, textOf } from './shared.ts';

function stopReason(answer: Answer): string {
  if (answer.stopped !== undefined) return 'stop_sequence';
  const reasons = {
    stop: 'end_turn',
    length: 'max_tokens',
    'content-filter': 'refusal',
    refused: 'refusal',
    window: 'model_context_window_exceeded',
  } as const;
  return reasons[answer.finish];
}

function inputUsage(answer: Answer): Record<string, unknown> {
  const writes = answer.cacheWriteTokens;
  return {
    input_tokens: answer.inputTokens - answer.cachedTokens - writes,
    cache_creation_input_tokens: writes,
    cache_read_input_tokens: answer.cachedTokens,
    cache_creation: { ephemeral_5m_input_tokens: writes, ephemeral_1h_input_tokens: 0 },
    service_tier: 'standard',
  };
}

function messageOf(
  asked: Asked,
  answer: Answer,
  content: unknown[],
  stop: string | null,
  outputTokens: number,
): unknown {
  return {
    id: 'msg_sim',
    type: 'message',
    role: 'assistant',
    model: asked.model,
    content,
    stop_reason: stop,
    stop_sequence: stop === null ? null : (answer.stopped ?? null),
    ...(answer.usage ? { usage: { ...inputUsage(answer), output_tokens: outputTokens } } : {}),
  };
}

function frames(asked: Asked, answer: Answer): StreamFrames {
  let index = 0;
  let thinking = false;
  let writing = false;
  const start = (block: unknown): string =>
    sse({ type: 'content_block_start', index, content_block: block }, 'content_block_start');
  const stop = (): string => sse({ type: 'content_block_stop', index: index++ }, 'content_block_stop');
  const begin = (): string => {
    if (writing) return '';
    writing = true;
    return (thinking ? stop() : '') + start({ type: 'text', text: '' });
  };
  return {
    contentType: 'text/event-stream; charset=utf-8',
    open: () =>
      sse({ type: 'message_start', message: messageOf(asked, answer, [], null, 1) }, 'message_start') +
      sse({ type: 'ping' }, 'ping'),
    text: (piece) =>
      begin() +
      sse({ type: 'content_block_delta', index, delta: { type: 'text_delta', text: piece } }, 'content_block_delta'),
    reasoning: (piece) => {
      const opening = thinking ? '' : start({ type: 'thinking', thinking: '', signature: '' });
      thinking = true;
      return (
        opening +
        sse(
          { type: 'content_block_delta', index, delta: { type: 'thinking_delta', thinking: piece } },
          'content_block_delta',
        )
      );
    },
    close: () => {
      const usage = answer.usage
        ? {
            usage: {
              output_tokens: answer.outputTokens,
              output_tokens_details: { thinking_tokens: answer.reasoningTokens },
            },
          }
        : {};
      return (
        begin() +
        stop() +
        sse(
          {
            type: 'message_delta',
            delta: { stop_reason: stopReason(answer), stop_sequence: answer.stopped ?? null },
            ...usage,
          },
          'message_delta',
        ) +
        sse({ type: 'message_stop' }, 'message_stop')
      );
    },
    // Only `message_stop` could stand for a mark of the end, and it is part of the close.
    done: '',
    keepAlive: sse({ type: 'ping' }, 'ping'),
    broken: 'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"del\n\n',
    error: (message) =>
      sse({ type: 'error', error: { type: 'overloaded_error', message }, request_id: 'req_sim' }, 'error'),
  };
}

export const messagesWire: Wire = {
  id: 'messages',
  parse(body) {
    const messages = Array.isArray(body['messages']) ? body['messages'].map(record) : [];
    return {
      wire: 'messages',
      model: String(body['model'] ?? ''),
      system: [
        textOf(body['system']),
        ...messages.filter((message) => message['role'] === 'system').map((message) => textOf(message['content'])),
      ]
        .filter((text) => text !== '')
        .join('\n'),
      user: messages
        .filter((message) => message['role'] !== 'system')
        .map((message) => textOf(message['content']))
        .join('\n'),
      stream: body['stream'] === true,
      includeUsage: true,
      maxTokens: numberOr(body['max_tokens'], Infinity),
      stop: listOfText(body['stop_sequences']),
      body,
    };
  },
  whole: (asked, answer) =>
    messageOf(
      asked,
      answer,
      [{ type: 'text', text: answer.text, citations: null }],
      stopReason(answer),
      answer.outputTokens,
    ),
  frames,
};
