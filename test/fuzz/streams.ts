/** One good stream of each wire, to be damaged. */
const chat = [
  '{"id":"c","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}',
  '{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"- Pump 7 fällt 🙂 aus"},"finish_reason":null}]}',
  '{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":" [1]"},"finish_reason":null}]}',
  '{"id":"c","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}',
  '{"id":"c","model":"m","choices":[],"usage":{"prompt_tokens":20,"completion_tokens":9,"total_tokens":29}}',
  '[DONE]',
];

const responses = [
  '{"type":"response.created","sequence_number":0,"response":{"id":"r","model":"m","status":"in_progress","output":[]}}',
  '{"type":"response.output_text.delta","sequence_number":1,"item_id":"i","output_index":0,"content_index":0,"delta":"- Pump 7 fällt"}',
  '{"type":"response.output_text.delta","sequence_number":2,"item_id":"i","output_index":0,"content_index":0,"delta":" 🙂 aus [1]"}',
  '{"type":"response.completed","sequence_number":3,"response":{"id":"r","model":"m","status":"completed","output":[],"usage":{"input_tokens":20,"output_tokens":9,"total_tokens":29}}}',
];

const messages = [
  '{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"usage":{"input_tokens":20,"output_tokens":1}}}',
  '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
  '{"type":"ping"}',
  '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"- Pump 7 fällt 🙂 aus"}}',
  '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" [1]"}}',
  '{"type":"content_block_stop","index":0}',
  '{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":9}}',
  '{"type":"message_stop"}',
];

const framed = (events: readonly string[]): string =>
  events
    .map((data) => {
      const type = /^\{"type":"([\w.]+)"/.exec(data)?.[1];
      return `${type ? `event: ${type}\n` : ''}data: ${data}\n\n`;
    })
    .join('');

export const streams: readonly { readonly name: string; readonly text: string }[] = [
  { name: 'openai-compatible', text: framed(chat) },
  { name: 'openai', text: framed(responses) },
  { name: 'anthropic', text: framed(messages) },
];
