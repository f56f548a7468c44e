import { describeError, joinSentences, type ErrorCode, type ErrorText, type Translate } from '../engine/messages.ts';
import { describeFailure, type ModelErrorData, type ModelErrorKind } from '../engine/model.ts';
import type { ErrorAction, ErrorView } from '../shared/runView.ts';
import { addressSettings, type ProviderId, type SettingId } from '../contributions.ts';
import { translateProviderName } from './providerNames.ts';

/** A setting prevents the run; a button opens that setting. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
  readonly setting: SettingId;

  constructor(message: string, setting: SettingId) {
    super(message);
    this.setting = setting;
  }
}

/**
 * Creates a sentence and buttons for any error. Foreign text is never shown.
 * @param provider whose address a button opens
 */
export function createErrorView(error: unknown, t: Translate, provider?: string): ErrorView {
  if (isModelError(error)) return createModelErrorView(error, t, provider);
  if (error instanceof Error && error.name === 'SourceError')
    return { kind: 'source', message: error.message, actions: sourceActions[findFix(error)] };
  if (error instanceof SettingError)
    return { kind: 'source', message: error.message, actions: ['openSettings'], setting: error.setting };
  if (isCancel(error)) return { kind: 'cancelled', message: t('Cancelled.'), actions: ['retry'] };
  return {
    kind: 'unknown',
    message: t('Something went wrong inside Précis. The log has the details.'),
    actions: ['retry', 'showLog'],
  };
}

type SourceFix = 'file' | 'again' | 'offline' | 'provider' | 'none';

/** Actions for a text that could not be summarized; trying again is offered only if it may work. */
const sourceActions: Readonly<Record<SourceFix, readonly ErrorAction[]>> = {
  file: ['pickFile'],
  again: ['retry'],
  offline: ['offline'],
  provider: ['selectProvider'],
  none: [],
};

/** Checks members, because `instanceof` fails for errors of another bundle. */
function findFix(error: Error): SourceFix {
  const { fix } = error as { readonly fix?: unknown };
  return typeof fix === 'string' && fix in sourceActions ? (fix as SourceFix) : 'file';
}

/** Whether it is a cancelled request of any library. */
export function isCancel(error: unknown): boolean {
  if (isModelError(error)) return error.kind === 'cancelled';
  return (
    error instanceof Error &&
    (error.name === 'Canceled' || error.name === 'AbortError' || error.name === 'CancellationError')
  );
}

/** Checks members, because `instanceof` fails for errors of another bundle. */
function isModelError(error: unknown): error is ModelErrorData & Error {
  return error instanceof Error && error.name === 'ModelError' && 'kind' in error;
}

/** Translates a failure; keeps the words of others. */
export function translateError(problem: string | ErrorText, t: Translate): string {
  return typeof problem === 'string' ? problem : describeError(problem, withNames(t));
}

function withNames(t: Translate): Translate {
  return (message, ...args) =>
    t(message, ...args.map((value) => (typeof value === 'string' ? translateProviderName(value, t) : value)));
}

/** Errors about the text, before anything was sent. */
const sourceCodes: ReadonlySet<ErrorCode | undefined> = new Set<ErrorCode>(['no-text', 'whole-too-long']);

function createModelErrorView(error: ModelErrorData, t: Translate, provider: string | undefined): ErrorView {
  const said = describeFailure(error, withNames(t)).trim();
  if (sourceCodes.has(error.code)) return { kind: 'source', message: said, actions: ['pickFile'] };
  const help = helps[error.code ?? error.kind] ?? helps[error.kind] ?? helps.unknown;
  const ended = /[.!?。！？]$/.test(said) ? said : `${said}.`;
  const message = said ? joinSentences(ended, help.hint && t(help.hint)) : t(help.sentence);
  const setting = help.setting === 'baseUrl' ? addressSetting(provider) : help.setting;
  const view = { kind: error.kind, message, requestId: error.requestId, said: error.said, actions: help.actions };
  return setting === undefined ? view : { ...view, setting };
}

function addressSetting(provider?: string): string {
  return addressSettings[provider as ProviderId] ?? '@ext:precis.precis baseUrl';
}

interface Help {
  /** Shown if the provider sent no sentence. */
  readonly sentence: string;
  readonly hint: string;
  readonly actions: readonly ErrorAction[];
  /** Setting for `openSettings`; `baseUrl` means that of the provider. */
  readonly setting?: SettingId | 'baseUrl';
}

const wrongAddress: Help = {
  sentence: '',
  hint: '',
  actions: ['openSettings', 'selectProvider', 'offline'],
  setting: 'baseUrl',
};
const otherModel: Help = { sentence: '', hint: '', actions: ['selectModel', 'selectProvider', 'offline'] };
const usedUp: readonly ErrorAction[] = ['selectProvider', 'offline'];

