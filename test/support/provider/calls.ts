/** One request for an answer, from its budget to its last byte. */
import { compose, promptTokens, refusalOf } from './compose.ts';
import { deliver } from './deliver.ts';
import { refuse } from './errors.ts';
import type { Fault } from './faults.ts';
import { paceOf } from './latency.ts';
import { hash32 } from '../random.ts';
import { sendJson, type Exchange } from './state.ts';
import type { Answer, Asked, Refusal, Wire } from './types.ts';

export async function answerCall(
  exchange: Exchange,
  wire: Wire,
  asked: Asked,
  fault: Fault | undefined,
): Promise<void> {
  const { state, entry, response, signal } = exchange;
  const { options } = state;
  if (!serves(exchange, wire))
    return refuseCall(exchange, wire, { kind: 'not-found', path: `${entry.method} ${entry.path}` });
  entry.promptTokens = promptTokens(asked, options);
  const refusal = refusalOf(asked, options, entry.headers['anthropic-version'], fault);
  if (refusal !== undefined) return refuseCall(exchange, wire, refusal);
  const reserved = options.rate?.reserveOutput && Number.isFinite(asked.maxTokens) ? asked.maxTokens : 0;
  const short = state.rate.take(entry.promptTokens + reserved, performance.now());
  if (short !== undefined) return refuseCall(exchange, wire, { kind: 'rate-limit', ...short });
  const headers = rateHeaders(exchange, wire);
  entry.isAccepted = true;
  const share = options.promptCache ? state.promptCache.look(asked, performance.now()) : undefined;
  const answer = await compose(asked, entry, options, fault, share);
  entry.promptTokens = answer.inputTokens;
  entry.cachedTokens = answer.cachedTokens;
  entry.cacheWriteTokens = answer.cacheWriteTokens;
  if (asked.body['service_tier'] === 'flex') entry.isFlex = true;
  entry.outputTokens = answer.outputTokens;
  entry.finish = answer.finish;
  const text = `${asked.model}\n${asked.system}\n${asked.user}`;
  const pace = paceOf(options.latency ?? {}, answer.inputTokens, text, repeatOf(exchange, text));
  const onHead = (): void => share?.begin(performance.now());
  const work = (): Promise<void> => {
    const startedAt = state.slots === undefined ? entry.startedAt : performance.now();
    return deliver({ response, wire, asked, answer, pace, fault, entry, startedAt, headers, signal, onHead });
  };
  await (state.slots?.(work) ?? work());
  if (reserved === 0) chargeOutput(exchange, answer);
}

function chargeOutput({ state, signal }: Exchange, answer: Answer): void {
  if (!signal.aborted) state.rate.charge(answer.outputTokens, performance.now());
}

function serves({ state, entry }: Exchange, wire: Wire): boolean {
  const flavour = state.options.flavour ?? 'cloud';
  switch (wire.id) {
    case 'responses':
      return flavour === 'cloud' || flavour === 'openai';
    case 'messages':
      return (
        (flavour === 'cloud' || flavour === 'anthropic') &&
        knowsVersion(state.options.anthropicAuth, entry.headers['anthropic-version'])
      );
    case 'ollama':
      return flavour === 'ollama';
    default:
      return flavour !== 'anthropic';
  }
}

function knowsVersion(auth: 'both' | 'x-api-key' | undefined, version: string | undefined): boolean {
  return auth !== 'x-api-key' || version === '2023-06-01';
}

export function refuseCall({ state, entry, response }: Exchange, wire: Pick<Wire, 'id'>, refusal: Refusal): void {
  const error = refuse(refusal, state.options.flavour ?? 'cloud', wire.id, entry.number);
  sendJson(response, error.status, error.body, { ...rateHeaders({ state, entry }, wire), ...error.headers });
}

export function rateHeaders(
  { state, entry }: Pick<Exchange, 'state' | 'entry'>,
  wire: Pick<Wire, 'id'>,
): Record<string, string> {
  const anthropic = wire.id === 'messages';
  const id = `req_sim_${entry.number}`;
  return {
    [anthropic ? 'request-id' : 'x-request-id']: id,
    ...state.rate.headers(state.options.flavour ?? 'cloud', anthropic, performance.now()),
  };
}

function repeatOf({ state }: Exchange, text: string): number {
  const { latency } = state.options;
  if (!latency?.jitter && !latency?.stragglers) return 0;
  const key = hash32(text);
  const count = state.repeats.get(key) ?? 0;
  state.repeats.set(key, count + 1);
  return count;
}
