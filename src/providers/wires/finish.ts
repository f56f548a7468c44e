/** Decides how an answer ended, on all wires: finish reason, limit, counts. */
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

/** The parts of a request that are needed to judge its answer. */
export interface Exchange {
  readonly host: string;
  readonly call: ModelCall;
  readonly limits: ModelLimits;
  /** Output tokens allowed, reasoning included. */
  readonly room: number;
  /** Whether it is the vendor's server, which cuts no prompts silently and counts correctly. */
  readonly official: boolean;
}

interface Ending {
  /** In the server's terms. */
  readonly raw: string;
  readonly usage: Usage;
  readonly model?: string;
  /** Whether the model declined in a field of its own. */
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
 * Interprets any vendor's finish reason. An unknown one means an end after a whole sentence, else truncation.
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
 * Yields the rest of an answer and its finish.
 * @throws ModelError if the server failed or cut the prompt silently
 */
export function* finish(exchange: Exchange, answer: AnswerText, ending: Ending): Generator<ModelEvent> {
  const { host, call, official } = exchange;
  const { raw, model } = ending;
  if (!official) checkNotCut(call, ending.usage.inputTokens, host);
  const { runaway } = answer;
  const usage = completeUsage(ending.usage, call, answer);
  const said = runaway ? 'length' : finishReason(raw, host, answer.endsWhole);
  const named = said === 'stop' && isCutInSilence(exchange, usage, answer) ? 'length' : said;
  yield* answer.end(named === 'stop');
  const full = named === 'length' && !runaway && windowFull(exchange, usage, answer);
  const reason = full ? 'too-long' : ending.refused === true && named === 'stop' ? 'refused' : named;
  const cutBy = runaway ? 'runaway' : reachedRoom(exchange, usage) ? 'asked' : 'server';
  yield { type: 'finish', reason, raw, usage, model, ...(reason === 'length' ? { cutBy } : {}) };
}

/** Error of a stream that lacks a finish reason. */
export function broken(exchange: Exchange, answer: AnswerText, counts: StreamCounts): ModelError {
  if (answer.wrote || counts.events > 0) return createEndedEarlyError(exchange.host);
  return counts.unreadable > 0 ? createUnreadableError(exchange.host) : createEmptyAnswerError(exchange.host);
}

const unitsPerToken = 4;

/** Replaces implausible counts by estimates. */
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

/** Minimum share of the allowed tokens at which an unfinished sentence is a cut, because some gateways estimate counts. */
const fullShare = 0.85;

/** Gateways may report an answer as whole that ended at the call's limit, within a sentence. */
function isCutInSilence({ official, room }: Exchange, usage: Usage, answer: AnswerText): boolean {
  const isFull = usage.estimated !== true && (usage.outputTokens ?? 0) >= room * fullShare - 2;
  return !official && isFull && answer.shown && !answer.endsWhole;
}

function reachedRoom(exchange: Exchange, usage: Usage): boolean {
  return (usage.outputTokens ?? 0) >= exchange.room * 0.95 - 2;
}

const minWindow = 1024;
const windowStep = 256;

/**
 * Whether prompt and answer filled the window. If it is unknown, the counts must end at a usual window size or within a
 * sentence.
 */
function windowFull(exchange: Exchange, usage: Usage, answer: AnswerText): boolean {
  const { limits } = exchange;
  const total = (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0);
  if (reachedRoom(exchange, usage) || usage.estimated === true) return false;
  if (limits.known) return total >= limits.contextWindow * 0.95;
  const past = (total + 4) % windowStep;
  return total >= minWindow && (past <= 8 || !answer.endsWhole);
}
