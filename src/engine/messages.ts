/** English messages; `host/` translates them. */

/** Translates `message` and fills `{0}`, `{1}` …; same shape as `vscode.l10n.t`. */
export type Translate = (message: string, ...args: readonly (string | number | boolean)[]) => string;

/** Placeholders without an argument stay. */
export const english: Translate = (message, ...args) =>
  message.replace(/\{(\d+)\}/g, (whole, index: string) => String(args[Number(index)] ?? whole));

/** `{0}` is the host or provider unless noted. The first thirteen codes match `ModelErrorKind`. */
export const errorMessages = {
  auth: '{0} did not accept the API key.',
  quota: 'The account at {0} has no credit left or its spending limit is reached.',
  'quota-period': '{0} allows no more for now: the quota of the day or month is used up.',
  // {1}: a time, or date and time
  'quota-until': '{0} allows no more before {1}: the quota is used up.',
  'rate-limit': '{0} asks for a slower pace: its rate limit is reached.',
  overloaded: '{0} is overloaded at the moment.',
  'too-long': 'The request does not fit what the model at {0} can take at once.',
  refused: 'The model declined to answer.',
  'content-filter': 'The content filter of {0} stopped the request.',
  'no-model': '{0} does not have this model, or the account may not use it.',
  'not-allowed': 'The account at {0} may not use this model.',
  'no-key': '{0} asks for an API key, and none is set.',
  'upstream-auth': 'The key of {0} for the provider behind it was not accepted.',
  'bad-request': '{0} refused the request.',
  'no-endpoint': 'This address doesn’t exist on {0}. Check the base URL.',
  network: 'The connection to {0} failed.',
  stalled: '{0} stopped answering.',
  cancelled: 'Cancelled.',
  unknown: '{0} failed with an error of its own.',
  'no-memory':
    '{0} doesn’t have enough memory for this model with the window that the text needs. Choose a smaller model or context window.',
  unreadable: '{0} sent an answer that cannot be read.',
  'ended-early': 'The answer from {0} ended early: the connection closed before the model was done.',
  'not-listening': 'Can’t reach {0}. Start the server or change the base URL.',
  'not-resolved': 'The name {0} could not be resolved. Check the connection and the base URL.',
  certificate: 'The certificate of {0} was not accepted.',
  broken: 'The connection to {0} failed or broke.',
  'broken-off': '{0} ended the answer early.',
  elsewhere: '{0} named an address on another host. Nothing was sent there.',
  redirect: '{0} answered with a redirect to another address. Nothing was sent there; correct the base URL setting.',
  page: 'A web page came back instead of an answer from {0}: a sign-in page of the network, a proxy, or a wrong base URL.',
  'not-json': '{0} answered with something that is not JSON.',
  endless: '{0} sent an answer that is too large or does not end.',
  'no-list': '{0} did not answer with a list of models.',
  'no-answer': '{0} accepted the connection and did not answer.',
  // {1}: tokens read, {2}: tokens sent
  'prompt-cut':
    '{0} read only {1} of about {2} tokens: its window is smaller than the prompt and it cut the text without saying so.',
  'open-key': 'The key would travel to {0} unencrypted. Use an https: address in the base URL setting.',
  'no-address': 'The base URL is not an address that begins with https:// or http://.',
  'secret-address': 'The base URL holds a user name, password or fragment. Store the key with “Set API Key” instead.',
  'key-text': 'The stored API key contains characters that no key has. Set it again.',
  'no-model-chosen': 'No model is chosen for the compatible server. Use “Select Model”.',
  'no-editor-model': 'VS Code offers no language model. Sign in to Copilot, or give VS Code a key of another provider.',
  'editor-model-gone': 'VS Code no longer offers the chosen language model. Use “Select Model”.',
  'editor-forbids': 'VS Code does not let Précis use the models of {0}. Allow it when asked, or in the Accounts menu.',
  'editor-blocks': '{0} blocks further requests: its quota may be used up.',
  offline: 'The offline summary uses no model.',
  'no-batches': '{0} offers no batches at half the price. Summarize there as usual, or choose another provider.',
  'batch-not-taken': 'The provider did not take the batch.',
  'batch-refused': 'The provider refused the batch.',
  'long-wait': 'The provider asks to wait {0} minutes.',
  'line-ended': 'The connection ended before the answer was complete.',
  slept: 'The connection was lost while the computer slept.',
  silent: 'The model was silent for {0} seconds.',
  slow: 'The answer came far slower than usual.',
  late: 'No answer for far longer than usual.',
  filtered: 'The provider’s filter stopped the answer.',
  'no-fit': 'The text does not fit the model.',
  'no-part-fits':
    '{0} refuses even small parts of the text as too long. Start the server with a larger context window, or choose another model.',
  empty: 'The model gave an empty answer.',
  'nothing-read': 'No part of the text could be read.',
  'whole-too-long': 'This text is too long to be read as a whole. Select a part of it, or split the file.',
  'no-text': 'There is no text to summarize.',
  // {0}: model, {1}: limit in USD
  'price-unknown':
    'The price of {0} isn’t known, so the cost limit of ${1} can’t be applied. Set its price in “precis.prices”.',
  // {0}: limit in USD, {1}: amount that is needed
  'cost-limit-needs': 'The cost limit of ${0} allows no request. This summary needs up to ${1}.',
  'cost-limit': 'The cost limit of ${0} is reached.',
} as const;

/** Codes are stable, because batch jobs store them. */
export type ErrorCode = keyof typeof errorMessages;

/** Failure as data, translated for display. */
export interface ErrorText {
  readonly code: ErrorCode;
  readonly args?: readonly (string | number)[];
  /** Server codes, such as `HTTP 429, rate_limit`. */
  readonly detail?: string;
}

/** Text the engine writes into summaries. */
export const summaryPhrases = {
  nothing: 'The model found nothing worth noting in this text.',
  cut: 'The model’s answer was cut off here and could not be finished.',
  repeated: 'The model began to repeat itself here; its answer was stopped.',
  unreliable:
    'The model is unreliable here: too little of its answer is from the text. Choose a larger model or the offline summary.',
  offline: '**Found without a model:**',
  notRead: '**Not read:** {0}.',
  budget: '**Only counted:** {0} records of {1} kinds, lines {2}–{3}.',
  line: 'line {0}',
  lines: 'lines {0}–{1}',
  of: '{0} of {1}',
  more: 'and {0} more',
  unread: 'Can’t be read',
  notes: 'The summary could not be written ({0}). These are the notes that were taken:',
} as const;

/** Returns the translated message. */
export function describeError({ code, args = [], detail = '' }: ErrorText, translate: Translate = english): string {
  const sentence = translate(errorMessages[code], ...args);
  return detail === '' ? sentence : sentence.replace(/[.。]?$/, (end) => ` (${detail})${end}`);
}

/** A full-width full stop needs no space. */
export function joinSentences(first: string, second: string): string {
  return [first, second].filter(Boolean).join(/[。！？]$/.test(first) ? '' : ' ');
}
