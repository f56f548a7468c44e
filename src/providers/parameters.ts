/** Parameters that a server refuses are dropped, remembered for its endpoint and model, and the call goes on. */
import { ModelError, type ModelErrorKind } from '../engine/model.ts';
import { toldBy } from './errors.ts';
import type { Json } from './http.ts';
import type { ProviderConfig, ProviderMemory } from './provider.ts';

/** A place in `ProviderMemory`, for one endpoint and model. */
export function memoryKey(config: ProviderConfig, base: string, what: string): string {
  return `${what} ${base} ${config.model}`;
}

export function remembered(memory: ProviderMemory, key: string): readonly string[] {
  const value = memory.get(key);
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

const refusal =
  /unsupported|not support|unknown|unrecognized|unexpected|not (?:permitted|allowed|available|recognized|compatible)|extra (?:inputs|fields)|invalid|deprecated|does not|doesn't|cannot|only|additional propert|no longer|incompatible/i;

/** A model that "does not support" a parameter can read like a model that is not supported. */
const mayNameParameter: readonly ModelErrorKind[] = ['bad-request', 'no-model'];

/** Which of the parameters that were sent the error is about; undefined where it is about something else. */
export function refusedParameter(error: unknown, sent: readonly string[]): string | undefined {
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
  return refusal.test(`${told.code} ${told.message}`) ? sent.find((name) => mentions(told.message, name)) : undefined;
}

function mentions(message: string, name: string): boolean {
  return new RegExp(`(?<![\\w.])${name}(?![\\w])`, 'i').test(message);
}

/** The most output tokens that a model gives, where an error names it. */
function outputCap(error: unknown): number | undefined {
  const message = error instanceof ModelError && error.status === 400 ? (toldBy(error)?.message ?? '') : '';
  const found =
    /at most ([\d,]+) (?:completion|output) tokens/i.exec(message) ??
    /max_tokens`?:? *[\d,]+ *> *([\d,]+)/i.exec(message) ??
    /max_(?:completion_|output_)?tokens\b.{0,60}(?:less than or equal to|must be (?:<=|at most)|range of \[1,) *`?([\d,]+)/i.exec(
      message,
    );
  const tokens = Number(found?.[1]?.replaceAll(',', '') ?? 0);
  return tokens > 0 ? tokens : undefined;
}

/** What a request is built around: what the endpoint refuses, and the most output it gives. */
export interface Accepted {
  has(parameter: string): boolean;
  readonly outputCap: number;
}

/**
 * Sends a request without what this endpoint and model refused before. A refusal that names a parameter drops that one, a limit
 * of the output is obeyed, and the request is sent again: the wire's dialect is learned, nothing is tried twice.
 *
 * @param build the body, and the names of those parameters in it that it can do without.
 */
export async function sendAccepted<T>(
  config: ProviderConfig,
  base: string,
  build: (accepted: Accepted) => { readonly body: Json; readonly optional: readonly string[] },
  send: (body: Json) => Promise<T>,
): Promise<T> {
  const refusedKey = memoryKey(config, base, 'refused');
  const capKey = memoryKey(config, base, 'output');
  const refused = new Set(remembered(config.memory, refusedKey));
  for (;;) {
    const known = config.memory.get(capKey);
    const cap = typeof known === 'number' && known > 0 ? known : Number.POSITIVE_INFINITY;
    const { body, optional } = build({ has: (parameter) => !refused.has(parameter), outputCap: cap });
    try {
      return await send(body);
    } catch (error) {
      const told = outputCap(error);
      if (told !== undefined && told < cap) {
        config.memory.set(capKey, told);
        continue;
      }
      const name = refusedParameter(error, optional);
      if (name === undefined || refused.has(name)) {
        throw error;
      }
      refused.add(name);
      config.memory.set(refusedKey, [...refused]);
      config.log?.(`${config.model}: the server refuses the parameter ${name}; going on without it`);
    }
  }
}
