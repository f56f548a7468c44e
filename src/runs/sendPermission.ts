/** Decides whether text, keys and a folder's prices may be used; asks if necessary. */
import * as vscode from 'vscode';
import { addressSettings, type Price, type ProviderId } from '../contributions.ts';
import type { SummaryOptions } from '../api.ts';
import { ModelError } from '../engine/model.ts';
import type { Hash } from '../engine/ports.ts';
import { parseBaseUrl } from '../shared/baseUrl.ts';
import { t } from '../host/l10n.ts';
import { askModal } from '../host/notify.ts';
import type { Permissions } from '../host/permissions.ts';
import type { Keys, ResolvedKey } from '../host/secrets.ts';
import { readFolderPrices, isSet, ownValue, type Settings } from '../host/settings.ts';
import type { Provider } from '../providers/index.ts';
import { SourceError } from '../sources/index.ts';
import {
  resolveConsent,
  type ConsentAnswer,
  type ConsentStore,
  type Destination,
  type NamedBy,
} from '../host/consent.ts';

/** How a run was started. */
export interface Door {
  readonly interactive: boolean;
  /** Whether the person chose provider and model for this request. */
  readonly chosenByPerson?: boolean;
}

/** What the questions need. */
export interface SendPermissionDeps {
  readonly keys: Keys;
  readonly permissions: Permissions;
  readonly hash: Hash;
}

/** Decides where text and keys may go; remembers answers by host. */
export class SendPermission {
  private readonly deps: SendPermissionDeps;
  private readonly consents: ConsentStore;

  constructor(deps: SendPermissionDeps) {
    this.deps = deps;
    this.consents = {
      get: (host) => deps.permissions.get('host', host) as ConsentAnswer | undefined,
      set: (host, answer) => deps.permissions.set('host', host, answer),
    };
  }

  /** Returns the key for the configured address; undefined if none. */
  async findKey(of: Provider, settings: Settings): Promise<ResolvedKey | undefined> {
    return of.defaultBaseUrl ? this.deps.keys.resolve(of.id, getBaseUrl(of, settings)) : undefined;
  }

  /** A key of the environment goes to the official host without a question, elsewhere after one. */
  mayUseKey(of: Provider, settings: Settings, key: ResolvedKey, by: NamedBy): boolean {
    if (key.from === 'stored') return true;
    const { host, loopback, official } = toDestination(of, settings);
    // the environment's key of a compatible server is only found for its own host
    return (
      official ||
      of.id === 'openai-compatible' ||
      (loopback && by === 'user-settings') ||
      this.deps.permissions.get('key', host) === 'send'
    );
  }

  /**
   * Returns undefined if sending is allowed; else a notice for an offline summary.
   * @throws ModelError `cancelled` if the question was closed; SourceError if nobody can be asked
   */
  async findRefusal(
    of: Provider,
    destination: Destination,
    by: NamedBy,
    settings: Settings,
    { interactive }: Door,
  ): Promise<string | undefined> {
    const { permissions } = this.deps;
    const host = describeHost(destination);
    const key = await this.findKey(of, settings);
    const foreignKey = key !== undefined && !this.mayUseKey(of, settings, key, by);
    if (foreignKey && !interactive && by === 'auto') return withoutConsent(host);
    const remembered = this.consents.get(destination.host);
    // the host may get the text, but not yet this key
    const askAgain = foreignKey && interactive && remembered === 'send';
    const store = askAgain ? { ...this.consents, get: () => undefined } : this.consents;
    const facts = { destination, namedBy: by, storedKey: key?.from === 'stored', interactive };
    const answer = await resolveConsent(facts, store, (to) => askConsent(of, to, foreignKey));
    if (answer === 'send') {
      if (foreignKey && interactive) await permissions.set('key', destination.host, 'send');
      return undefined;
    }
    if (answer === 'cancelled') throw new ModelError({ kind: 'cancelled', message: t('Cancelled.') });
    if (answer === 'refuse') throw notAllowed(host);
    if (remembered === 'offline' || interactive)
      return t('Summarized offline, as you chose for {0}. Nothing was sent. “Manage Permissions” changes it.', host);
    return withoutConsent(host);
  }

