/** Refusals in each vendor's own words: what adapters must recognize is what is really said. */
import type { Flavour, Refusal, WireError, WireId } from './types.ts';

export function refuse(refusal: Refusal, flavour: Flavour, wire: WireId, requestNumber: number): WireError {
  const headers: Record<string, string> = {};
  if (refusal.kind === 'rate-limit' && refusal.waitMs !== undefined) {
    headers['retry-after'] = String(Math.ceil(refusal.waitMs / 1000));
    if (wire !== 'messages' && flavour !== 'compatible') headers['retry-after-ms'] = String(Math.ceil(refusal.waitMs));
  }
  const status = statusOf(refusal, wire);
  const body =
    wire === 'messages'
      ? anthropicBody(refusal, status, requestNumber)
      : wire === 'ollama'
        ? { error: plainWords(refusal) }
        : openaiBody(refusal, status, flavour, wire);
  return { status, body, headers };
}

function statusOf(refusal: Refusal, wire: WireId): number {
  switch (refusal.kind) {
    case 'auth':
      return 401;
    case 'forbidden':
      return 403;
    case 'no-model':
    case 'not-found':
      return 404;
    case 'quota':
      return wire === 'messages' ? 400 : 429;
    case 'rate-limit':
      return 429;
    case 'status':
      return refusal.status;
    default:
      return 400;
  }
}

function plainWords(refusal: Refusal): string {
  switch (refusal.kind) {
    case 'no-model':
      return `model '${refusal.model}' not found`;
    case 'parameter':
      return `invalid option provided: ${refusal.name}`;
    case 'too-long':
      return 'the input length exceeds the context length';
    case 'auth':
      return 'unauthorized';
    case 'invalid':
      return refusal.message;
    default:
      return 'message' in refusal && refusal.message ? refusal.message : 'internal server error';
  }
}

function openaiBody(refusal: Refusal, status: number, flavour: Flavour, wire: WireId): unknown {
  if (refusal.kind === 'too-long') return openaiTooLong(refusal, flavour, wire);
  const [message, type, code, param] = openaiWords(refusal, status);
  return { error: { message, type, param: param ?? null, code: code ?? null } };
}

type Words = readonly [message: string, type: string, code?: string | null, param?: string | null];

function openaiWords(refusal: Exclude<Refusal, { kind: 'too-long' }>, status: number): Words {
  switch (refusal.kind) {
    case 'auth':
      return [
        'Incorrect API key provided: sk-****. You can find your API key at https://platform.openai.com/account/api-keys.',
        'invalid_request_error',
        'invalid_api_key',
      ];
    case 'forbidden':
      return ['You are not allowed to sample from this model', 'invalid_request_error', 'permission_denied'];
    case 'no-model':
      return [
        `The model \`${refusal.model}\` does not exist or you do not have access to it.`,
        'invalid_request_error',
        'model_not_found',
      ];
    case 'quota':
      return [
        'You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.',
        'insufficient_quota',
        'insufficient_quota',
      ];
    case 'rate-limit':
      return [
        `Rate limit reached on ${refusal.what} per min (${refusal.what === 'tokens' ? 'TPM' : 'RPM'}): Limit ${refusal.limit}. ${refusal.waitMs === undefined ? '' : `Please try again in ${Math.ceil(refusal.waitMs) / 1000}s. `}Visit https://platform.openai.com/account/rate-limits to learn more.`,
        refusal.what,
        'rate_limit_exceeded',
      ];
    case 'parameter':
      return parameterWords(refusal.name, refusal.value);
    case 'output-too-large':
      return [
        `max_tokens is too large: ${refusal.asked}. This model supports at most ${refusal.max} completion tokens, whereas you provided ${refusal.asked}.`,
        'invalid_request_error',
        'invalid_value',
        'max_tokens',
      ];
    case 'filtered':
      return [
        'Invalid prompt: your prompt was flagged as potentially violating our usage policy. Please try again with a different prompt.',
        'invalid_request_error',
        'content_filter',
        'prompt',
      ];
    case 'not-found':
      return [`Invalid URL (${refusal.path})`, 'invalid_request_error'];
    case 'invalid':
      return [refusal.message, 'invalid_request_error'];
    case 'status':
      return [
        refusal.message ?? 'The server had an error while processing your request. Sorry about that!',
        status >= 500 ? 'server_error' : 'invalid_request_error',
        status === 503 ? 'service_unavailable' : null,
      ];
  }
}

