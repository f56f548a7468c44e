import type { Translate } from './translate.ts';

/**
 * What providers, batches and the scheduler say when a call fails. They know no language but English: their sentences are
 * found again here, as a whole, and said in the user's. `{0}` stands for a host, a name or a number, in order of appearance.
 */
export const providerSentences = {
  auth: '{0} did not accept the API key.',
  quota: 'The account at {0} has no credit left or its spending limit is reached.',
  rateLimit: '{0} asks to go slower: its rate limit is reached.',
  overloaded: '{0} is overloaded at the moment.',
  tooLong: 'The request does not fit what the model at {0} can take at once.',
  refused: 'The model declined to answer.',
  contentFilter: 'The content filter of {0} stopped the request.',
  noModel: '{0} does not have this model, or the account may not use it.',
  badRequest: '{0} refused the request.',
  noEndpoint: 'There is nothing at the address that was asked for on {0}; check the base URL setting.',
  network: 'The connection to {0} failed.',
  stalled: '{0} stopped answering.',
  cancelled: 'The call was cancelled.',
  unknown: '{0} failed with an error of its own.',
  noMemory:
    '{0} has not enough memory for this model with the window that the text needs. Choose a smaller model or context window.',
  unreadable: '{0} sent an answer that cannot be read.',
  endedEarly: 'The answer from {0} ended early: the connection closed before the model was done.',
  notListening: 'Nothing listens at {0}. Is the server running, and is the base URL right?',
  notResolved: 'The name {0} could not be resolved. Check the connection and the base URL.',
  certificate: 'The certificate of {0} was not accepted.',
  broken: 'The connection to {0} failed or broke.',
  brokenOff: '{0} broke the answer off.',
  elsewhere: '{0} named an address on another host. Nothing was sent there.',
  redirect: '{0} answered with a redirect to another address. Nothing was sent there; correct the base URL setting.',
  page: 'A web page came back instead of an answer from {0}: a sign-in page of the network, a proxy, or a wrong base URL.',
  notJson: '{0} answered with something that is not JSON.',
  noList: '{0} did not answer with a list of models.',
  noAnswer: '{0} accepted the connection and did not answer.',
  promptCut:
    '{0} read only {1} of about {2} tokens: its window is smaller than the prompt and it cut the text without saying so.',
  openKey: 'The key would travel to {0} unencrypted. Use an https: address in the base URL setting.',
  noAddress: 'The base URL setting does not hold an http: or https: address.',
  secretAddress:
    'The base URL setting holds a user name, password or fragment; store the key with “Set API Key” instead.',
  keyText: 'The stored API key holds characters that no key has. Set it again.',
  noModelChosen: 'No model is chosen for the compatible server. Use “Select Model”.',
  noEditorModel: 'VS Code offers no language model. Sign in to Copilot, or give VS Code a key of another provider.',
  editorModelGone: 'VS Code no longer offers the chosen language model. Use “Select Model”.',
  editorForbids: 'VS Code does not let Précis use the models of {0}. Allow it when asked, or in the Accounts menu.',
  editorBlocks: '{0} blocks further requests: its quota may be used up.',
  offline: 'The offline summary uses no model.',
  noBatches: '{0} offers no batches at half the price. Summarize there as usual, or choose another provider.',
  batchNotTaken: 'The provider did not take the batch.',
  batchRefused: 'The provider refused the batch.',
  longWait: '{0} The provider asks to wait {1} minutes.',
  lineEnded: 'The connection ended before the answer was complete.',
  slept: 'The connection did not survive the sleep of this machine.',
  silent: 'The model was silent for {0} seconds.',
  slow: 'The answer came far slower than usual.',
  late: 'No answer for far longer than usual.',
  filtered: 'The provider’s filter stopped the answer.',
  noFit: 'The text does not fit the model.',
  empty: 'The model gave an empty answer.',
  nothingRead: 'No part of the text could be read.',
  wholeTooLong: 'This text is too long to be read as a whole. Select a part of it, or split the file.',
  noText: 'There is no text to summarize.',
  wasCancelled: 'Cancelled.',
} as const;

/** Names of providers and of what they ask for that are words, not brands. */
export const providerNames = {
  compatible: 'OpenAI-compatible server',
  vscode: 'VS Code language models',
  llamaCpp: 'llama.cpp server',
  offline: 'Offline (no model, nothing leaves this machine)',
  resource: 'resource',
} as const;

interface Pattern {
  readonly template: string;
  readonly fits: RegExp;
}

/** Longer than any sentence of a provider: not looked at. */
const longest = 1_000;
/** What a server gave as its reason, in its own codes, before the full stop. */
const detail = /^(.*?)( \([^()]*\))\.$/;
let patterns: readonly Pattern[] | undefined;

/**
 * A provider's sentence in the user's language, with hosts, names, numbers and codes as they were; what fits no template as
 * a whole stays as it is.
 */
export function providerSentence(message: string, t: Translate): string {
  if (message.length > longest) return message;
  const known = whole(message, t);
  if (known !== undefined) return known;
  const [, sentence, codes] = detail.exec(message) ?? [];
  const said = sentence === undefined ? undefined : whole(`${sentence}.`, t);
  return said === undefined ? message : said.replace(/[.。]?$/, (end) => `${codes}${end}`);
}

/** A provider's name in the user's language; brands are the same in all. */
export function providerName(name: string, t: Translate): string {
  const known = Object.values(providerNames).find((text) => text === name);
  return known === undefined ? name : t(known);
}

/** Two sentences beside each other, as the script of the first wants it. */
export function besides(first: string, second: string): string {
  return [first, second].filter(Boolean).join(/[。！？]$/.test(first) ? '' : ' ');
}

function whole(message: string, t: Translate): string | undefined {
  patterns ??= Object.values(providerSentences)
    .map((template) => ({ template, fits: patternOf(template) }))
    .sort((a, b) => b.template.length - a.template.length);
  for (const { template, fits } of patterns) {
    const found = fits.exec(message);
    if (found) return t(template, ...found.slice(1).map((value) => providerSentence(providerName(value, t), t)));
  }
  return undefined;
}

function patternOf(template: string): RegExp {
  const literals = template.split(/\{\d\}/).map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literals.join('(.+?)')}$`);
}
