/** Chooses the models of a run: resolves `auto`, checks consent, finds prices. */
import * as vscode from 'vscode';
import { keyedProviders, providerFacts, providerIds, type Price, type ProviderId } from '../contributions.ts';
import { ModelError, type ChatModel } from '../engine/model.ts';
import type { SummaryOptions } from '../api.ts';
import type { Provider } from '../providers/index.ts';
import { chooseFirstWriter, type ProviderConfig, type ProviderMemory } from '../providers/provider.ts';
import type { Preset } from '../providers/presets.ts';
import { withLearnedLimits } from '../providers/learnedLimits.ts';
import type { Settings } from '../host/settings.ts';
import { editorModels } from '../host/editorModels.ts';
import { SettingError } from '../host/errors.ts';
import { findBrokenLimit, isSet, isTrusted } from '../host/settings.ts';
import type { Destination, NamedBy } from '../host/consent.ts';
import {
  getBaseUrl,
  findNamedBy,
  SendPermission,
  toDestination,
  type Door,
  type SendPermissionDeps,
} from './sendPermission.ts';
import { parseBaseUrl } from '../shared/baseUrl.ts';
import { translateProviderName } from '../host/providerNames.ts';
import { t } from '../host/l10n.ts';
import type { Log } from '../host/log.ts';
import type { ReaderNotice } from './readerNotice.ts';

/** The models of a run with their prices and address. */
export interface ChosenModels {
  readonly provider: ProviderId;
  /** Undefined offline. */
  readonly model?: ChatModel;
  readonly mapModel?: ChatModel;
  readonly price?: Price;
  readonly mapPrice?: Price;
  /** Whether to use OpenAI's slower tier at half price. */
  readonly flex?: true;
  readonly hasFlex?: true;
  /** Whether the reader is the catalog's choice, not the user's. */
  readonly isDefaultReader?: true;
  readonly concurrency: number;
  /** If false, a server on this machine gets as many requests as it has slots. */
  readonly concurrencySet: boolean;
  /** A sentence to show, such as "summarized offline". */
  readonly notice?: string;
  readonly baseUrl: string;
}

/** Dependencies of choosing models. */
interface ModelsDeps extends SendPermissionDeps {
  readonly context: vscode.ExtensionContext;
  readonly log: Log;
  readonly memory: ProviderMemory;
  readonly readerNotice: ReaderNotice;
}

/** Input and output tokens of a run's reader and writer. */
export interface TextSize {
  readonly read: { readonly input: number; readonly output: number };
  readonly written: { readonly input: number; readonly output: number };
}

/** Chooses models and creates their adapters. */
export interface Models {
  /**
   * Returns the models of a run, after consent.
   * @throws ModelError `cancelled` if the question was closed; SourceError if nobody can be asked
   */
  choose(settings: Settings, options: SummaryOptions, scope: vscode.Uri | undefined, door: Door): Promise<ChosenModels>;
  configOf(definition: Provider, settings: Settings, model: string): Promise<ProviderConfig>;
  definition(id: ProviderId): Promise<Provider>;
  /**
   * USD of a text with this writer; undefined without a price.
   * @param reader undefined if the writer reads
   */
  costOf(text: TextSize, writer: string, reader: string | undefined, settings: Settings): Promise<number | undefined>;
  /** Returns the cheaper sibling that reads for a writer by default; undefined if there is none. */
  readerOf(writer: string): Promise<string | undefined>;
  forgetReader(reader: ChatModel): void;
  presets(): Promise<readonly Preset[]>;
}

/** Creates models; loads adapters on first use. */
export function createModels(deps: ModelsDeps): Models {
  return new ModelChooser(deps);
}

const maxAdapters = 16;

class ModelChooser implements Models {
  private readonly deps: ModelsDeps;
  private readonly permission: SendPermission;
  /** By provider, account, model and window. */
  private readonly adapters = new Map<string, Promise<ChatModel>>();

