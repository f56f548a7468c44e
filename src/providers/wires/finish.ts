/** How an answer ended, on every wire: finish reason, limit, counts. */
import {
  ModelError,
  type FinishReason,
  type ModelCall,
  type ModelEvent,
  type ModelLimits,
  type Usage,
} from '../../engine/model.ts';
import type { AnswerText } from './answerText.ts';
import { createEmptyAnswerError, createEndedEarlyError, createUnreadableError } from '../errors.ts';
import { checkNotCut } from '../limits.ts';
import type { StreamCounts } from '../stream.ts';

/** The request, as needed to judge its answer. */
export interface Exchange {
  readonly host: string;
  readonly call: ModelCall;
  readonly limits: ModelLimits;
  /** Output tokens allowed, reasoning included. */
  readonly room: number;
  /** The vendor's server: cuts no prompts silently, counts right. */
  readonly official: boolean;
}

/** The wire's report at the end of an answer. */
export interface Ending {
  /** The server's word for the reason. */
  readonly raw: string;
  readonly usage: Usage;
  readonly model?: string;
  /** The model declined in its own field. */
  readonly refused?: boolean;
}

const stops = new Set([
  ...[
    'stop',
    'eos',
    'eos_token',
    'end_turn',
    'stop_sequence',
    'complete',
    'completed',
    'end',
    'eos_reached',
    'finished',
  ],
  ...['tool_calls', 'function_call', 'tool_use'],
]);
const lengths = new Set(['length', 'max_tokens', 'model_length', 'max_output_tokens', 'max_length', 'token_limit']);
const failures = new Set(['error', 'insufficient_system_resource', 'abort', 'cancelled', 'failed', 'network_error']);

/**
 * Any vendor's word. An unknown one is an end after a whole sentence, else a cut.
 *
 * @throws ModelError for a server failure
 */
export function finishReason(raw: string, host: string, endsWhole = false): FinishReason {
  const word = raw.toLowerCase();
  if (failures.has(word)) throw new ModelError({ kind: 'overloaded', code: 'broken-off', args: [host], detail: word });
  if (/filter|safety|prohibited|blocklist|recitation|sensitive/.test(word)) return 'content-filter';
  if (word === 'refusal') return 'refused';
  if (word === 'model_context_window_exceeded' || word === 'context_length_exceeded') return 'too-long';
  if (stops.has(word)) return 'stop';
  return !lengths.has(word) && endsWhole ? 'stop' : 'length';
}

/**
 * The rest of an answer and its finish.
 *
 * @throws ModelError where the server failed or silently cut the prompt
 */
export function* finish(exchange: Exchange, answer: AnswerText, ending: Ending): Generator<ModelEvent> {
  const { host, call, official } = exchange;
  const { raw, model } = ending;
  if (!official) checkNotCut(call, ending.usage.inputTokens, host);
  const { runaway } = answer;
  const named = runaway ? 'length' : finishReason(raw, host, answer.endsWhole);
  yield* answer.end(named === 'stop');
  const usage = completeUsage(ending.usage, call, answer);
  const full = named === 'length' && !runaway && windowFull(exchange, usage, answer);
  const reason = full ? 'too-long' : ending.refused === true && named === 'stop' ? 'refused' : named;
  const cutBy = runaway ? 'runaway' : reachedRoom(exchange, usage) ? 'asked' : 'server';
  yield { type: 'finish', reason, raw, usage, model, ...(reason === 'length' ? { cutBy } : {}) };
}

/** The error of a stream without a finish reason. */
export function broken(exchange: Exchange, answer: AnswerText, counts: StreamCounts): ModelError {
  if (answer.wrote || counts.events > 0) return createEndedEarlyError(exchange.host);
  return counts.unreadable > 0 ? createUnreadableError(exchange.host) : createEmptyAnswerError(exchange.host);
}

const unitsPerToken = 4;

/** Replaces impossible counts by our estimate. */
export function completeUsage(told: Usage, call: ModelCall, answer: AnswerText): Usage {
  const input = told.inputTokens ?? 0;
  const output = told.outputTokens ?? 0;
  if (input > 0 && (output > 0 || !answer.wrote)) return told;
  return {
    ...told,
    inputTokens: input > 0 ? input : Math.ceil(call.inputTokens),
    outputTokens: output > 0 ? output : Math.ceil(answer.units / unitsPerToken),
    estimated: true,
  };
}

function reachedRoom(exchange: Exchange, usage: Usage): boolean {
  return (usage.outputTokens ?? 0) >= exchange.room * 0.95 - 2;
}

/** Smaller windows are not used for summaries. */
const minWindow = 1024;
/** Windows are set in steps of this. */
const windowStep = 256;

/**
 * Whether prompt and answer filled the window. With an unknown window, which looks like an output limit, the counts
 * must end at
 * a step of windows or within a sentence.
 */
function windowFull(exchange: Exchange, usage: Usage, answer: AnswerText): boolean {
  const { limits } = exchange;
  const total = (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0);
  if (reachedRoom(exchange, usage) || usage.estimated === true) return false;
  if (limits.known) return total >= limits.contextWindow * 0.95;
  const past = (total + 4) % windowStep;
  return total >= minWindow && (past <= 8 || !answer.endsWhole);
}
