/** Shows which files of a folder would be read, with sizes and tokens, to choose from. */
import * as vscode from 'vscode';
import { yieldToEventLoop } from '../host/yield.ts';
import { plural, number } from '../host/plural.ts';
import { t } from '../host/l10n.ts';
import { createPick, showPick, toPickItem, type PickItem } from '../host/notify.ts';
import { toPlainText } from '../host/plainText.ts';
import { planFolder, type FolderPlan } from '../sources/index.ts';
import { isSame, createRows, settled, findTicks, type FileRow, type Row } from './fileTicks.ts';

/** Undefined if cancelled. */
export async function chooseFolder(): Promise<vscode.Uri | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const other = { icon: 'folder-opened', label: t('Another folder…'), uri: undefined as vscode.Uri | undefined };
  const items = [
    ...folders.map((folder) => ({
      icon: 'root-folder',
      label: folder.name,
      uri: folder.uri as vscode.Uri | undefined,
    })),
    other,
  ];
  const picked = await showPick(items, { title: t('Summarize which folder?') });
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

interface RowItem extends PickItem {
  readonly row: Row;
}

/** Files that the user ticked. */
export interface Chosen {
  /** URIs of the files to read. */
  readonly picked: string[];
  /** Whether ticked files may hold keys; they are read, but sent only after a question. */
  readonly confirmedSecrets: boolean;
}

/**
 * Returns the chosen files; undefined if closed.
 * @param before the previous choice
 */
export async function chooseFiles(
  uris: readonly vscode.Uri[],
  before?: readonly string[],
  signal?: AbortSignal,
): Promise<Chosen | undefined> {
  const pick = createPick<RowItem>();
  const closed = new AbortController();
  const cancel = (): void => pick.hide();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    const hidden = new Promise<undefined>((resolve) => {
      pick.onDidHide(() => {
        closed.abort();
        resolve(undefined);
      });
    });
    const accepted = new Promise<void>((resolve) => void pick.onDidAccept(() => pick.busy || resolve()));
    pick.canSelectMany = true;
    pick.matchOnDescription = true;
    pick.ignoreFocusOut = true;
    pick.busy = true;
    pick.title = t('Looking through the folder…');
    pick.placeholder = t('Choose the files to read');
    pick.show();
    if (signal?.aborted) pick.hide();
    const planned = planFolder(uris, yieldToEventLoop, closed.signal).catch((error: unknown) => {
      if (closed.signal.aborted) return undefined;
      throw error;
    });
    const plan = await Promise.race([planned, hidden]);
    if (!plan || closed.signal.aborted) return undefined;
    const rows = fill(pick, plan, before && new Set(before));
    const done = await Promise.race([accepted.then(() => true as const), hidden]);
    if (!done) return undefined;
    const files = rows().map(({ file }) => file);
    pick.hide();
    // ticking allows reading; sending needs a later question
    const confirmedSecrets = files.some((file) => file.sensitive);
    return { picked: files.map((file) => file.uri.toString()), confirmedSecrets };
  } finally {
    signal?.removeEventListener('abort', cancel);
    pick.dispose();
  }
}

/** Fills the tree; returns the current ticks. */
function fill(
  pick: vscode.QuickPick<RowItem>,
  plan: FolderPlan,
  before: ReadonlySet<string> | undefined,
): () => FileRow[] {
  const rows = createRows(plan.files);
  const items = new Map(rows.map((row) => [row, toPickItem(toItem(row))]));
  const all = rows.filter((row) => row.kind === 'file').length;
  let ticked = findTicks(rows, before);
  const files = (): FileRow[] => [...ticked].filter((row) => row.kind === 'file');
  const show = (): void => {
    const tokens = files().reduce((sum, { file }) => sum + file.tokens, 0);
    const count = files().length;
    const left = number(all - count);
    pick.title = toPlainText(
      t('{0}: {1}, about {2}; {3} left out', plan.title, plural.files(count), plural.tokens(tokens), left),
    );
  };
  const select = (): void => {
    pick.selectedItems = [...ticked].map((row) => items.get(row)!);
    show();
  };
  pick.keepScrollPosition = true;
  pick.items = [...items.values()];
  select();
  pick.busy = false;
  pick.onDidChangeSelection((selection) => {
    const now = new Set(selection.map(({ row }) => row));
    const before = ticked;
    ticked = settled(rows, before, now);
    if (isSame(ticked, now)) show();
    else select();
  });
  return files;
}

function toItem(row: Row): RowItem {
  const cut = row.path.lastIndexOf('/');
  const folder = cut < 0 ? '' : `${row.path.slice(0, cut)} · `;
  if (row.kind === 'folder') {
    const tokens = row.files.reduce((sum, { file }) => sum + file.tokens, 0);
    return {
      icon: 'folder',
      label: row.path,
      description: `${plural.files(row.files.length)} · ${plural.tokens(tokens)}`,
      row,
    };
  }
  const { file } = row;
  return {
    label: row.path.slice(cut + 1),
    description: `${folder}${formatSize(file.bytes)} · ${plural.tokens(file.tokens)}`,
    ...(file.reason ? { detail: file.reason } : {}),
    row,
  };
}

function formatSize(bytes: number): string {
  if (bytes < 10_000) return `${bytes} B`;
  return bytes < 10_000_000 ? `${Math.round(bytes / 1000)} kB` : `${Math.round(bytes / 1e6)} MB`;
}