  constructor(deps: ModelsDeps) {
    this.deps = deps;
    this.permission = new SendPermission(deps);
  }

  forgetReader(reader: ChatModel): void {
    void import('../providers/wires/findReader.ts').then(({ forgetReader }) => forgetReader(this.deps.memory, reader));
  }

  async presets(): Promise<readonly Preset[]> {
    return (await import('../providers/presets.ts')).presets;
  }

  async costOf(
    text: TextSize,
    writer: string,
    reader: string | undefined,
    settings: Settings,
  ): Promise<number | undefined> {
    const { getCatalogPrice: priceOf } = await import('../providers/catalog.ts');
    const find = (model: string): Price | undefined => settings['precis.prices'][model] ?? priceOf(model);
    const [writes, reads] = [find(writer), find(reader ?? writer)];
    if (!writes || !reads) return undefined;
    const { read, written } = text;
    const usd = read.input * reads.input + read.output * reads.output;
    return (usd + written.input * writes.input + written.output * writes.output) / 1e6;
  }

  async readerOf(writer: string): Promise<string | undefined> {
    return (await import('../providers/catalog.ts')).findReaderModel(writer);
  }

  async definition(id: ProviderId): Promise<Provider> {
    const { loadProvider } = await import('../providers/index.ts');
    return loadProvider(id, {
      vscode: {
        lm: { selectChatModels: editorModels },
        LanguageModelChatMessage: vscode.LanguageModelChatMessage,
        LanguageModelTextPart: vscode.LanguageModelTextPart,
        LanguageModelError: vscode.LanguageModelError,
        CancellationTokenSource: vscode.CancellationTokenSource,
        justification: t('To summarize the text that you asked for.'),
      },
    });
  }

  async configOf(of: Provider, settings: Settings, model: string): Promise<ProviderConfig> {
    const { hash, log, memory } = this.deps;
    const baseUrl = getBaseUrl(of, settings);
    if (of.defaultBaseUrl !== undefined) checkAddress(baseUrl);
    const apiKey = await this.apiKey(of, settings);
    const headers = settings['precis.openaiCompatible.headers'];
    const hasHeaders = of.id === 'openai-compatible' && Object.keys(headers).length > 0;
    return {
      baseUrl,
      apiKey,
      model,
      ...(of.id === 'openai-compatible' ? { headers } : {}),
      contextWindow: settings['precis.contextWindow'],
      ...(settings['precis.serviceTier'] === 'flex' ? { serviceTier: 'flex' } : {}),
      // looked up at each call: VS Code patches it for proxies and certificates
      fetch: (input, init) => globalThis.fetch(input, init),
      account: hash(`${of.id}\n${baseUrl}\n${apiKey}${hasHeaders ? JSON.stringify(headers) : ''}`).slice(0, 16),
      memory,
      log: (line) => log.info(line),
    };
  }

