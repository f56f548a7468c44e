/** Picks a file when no editor shows one: open, recent, any other, or the sample. */
import * as vscode from 'vscode';
import { t } from '../host/l10n.ts';
import { showPick, type PickItem } from '../host/notify.ts';
import { titleOf, uriOf } from '../sources/index.ts';

interface FileItem extends PickItem {
  readonly uri?: vscode.Uri;
  readonly browse?: boolean;
}

const maxRecent = 20;

/** @returns undefined if dismissed */
export async function pickFile(extensionUri: vscode.Uri): Promise<vscode.Uri | undefined> {
  const open = openFiles();
  const recent = (await listRecentFiles()).filter((uri) => !open.some((one) => one.toString() === uri.toString()));
  const separator = (label: string): FileItem => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const items: FileItem[] = [
    ...(open.length ? [separator(t('Open Files')), ...open.map(toFileItem)] : []),
    ...(recent.length ? [separator(t('Recent Files')), ...recent.slice(0, maxRecent).map(toFileItem)] : []),
    separator(''),
    { icon: 'folder-opened', label: t('Browse…'), browse: true },
    {
      icon: 'beaker',
      label: t('Summarize a Sample'),
      description: t('one page of minutes'),
      uri: vscode.Uri.joinPath(extensionUri, 'media', 'sample.md'),
    },
  ];
  const picked = await showPick(items, { title: t('Choose a file to summarize'), matchOnDescription: true });
  if (!picked?.browse) return picked?.uri;
  return (await vscode.window.showOpenDialog({ canSelectMany: false, openLabel: t('Summarize') }))?.[0];
}

function toFileItem(uri: vscode.Uri): FileItem {
  return { icon: 'file', label: titleOf(uri), description: vscode.workspace.asRelativePath(uri), uri };
}

/** Files open in tabs, without duplicates. */
export function openFiles(): vscode.Uri[] {
  const uris = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ input }) => uriOf(input)));
  const byName = new Map(uris.filter((uri) => uri !== undefined).map((uri) => [uri.toString(), uri]));
  return [...byName.values()];
}

/** VS Code's recent files, newest first; empty if unavailable. */
async function listRecentFiles(): Promise<vscode.Uri[]> {
  try {
    const found = await vscode.commands.executeCommand<
      { readonly files?: readonly { readonly fileUri?: vscode.Uri }[] } | undefined
    >('_workbench.getRecentlyOpened');
    return (found?.files ?? []).flatMap(({ fileUri }) => (fileUri ? [vscode.Uri.from(fileUri)] : []));
  } catch {
    return [];
  }
}
