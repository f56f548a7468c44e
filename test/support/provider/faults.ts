/** What can go wrong, when, and how often. */
import type { Asked, GuessedStage } from './types.ts';

export type FaultKind =
  | 'status' // `status` with the vendor's body
  | 'rate-limit' // 429; `retryAfter` in seconds, absent: no header
  | 'quota' // credit used up
  | 'model-gone' // 404
  | 'auth' // 401
  | 'forbidden' // 403
  | 'window' // context smaller than believed: `tokens`
  | 'parameter' // `parameter` is refused when the request has it
  | 'proxy-auth' // 407 of a proxy on the way
  | 'reset-before-headers'
  | 'reset-midway'
  | 'end-early' // ends cleanly midway, without a finish
  | 'done-without-finish'
  | 'stall-before-headers'
  | 'stall-midway'
  | 'portal' // 200 with a portal's HTML
  | 'error-event' // an error within the stream
  | 'broken-json'
  | 'empty'
  | 'length'
  | 'content-filter'
  | 'refusal'
  | 'no-usage'
  | 'split-packets' // characters and events in separate writes
  | 'slow' // a token each `ms`, default 1,000
  | 'huge' // an answer of `bytes`, default 5 MB
  | 'other-protocol' // the server speaks something that is not HTTP
  | 'redirect' // `status` to `to`
  | 'keep-alive' // comments between events
  | 'think' // <think> … </think> before the answer
  | 'think-begun' // … </think> before the answer: the opening tag stands in the prompt
  | 'reasoning' // reasoning in fields of its own
  | 'crlf'
  | 'whole' // `stream` is ignored: the answer comes as one JSON
  | 'finish-each' // a finish reason with every piece (chat wire: gateways to Gemini)
  | 'no-done';

export interface FaultedRequest {
  readonly path: string;
  readonly method: string;
  /** Absent where no answer is asked for (models, files, batches). */
  readonly asked?: Asked;
  readonly stage: GuessedStage;
}

export interface Fault {
  readonly kind: FaultKind;
  /**
   * Number: from the n-th request that this fault looks at, counted from 1. Function: the requests it is true for. Absent: the first.
   */
  readonly at?: number | ((request: FaultedRequest) => boolean);
  /** How many requests it hits; `Infinity`: for good. Default 1. */
  readonly times?: number;
  /** Looks only at requests of this stage, and counts only these. */
  readonly stage?: GuessedStage;
  /** Paths that it looks at; absent: requests for an answer. */
  readonly path?: RegExp;
  readonly status?: number;
  readonly message?: string;
  readonly retryAfter?: number;
  readonly to?: string;
  readonly tokens?: number;
  readonly parameter?: string;
  readonly bytes?: number;
  readonly ms?: number;
  /** Share of the answer after which a midway fault comes; default a half. */
  readonly share?: number;
}

export interface FaultList {
  /** The fault to play on this request: the first of the list that is due. Counts the request for all. */
  next(request: FaultedRequest): Fault | undefined;
}

export function createFaults(faults: readonly Fault[]): FaultList {
  const states = faults.map((fault) => ({ fault, seen: 0, hits: 0 }));
  return {
    next(request) {
      let due: (typeof states)[number] | undefined;
      for (const state of states) {
        if (!looksAt(state.fault, request)) continue;
        state.seen++;
        if (due === undefined && isDue(state.fault, state.seen, state.hits, request)) due = state;
      }
      if (due !== undefined) due.hits++;
      return due?.fault;
    },
  };
}

function looksAt(fault: Fault, request: FaultedRequest): boolean {
  if (fault.stage !== undefined && fault.stage !== request.stage) return false;
  return fault.path === undefined ? request.asked !== undefined : fault.path.test(request.path);
}

function isDue(fault: Fault, seen: number, hits: number, request: FaultedRequest): boolean {
  if (hits >= (fault.times ?? 1)) return false;
  return typeof fault.at === 'function' ? fault.at(request) : seen >= (fault.at ?? 1);
}

export const portalPage =
  '<!doctype html><html><head><title>Guest network</title></head><body><form action="/login"><p>Please accept the terms.</p></form></body></html>';
