/** What can go wrong with a call, and what must then be true of the run. */
import type { Fault } from '../support/provider/index.ts';

/**
 * `harmless`: nothing may be noticed. `passing`: the same call can succeed later. `lasting`: asking again does not help, other calls may
 * work. `account`: no call of the account can succeed. `window`: a smaller request helps.
 */
export type Nature = 'harmless' | 'passing' | 'lasting' | 'account' | 'window';

export interface Row {
  readonly name: string;
  readonly nature: Nature;
  readonly fault: Fault;
  /** Wires that have it; absent: all. */
  readonly wires?: readonly WireName[];
}

export type WireName = 'chat' | 'responses' | 'messages';

export const wires = {
  chat: { provider: 'openai-compatible', flavour: 'compatible', model: 'some-model' },
  responses: { provider: 'openai', flavour: 'openai', model: 'gpt-6.1-terra' },
  messages: { provider: 'anthropic', flavour: 'anthropic', model: 'claude-sonnet-5-5' },
} as const;
export const wireNames = Object.keys(wires) as WireName[];

const html = '<html><body><h1>502 Bad Gateway</h1></body></html>';

export const rows: readonly Row[] = [
  { name: '500', nature: 'passing', fault: { kind: 'status', status: 500 } },
  { name: '502 as HTML', nature: 'passing', fault: { kind: 'status', status: 502, message: html } },
  { name: '503', nature: 'passing', fault: { kind: 'status', status: 503 } },
  { name: '529', nature: 'passing', fault: { kind: 'status', status: 529 } },
  { name: '429, wait 2 s', nature: 'passing', fault: { kind: 'rate-limit', retryAfter: 2 } },
  { name: '429, wait 90 s', nature: 'passing', fault: { kind: 'rate-limit', retryAfter: 90 } },
  { name: '429, no time told', nature: 'passing', fault: { kind: 'rate-limit' } },
  { name: 'reset before the headers', nature: 'passing', fault: { kind: 'reset-before-headers' } },
  { name: 'reset midway', nature: 'passing', fault: { kind: 'reset-midway' } },
  { name: 'a clean end without a finish', nature: 'passing', fault: { kind: 'end-early' } },
  { name: '[DONE] without a finish', nature: 'passing', fault: { kind: 'done-without-finish' } },
  { name: 'a stall before the headers', nature: 'passing', fault: { kind: 'stall-before-headers' } },
  { name: 'a stall midway', nature: 'passing', fault: { kind: 'stall-midway' } },
  { name: 'a portal’s page', nature: 'passing', fault: { kind: 'portal' } },
  { name: 'an error event', nature: 'passing', fault: { kind: 'error-event' } },
  { name: 'broken JSON', nature: 'passing', fault: { kind: 'broken-json' } },
  { name: 'an empty answer', nature: 'passing', fault: { kind: 'empty' } },
  { name: 'an answer cut by length', nature: 'passing', fault: { kind: 'length' } },
  { name: 'another protocol', nature: 'passing', fault: { kind: 'other-protocol' } },
  { name: 'a refusal', nature: 'lasting', fault: { kind: 'refusal' } },
  { name: 'a content filter', nature: 'lasting', fault: { kind: 'content-filter' }, wires: ['chat', 'responses'] },
  { name: '400', nature: 'lasting', fault: { kind: 'status', status: 400 } },
  { name: 'a proxy that asks for a password', nature: 'passing', fault: { kind: 'proxy-auth' } },
  { name: 'a redirect', nature: 'lasting', fault: { kind: 'redirect' } },
  { name: 'a smaller window', nature: 'window', fault: { kind: 'window', tokens: 1_200 } },
  { name: '401', nature: 'account', fault: { kind: 'auth' } },
  { name: '403', nature: 'account', fault: { kind: 'forbidden' } },
  { name: 'quota used up', nature: 'account', fault: { kind: 'quota' } },
  { name: 'the model gone', nature: 'account', fault: { kind: 'model-gone' } },
  { name: 'no usage', nature: 'harmless', fault: { kind: 'no-usage' } },
  { name: 'characters split between packets', nature: 'harmless', fault: { kind: 'split-packets' } },
  { name: 'comments between events', nature: 'harmless', fault: { kind: 'keep-alive' } },
  { name: 'reasoning beside the answer', nature: 'harmless', fault: { kind: 'reasoning' } },
  { name: 'lines that end with CR LF', nature: 'harmless', fault: { kind: 'crlf' } },
  { name: 'no [DONE]', nature: 'harmless', fault: { kind: 'no-done' } },
  { name: 'one JSON for a stream', nature: 'harmless', fault: { kind: 'whole' } },
  { name: 'a finish with every piece', nature: 'harmless', fault: { kind: 'finish-each' }, wires: ['chat'] },
  { name: 'thought in the answer', nature: 'harmless', fault: { kind: 'think' }, wires: ['chat'] },
  { name: 'thought without its opening tag', nature: 'harmless', fault: { kind: 'think-begun' }, wires: ['chat'] },
];
