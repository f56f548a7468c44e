/** Drops parameters that a server refuses, and remembers them. */
import { ModelError, type ModelCall, type ModelErrorKind } from '../../engine/model.ts';
import { toldBy } from '../errors.ts';
import type { Json } from '../http.ts';
import { learnLimit, recall } from '../limitMemory.ts';
import type { ProviderConfig, ProviderMemory } from '../provider.ts';

/** Creates the key of what an endpoint accepts for a model. */
export function createMemoryKey(config: ProviderConfig, base: string, what: string): string {
  return `${what} ${base} ${config.model}`;
}

/** Parameters that a server refused; none if unknown. */
export function remembered(memory: ProviderMemory, key: string): readonly string[] {
  const value = memory.get(key);
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

const refusal =
  /unsupported|not support|unknown|unrecognized|unexpected|not (?:permitted|allowed|available|recognized|compatible)|extra (?:inputs|fields)|invalid|deprecated|does not|doesn't|cannot|only|additional propert|no longer|incompatible/i;

/** Errors of Gemini that name no parameter: these are dropped, the likeliest first. */
const unnamed = /request contains an invalid argument|invalid request parameters?\.?$/i;
const unnamedFirst = ['reasoning_effort', 'reasoning', 'think', 'stop', 'stream_options', 'temperature'];

/** Errors that may be about a parameter; "does not support" sounds like an unsupported model. */
const mayNameParameter: readonly ModelErrorKind[] = ['bad-request', 'no-model'];

/** Returns the parameter that an error is about; undefined if none. */
export function findRefusedParameter(error: unknown, sent: readonly string[]): string | undefined {
  if (
    !(error instanceof ModelError) ||
    (error.status !== 400 && error.status !== 422) ||
    !mayNameParameter.includes(error.kind)
  ) {
    return undefined;
  }
  const told = toldBy(error);
  if (told === undefined) {
    return undefined;
  }
  const named =
    told.param === undefined
      ? undefined
      : sent.find((name) => told.param === name || told.param?.startsWith(`${name}.`));
  if (named !== undefined) {
    return named;
  }
  if (unnamed.test(told.message)) return unnamedFirst.find((name) => sent.includes(name));
  return refusal.test(`${told.code} ${told.message}`) ? sent.find((name) => mentions(told.message, name)) : undefined;
}

function mentions(message: string, name: string): boolean {
  return new RegExp(`(?<![\\w.])${name}(?![\\w])`, 'i').test(message);
}

function findOutputCap(error: unknown): number | undefined {
  const isCap = error instanceof ModelError && (error.status === 400 || error.status === 402);
  const message = isCap ? (toldBy(error)?.message ?? '') : '';
  const found =
    /can only afford ([\d,]+)/i.exec(message) ??
    /at most ([\d,]+) (?:completion|output) tokens/i.exec(message) ??
    /max_tokens`?:? *[\d,]+ *> *([\d,]+)/i.exec(message) ??
    /max_(?:completion_|output_)?tokens\b.{0,60}(?:less than or equal to|must be (?:<=|at most)|range of \[1,) *`?([\d,]+)/i.exec(
      message,
    );
  const tokens = Number(found?.[1]?.replaceAll(',', '') ?? 0);
  return tokens > 0 ? tokens : undefined;
}

/** Parameters that the endpoint refuses, and its largest output. */
export interface Accepted {
  has(parameter: string): boolean;
  readonly outputCap: number;
}

const maxRequests = 8;
const minOutputCap = 64;

/**
 * Sends without parameters known to be refused. On an error drops the named parameter or lowers the output limit and sends
 * again, at most 8 times.
 * @param build returns the body and its optional parameters; `name=value` if another value may do
 * @returns answer and accepted body
 * @throws the last error
 */
export async function sendAccepted<T>(
  config: ProviderConfig,
  base: string,
  build: (accepted: Accepted) => { readonly body: Json; readonly optional: readonly string[] },
  send: (body: Json) => Promise<T>,
): Promise<{ readonly answer: T; readonly body: Json }> {
  const refusedKey = createMemoryKey(config, base, 'refused');
  const capKey = createMemoryKey(config, base, 'output');
  const refused = new Set(remembered(config.memory, refusedKey));
  for (let requests = 1; ; requests++) {
    const cap = recall(config.memory, capKey) ?? Number.POSITIVE_INFINITY;
    const { body, optional } = build({ has: (parameter) => !refused.has(parameter), outputCap: cap });
    try {
      return { answer: await send(body), body };
    } catch (error) {
      if (requests >= maxRequests) throw error;
      const told = findOutputCap(error);
      if (told !== undefined && told < cap && told >= minOutputCap) {
        learnLimit(config.memory, capKey, told);
        continue;
      }
      const named = findRefusedParameter(
        error,
        optional.map((item) => item.split('=')[0] ?? item),
      );
      const name = optional.find((item) => item.split('=')[0] === named);
      if (name === undefined || refused.has(name)) throw error;
      refused.add(name);
      config.memory.set(refusedKey, [...refused]);
      config.log?.(`${config.model}: the server refuses the parameter ${name}; going on without it`);
    }
  }
}

/** Splits the prompt after its reusable part; returns one part if nothing is reused. */
export function splitPrompt(call: ModelCall): readonly [string] | readonly [reused: string, ask: string] {
  const at = call.reusable ? (call.reusableLength ?? 0) : 0;
  return at > 0 && at < call.user.length ? [call.user.slice(0, at), call.user.slice(at)] : [call.user];
}
