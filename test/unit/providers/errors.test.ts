import assert from 'node:assert/strict';
import type { ModelErrorKind } from '../../../src/engine/model.ts';
import { fromEvent, fromResponse, fromThrown } from '../../../src/providers/errors.ts';
import { findLimit } from '../../../src/providers/wires/serverWords.ts';
import { findRefusedParameter } from '../../../src/providers/wires/parameters.ts';
import { findWaitMs, rateLimits, resetMs, retryAfterMs } from '../../../src/providers/wires/rateLimits.ts';
import { checkTranslatable } from '../../support/pseudo.ts';

const now = Date.parse('2026-11-24T12:00:00Z');

function checkAnswer(status: number, body: unknown, kind: ModelErrorKind, limitTokens?: number): void {
  const error = fromResponse({ status, body, headers: new Headers() }, 'host.example', now);
  assert.equal(error.kind, kind, JSON.stringify(body));
  assert.equal(error.limitTokens, limitTokens, JSON.stringify(body));
  assert.match(error.message, /host\.example/);
  checkTranslatable(error, 'host.example');
}
const says = (message: string, more: object = {}): object => ({ error: { message, ...more } });

describe('what servers say when a call fails', () => {
  describe('limits', testLimits);
  describe('accounts and sentences', testAccounts);
  describe('streams and connections', testConnections);
});