/** Help by code, else by kind. *Try Again* is offered only if it can succeed without a change. */
const helps: Record<ModelErrorKind, Help> & Partial<Record<ErrorCode, Help>> = {
  auth: {
    sentence: 'The provider did not accept the API key.',
    hint: 'Enter a new key or choose another provider.',
    actions: ['setKey', 'selectProvider', 'offline'],
  },
  quota: {
    sentence: 'The account’s credit is used up.',
    hint: 'Add credit with the provider, or choose another one.',
    actions: usedUp,
  },
  'quota-until': { sentence: '', hint: 'Try again then, or choose another provider.', actions: usedUp },
  'quota-period': { sentence: '', hint: 'Try again when it is renewed, or choose another provider.', actions: usedUp },
  'editor-blocks': { sentence: '', hint: '', actions: usedUp },
  'rate-limit': {
    sentence: 'The provider’s wait is longer than the time-out.',
    hint: 'Try again later. Finished parts are cached.',
    actions: ['retry', 'openSettings'],
    setting: 'precis.requestTimeoutSeconds',
  },
  overloaded: {
    sentence: 'The provider is overloaded.',
    hint: 'Try again later. Finished parts are cached.',
    actions: ['retry', 'selectProvider', 'offline'],
  },
  'too-long': {
    sentence: 'The text does not fit the model.',
    hint: 'Choose a model with a larger window, or set the window in the settings.',
    actions: ['selectModel', 'openSettings'],
    setting: 'precis.contextWindow',
  },
  'prompt-cut': { sentence: '', hint: '', actions: ['openSettings', 'selectModel'], setting: 'precis.contextWindow' },
  'no-memory': { sentence: '', hint: '', actions: ['selectModel', 'openSettings'], setting: 'precis.contextWindow' },
  'no-part-fits': { sentence: '', hint: '', actions: ['selectModel', 'openSettings'], setting: 'precis.contextWindow' },
  refused: {
    sentence: 'The model declined to answer.',
    hint: 'Another model may answer.',
    actions: ['selectModel', 'offline'],
  },
  'content-filter': {
    sentence: 'The provider’s filter stopped the answer.',
    hint: 'Another model or provider may answer.',
    actions: ['selectModel', 'selectProvider', 'offline'],
  },
  'no-model': {
    sentence: 'The model does not exist, or the account may not use it.',
    hint: 'Choose another model.',
    actions: ['selectModel', 'selectProvider'],
  },
  'no-model-chosen': otherModel,
  'no-editor-model': { ...otherModel, actions: ['selectProvider', 'offline'] },
  'editor-model-gone': otherModel,
  'editor-forbids': { ...otherModel, actions: ['retry', 'selectProvider', 'offline'] },
  'bad-request': {
    sentence: 'The provider refused the request.',
    hint: 'The log has the details.',
    actions: ['selectModel', 'openSettings', 'showLog'],
    setting: 'baseUrl',
  },
  'no-endpoint': wrongAddress,
  redirect: wrongAddress,
  elsewhere: wrongAddress,
  page: wrongAddress,
  'not-json': wrongAddress,
  'no-list': wrongAddress,
  'no-address': wrongAddress,
  'secret-address': wrongAddress,
  'open-key': wrongAddress,
  certificate: { ...wrongAddress, actions: ['openSettings', 'showLog', 'offline'] },
  'not-listening': { ...wrongAddress, actions: ['retry', 'openSettings', 'offline'] },
  'not-resolved': { ...wrongAddress, actions: ['retry', 'openSettings', 'offline'] },
  'key-text': { sentence: '', hint: '', actions: ['setKey', 'selectProvider'] },
  network: {
    sentence: 'No connection to the provider.',
    hint: 'Check the network and the address in the settings.',
    actions: ['retry', 'openSettings', 'offline'],
    setting: 'baseUrl',
  },
  stalled: {
    sentence: 'The provider stopped answering.',
    hint: 'Try again, or allow more time in the settings.',
    actions: ['retry', 'openSettings'],
    setting: 'precis.requestTimeoutSeconds',
  },
  'price-unknown': { sentence: '', hint: '', actions: ['openSettings', 'selectModel'], setting: 'precis.prices' },
  'cost-limit-needs': {
    sentence: '',
    hint: '',
    actions: ['openSettings', 'selectModel', 'offline'],
    setting: 'precis.maxCostUsd',
  },
  'cost-limit': {
    sentence: '',
    hint: '',
    actions: ['openSettings', 'selectModel', 'offline'],
    setting: 'precis.maxCostUsd',
  },
  'no-batches': { sentence: '', hint: '', actions: ['selectProvider'] },
  'no-key': {
    sentence: '',
    hint: 'Set the key, or choose another provider.',
    actions: ['setKey', 'selectProvider', 'offline'],
  },
  'upstream-auth': {
    sentence: '',
    hint: 'Ask the administrator of the server to fix it.',
    actions: ['selectProvider', 'showLog'],
  },
  cancelled: { sentence: 'Cancelled.', hint: '', actions: ['retry'] },
  unknown: {
    sentence: 'The provider failed in an unexpected way.',
    hint: 'The log has the details.',
    actions: ['retry', 'showLog'],
  },
};
