/** Quick pick for the model: writer with the price of a text, reader, provider, offline. */
import * as vscode from 'vscode';
import type { ProviderId } from '../contributions.ts';
import { number } from '../host/plural.ts';
import { translateProviderName } from '../host/providerNames.ts';
import { readSettings, type Settings } from '../host/settings.ts';
import { t } from '../host/l10n.ts';
import { askText, showPick, showProgress, type PickItem } from '../host/notify.ts';
import { formatPrice } from '../runs/prices.ts';
import type { TextSize } from '../runs/models.ts';
import type { Provider } from '../providers/index.ts';
import type { RunView } from '../shared/runView.ts';
import type { Services } from '../services.ts';
import type { Command } from './command.ts';
import { toHost } from '../shared/baseUrl.ts';
import { selectProvider, setForMachine } from './setup.ts';
import { getBaseUrl } from '../runs/sendPermission.ts';

interface ModelItem extends PickItem {
  /** Id of a model; '' to ask for it. */
  readonly name?: string;
  readonly does?: 'provider' | 'reader' | 'offline';
}

/**
 * Resolves to the model, `offline`, or undefined if nothing was chosen.
 * @param args a provider, and the id of a summary whose text is priced
 */
export const selectModel: Command = {
  id: 'precis.selectModel',
  async execute(services, ...args) {
    const settings = readSettings();
    const asked = typeof args[0] === 'string' ? (args[0] as ProviderId) : settings['precis.provider'];
    const run = typeof args[1] === 'string' ? await services.runs.get(args[1]) : undefined;
    if (asked === 'offline' || asked === 'auto') return selectProvider.execute(services);
    const of = await services.models.definition(asked);
    const ids = getModelSettings(of);
    if (ids === undefined) return selectProvider.execute(services);
    const current = vscode.workspace.getConfiguration().get<string>(ids.writer, '');
    const models = await listModels(services, of, settings, current);
    const size = run && computeTextSize(run.view());
    const priced = await Promise.all(models.map((model) => writerItem(services, settings, model, current, size)));
    const reader = await readerText(services, ids, current);
    const other: ModelItem = { icon: 'edit', label: t('Enter Model Name…'), name: '' };
    const items: ModelItem[] = [
      ...priced,
      other,
      { label: '', kind: vscode.QuickPickItemKind.Separator },
      {
        icon: 'book',
        label: t('Reader'),
        description: reader,
        detail: t('A cheaper model that takes the notes'),
        does: 'reader',
      },
      { icon: 'server', label: t('Provider'), description: whereText(of, settings), does: 'provider' },
      ...(run
        ? [
            {
              icon: 'circle-slash',
              label: t('Summarize Offline'),
              description: t('nothing is sent'),
              does: 'offline',
            } as const,
          ]
        : []),
    ];
    const picked = await showPick(items, {
      title: t('Select Model – {0}', translateProviderName(of.label, t)),
      matchOnDescription: true,
    });
    if (!picked) return undefined;
    if (picked.does === 'offline') return 'offline';
    if (picked.does === 'provider') return selectProvider.execute(services);
    if (picked.does === 'reader') return selectReader(models, ids.reader);
    const name = picked.name || (await askName(current));
    if (!name) return undefined;
    await setForMachine(ids.writer, name);
    return name;
  },
};

type Listed = Awaited<ReturnType<Provider['listModels']>>[number];

interface ModelSettings {
  readonly writer: string;
  readonly reader: string;
}

/** Ids of the settings that name models; undefined for a provider without settings, which uses the first model that it lists. */
function getModelSettings({ id, settings }: Provider): ModelSettings | undefined {
  const group = id === 'vscode' ? id : settings;
  return group && { writer: `precis.${group}.model`, reader: `precis.${group}.mapModel` };
}

async function listModels(
  { models }: Services,
  of: Provider,
  settings: Settings,
  current: string,
): Promise<readonly Listed[]> {
  const config = await models.configOf(of, settings, current);
  return showProgress({ location: vscode.ProgressLocation.Window, title: t('Précis: asking for the models') }, () =>
    of.listModels(config, AbortSignal.timeout(20_000)),
  );
}

async function writerItem(
  { models }: Services,
  settings: Settings,
  { id: name, label, limits }: Listed,
  current: string,
  size: TextSize | undefined,
): Promise<ModelItem> {
  const usd = size && (await models.costOf(size, name, await models.readerOf(name), settings));
  const detail = [
    limits?.contextWindow ? t('holds {0} tokens', number(limits.contextWindow)) : '',
    size ? t('this text: {0}', usd === undefined ? t('price not known') : t('about {0}', formatPrice(usd))) : '',
  ];
  return {
    ...(name === current ? { icon: 'check' } : {}),
    label: label ?? name,
    description: label && label !== name ? name : '',
    detail: detail.filter((one) => one !== '').join(' · '),
    name,
  };
}

/** Tokens of the text, planned or used. A text in sections is read once, and its notes are read by the writer. */
function computeTextSize({ plan, usage, strategy }: RunView): TextSize | undefined {
  const input = plan?.estimate.inputTokens ?? usage?.inputTokens ?? 0;
  const output = plan?.estimate.outputTokens ?? usage?.outputTokens ?? 0;
  if (input === 0) return undefined;
  const none = { input: 0, output: 0 };
  if (strategy !== 'map-reduce' || plan === undefined) return { read: none, written: { input, output } };
  const read = Math.min(input, plan.tokens);
  // the final answer is bounded; the rest are notes
  const written = Math.min(output, maxSummaryTokens);
  return { read: { input: read, output: output - written }, written: { input: input - read, output: written } };
}

const maxSummaryTokens = 1_500;

async function readerText({ models }: Services, ids: ModelSettings, writer: string): Promise<string> {
  const set = vscode.workspace.getConfiguration().get<string>(ids.reader, '');
  if (set === 'same') return t('same as the writer');
  if (set !== '') return set;
  return t('automatic: {0}', (await models.readerOf(writer)) ?? t('same as the writer'));
}

function whereText(of: Provider, settings: Settings): string {
  const name = translateProviderName(of.label, t);
  return of.defaultBaseUrl ? `${name} · ${toHost(getBaseUrl(of, settings))}` : name;
}

/** Resolves to the reader; undefined if nothing was chosen. */
async function selectReader(models: readonly Listed[], id: string): Promise<string | undefined> {
  const current = vscode.workspace.getConfiguration().get<string>(id, '');
  const items = [
    { label: t('Automatic'), description: t('the cheaper model of the family, if there is one'), name: '' },
    { label: t('Same as the Writer'), description: '', name: 'same' },
    ...models.map(({ id: name, label }) => ({ label: label ?? name, description: label === name ? '' : name, name })),
  ].map((item) => (item.name === current ? { ...item, icon: 'check' } : item));
  const picked = await showPick(items, { title: t('Select Reader'), matchOnDescription: true });
  if (!picked) return undefined;
  await setForMachine(id, picked.name);
  return picked.label;
}

function askName(current: string): Promise<string | undefined> {
  return askText({
    title: t('Name of the model'),
    value: current,
    validateInput: (text) => (text.trim() === '' ? t('Enter a name.') : undefined),
  });
}
