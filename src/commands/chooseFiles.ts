/** What would be read of a folder, with sizes and tokens, before anything is sent: each item can be unticked. */
import * as vscode from 'vscode';
import { yieldNow } from '../host/yield.ts';
import { t } from '../host/texts.ts';
import { planFolder, type PlannedFile } from '../sources/index.ts';

export async function chooseFolder(): Promise<vscode.Uri | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const other = { label: t('$(folder-opened) Another folder…'), uri: undefined as vscode.Uri | undefined };
  const items = [
    ...folders.map((folder) => ({ label: `$(root-folder) ${folder.name}`, uri: folder.uri as vscode.Uri | undefined })),
    other,
  ];
  const picked = await vscode.window.showQuickPick(items, { title: t('Summarize which folder?') });
  if (!picked) return undefined;
  if (picked.uri) return picked.uri;
  const chosen = await vscode.window.showOpenDialog({
    canSelectFolders: true,
    canSelectFiles: false,
    canSelectMany: false,
    openLabel: t('Summarize'),
  });
  return chosen?.[0];
}

interface FileItem extends vscode.QuickPickItem {
  readonly file?: PlannedFile;
}

export interface Chosen {
  /** URIs of the files to read. */
  readonly picked: string[];
  /** Somebody said yes to files that may hold keys. */
  readonly confirmedSecrets: boolean;
}

/** Undefined when it was closed. */
export async function chooseFiles(folder: vscode.Uri): Promise<Chosen | undefined> {
  const plan = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: t('Précis: looking through the folder') },
    () => planFolder([folder], yieldNow, new AbortController().signal),
  );
  const pick = vscode.window.createQuickPick<FileItem>();
  pick.canSelectMany = true;
  pick.matchOnDescription = true;
  pick.placeholder = t('Untick what should not be read');
  const readable = plan.files.filter((file) => !file.path.endsWith('/'));
  pick.items = itemsOf(readable);
  pick.selectedItems = pick.items.filter((item) => item.file?.picked);
  const tell = (): void => {
    const tokens = pick.selectedItems.reduce((sum, item) => sum + (item.file?.tokens ?? 0), 0);
    const left = readable.length - pick.selectedItems.length;
    pick.title = t(
      '{0}: {1} files, about {2} tokens; {3} left out',
      plan.title,
      pick.selectedItems.length,
      tokens.toLocaleString(vscode.env.language),
      left,
    );
  };
  tell();
  pick.onDidChangeSelection(tell);
  try {
    const picked = await new Promise<string[] | undefined>((resolve) => {
      pick.onDidAccept(() =>
        resolve(pick.selectedItems.flatMap((item) => (item.file ? [item.file.uri.toString()] : []))),
      );
      pick.onDidHide(() => resolve(undefined));
      pick.show();
    });
    if (!picked) return undefined;
    const secret = readable.filter((file) => file.sensitive && picked.includes(file.uri.toString()));
    return { picked, confirmedSecrets: secret.length > 0 && (await confirmSecrets(secret)) };
  } finally {
    pick.dispose();
  }
}

async function confirmSecrets(files: readonly PlannedFile[]): Promise<boolean> {
  const yes = t('Read Them Too');
  const names = files
    .slice(0, 5)
    .map((file) => file.path)
    .join(', ');
  const answer = await vscode.window.showWarningMessage(
    t('Read files that may hold keys or passwords?'),
    { modal: true, detail: names },
    yes,
  );
  return answer === yes;
}

function itemsOf(files: readonly PlannedFile[]): FileItem[] {
  const items: FileItem[] = [];
  let folder: string | undefined;
  for (const file of files) {
    const cut = file.path.lastIndexOf('/');
    const parent = cut < 0 ? '' : file.path.slice(0, cut);
    if (parent !== folder) {
      folder = parent;
      items.push({ label: parent || '.', kind: vscode.QuickPickItemKind.Separator });
    }
    const size =
      file.bytes < 10_000
        ? `${file.bytes} B`
        : file.bytes < 10_000_000
          ? `${Math.round(file.bytes / 1000)} kB`
          : `${Math.round(file.bytes / 1e6)} MB`;
    items.push({
      label: file.path.slice(cut + 1),
      description: `${size} · ${t('{0} tokens', file.tokens.toLocaleString(vscode.env.language))}`,
      ...(file.reason ? { detail: file.reason } : {}),
      file,
    });
  }
  return items;
}
