/** From settings and keys to the models of a run: which provider `auto` takes, whose consent is missing, what it costs. */
import * as vscode from 'vscode';
import { providerIds, type Price, type ProviderId } from '../contributions.ts';
import { ModelError, type ChatModel } from '../engine/model.ts';
import type { Hash } from '../engine/ports.ts';
import type { SummaryOptions } from '../api.ts';
import type { ProviderConfig, ProviderDefinition, ProviderMemory } from '../providers/provider.ts';
import type { Preset } from '../providers/presets.ts';
import { learning } from '../providers/learnedLimits.ts';
import type { Keys } from '../host/secrets.ts';
import type { Settings } from '../host/settings.ts';
import { isSet, isTrusted } from '../host/settings.ts';
import { parseBaseUrl } from '../host/baseUrl.ts';
import { providerName } from '../host/providerNames.ts';
import { askModal } from '../host/notify.ts';
import { t } from '../host/l10n.ts';
import type { Log } from '../host/log.ts';

export interface ChosenModels {
  readonly provider: ProviderId;
  /** Undefined offline. */
  readonly model?: ChatModel;
  readonly mapModel?: ChatModel;
  readonly price?: Price;
  readonly mapPrice?: Price;
  readonly concurrency: number;
  /** A sentence to show, for example that an untrusted folder is summarized offline. */
  readonly notice?: string;
  readonly baseUrl: string;
}

export interface ModelsPorts {
  readonly context: vscode.ExtensionContext;
  readonly keys: Keys;
  readonly hash: Hash;
  readonly log: Log;
  readonly memory: ProviderMemory;
}

export interface Models {
  /** @param interactive a person is there to be asked for consent */
  choose(
    settings: Settings,
    options: SummaryOptions,
    scope: vscode.Uri | undefined,
    interactive: boolean,
  ): Promise<ChosenModels>;
  /** What an adapter is made from, for this provider as it is configured. */
  configOf(definition: ProviderDefinition, settings: Settings, model: string): Promise<ProviderConfig>;
  definition(id: ProviderId): Promise<ProviderDefinition>;
  /** Servers that speak OpenAI's wire, with their addresses. */
  presets(): Promise<readonly Preset[]>;
}

const consentKey = 'precis.consent';

export function createModels(ports: ModelsPorts): Models {
  const { context, keys, hash, log, memory } = ports;
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
    const key = of.settings ? await keys.resolve(of.id, baseUrl) : undefined;
    if (of.needsKey && !key) {
      throw new ModelError({ kind: 'auth', message: t('No API key is set for {0}.', providerName(of.label, t)) });
    }
    if (key) log.hide(key.key);
    return {
      baseUrl,
      apiKey: key?.key ?? '',
      model,
      contextWindow: settings['precis.contextWindow'],
      // looked up at each call, because VS Code patches it for proxies and certificates
      fetch: (input, init) => globalThis.fetch(input, init),
      account: hash(`${of.id}\n${baseUrl}\n${key?.key ?? ''}`).slice(0, 16),
      memory,
      log: (line) => log.info(line),
    };
  };

  const adapter = async (of: ProviderDefinition, config: ProviderConfig): Promise<ChatModel> => {
    const id = `${of.id}|${config.account}|${config.model}|${config.contextWindow}`;
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
    async choose(settings, options, scope, interactive) {
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
        baseUrl: '',
        ...(notice ? { notice } : {}),
      });
      if (asked === 'offline') return offline();
      if (!isTrusted()) return offline(t('This folder isn’t trusted. Summarized offline; nothing was sent.'));
      let id = asked as ProviderId;
      if (asked === 'auto') {
        id = await automatic(settings);
        if (id === 'offline') return offline();
        if (interactive && !(await consent(id, settings))) return offline(t('Summarized offline. Nothing was sent.'));
      }
      const of = await definition(id);
      const name = await modelName(of, settings, options);
      const config = await configOf(
        of,
        { ...settings, 'precis.contextWindow': options.contextWindow ?? settings['precis.contextWindow'] },
        name,
      );
      const mapName = options.mapModel || (options.model ? name : mapSetting(of, settings)) || name;
      const model = await adapter(of, config);
      const mapModel = mapName === name ? model : await adapter(of, { ...config, model: mapName });
      const { priceOf } = await import('../providers/catalog.ts');
      const priced = (m: string): Price | undefined =>
        settings['precis.prices'][m] ?? (id === 'vscode' || id === 'openai-compatible' ? undefined : priceOf(m));
      const parsed = config.baseUrl ? parseBaseUrl(config.baseUrl, t) : undefined;
      const loopback = parsed !== undefined && !('problem' in parsed) && parsed.loopback;
      const concurrency =
        options.concurrency ?? (loopback && !isSet('precis.concurrency', scope) ? 2 : settings['precis.concurrency']);
      const price = priced(name);
      const mapPrice = priced(mapName);
      return {
        provider: id,
        model,
        mapModel,
        ...(price ? { price } : {}),
        ...(mapPrice ? { mapPrice } : {}),
        concurrency,
        baseUrl: config.baseUrl,
      };
    },
  };

  /** The first of: a provider with a key, a VS Code model that the user allowed, offline. */
  async function automatic(settings: Settings): Promise<ProviderId> {
    for (const id of ['openai', 'anthropic'] as const) {
      const of = await definition(id);
      if (await keys.resolve(id, baseUrlOf(of, settings))) return id;
    }
    if (await keys.hasStored('openai-compatible')) {
      const of = await definition('openai-compatible');
      if (await keys.resolve('openai-compatible', baseUrlOf(of, settings))) return 'openai-compatible';
    }
    const models = await Promise.resolve(vscode.lm.selectChatModels()).catch(() => []);
    const allowed = models.some((model) => context.languageModelAccessInformation.canSendRequest(model) === true);
    return allowed ? 'vscode' : 'offline';
  }

  /** Asked once an account, naming where the text goes. */
  async function consent(id: ProviderId, settings: Settings): Promise<boolean> {
    const of = await definition(id);
    const baseUrl = baseUrlOf(of, settings);
    const parsed = parseBaseUrl(baseUrl, t);
    const host = 'problem' in parsed ? providerName(of.label, t) : parsed.host;
    const account = `${id}|${host}`;
    const given = context.globalState.get<string[]>(consentKey, []);
    if (given.includes(account)) return true;
    const send = t('Send to {0}', host);
    const answer = await askModal(
      t('Summarize with {0}?', providerName(of.label, t)),
      t('The text will be sent to {0}. Précis asks this once; “Select Provider” changes it at any time.', host),
      send,
      t('Summarize Offline'),
    );
    if (answer !== send) return false;
    await context.globalState.update(consentKey, [...given, account]);
    return true;
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

export function baseUrlOf(of: ProviderDefinition, settings: Settings): string {
  return of.settings ? settings[`precis.${of.settings}.baseUrl`] || (of.defaultBaseUrl ?? '') : '';
}

function mapSetting(of: ProviderDefinition, settings: Settings): string {
  return of.settings ? settings[`precis.${of.settings}.mapModel`] : '';
}
