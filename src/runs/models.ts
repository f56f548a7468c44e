/** From settings and keys to the models of a run: which provider `auto` takes, whose consent is missing, what it costs. */
import * as vscode from 'vscode';
import {
  keyedProviders,
  providerFacts,
  providerIds,
  type Price,
  type ProviderId,
  type SettingId,
} from '../contributions.ts';
import { ModelError, type ChatModel } from '../engine/model.ts';
import type { Hash } from '../engine/ports.ts';
import type { SummaryOptions } from '../api.ts';
import type { ProviderConfig, ProviderDefinition, ProviderMemory } from '../providers/provider.ts';
import type { Preset } from '../providers/presets.ts';
import { learning } from '../providers/learnedLimits.ts';
import type { Permissions } from '../host/permissions.ts';
import type { Keys, ResolvedKey } from '../host/secrets.ts';
import type { Settings } from '../host/settings.ts';
import { SettingError } from '../host/errors.ts';
import { brokenLimit, folderPrices, isSet, isTrusted, ownValue } from '../host/settings.ts';
import { resolveConsent, type ConsentAnswer, type ConsentStore, type Destination, type NamedBy } from './consent.ts';
import { parseBaseUrl } from '../host/baseUrl.ts';
import { providerName } from '../host/providerNames.ts';
import { askModal } from '../host/notify.ts';
import { t } from '../host/l10n.ts';
import { SourceError } from '../sources/index.ts';
import type { Log } from '../host/log.ts';
import type { ReaderNotice } from './readerNotice.ts';

export interface ChosenModels {
  readonly provider: ProviderId;
  /** Undefined offline. */
  readonly model?: ChatModel;
  readonly mapModel?: ChatModel;
  readonly price?: Price;
  readonly mapPrice?: Price;
  /** Calls are asked for at OpenAI's slower tier, at half the price. */
  readonly flex?: true;
  readonly concurrency: number;
  /** False: nobody asked for so many parallel requests, and a server on this machine gets as many as it works on at once. */
  readonly concurrencySet: boolean;
  /** A sentence to show, for example that an untrusted folder is summarized offline. */
  readonly notice?: string;
  readonly baseUrl: string;
}

export interface ModelsPorts {
  readonly context: vscode.ExtensionContext;
  readonly keys: Keys;
  readonly permissions: Permissions;
  readonly hash: Hash;
  readonly log: Log;
  readonly memory: ProviderMemory;
  readonly readerNotice: ReaderNotice;
}

/** Through which door a run came. */
export interface Door {
  /** A person is there to be asked. */
  readonly interactive: boolean;
  /** The person chose provider and model for this very request. */
  readonly chosenByPerson?: boolean;
}

export interface Models {
  /**
   * The models of a run, after the consent that its host needs.
   * @throws ModelError `cancelled` where the question was closed; SourceError where nobody can be asked
   */
  choose(settings: Settings, options: SummaryOptions, scope: vscode.Uri | undefined, door: Door): Promise<ChosenModels>;
  /** What an adapter is made from, for this provider as it is configured. */
  configOf(definition: ProviderDefinition, settings: Settings, model: string): Promise<ProviderConfig>;
  definition(id: ProviderId): Promise<ProviderDefinition>;
  /** Servers that speak OpenAI's wire, with their addresses. */
  presets(): Promise<readonly Preset[]>;
}

