/** Quick picks for provider and key: show what is missing and set it up. */
import * as vscode from 'vscode';
import { keyedProviders, providerFacts, providerIds, type ContextKey, type ProviderId } from '../contributions.ts';
import { describeError } from '../engine/messages.ts';
import { editorModels } from '../host/editorModels.ts';
import { createErrorView } from '../host/errors.ts';
import { translateProviderName } from '../host/providerNames.ts';
import { parseBaseUrl, toHost } from '../shared/baseUrl.ts';
import { readSettings } from '../host/settings.ts';
import { t } from '../host/l10n.ts';
import { askText, showError, showInformation, showPick, showWarning, type PickItem } from '../host/notify.ts';
import { getBaseUrl } from '../runs/sendPermission.ts';
import type { Services } from '../services.ts';
import type { Command } from './command.ts';
import { setUpServer } from './serverSetup.ts';

const hasProvider: ContextKey = 'precis.hasProvider';
const machine = vscode.ConfigurationTarget.Global;

/** Writes a user setting. */
export async function setForMachine(id: string, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration().update(id, value, machine);
}

/** Also asks for what the provider lacks: address, key or model. */
export const selectProvider: Command = {
  id: 'precis.selectProvider',
  async execute(services) {
    const settings = readSettings();
    const hasEditorModels =
      settings['precis.provider'] === 'vscode' || (await editorModels().catch(() => [])).length > 0;
    const items: (PickItem & { id: ProviderId | 'auto'; preset?: string })[] = [
      { id: 'auto', label: t('Automatic'), description: t('uses the first provider with a key, otherwise offline') },
      { id: 'offline', label: t('Offline'), description: t('picks key sentences on this machine') },
    ];
    for (const id of providerIds) {
      if (id === 'offline' || (id === 'vscode' && !hasEditorModels)) continue;
      const of = await services.models.definition(id);
      const baseUrl = getBaseUrl(of, settings);
      const key = of.defaultBaseUrl ? await services.keys.resolve(id, baseUrl) : undefined;
      const state = !of.defaultBaseUrl
        ? ''
        : key
          ? key.from === 'stored'
            ? t('key stored')
            : t('key from the environment')
          : of.needsKey
            ? t('no key yet')
            : t('no key needed');
      const model = of.settings && (settings[`precis.${of.settings}.model`] || t('choose a model'));
      const where = [of.defaultBaseUrl ? toHost(baseUrl) : '', model ?? ''].filter((one) => one !== '').join(', ');
      items.push({ id, label: translateProviderName(of.label, t), description: state, detail: where });
    }
    const presets = await services.models.presets();
    items.push({
      id: 'openai-compatible',
      label: t('OpenAI-compatible servers'),
      kind: vscode.QuickPickItemKind.Separator,
    });
    for (const preset of presets) {
      const key = await services.keys.resolve('openai-compatible', preset.baseUrl).catch(() => undefined);
      const state = key ? t('key stored') : preset.needsKey ? t('needs a key') : t('needs no key');
      items.push({
        id: 'openai-compatible',
        preset: preset.id,
        label: translateProviderName(preset.label, t),
        description: preset.baseUrl,
        detail: `${state} · ${preset.help}`,
      });
    }
    const current = settings['precis.provider'];
    for (const item of items) if (item.id === current && !item.preset && item.kind === undefined) item.icon = 'check';
    const picked = await showPick(items, {
      title: t('Choose who writes your summaries'),
      matchOnDescription: true,
      matchOnDetail: true,
    });
    if (!picked) return undefined;
    const preset = presets.find((p) => p.id === picked.preset);
    if (picked.id === 'openai-compatible') {
      const label = translateProviderName(preset?.label ?? picked.label, t);
      const start = preset ?? { baseUrl: settings['precis.openaiCompatible.baseUrl'], needsKey: false };
      const asksAddress = preset === undefined || /\{\w+\}/.test(preset.baseUrl);
      if (!(await setUpServer(services, { ...start, asksAddress, label }))) return undefined;
      await forgetOffline(services, picked.id);
      await vscode.commands.executeCommand('setContext', hasProvider, true);
      return picked.id;
    }
    if (picked.id !== 'auto' && picked.id !== 'offline') {
      const of = await services.models.definition(picked.id);
      const baseUrl = getBaseUrl(of, readSettings());
      if (of.needsKey && !(await services.keys.resolve(picked.id, baseUrl)) && !(await askKey(services, picked.id)))
        return undefined;
    }
    await setForMachine('precis.provider', picked.id);
    if (picked.id !== 'auto' && picked.id !== 'offline') await forgetOffline(services, picked.id);
    if (picked.id === 'vscode') await vscode.commands.executeCommand('precis.selectModel');
    await vscode.commands.executeCommand('setContext', hasProvider, true);
    return picked.id;
  },
};