  async choose(
    settings: Settings,
    options: SummaryOptions,
    scope: vscode.Uri | undefined,
    door: Door,
  ): Promise<ChosenModels> {
    const id = await this.chooseProvider(settings, options, scope);
    if (typeof id === 'object') return toOffline(id.notice);
    const of = await this.definition(id);
    const auto = (options.provider ?? settings['precis.provider']) === 'auto';
    const by: NamedBy = auto ? 'auto' : door.chosenByPerson ? 'person' : findNamedBy(id, options);
    const refuse = (to: Destination): Promise<string | undefined> =>
      this.permission.findRefusal(of, to, by, settings, door);
    // consent first, because listing the server's models sends the key
    const refused = of.defaultBaseUrl ? await refuse(toDestination(of, settings)) : undefined;
    if (refused) return toOffline(refused);
    const name = await this.modelName(of, settings, options);
    const contextWindow = options.contextWindow ?? settings['precis.contextWindow'];
    const config = await this.configOf(of, { ...settings, 'precis.contextWindow': contextWindow }, name);
    const model = await this.adapter(of, config);
    const { findReader } = await import('../providers/wires/findReader.ts');
    const wish = mapWish(of, settings, options);
    const mapName = await findReader(of, { ...config, model: model.model }, wish);
    if (wish === '' && mapName !== model.model && door.interactive) this.deps.readerNotice.show(mapName, model.model);
    const mapModel = mapName === model.model ? model : await this.adapter(of, { ...config, model: mapName });
    if (!of.defaultBaseUrl) {
      for (const host of new Set([model.host, mapModel.host])) {
        const why = await refuse({ provider: id, host: `vscode:${host}`, loopback: false, official: false });
        if (why) return toOffline(why);
      }
    }
    const hasFlex = id === 'openai' && toDestination(of, settings).official;
    const prices = { ...settings['precis.prices'], ...(await this.permission.getFolderPrices(scope, door)) };
    const price = await getPrice(id, model, prices);
    const mapPrice = await getPrice(id, mapModel, prices);
    return {
      provider: id,
      model,
      mapModel,
      ...(price ? { price } : {}),
      ...(mapPrice ? { mapPrice } : {}),
      ...(hasFlex ? { hasFlex } : {}),
      ...(hasFlex && config.serviceTier ? { flex: true as const } : {}),
      ...(wish === '' && mapModel !== model ? { isDefaultReader: true as const } : {}),
      concurrency: options.concurrency ?? getConcurrency(config.baseUrl, settings, scope),
      concurrencySet: options.concurrency !== undefined || isSet('precis.concurrency', scope),
      baseUrl: config.baseUrl,
    };
  }

  private async chooseProvider(
    settings: Settings,
    options: SummaryOptions,
    scope: vscode.Uri | undefined,
  ): Promise<ProviderId | Pick<ChosenModels, 'notice'>> {
    const asked = options.provider ?? settings['precis.provider'];
    if (asked !== 'auto' && !providerIds.includes(asked as ProviderId)) {
      const message = t('There is no provider “{0}”.', String(asked).slice(0, 40));
      throw new ModelError({ kind: 'bad-request', message });
    }
    if (asked === 'offline') return {};
    if (!isTrusted()) return { notice: t('This folder isn’t trusted. Summarized offline; nothing was sent.') };
    const broken = findBrokenLimit(scope);
    if (broken)
      throw new SettingError(
        t('The setting {0} is not a number: nothing is sent while a limit cannot be read.', broken),
        broken,
      );
    if (asked !== 'auto') return asked as ProviderId;
    const id = await this.automatic(settings);
    return id === 'offline' ? {} : id;
  }

  /**
   * Returns the key; '' if none is needed.
   * @throws ModelError `auth` if it is missing or may not be used
   */
  private async apiKey(of: Provider, settings: Settings): Promise<string> {
    const found = await this.permission.findKey(of, settings);
    const key = found && this.permission.mayUseKey(of, settings, found, findNamedBy(of.id, {})) ? found : undefined;
    if (of.needsKey && found && !key) {
      const message = t(
        'The key from the environment belongs to {0} and is not sent to another host. Store a key for this host with “Set API Key”.',
        translateProviderName(of.label, t),
      );
      throw new ModelError({ kind: 'auth', message });
    }
    if (of.needsKey && !key) {
      throw new ModelError({
        kind: 'auth',
        message: t('No API key is set for {0}.', translateProviderName(of.label, t)),
      });
    }
    if (key) this.deps.log.hide(key.key);
    return key?.key ?? '';
  }

  private async adapter(of: Provider, config: ProviderConfig): Promise<ChatModel> {
    const id = `${of.id}|${config.account}|${config.model}|${config.contextWindow}|${config.serviceTier ?? ''}`;
    let adapter = this.adapters.get(id);
    if (!adapter) {
      adapter = of.create(config).then((model) => withLearnedLimits(model, this.deps.memory));
      this.adapters.set(id, adapter);
      if (this.adapters.size > maxAdapters) this.adapters.delete(this.adapters.keys().next().value!);
    }
    try {
      return await adapter;
    } catch (error) {
      this.adapters.delete(id);
      throw error;
    }
  }