export function createModels(ports: ModelsPorts): Models {
  const { context, keys, permissions, hash, log, memory } = ports;
  const consents: ConsentStore = {
    get: (host) => permissions.get('host', host) as ConsentAnswer | undefined,
    set: (host, answer) => permissions.set('host', host, answer),
  };
  const adapters = new Map<string, Promise<ChatModel>>();

  const definition = async (id: ProviderId): Promise<ProviderDefinition> => {
    const { loadProvider } = await import('../providers/index.ts');
    return loadProvider(id, {
      vscode: {
        lm: vscode.lm,
        LanguageModelChatMessage: vscode.LanguageModelChatMessage,
        LanguageModelTextPart: vscode.LanguageModelTextPart,
        LanguageModelError: vscode.LanguageModelError,
        CancellationTokenSource: vscode.CancellationTokenSource,
        justification: t('To summarize the text that you asked for.'),
      },
    });
  };

  const configOf = async (of: ProviderDefinition, settings: Settings, model: string): Promise<ProviderConfig> => {
    const baseUrl = baseUrlOf(of, settings);
    if (of.settings) {
      const parsed = parseBaseUrl(baseUrl, t);
      if ('problem' in parsed) throw new ModelError({ kind: 'bad-request', message: parsed.problem });
      if (parsed.exposed) {
        const message = t(
          'The address of {0} is plain http to another machine, where anybody between could read the text. Use https.',
          parsed.host,
        );
        throw new ModelError({ kind: 'bad-request', message });
      }
    }
    const found = of.settings ? await keys.resolve(of.id, baseUrl) : undefined;
    const key = found && mayUseKey(of, baseUrl, found, namedBy(of.id, {})) ? found : undefined;
    if (of.needsKey && found && !key) {
      const message = t(
        'The key from the environment belongs to {0} and is not sent to another host. Store a key for this host with “Set API Key”.',
        providerName(of.label, t),
      );
      throw new ModelError({ kind: 'auth', message });
    }
    if (of.needsKey && !key) {
      throw new ModelError({
        kind: 'auth',
        message: t('No API key is set for {0}.', providerName(of.label, t)),
      });
    }
    if (key) log.hide(key.key);
    const headers = settings['precis.openaiCompatible.headers'];
    const hasHeaders = of.id === 'openai-compatible' && Object.keys(headers).length > 0;
    return {
      baseUrl,
      apiKey: key?.key ?? '',
      model,
      ...(of.id === 'openai-compatible' ? { headers } : {}),
      contextWindow: settings['precis.contextWindow'],
      ...(settings['precis.serviceTier'] === 'flex' ? { serviceTier: 'flex' } : {}),
      // looked up at each call, because VS Code patches it for proxies and certificates
      fetch: (input, init) => globalThis.fetch(input, init),
      account: hash(`${of.id}\n${baseUrl}\n${key?.key ?? ''}${hasHeaders ? JSON.stringify(headers) : ''}`).slice(0, 16),
      memory,
      log: (line) => log.info(line),
    };
  };

  const adapter = async (of: ProviderDefinition, config: ProviderConfig): Promise<ChatModel> => {
    const id = `${of.id}|${config.account}|${config.model}|${config.contextWindow}|${config.serviceTier ?? ''}`;
    let found = adapters.get(id);
    if (!found) {
      found = of.create(config).then((model) => learning(model, memory));
      adapters.set(id, found);
      if (adapters.size > 16) adapters.delete(adapters.keys().next().value!);
    }
    try {
      return await found;
    } catch (error) {
      adapters.delete(id);
      throw error;
    }
  };

  return {
    definition,
    presets: async () => (await import('../providers/presets.ts')).presets,
    configOf,
    async choose(settings, options, scope, door) {
      const asked = options.provider ?? settings['precis.provider'];
      if (asked !== 'auto' && !providerIds.includes(asked as ProviderId)) {
        throw new ModelError({
          kind: 'bad-request',
          message: t('There is no provider “{0}”.', String(asked).slice(0, 40)),
        });
      }
      const offline = (notice?: string): ChosenModels => ({
        provider: 'offline',
        concurrency: 1,
        concurrencySet: true,
        baseUrl: '',
        ...(notice ? { notice } : {}),
      });
      if (asked === 'offline') return offline();
      if (!isTrusted()) return offline(t('This folder isn’t trusted. Summarized offline; nothing was sent.'));
      const broken = brokenLimit(scope);
      if (broken)
        throw new SettingError(
          t('The setting {0} is not a number: nothing is sent while a limit cannot be read.', broken),
          broken,
        );
      let id = asked as ProviderId;
      if (asked === 'auto') {
        id = await automatic(settings);
        if (id === 'offline') return offline();
      }
      const of = await definition(id);
      const by: NamedBy = asked === 'auto' ? 'auto' : door.chosenByPerson ? 'person' : namedBy(id, options);
      const refused = of.settings
        ? await refusal(of, destinationOf(of, baseUrlOf(of, settings)), by, settings, door)
        : undefined;
      if (refused) return offline(refused);
      const name = await modelName(of, settings, options);
      const config = await configOf(
        of,
        {
          ...settings,
          'precis.contextWindow': options.contextWindow ?? settings['precis.contextWindow'],
        },
        name,
      );
      const model = await adapter(of, config);
      const { findReader } = await import('../providers/findReader.ts');
      const wish = mapWish(of, settings, options);
      const mapName = await findReader(of, { ...config, model: model.model }, wish);
      if (wish === '' && mapName !== model.model && door.interactive) ports.readerNotice.show(mapName, model.model);
      const mapModel = mapName === model.model ? model : await adapter(of, { ...config, model: mapName });
      if (!of.settings) {
        for (const host of new Set([model.host, mapModel.host])) {
          const to: Destination = { provider: id, host: `vscode:${host}`, loopback: false, official: false };
          const why = await refusal(of, to, by, settings, door);
          if (why) return offline(why);
        }
      }
      const { priceOf } = await import('../providers/catalog.ts');
      const prices = { ...settings['precis.prices'], ...(await pricesOfFolder(scope, door)) };
      const priced = async (of: ChatModel): Promise<Price | undefined> => {
        if (prices[of.model]) return prices[of.model];
        // A local server that runs models itself is free, whatever the model is called elsewhere.
        const told = id === 'openai-compatible' ? await listPriceOf(of) : undefined;
        return told?.input === 0 ? told : (priceOf(of.model) ?? told);
      };
      const parsed = config.baseUrl ? parseBaseUrl(config.baseUrl, t) : undefined;
      const loopback = parsed !== undefined && !('problem' in parsed) && parsed.loopback;
      const parsedHost = parsed !== undefined && !('problem' in parsed) ? parsed.host : '';
      const concurrencySet = options.concurrency !== undefined || isSet('precis.concurrency', scope);
      const concurrency = options.concurrency ?? (loopback && !concurrencySet ? 2 : settings['precis.concurrency']);
      const price = await priced(model);
      const mapPrice = await priced(mapModel);
      return {
        provider: id,
        model,
        mapModel,
        ...(price ? { price } : {}),
        ...(mapPrice ? { mapPrice } : {}),
        ...(config.serviceTier && id === 'openai' && isOfficial(of, parsedHost) ? { flex: true as const } : {}),
        concurrency,
        concurrencySet,
        baseUrl: config.baseUrl,
      };
    },
  };

  /** The first of: a provider with a key, a VS Code model that the user allowed, offline. */
  async function automatic(settings: Settings): Promise<ProviderId> {
    for (const id of keyedProviders) {
      // without a variable only a stored key counts
      if (providerFacts[id].keyVariable === undefined && !(await keys.hasStored(id))) continue;
      const of = await definition(id);
      if (await keys.resolve(id, baseUrlOf(of, settings))) return id;
    }
    const models = await Promise.resolve(vscode.lm.selectChatModels()).catch(() => []);
    const allowed = models.some((model) => context.languageModelAccessInformation.canSendRequest(model) === true);
    return allowed ? 'vscode' : 'offline';
  }

  /** A folder's prices decide when the cost limit stops a run: they count after a person's yes, for as long as they stay the same. */
  async function pricesOfFolder(
    scope: vscode.Uri | undefined,
    { interactive }: Door,
  ): Promise<Readonly<Record<string, Price>>> {
    const prices = folderPrices(scope);
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

  /** Who named this provider in the settings, or in a caller's options. */
  function namedBy(id: ProviderId, options: SummaryOptions): NamedBy {
    const chosen = options.provider === undefined && ownValue('precis.provider') === id;
    const address = addressSettings[id];
    const elsewhere = address !== undefined && isSet(address) && ownValue(address) === undefined;
    return chosen && !elsewhere ? 'user-settings' : 'settings';
  }

  function destinationOf(of: ProviderDefinition, baseUrl: string): Destination {
    const parsed = parseBaseUrl(baseUrl, t);
    if ('problem' in parsed) throw new ModelError({ kind: 'bad-request', message: parsed.problem });
    const official = isOfficial(of, parsed.host);
    return {
      provider: of.id,
      host: parsed.host,
      loopback: parsed.loopback,
      official,
    };
  }

  /** The environment's key is for the provider's official host, and for another one after a person's yes. */
  function mayUseKey(of: ProviderDefinition, baseUrl: string, key: ResolvedKey, by: NamedBy): boolean {
    if (key.from === 'stored') return true;
    const { host, loopback, official } = destinationOf(of, baseUrl);
    // the environment's key of a compatible server is found at its own host alone
    return (
      official ||
      of.id === 'openai-compatible' ||
      (loopback && by === 'user-settings') ||
      permissions.get('key', host) === 'send'
    );
  }

  /**
   * Undefined where the text may be sent; else the sentence of an offline summary.
   * @throws ModelError `cancelled` where the question was closed; SourceError where nobody can be asked
   */
  async function refusal(
    of: ProviderDefinition,
    destination: Destination,
    by: NamedBy,
    settings: Settings,
    { interactive }: Door,
  ): Promise<string | undefined> {
    const baseUrl = baseUrlOf(of, settings);
    const key = of.settings ? await keys.resolve(of.id, baseUrl) : undefined;
    const foreignKey = key !== undefined && !mayUseKey(of, baseUrl, key, by);
    const remembered = consents.get(destination.host);
    const store = foreignKey && interactive && remembered === 'send' ? { ...consents, get: () => undefined } : consents;
    const storedKey = key?.from === 'stored';
    if (foreignKey && !interactive && by === 'auto') return withoutConsent(hostName(destination));
    const answer = await resolveConsent({ destination, namedBy: by, storedKey, interactive }, store, (to) =>
      askConsent(of, to, foreignKey),
    );
    if (answer === 'send') {
      if (foreignKey && interactive) await permissions.set('key', destination.host, 'send');
      return undefined;
    }
    const host = hostName(destination);
    if (answer === 'cancelled') throw new ModelError({ kind: 'cancelled', message: t('Cancelled.') });
    if (answer === 'refuse') throw notAllowed(host);
    if (remembered === 'offline' || interactive)
      return t('Summarized offline, as you chose for {0}. Nothing was sent. “Manage Permissions” changes it.', host);
    return withoutConsent(host);
  }

  async function askConsent(
    of: ProviderDefinition,
    destination: Destination,
    foreignKey: boolean,
  ): Promise<'send' | 'offline' | undefined> {
    const host = hostName(destination);
    const send = t('Send');
    const offline = t('Summarize Offline');
    const detail = t('Text that you summarize will be sent to {0}. Your choice is remembered for this host.', host);
    const key = t('The key from the environment variable {0} will be sent there too.', of.keyVariable ?? '');
    const answer = await askModal(
      t('Send text to {0}?', host),
      foreignKey ? `${detail}\n\n${key}` : detail,
      send,
      offline,
    ).catch(() => {
      // VS Code shows no dialog while a test drives it
      throw notAllowed(host);
    });
    return answer === send ? 'send' : answer === offline ? 'offline' : undefined;
  }

  async function modelName(of: ProviderDefinition, settings: Settings, options: SummaryOptions): Promise<string> {
    if (options.model) return options.model;
    if (of.id === 'vscode') return settings['precis.vscode.model'];
    const named = of.settings ? settings[`precis.${of.settings}.model`] : '';
    if (named) return named;
    // a local server has what its owner installed: the first that writes text
    const models = await of.listModels(await configOf(of, settings, ''), AbortSignal.timeout(10_000));
    const first = models.find(({ id }) => !/embed|rerank|whisper|tts|image/i.test(id)) ?? models[0];
    if (!first)
      throw new ModelError({
        kind: 'no-model',
        message: t('The server offers no model. Install one there, or use “Select Model”.'),
      });
    return first.id;
  }
}

const addressSettings: Readonly<Partial<Record<ProviderId, SettingId>>> = {
  openai: 'precis.openai.baseUrl',
  anthropic: 'precis.anthropic.baseUrl',
  'openai-compatible': 'precis.openaiCompatible.baseUrl',
};

function notAllowed(host: string): SourceError {
  return new SourceError(
    t('You have not yet allowed Précis to send text to {0}. Run “Summarize File” once and choose “Send”.', host),
  );
}

function withoutConsent(host: string): string {
  return t('Summarized offline. Nothing was sent, because you have not yet allowed sending text to {0}.', host);
}

/** Whether this host is the one that the provider's definition names. */
function isOfficial(of: ProviderDefinition, host: string): boolean {
  return of.defaultBaseUrl !== undefined && new URL(of.defaultBaseUrl).host === host;
}

/** As people read it. */
export function hostName({ provider, host }: Pick<Destination, 'provider' | 'host'>): string {
  return provider === 'vscode' ? t('VS Code’s language models ({0})', host.slice('vscode:'.length)) : host;
}

export function baseUrlOf(of: ProviderDefinition, settings: Settings): string {
  return of.settings ? settings[`precis.${of.settings}.baseUrl`] || (of.defaultBaseUrl ?? '') : '';
}

/** Value of `mapModel` for this run. The setting's reader belongs to the setting's writer, not to one that a caller names. */
function mapWish(of: ProviderDefinition, settings: Settings, options: SummaryOptions): string {
  const setting = of.id === 'offline' ? '' : settings[`precis.${of.settings ?? 'vscode'}.mapModel`];
  if (options.mapModel) return options.mapModel;
  return options.model && setting !== 'same' ? '' : setting;
}

/** The price that the server tells for a model; undefined where it tells none or does not answer. */
async function listPriceOf(model: ChatModel): Promise<Price | undefined> {
  const limits = await model.limits(AbortSignal.timeout(10_000)).catch(() => undefined);
  return limits?.listPrice;
}