function testLimits(): void {
  it('knows a prompt that is too long in each vendor’s words, and the limit', () => {
    const openai =
      "This model's maximum context length is 128000 tokens. However, your messages resulted in 130212 tokens.";
    checkAnswer(400, says(openai, { code: 'context_length_exceeded', param: 'messages' }), 'too-long', 128_000);
    checkAnswer(
      400,
      says('Your input exceeds the context window of this model.', { code: 'context_length_exceeded' }),
      'too-long',
    );
    checkAnswer(
      400,
      says('prompt is too long: 210000 tokens > 200000 maximum', { type: 'invalid_request_error' }),
      'too-long',
      200_000,
    );
    checkAnswer(
      400,
      says('input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length'),
      'too-long',
      200_000,
    );
    const vllm = {
      object: 'error',
      message: "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens",
      code: 400,
    };
    checkAnswer(400, vllm, 'too-long', 4096);
    const newVllm =
      "You passed 5001 input tokens and requested 100 output tokens. However, the model's context length is only 4096 tokens";
    checkAnswer(400, says(newVllm), 'too-long', 4096);
    const llama = {
      code: 400,
      message: 'the request exceeds the available context size',
      type: 'exceed_context_size_error',
      n_prompt_tokens: 9000,
      n_ctx: 8192,
    };
    checkAnswer(400, { error: llama }, 'too-long', 8192);
    const studio =
      'Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens';
    checkAnswer(400, { error: studio }, 'too-long', 4096);
    checkAnswer(
      400,
      says('The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).'),
      'too-long',
      1_048_576,
    );
    checkAnswer(
      400,
      says('Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length'),
      'too-long',
      32_768,
    );
    checkAnswer(
      413,
      says('Request too large for model on tokens per minute (TPM): Limit 6000, Requested 8000', {
        code: 'rate_limit_exceeded',
      }),
      'too-long',
      6000,
    );
    checkAnswer(
      429,
      says('Request too large for gpt-x on tokens per min (TPM): Limit 30,000, Requested 45,000.'),
      'too-long',
      30_000,
    );
    const inputs = '`inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000 `inputs` tokens';
    checkAnswer(422, { error: inputs, error_type: 'validation' }, 'too-long', 8193);
    const grok = "This model's maximum prompt length is 131072 but the request contains 140000 tokens.";
    checkAnswer(400, { code: 'Client specified an invalid argument', error: grok }, 'too-long', 131_072);
    const cerebras = 'Please reduce the length of the messages. Current length is 9000 while limit is 8192';
    checkAnswer(400, { message: cerebras, code: 'context_length_exceeded' }, 'too-long', 8192);
    checkAnswer(413, says('Request body too large for gpt-x model. Max size: 8000 tokens.'), 'too-long', 8000);
  });

  it('tells a used-up account from a limit of speed', () => {
    checkAnswer(
      429,
      says('You exceeded your current quota, please check your plan and billing details.', {
        code: 'insufficient_quota',
      }),
      'quota',
    );
    checkAnswer(
      429,
      says('Rate limit reached. Add a payment method at https://x/billing', { code: 'rate_limit_exceeded' }),
      'rate-limit',
    );
    checkAnswer(
      429,
      [
        {
          error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'You exceeded your current quota, check billing' },
        },
      ],
      'rate-limit',
    );
    checkAnswer(400, says('Your credit balance is too low to access the API.'), 'quota');
    checkAnswer(402, says('Insufficient Balance'), 'quota');
    checkAnswer(400, says('You have reached your specified API usage limits.'), 'quota');
    checkAnswer(400, says('Budget has been exceeded! Current cost: 10.2', { type: 'budget_exceeded' }), 'quota');
  });

  it('tells a quota of the day or month from a limit of the minute, and when it is renewed', () => {
    const in9Hours = now + 9 * 3_600_000;
    const openRouter = says(
      'Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 requests per day',
      {
        code: 429,
        metadata: {
          headers: { 'X-RateLimit-Limit': '50', 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': String(in9Hours) },
        },
      },
    );
    const error = fromResponse({ status: 429, body: openRouter }, 'host.example', now);
    assert.deepEqual([error.kind, error.resetAt, error.retryAfterMs], ['quota', in9Hours, undefined]);
    assert.equal(error.code, 'quota-until');
    assert.match(error.message, /allows no more before .*\d\d:\d\d/);
    const gemini = (id: string): object => [
      {
        error: {
          code: 429,
          status: 'RESOURCE_EXHAUSTED',
          message: 'You exceeded your current quota, please check your plan and billing details. Please retry in 6s.',
          details: [
            { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaMetric: 'x', quotaId: id }] },
            { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '6s' },
          ],
        },
      },
    ];
    checkAnswer(429, gemini('GenerateRequestsPerDayPerProjectPerModel-FreeTier'), 'quota');
    checkAnswer(429, gemini('GenerateRequestsPerMinutePerProjectPerModel-FreeTier'), 'rate-limit');
    const groq =
      'Rate limit reached for model x on tokens per day (TPD): Limit 100000, Used 99000. Please try again in';
    const long = fromResponse(
      { status: 429, body: says(`${groq} 14m24s.`, { code: 'rate_limit_exceeded' }) },
      'h',
      now,
    );
    assert.deepEqual([long.kind, long.resetAt], ['quota', now + 864_000]);
    checkAnswer(429, says(`${groq} 8.6s.`, { code: 'rate_limit_exceeded' }), 'rate-limit');
    checkAnswer(
      403,
      says('You have exceeded your monthly included credits. Subscribe to get more.', { type: 'insufficient_credits' }),
      'quota',
    );
  });
}

