/** Makes one call on any wire, in a form that the endpoint accepts; repeats it only if something in the request was refused. */
import { ModelError, type ModelCall, type ModelEvent, type ModelFinish, type ModelLimits } from '../../engine/model.ts';
import type { Thinking } from './answerText.ts';
import { isEmptyAnswer } from '../errors.ts';
import type { Exchange } from './finish.ts';
import type { Json } from '../http.ts';
import { learn, learnReasoning, getOutputRoom } from '../limits.ts';
import { createMemoryKey, sendAccepted, type Accepted } from './parameters.ts';
import type { ProviderConfig } from '../provider.ts';
import { checkRefused, dropRefusal, keepRefusal } from './refusals.ts';

/** The parts of a call that differ between wires. */
export interface Wire {
  /** Identifies endpoint and wire in `ProviderMemory`. */
  readonly key: string;
  /** Identifies the endpoint in `ProviderMemory`; what is learned about a model holds for all wires. */
  readonly base: string;
  readonly host: string;
  readonly official: boolean;
  /** Builds the body and names its optional parameters. */
  build(
    call: ModelCall,
    limits: ModelLimits,
    accepted: Accepted,
  ): { readonly body: Json; readonly optional: readonly string[] };
  /**
   * Sends the body and returns the response's head.
   * @throws ModelError
   */
  open(body: Json, signal: AbortSignal): Promise<Response>;
  read(response: Response, exchange: Exchange, signal: AbortSignal, thinking: Thinking): AsyncIterable<ModelEvent>;
  /** Output tokens that a body allows; undefined if it names none. */
  roomOf(body: Json): number | undefined;
}

/** Number of consecutive empty answers of an endpoint, by wire. */
const empties = new Map<string, number>();
const stopNames: ReadonlySet<string> = new Set(['stop', 'stop_sequences']);
const streamNames: ReadonlySet<string> = new Set(['stream', 'stream_options']);
const tierNames: ReadonlySet<string> = new Set(['service_tier']);
const nothing: ReadonlySet<string> = new Set();

/**
 * Streams the answer to one call. After a second empty answer it repeats the call without `stream`, whose error names the
 * reason; after an answer that ended at the stop sequence before any text, without that sequence.
 * @param held limits of this call that differ from the model's, such as Ollama's window for a run
 * @throws ModelError
 */
export async function* askModel(
  config: ProviderConfig,
  wire: Wire,
  limits: ModelLimits,
  call: ModelCall,
  signal: AbortSignal,
  held: ModelLimits = limits,
): AsyncGenerator<ModelEvent> {
  const refusalKey = `${config.account} ${wire.base} ${config.model}`;
  checkRefused(refusalKey, wire.host, call);
  try {
    const ended = yield* attemptAtTier(config, wire, limits, held, call, signal);
    if (ended === undefined) {
      yield* withoutOpen(attempt(config, wire, limits, held, call, signal, streamNames));
    } else if (ended === 'at-stop') {
      yield* withoutOpen(attempt(config, wire, limits, held, call, signal, stopNames));
    }
    dropRefusal(refusalKey, call);
  } catch (error) {
    learn(config, wire.base, error);
    keepRefusal(refusalKey, call, error);
    if (error instanceof ModelError && error.said !== undefined) {
      config.log?.(`${wire.host} said (${error.kind}, HTTP ${error.status ?? '-'}): “${error.said}”`);
    }
    throw error;
  }
}

/** Makes the first attempt; if the slower tier has no room, which costs nothing, tries the default tier. */
async function* attemptAtTier(
  config: ProviderConfig,
  wire: Wire,
  limits: ModelLimits,
  held: ModelLimits,
  call: ModelCall,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent, 'done' | 'at-stop' | undefined> {
  try {
    return yield* attempt(config, wire, limits, held, call, signal, nothing);
  } catch (error) {
    // a failure with a status precedes the answer
    const isFull = error instanceof ModelError && error.status === 429 && error.kind !== 'quota';
    if (config.serviceTier === undefined || !wire.official || !isFull) throw error;
    config.log?.(`${config.model}: the flex tier has no room; going on at the default tier`);
    return yield* attempt(config, wire, limits, held, call, signal, tierNames);
  }
}

/** Returns `done` after the finish event; `at-stop` or undefined if the call must be sent in another form. */
async function* attempt(
  config: ProviderConfig,
  wire: Wire,
  limits: ModelLimits,
  held: ModelLimits,
  call: ModelCall,
  signal: AbortSignal,
  without: ReadonlySet<string>,
): AsyncGenerator<ModelEvent, 'done' | 'at-stop' | undefined> {
  const build = (accepted: Accepted) =>
    wire.build(call, limits, { ...accepted, has: (name) => !without.has(name) && accepted.has(name) });
  const sent = await sendAccepted(config, wire.key, build, (body) => wire.open(body, signal));
  const room = wire.roomOf(sent.body) ?? getOutputRoom(call, limits);
  const exchange: Exchange = { host: wire.host, call, limits: held, room, official: wire.official };
  const emptyKey = `${config.account} ${wire.key}`;
  let wrote = false;
  try {
    for await (const event of wire.read(sent.answer, exchange, signal, chooseThinking(config, wire))) {
      wrote ||= event.type === 'text';
      if (event.type === 'finish' && stopsFirst(event, wrote, call, sent.body, without)) return 'at-stop';
      yield event;
    }
    empties.delete(emptyKey);
    return 'done';
  } catch (error) {
    if (!isEmptyAnswer(error) || without.size > 0) throw error;
    const times = (empties.get(emptyKey) ?? 0) + 1;
    empties.set(emptyKey, times);
    if (times < 2) throw error;
    empties.delete(emptyKey);
    return undefined;
  }
}

function stopsFirst(
  event: ModelFinish,
  wrote: boolean,
  call: ModelCall,
  body: Json,
  without: ReadonlySet<string>,
): boolean {
  const sent = call.stop !== undefined && JSON.stringify(getStops(body)).includes(JSON.stringify(call.stop));
  return event.reason === 'stop' && !wrote && sent && without.size === 0;
}

function getStops(body: Json): unknown {
  const options = body['options'] as { readonly stop?: unknown } | undefined;
  return body['stop'] ?? body['stop_sequences'] ?? options?.stop ?? null;
}

async function* withoutOpen(events: AsyncIterable<ModelEvent>): AsyncGenerator<ModelEvent> {
  for await (const event of events) {
    if (event.type !== 'open') yield event;
  }
}

function chooseThinking(config: ProviderConfig, wire: Wire): Thinking {
  const begunKey = createMemoryKey(config, wire.base, 'thought begun');
  return {
    begun: config.memory.get(begunKey) === true,
    onReasoning: () => learnReasoning(config, wire.base),
    onBegun: (begun) => config.memory.set(begunKey, begun),
  };
}

/** Whether an endpoint lacks the requested path, so that another wire may work. */
export function isMissing(error: unknown): boolean {
  return (
    error instanceof ModelError &&
    error.kind !== 'no-model' &&
    (error.status === 404 || error.status === 405 || error.status === 501)
  );
}