  /** Returns a folder's prices if the user agreed to exactly these, else none, because they weaken the cost limit. */
  async getFolderPrices(
    scope: vscode.Uri | undefined,
    { interactive }: Door,
  ): Promise<Readonly<Record<string, Price>>> {
    const { permissions, hash } = this.deps;
    const prices = readFolderPrices(scope);
    if (!prices) return {};
    const folder = (scope && vscode.workspace.getWorkspaceFolder(scope)) ?? vscode.workspace.workspaceFolders?.[0];
    const name = `${folder?.name ?? ''} ${hash(`${folder?.uri.toString() ?? ''}\n${JSON.stringify(prices)}`).slice(0, 8)}`;
    const before = permissions.get('prices', name);
    if (before) return before === 'send' ? prices : {};
    if (!interactive) return {};
    const use = t('Use Its Prices');
    const ignore = t('Ignore Them');
    const detail = t(
      '“precis.prices” in the folder’s settings decides how much a run seems to cost. Models: {0}.',
      Object.keys(prices).slice(0, 10).join(', '),
    );
    const answer = await askModal(t('Use the prices that this folder sets?'), detail, use, ignore).catch(
      () => undefined,
    );
    if (answer === use || answer === ignore) await permissions.set('prices', name, answer === use ? 'send' : 'ignore');
    return answer === use ? prices : {};
  }
}

/** Returns who named this provider, in settings or options. */
export function findNamedBy(id: ProviderId, options: SummaryOptions): NamedBy {
  // a batch names its provider; if it equals the user's own, the user named it
  const chosen = (options.provider ?? id) === id && ownValue('precis.provider') === id;
  const address = addressSettings[id];
  const elsewhere = address !== undefined && isSet(address) && ownValue(address) === undefined;
  return chosen && !elsewhere ? 'user-settings' : 'settings';
}

/** @throws ModelError `bad-request` for a wrong address */
export function toDestination(of: Provider, settings: Settings): Destination {
  const parsed = parseBaseUrl(getBaseUrl(of, settings));
  if ('problem' in parsed) throw new ModelError({ kind: 'bad-request', code: parsed.problem });
  const { host, loopback, unencrypted } = parsed;
  return { provider: of.id, host, loopback, unencrypted, official: isOfficial(of, host) };
}

function describeHost({ provider, host }: Pick<Destination, 'provider' | 'host'>): string {
  return provider === 'vscode' ? t('VS Code’s language models ({0})', host.slice('vscode:'.length)) : host;
}

/** Returns the configured address, else the official one; '' if none. */
export function getBaseUrl(of: Provider, settings: Settings): string {
  return (of.settings && settings[`precis.${of.settings}.baseUrl`]) || (of.defaultBaseUrl ?? '');
}

async function askConsent(
  of: Provider,
  destination: Destination,
  foreignKey: boolean,
): Promise<'send' | 'offline' | undefined> {
  const host = describeHost(destination);
  const send = t('Send');
  const offline = t('Summarize Offline');
  const detail = t('Text that you summarize will be sent to {0}. Your choice is remembered for this host.', host);
  const key = t('The key from the environment variable {0} will be sent there too.', of.keyVariable ?? '');
  const open = t('The connection is not encrypted: others in your network could read the text.');
  const message = [detail, destination.unencrypted ? open : '', foreignKey ? key : ''].filter(Boolean).join('\n\n');
  const answer = await askModal(t('Send text to {0}?', host), message, send, offline).catch(() => {
    // VS Code shows no dialog under test
    throw notAllowed(host);
  });
  return answer === send ? 'send' : answer === offline ? 'offline' : undefined;
}

function notAllowed(host: string): SourceError {
  return new SourceError(
    t('You have not yet allowed Précis to send text to {0}. Run “Summarize File” once and choose “Send”.', host),
    'again',
  );
}

function withoutConsent(host: string): string {
  return t('Summarized offline. Nothing was sent, because you have not yet allowed sending text to {0}.', host);
}

function isOfficial(of: Provider, host: string): boolean {
  return of.defaultBaseUrl !== undefined && new URL(of.defaultBaseUrl).host === host;
}
