import { keyedProviders } from '../contributions.ts';
import * as vscode from 'vscode';
import { askModal, showInformation, showPick } from '../host/notify.ts';
import type { Permission, PermissionKind } from '../host/permissions.ts';
import { number } from '../host/plural.ts';
import { t } from '../host/l10n.ts';
import type { Services } from '../services.ts';
import type { Command } from './command.ts';

const kindText: Readonly<Record<PermissionKind, () => string>> = {
  host: () => t('Text may be sent there'),
  key: () => t('The key from the environment may be sent there'),
  prices: () => t('Prices that this folder sets'),
  model: () => t('A model that this folder chooses'),
  templates: () => t('Summary templates of this folder'),
};

function describe({ kind, answer }: Permission): string {
  return kind === 'host' && answer === 'offline' ? t('Summarized offline instead') : kindText[kind]();
}

function getName({ name }: Permission): string {
  const vendor = /^vscode:(.+)$/.exec(name)?.[1];
  return vendor === undefined ? name : t('VS Code’s language models ({0})', vendor);
}

/** Resolves to the number withdrawn; undefined if dismissed. */
export const managePermissions: Command = {
  id: 'precis.managePermissions',
  async execute({ permissions, log }) {
    const given = permissions.list().filter(({ answer }) => answer !== 'withdrawn');
    if (!given.length) {
      void showInformation(t('You have given no permissions yet. Précis asks before it sends text to a host.'));
      return undefined;
    }
    const items = given.map((permission) => ({
      label: getName(permission),
      description: describe(permission),
      detail: permission.at ? new Date(permission.at).toLocaleDateString(vscode.env.language) : '',
      permission,
    }));
    const picked = await showPick(items, { title: t('Permissions: choose one to withdraw'), matchOnDescription: true });
    if (!picked) return undefined;
    const withdraw = t('Withdraw');
    const question = t('Withdraw the permission for {0}?', picked.label);
    const detail = t('{0}. Précis asks again before it is used.', picked.description);
    if ((await askModal(question, detail, withdraw)) !== withdraw) return undefined;
    const { kind, name } = picked.permission;
    // a stored key implies consent, so the host is marked withdrawn
    await permissions.set(kind, name, kind === 'host' ? 'withdrawn' : undefined);
    log.info(`permission withdrawn: ${kind}`);
    return 1;
  },
};

/** Resolves to the deleted summaries, answers, jobs and keys; undefined if declined. */
export const deleteAllData: Command = {
  id: 'precis.deleteAllData',
  async execute(services) {
    const go = t('Delete Everything');
    const detail = t(
      'Summaries, cached answers, batch jobs, API keys, permissions and what was learned about providers are deleted. Settings stay. This cannot be undone.',
    );
    if ((await askModal(t('Delete all data that Précis keeps?'), detail, go)) !== go) return undefined;
    for (const run of services.runs.running) run.state.abort?.abort();
    const counts = await deleteEverything(services);
    services.log.info(`all data deleted: ${JSON.stringify(counts)}`);
    void showInformation(
      t(
        'Deleted: summaries {0}, answers {1}, batch jobs {2}, keys {3}.',
        number(counts.summaries),
        number(counts.answers),
        number(counts.jobs),
        number(counts.keys),
      ),
    );
    return counts;
  },
};

interface Deleted {
  readonly summaries: number;
  readonly answers: number;
  readonly jobs: number;
  readonly keys: number;
}

async function deleteEverything(services: Services): Promise<Deleted> {
  const { context, batches, store, caches, keys, permissions } = services;
  const jobs = await batches.jobs();
  for (const { id } of jobs) await batches.remove(id);
  const summaries = await store.clear(() => false);
  const { entries } = await caches.clear();
  let cleared = 0;
  for (const provider of keyedProviders) cleared += await keys.clear(provider);
  await permissions.clear();
  services.forgetLearned();
  for (const memento of [context.globalState, context.workspaceState])
    for (const key of memento.keys()) if (key.startsWith('precis.')) await memento.update(key, undefined);
  await deleteOtherWorkspaces(context);
  return { summaries, answers: entries, jobs: jobs.length, keys: cleared };
}

/** Deletes storage of folders that are not open: siblings of this one's. */
async function deleteOtherWorkspaces({ storageUri, globalStorageUri }: vscode.ExtensionContext): Promise<void> {
  const { fs } = vscode.workspace;
  const remove = (uri: vscode.Uri): Promise<void> =>
    Promise.resolve(fs.delete(uri, { recursive: true })).catch(() => undefined);
  await remove(vscode.Uri.joinPath(globalStorageUri, 'cache-without-folder'));
  const parts = /^(.*\/workspaceStorage)\/([^/]+)\/([^/]+)\/?$/.exec(storageUri?.path ?? '');
  if (!storageUri || !parts) return;
  const [, all = '', own = '', extension = ''] = parts;
  const folder = storageUri.with({ path: all });
  const entries = await Promise.resolve(fs.readDirectory(folder)).catch((): [string, vscode.FileType][] => []);
  for (const [name] of entries) if (name !== own) await remove(vscode.Uri.joinPath(folder, name, extension));
}