function testAccounts(): void {
  it('trusts the words more than the status of a gateway', () => {
    const lite =
      'litellm.RateLimitError: RateLimitError: OpenAIException - You exceeded your current quota, please check your plan and billing details.';
    checkAnswer(429, says(lite, { type: 'throttling_error', code: '429' }), 'quota');
    checkAnswer(
      429,
      says('No deployments available - crossed budget: Exceeded budget for deployment model_name: m: 3.72 >= 1d', {
        code: '429',
      }),
      'quota',
    );
    checkAnswer(429, says('No deployments available for selected model.', { code: '429' }), 'rate-limit');
    checkAnswer(500, says('litellm.RateLimitError: Rate limit reached'), 'rate-limit');
    checkAnswer(400, says('litellm.RateLimitError: Too many requests'), 'rate-limit');
    checkAnswer(500, says('Your credit balance is too low'), 'quota');
    const window =
      'litellm.ContextWindowExceededError: No models have context window large enough for this call.\nModel=openai/m, Max Input Tokens=1500, Got=2400';
    checkAnswer(400, says(window, { code: '400' }), 'too-long', 1500);
  });

  it('says whose key is wrong, that none is set, and that an account must be verified', () => {
    const code = (status: number, message: string, keyless = false): string | undefined =>
      fromResponse({ status, body: says(message), keyless }, 'h', now).code;
    assert.equal(code(401, 'Incorrect API key provided'), 'auth');
    assert.equal(code(401, 'Missing Authorization header', true), 'no-key');
    assert.equal(code(400, 'No connected db.'), 'auth');
    assert.equal(
      code(401, 'litellm.AuthenticationError: OpenAIException - Incorrect API key provided'),
      'upstream-auth',
    );
    const verify = 'Your organization must be verified to use this model. Go to the settings of your organization.';
    const error = fromResponse({ status: 403, body: says(verify, { code: 'forbidden' }) }, 'h', now);
    assert.deepEqual([error.kind, error.code, error.said], ['no-model', 'not-allowed', verify]);
  });

  it('keeps the server’s own sentence, without keys, long quotes and control characters', () => {
    const key = 'acme-7d1f00aa52';
    const quote = 'q'.repeat(80);
    const body = says(
      `No connected db.\n\u0007Key ${key} and sk-proj-abc123456 or AAAAbbbb1111CCCCdddd2222EEEEffff: "${quote}"`,
    );
    const said = fromResponse({ status: 500, body, secrets: [key] }, 'h', now).said ?? '';
    assert.match(said, /^No connected db\. Key/);
    assert.doesNotMatch(said, /acme|abc123|AAAA|qqq|[\n\u0007]/);
    assert.ok((fromResponse({ status: 400, body: says('long '.repeat(500)) }, 'h', now).said ?? '').length <= 300);
    assert.equal(fromResponse({ status: 502, body: '<html>Bad gateway' }, 'h', now).said, undefined);
  });

  it('takes only a short plain id of a request', () => {
    const id = (value: string): string | undefined =>
      fromResponse({ status: 500, headers: new Headers({ 'x-request-id': value }) }, 'h', now).requestId;
    assert.equal(id('req_011CS.a-b:c'), 'req_011CS.a-b:c');
    for (const value of ['sk-proj-1234567890', 'a b', '<b>x</b>', 'x'.repeat(200), 'é'])
      assert.equal(id(value), undefined);
  });

  it('tells keys, models, filters and busy servers apart', () => {
    checkAnswer(401, says('Incorrect API key provided: sk-secret'), 'auth');
    checkAnswer(
      400,
      [{ error: { status: 'INVALID_ARGUMENT', message: 'API key not valid. Please pass a valid API key.' } }],
      'auth',
    );
    checkAnswer(
      404,
      says('The model `gpt-0` does not exist or you do not have access to it.', { code: 'model_not_found' }),
      'no-model',
    );
    checkAnswer(404, { error: "model 'llama9' not found" }, 'no-model');
    checkAnswer(400, says('not/a-model is not a valid model ID'), 'no-model');
    checkAnswer(404, { detail: 'Not Found' }, 'bad-request');
    checkAnswer(
      404,
      says('The API deployment for this resource does not exist.', { code: 'DeploymentNotFound' }),
      'no-model',
    );
    checkAnswer(404, [says('models/gemini-0 is not found for API version v1, or is not supported')], 'no-model');
    checkAnswer(403, says('Project does not have access to gpt-0', { code: 'model_not_found' }), 'no-model');
    checkAnswer(404, { error: 'No models loaded. Please load a model in the developer page.' }, 'no-model');
    checkAnswer(
      400,
      says("The response was filtered due to the prompt triggering Azure OpenAI's content management policy.", {
        code: 'content_filter',
      }),
      'content-filter',
    );
    checkAnswer(503, says('Loading model'), 'overloaded');
    checkAnswer(529, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'overloaded');
    checkAnswer(500, { error: 'model requires more system memory (9 GiB) than is available' }, 'bad-request');
    checkAnswer(502, '<html>', 'overloaded');
  });
}