  /** Returns the first of: a provider with a key, a VS Code model that the user allowed, offline. */
  private async automatic(settings: Settings): Promise<ProviderId> {
    const { keys, context } = this.deps;
    for (const id of keyedProviders) {
      // without a variable only a stored key counts
      if (providerFacts[id].keyVariable === undefined && !(await keys.hasStored(id))) continue;
      const of = await this.definition(id);
      if (await keys.resolve(id, getBaseUrl(of, settings))) return id;
    }
    const models = await editorModels().catch(() => []);
    const allowed = models.some((model) => context.languageModelAccessInformation?.canSendRequest(model) === true);
    return allowed ? 'vscode' : 'offline';
  }

  private async modelName(of: Provider, settings: Settings, options: SummaryOptions): Promise<string> {
    if (options.model) return options.model;
    if (of.id === 'vscode') return settings['precis.vscode.model'];
    const named = of.settings ? settings[`precis.${of.settings}.model`] : '';
    if (named) return named;
    const models = await of.listModels(await this.configOf(of, settings, ''), AbortSignal.timeout(10_000));
    const first = chooseFirstWriter(models);
    if (!first)
      throw new ModelError({
        kind: 'no-model',
        message: t('The server offers no model. Install one there, or use “Select Model”.'),
      });
    return first.id;
  }
}

/** @throws ModelError without an address, or for plain HTTP to another machine */
function checkAddress(baseUrl: string): void {
  const parsed = parseBaseUrl(baseUrl);
  if ('problem' in parsed) throw new ModelError({ kind: 'bad-request', code: parsed.problem });
  if (!parsed.exposed) return;
  const message = t(
    'The address of {0} is plain http to another machine, where anybody between could read the text. Use https.',
    parsed.host,
  );
  throw new ModelError({ kind: 'bad-request', message });
}

function toOffline(notice?: string): ChosenModels {
  return { provider: 'offline', concurrency: 1, concurrencySet: true, baseUrl: '', ...(notice ? { notice } : {}) };
}

/** USD per million tokens: of the settings, else of the catalog, else of the server; undefined if unknown. */
async function getPrice(
  id: ProviderId,
  of: ChatModel,
  prices: Readonly<Record<string, Price>>,
): Promise<Price | undefined> {
  if (prices[of.model]) return prices[of.model];
  const { getCatalogPrice: priceOf } = await import('../providers/catalog.ts');
  // a local server that runs models itself is free, whatever the model costs elsewhere
  const listed = id === 'openai-compatible' ? await getListPrice(of) : undefined;
  return listed?.input === 0 ? listed : (priceOf(of.model) ?? listed);
}

/** Returns the price that the server reports; undefined without one, or without an answer in 10 s. */
async function getListPrice(model: ChatModel): Promise<Price | undefined> {
  const limits = await model.limits(AbortSignal.timeout(10_000)).catch(() => undefined);
  return limits?.listPrice;
}

/** The setting, or 2 by default on this machine. */
function getConcurrency(baseUrl: string, settings: Settings, scope: vscode.Uri | undefined): number {
  const parsed = baseUrl ? parseBaseUrl(baseUrl) : undefined;
  const loopback = parsed !== undefined && !('problem' in parsed) && parsed.loopback;
  return loopback && !isSet('precis.concurrency', scope) ? 2 : settings['precis.concurrency'];
}

/** Value of `mapModel` for this run. The configured reader belongs to the configured writer, not to one named by a caller. */
function mapWish(of: Provider, settings: Settings, options: SummaryOptions): string {
  const group = of.id === 'vscode' ? of.id : of.settings;
  const setting = group ? settings[`precis.${group}.mapModel`] : '';
  if (options.mapModel) return options.mapModel;
  return options.model && setting !== 'same' ? '' : setting;
}
