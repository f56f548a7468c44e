/** Ollama's own chat: lines of JSON, and a window that the request sets. */
import type { Answer, Asked, StreamFrames, Wire } from '../types.ts';
import { listOfText, numberOr, record, textOf } from './shared.ts';

function lineOf(asked: Asked, message: unknown, extra: Record<string, unknown> = {}): string {
  return `${JSON.stringify({ model: asked.model, created_at: '2026-11-24T10:00:00.000Z', message, done: false, ...extra })}\n`;
}

function ending(answer: Answer): Record<string, unknown> {
  return {
    done: true,
    done_reason: answer.finish === 'length' || answer.finish === 'window' ? 'length' : 'stop',
    total_duration: 1_000_000,
    load_duration: 1_000,
    ...(answer.usage
      ? {
          prompt_eval_count: answer.inputTokens,
          prompt_eval_duration: 1_000,
          eval_count: answer.outputTokens,
          eval_duration: 1_000,
        }
      : {}),
  };
}

function frames(asked: Asked, answer: Answer): StreamFrames {
  return {
    contentType: 'application/x-ndjson',
    open: () => '',
    text: (piece) => lineOf(asked, { role: 'assistant', content: piece }),
    reasoning: (piece) => lineOf(asked, { role: 'assistant', content: '', thinking: piece }),
    close: () => lineOf(asked, { role: 'assistant', content: '' }, ending(answer)),
    done: '',
    keepAlive: '\n',
    broken: '{"model":"sim","message":{"role":"assistant","con\n',
    error: (message) => `${JSON.stringify({ error: message })}\n`,
  };
}

export const ollamaWire: Wire = {
  id: 'ollama',
  parse(body) {
    const messages = Array.isArray(body['messages']) ? body['messages'].map(record) : [];
    const options = record(body['options']);
    return {
      wire: 'ollama',
      model: String(body['model'] ?? ''),
      system: messages
        .filter((message) => message['role'] === 'system')
        .map((message) => textOf(message['content']))
        .join('\n'),
      user: messages
        .filter((message) => message['role'] !== 'system')
        .map((message) => textOf(message['content']))
        .join('\n'),
      stream: body['stream'] !== false,
      includeUsage: true,
      maxTokens: numberOr(options['num_predict'], Infinity),
      stop: listOfText(options['stop']),
      body,
    };
  },
  whole: (asked, answer) => ({
    model: asked.model,
    created_at: '2026-11-24T10:00:00.000Z',
    message: {
      role: 'assistant',
      content: answer.text,
      ...(answer.reasoning === '' ? {} : { thinking: answer.reasoning }),
    },
    ...ending(answer),
  }),
  frames,
};