function testConnections(): void {
  it('understands errors within a stream, which have no status', () => {
    assert.equal(
      fromEvent({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'h').kind,
      'overloaded',
    );
    assert.equal(fromEvent({ code: 'rate_limit_exceeded', message: 'slow down' }, 'h').kind, 'rate-limit');
    assert.equal(fromEvent({ error: 'something broke' }, 'h').kind, 'unknown');
    assert.equal(fromEvent({ error: 'Unexpected endpoint or method. (POST /v1/x)' }, 'h').kind, 'bad-request');
  });

  it('reads the status that the body of such an error holds', () => {
    const kinds = [401, 402, 429, 502].map((code) => fromEvent(says('Provider returned error', { code }), 'h').kind);
    assert.deepEqual(kinds, ['auth', 'quota', 'rate-limit', 'overloaded']);
    const vllm = { object: 'error', message: "This model's maximum context length is 4096 tokens.", code: 400 };
    assert.deepEqual([fromEvent(vllm, 'h').kind, fromEvent(vllm, 'h').limitTokens], ['too-long', 4096]);
  });

  it('says that the address is wrong where nothing is there', () => {
    const error = fromResponse({ status: 404, body: '<html>404</html>' }, 'host.example', now);
    assert.match(error.message, /This address doesn’t exist on host\.example.*HTTP 404/);
  });

  it('repeats neither key nor text of what a server says', () => {
    const body = says('Bad text: "the pump in hall 4" with sk-abc123', {
      code: 'sk-abc123',
      param: 'the pump',
      type: 'invalid_request_error',
    });
    const error = fromResponse({ status: 400, body }, 'host.example', now);
    assert.doesNotMatch(`${error.message} ${error.stack} ${error.detail}`, /pump|abc123/);
  });

  it('says what is wrong with a connection', () => {
    const broken = (code: string): string =>
      fromThrown(new TypeError('fetch failed', { cause: Object.assign(new Error(), { code }) }), 'h').message;
    assert.match(broken('ECONNREFUSED'), /Can’t reach/);
    assert.match(broken('ENOTFOUND'), /resolved/);
    assert.match(broken('SELF_SIGNED_CERT_IN_CHAIN'), /certificate/);
  });

  it('finds no limit where none is told', () => {
    assert.equal(findLimit('too many tokens, reduce the length'), undefined);
    assert.equal(findLimit('context window exceeded by 3'), undefined);
  });
}

describe('a refused parameter', () => {
  const sent = ['max_tokens', 'temperature', 'stop', 'stream_options'];
  function checkRefused(status: number, body: unknown, name: string | undefined): void {
    assert.equal(findRefusedParameter(fromResponse({ status, body }, 'h', now), sent), name);
  }
  it('is found by its name in the error or in the words', () => {
    const max =
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
    checkRefused(400, says(max, { param: 'max_tokens', code: 'unsupported_parameter' }), 'max_tokens');
    checkRefused(400, says('`temperature` is deprecated for this model.'), 'temperature');
    checkRefused(422, { detail: [{ loc: ['body', 'stop'], msg: 'Extra inputs are not permitted' }] }, 'stop');
    checkRefused(400, says("The model `o9` is fine but 'stop' is not supported with it."), 'stop');
    checkRefused(400, says('stream_options.include_usage: Extra inputs are not permitted'), 'stream_options');
  });
  it('is not seen in other errors', () => {
    checkRefused(400, says('prompt is too long: 3000 tokens > 2000 maximum. Lower max_tokens is invalid'), undefined);
    checkRefused(500, says('temperature is not supported'), undefined);
    checkRefused(400, says('nonstop is invalid'), undefined);
  });
});

describe('rate-limit headers', () => {
  it('are read in OpenAI’s, Azure’s and Anthropic’s ways', () => {
    const openai = new Headers({
      'x-ratelimit-limit-requests': '500',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '6m0.5s',
    });
    assert.deepEqual(rateLimits(openai, now), {
      requestsLimit: 500,
      requestsRemaining: undefined,
      requestsResetMs: undefined,
      tokensLimit: undefined,
      tokensRemaining: 0,
      tokensResetMs: 360_500,
    });
    assert.equal(resetMs('12', now), 12_000);
    assert.equal(resetMs('120ms', now), 120);
    assert.equal(resetMs('1h2m3s', now), 3_723_000);
    const anthropic = new Headers({
      'anthropic-ratelimit-requests-limit': '50',
      'anthropic-ratelimit-tokens-limit': '90000',
      'anthropic-ratelimit-input-tokens-limit': '40000',
      'anthropic-ratelimit-input-tokens-remaining': '10',
      'anthropic-ratelimit-input-tokens-reset': '2026-11-24T12:00:30Z',
    });
    const read = rateLimits(anthropic, now);
    assert.equal(read?.requestsLimit, 50);
    assert.equal(read?.tokensLimit, 40_000);
    assert.equal(read?.tokensResetMs, 30_000);
    assert.equal(rateLimits(new Headers(), now), undefined);
  });
  it('tell how long to wait, as seconds, milliseconds or a date', () => {
    assert.equal(retryAfterMs(new Headers({ 'retry-after': '2.5' }), now), 2500);
    assert.equal(retryAfterMs(new Headers({ 'retry-after-ms': '90', 'retry-after': '2' }), now), 90);
    assert.equal(retryAfterMs(new Headers({ 'retry-after': 'Tue, 24 Nov 2026 12:01:00 GMT' }), now), 60_000);
    assert.equal(retryAfterMs(new Headers({ 'retry-after': 'soon' }), now), undefined);
    assert.equal(retryAfterMs(new Headers({ 'retry-after': String(now / 1000 + 20) }), now), 20_000);
    assert.equal(resetMs(String(now + 20_000), now), 20_000);
  });
  it('name moments of the server’s clock, which may be wrong', () => {
    const hourAhead = { date: 'Tue, 24 Nov 2026 13:00:00 GMT', 'retry-after': 'Tue, 24 Nov 2026 13:00:20 GMT' };
    assert.equal(retryAfterMs(new Headers(hourAhead), now), 20_000);
    const hourBehind = { date: 'Tue, 24 Nov 2026 11:00:00 GMT', 'retry-after': 'Tue, 24 Nov 2026 11:00:20 GMT' };
    assert.equal(retryAfterMs(new Headers(hourBehind), now), 20_000);
  });
  it('name a wait under other names too, and no limit that is none', () => {
    const wait = (headers: Record<string, string>): number | undefined => retryAfterMs(new Headers(headers), now);
    assert.equal(wait({ 'llm_provider-retry-after': '3' }), 3000);
    assert.equal(wait({ 'x-ratelimit-reset': String(now + 20_000) }), 20_000);
    assert.equal(wait({ 'x-ms-retry-after-ms': '700' }), 700);
    assert.equal(wait({ ratelimit: '"default";r=0;t=30' }), 30_000);
    assert.equal(wait({ ratelimit: 'limit=10, remaining=0, reset=12' }), 12_000);
    assert.equal(wait({ 'retry-after': '1e308' }), undefined);
    const odd = { 'x-ratelimit-limit-requests': '1e-310', 'x-ratelimit-limit-tokens': '0.5' };
    assert.equal(rateLimits(new Headers(odd), now), undefined);
  });
  it('may be missing: then the body’s words count', () => {
    assert.equal(findWaitMs('Rate limit reached. Please try again in 7.66s. Visit the docs.'), 7660);
    assert.equal(findWaitMs('Please try again in 6m0s.'), 360_000);
    assert.equal(findWaitMs('Please retry after 26 seconds. Please go here'), 26_000);
    assert.equal(findWaitMs('No deployments available, Try again in 5 seconds. Passed model=x'), 5000);
    assert.equal(findWaitMs('Please try again later.'), undefined);
    const delay = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34s' };
    const gemini = [{ error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'Quota.', details: [delay] } }];
    assert.equal(fromResponse({ status: 429, body: gemini }, 'h', now).retryAfterMs, 34_000);
    assert.equal(fromResponse({ status: 400, body: says('Try again in 5 seconds') }, 'h', now).retryAfterMs, undefined);
  });
});