function parameterWords(name: string, value: unknown): Words {
  if (name === 'temperature' || name === 'reasoning_effort') {
    return [
      `Unsupported value: '${name}' does not support ${JSON.stringify(value)} with this model. Only the default (1) value is supported.`,
      'invalid_request_error',
      'unsupported_value',
      name,
    ];
  }
  const instead = name === 'max_tokens' ? " Use 'max_completion_tokens' instead." : '';
  return [
    `Unsupported parameter: '${name}' is not supported with this model.${instead}`,
    'invalid_request_error',
    'unsupported_parameter',
    name,
  ];
}

function openaiTooLong(refusal: Extract<Refusal, { kind: 'too-long' }>, flavour: Flavour, wire: WireId): unknown {
  const { input, output, window } = refusal;
  const total = input + output;
  switch (flavour) {
    case 'vllm':
      return {
        object: 'error',
        message: `This model's maximum context length is ${window} tokens. However, you requested ${total} tokens (${input} in the messages, ${output} in the completion). Please reduce the length of the messages or completion.`,
        type: 'BadRequestError',
        param: null,
        code: 400,
      };
    case 'llamacpp':
      return {
        error: {
          code: 400,
          message: `the request exceeds the available context size (${window} tokens), try increasing it`,
          type: 'exceed_context_size_error',
          n_prompt_tokens: input,
          n_ctx: window,
        },
      };
    case 'lmstudio':
      return {
        error: `Trying to keep the first ${input} tokens when context the overflows. However, the model is loaded with context length of only ${window} tokens, which is not enough. Try to load the model with a larger context length, or provide a shorter input`,
      };
    default:
      break;
  }
  const message =
    wire === 'responses'
      ? 'Your input exceeds the context window of this model. Please adjust your input and try again.'
      : output > 0 && input <= window
        ? `This model's maximum context length is ${window} tokens. However, you requested ${total} tokens (${input} in the messages, ${output} in the completion). Please reduce the length of the messages or completion.`
        : `This model's maximum context length is ${window} tokens. However, your messages resulted in ${input} tokens. Please reduce the length of the messages.`;
  return {
    error: {
      message,
      type: 'invalid_request_error',
      param: wire === 'responses' ? 'input' : 'messages',
      code: 'context_length_exceeded',
    },
  };
}

function anthropicBody(refusal: Refusal, status: number, requestNumber: number): unknown {
  const [type, message] = anthropicWords(refusal, status);
  return { type: 'error', error: { type, message }, request_id: `req_sim_${requestNumber}` };
}

function anthropicWords(refusal: Refusal, status: number): readonly [type: string, message: string] {
  switch (refusal.kind) {
    case 'auth':
      return ['authentication_error', 'invalid x-api-key'];
    case 'forbidden':
      return ['permission_error', 'Your API key does not have permission to use the specified resource.'];
    case 'no-model':
      return ['not_found_error', `model: ${refusal.model}`];
    case 'quota':
      return [
        'invalid_request_error',
        'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
      ];
    case 'rate-limit':
      return [
        'rate_limit_error',
        `This request would exceed your organization's rate limit of ${refusal.limit} ${refusal.what === 'tokens' ? 'input tokens' : 'requests'} per minute.`,
      ];
    case 'too-long':
      return ['invalid_request_error', `prompt is too long: ${refusal.input} tokens > ${refusal.window} maximum`];
    case 'output-too-large':
      return [
        'invalid_request_error',
        `max_tokens: ${refusal.asked} > ${refusal.max}, which is the maximum allowed number of output tokens for this model`,
      ];
    case 'parameter':
      return ['invalid_request_error', `${refusal.name}: Extra inputs are not permitted`];
    case 'filtered':
      return ['invalid_request_error', 'Output blocked by content filtering policy'];
    case 'not-found':
      return ['not_found_error', 'Not Found'];
    case 'invalid':
      return ['invalid_request_error', refusal.message];
    case 'status':
      return [
        status === 529 ? 'overloaded_error' : status >= 500 ? 'api_error' : 'invalid_request_error',
        refusal.message ?? (status === 529 ? 'Overloaded' : 'Internal server error'),
      ];
  }
}