/** Choosing a provider again also revokes the choice to stay offline. */
async function forgetOffline({ models, permissions }: Services, provider: ProviderId): Promise<void> {
  const host = toHost(getBaseUrl(await models.definition(provider), readSettings()));
  for (const { kind, name, answer } of permissions.list()) {
    const same = name === host || (provider === 'vscode' && name.startsWith('vscode:'));
    if (kind === 'host' && same && answer === 'offline') await permissions.set('host', name, undefined);
  }
}

/** Takes a provider and a key; asks for what is missing. */
export const setApiKey: Command = {
  id: 'precis.setApiKey',
  async execute(services, ...args) {
    const provider =
      typeof args[0] === 'string'
        ? (args[0] as ProviderId)
        : await chooseProvider(services, t('Set API Key – choose a provider'));
    if (!provider) return undefined;
    if (typeof args[1] === 'string') return storeKey(services, provider, args[1], false);
    return askKey(services, provider);
  },
};

async function chooseProvider(services: Services, title: string): Promise<ProviderId | undefined> {
  const settings = readSettings();
  const definitions = await Promise.all(keyedProviders.map((id) => services.models.definition(id)));
  const items = definitions.map((of) => ({
    label: translateProviderName(of.label, t),
    description: toHost(getBaseUrl(of, settings)),
    id: of.id,
  }));
  return (await showPick(items, { title }))?.id;
}

/** Resolves to true if a key was stored. */
async function askKey(services: Services, provider: ProviderId): Promise<boolean> {
  const of = await services.models.definition(provider);
  const host = toHost(getBaseUrl(of, readSettings()));
  const key = await askText({
    title: t('API key for {0}', translateProviderName(of.label, t)),
    prompt: t('Checked once with {0}, stored in VS Code’s secret storage, sent nowhere else.', host),
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? t('Enter a key.') : undefined),
  });
  if (!key?.trim()) return false;
  return (await storeKey(services, provider, key)) === true;
}

/** Checks the key with a free call first; if the server is unreachable, the user decides. */
async function storeKey(services: Services, provider: ProviderId, key: string, asks = true): Promise<boolean> {
  if (!keyedProviders.includes(provider)) throw new Error(t('This provider takes no key.'));
  const settings = readSettings();
  const of = await services.models.definition(provider);
  const baseUrl = getBaseUrl(of, settings);
  const parsed = parseBaseUrl(baseUrl);
  if ('problem' in parsed) throw new Error(describeError({ code: parsed.problem }, t));
  if (parsed.exposed)
    throw new Error(t('The address {0} is plain http: the key would be readable on its way. Use https.', parsed.host));
  services.log.hide(key.trim());
  const config = { ...(await services.models.configOf({ ...of, needsKey: false }, settings, '')), apiKey: key.trim() };
  try {
    await of.checkKey(config, AbortSignal.timeout(20_000));
  } catch (error) {
    const view = createErrorView(error, t);
    if (view.kind === 'auth') {
      void showError(t('The key was not stored. {0}', view.message), t('Try Again')).then((again) =>
        again ? askKey(services, provider) : false,
      );
      return false;
    }
    if (asks && !(await storeAnyway(view.message))) return false;
  }
  await services.keys.set(provider, baseUrl, key).catch(() => {
    const variable = providerFacts[provider].keyVariable;
    throw new Error(
      variable === undefined
        ? t('VS Code’s secret storage could not keep the key.')
        : t('VS Code’s secret storage could not keep the key. Set the environment variable {0}.', variable),
    );
  });
  await services.permissions.set('host', parsed.host, 'send');
  services.log.info(`a key for ${provider} at ${parsed.host} was stored`);
  return true;
}

async function storeAnyway(why: string): Promise<boolean> {
  const store = t('Store Anyway');
  return (await showWarning(t('The key could not be checked. {0}', why), store)) === store;
}

/** Takes a provider; asks if it is missing. */
export const clearApiKey: Command = {
  id: 'precis.clearApiKey',
  async execute(services, ...args) {
    const provider =
      typeof args[0] === 'string'
        ? (args[0] as ProviderId)
        : await chooseProvider(services, t('Clear API Key – choose a provider'));
    if (!provider) return undefined;
    const cleared = await services.keys.clear(provider);
    void showInformation(
      cleared ? t('The key for {0} was deleted.', provider) : t('No key is stored for {0}.', provider),
    );
    return cleared;
  },
};
