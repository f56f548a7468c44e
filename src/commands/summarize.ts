/** Commands that start a summary: turn the input into a target and hand it to `runs/`. */
import * as vscode from 'vscode';
import { t } from '../host/l10n.ts';
import { asUri, asUris } from '../host/uris.ts';
import { toTargetRange, writeSelectionTitle, toSource } from '../runs/resolve.ts';
import type { SummaryTarget } from '../runs/target.ts';
import type { Services } from '../services.ts';
import { clipboardSource, SourceError, terminalSource, titleOf, uriOf } from '../sources/index.ts';
import { begin, type Begin } from './begin.ts';
import type { Command } from './command.ts';
import { openFiles, pickFile } from './pickFile.ts';
import { chooseFiles, chooseFolder, type Chosen } from '../runs/chooseFiles.ts';

/** Menus pass the clicked item and the selection; extensions one URI. */
const fromMenu = (args: readonly unknown[]): boolean => args.length !== 1;

/** Takes the clicked file, else the active editor. */
export const summarizeFile: Command = {
  id: 'precis.summarizeFile',
  async execute(services, ...args) {
    const what = await fileToSummarize(services, args);
    return what && begin(services, what);
  },
};

/** Returns clicked or selected items, else the active editor, else a picked file; undefined if nothing was picked. */
export async function fileToSummarize(services: Services, args: readonly unknown[]): Promise<Begin | undefined> {
  const picks = (args[0] as { readonly pick?: unknown } | undefined)?.pick === true;
  if (picks) {
    const picked = await pickFile(services.context.extensionUri);
    return picked && createFileTarget(picked, true);
  }
  const clicked = asUri(args[0]);
  const selected = asUris(args[1]);
  if (selected.length > 1) return itemsToSummarize(selected, fromMenu(args));
  if (clicked) {
    const stat = await vscode.workspace.fs.stat(clicked).then(undefined, () => undefined);
    if (stat && stat.type & vscode.FileType.Directory) return itemsToSummarize([clicked], fromMenu(args));
    return createFileTarget(clicked, fromMenu(args));
  }
  const focused = findFocusedOutput();
  const tab = focused ? undefined : findActiveTab();
  if (tab instanceof vscode.TabInputTextDiff) {
    const { original, modified } = tab;
    const target: SummaryTarget = {
      kind: 'diffEditor',
      original: original.toString(),
      modified: modified.toString(),
    };
    return { target, title: t('Changes in {0}', titleOf(modified)), scope: modified, interactive: true };
  }
  const uri =
    focused ??
    uriOf(tab) ??
    vscode.window.activeTextEditor?.document.uri ??
    (await pickFile(services.context.extensionUri));
  if (!uri) return undefined;
  const kind = tab instanceof vscode.TabInputNotebook ? 'notebook' : 'file';
  const target: SummaryTarget = { kind, uri: uri.toString() };
  return { target, title: titleOf(uri), scope: uri, interactive: true };
}

function createFileTarget(uri: vscode.Uri, interactive: boolean): Begin {
  return { target: { kind: 'file', uri: uri.toString() }, title: titleOf(uri), scope: uri, interactive };
}

/** Finds focused Output or Debug Console text first, because it is in no tab. */
function findFocusedOutput(): vscode.Uri | undefined {
  const uri = vscode.window.activeTextEditor?.document.uri;
  return uri && outsideTabs.has(uri.scheme) ? uri : undefined;
}

const outsideTabs: ReadonlySet<string> = new Set(['output', 'debug']);

/** Input of the active tab; if that is our panel, of the column beside it. */
function findActiveTab(): unknown {
  const { activeTabGroup, all } = vscode.window.tabGroups;
  const shown = [activeTabGroup, ...all].map((group) => group.activeTab?.input);
  return shown.find((input) => input && !(input instanceof vscode.TabInputWebview));
}

/** @throws SourceError if nothing is selected */
export const summarizeSelection: Command = {
  id: 'precis.summarizeSelection',
  async execute(services) {
    const what = selectionToSummarize();
    if (!what) throw new SourceError(t('Nothing is selected. Select some text first.'));
    return begin(services, what);
  },
};

/** Selections of the active editor in order; undefined where there is none. */
export function selectionToSummarize(): Begin | undefined {
  const editor = vscode.window.activeTextEditor;
  const ranges = [...(editor?.selections ?? [])].filter((s) => !s.isEmpty).sort((a, b) => a.start.compareTo(b.start));
  if (!editor || !ranges.length) return undefined;
  const { uri } = editor.document;
  const target = { kind: 'selection' as const, uri: uri.toString(), ranges: ranges.map(toTargetRange) };
  return { target, title: writeSelectionTitle(uri, target.ranges), scope: uri, interactive: true };
}

/** Takes clicked or selected items, else chosen files. */
export const summarizeFolder: Command = {
  id: 'precis.summarizeFolder',
  async execute(services, ...args) {
    const uris = asUris(args[1]).length ? asUris(args[1]) : [asUri(args[0])].filter((uri) => uri !== undefined);
    if (uris.length) return begin(services, itemsToSummarize(uris, fromMenu(args)));
    const folder = await chooseFolder();
    if (!folder) return undefined;
    const chosen = await chooseFiles([folder]);
    if (!chosen) return undefined;
    return begin(services, itemsToSummarize([folder], true, chosen));
  },
};

/** @throws SourceError if no file is open */
export const summarizeOpenEditors: Command = {
  id: 'precis.summarizeOpenEditors',
  async execute(services) {
    const uris = openFiles();
    if (!uris.length) throw new SourceError(t('No file is open in an editor.'));
    return begin(services, itemsToSummarize(uris, true));
  },
};

function itemsToSummarize(uris: readonly vscode.Uri[], interactive: boolean, chosen?: Chosen): Begin {
  const target: SummaryTarget = { kind: 'items', uris: uris.map(String), ...chosen };
  const title = uris.length === 1 ? titleOf(uris[0]!) || uris[0]!.path.split('/').pop()! : t('{0} items', uris.length);
  return { target, title, scope: uris[0]!, interactive };
}

/** See `changesToSummarize`. */
export const summarizeChanges: Command = {
  id: 'precis.summarizeChanges',
  execute: (services, ...args) => begin(services, changesToSummarize(args)),
};

/** @param args a repository, a group of changes, or one change of a source control menu */
export function changesToSummarize(args: readonly unknown[]): Begin {
  const group = args[0] as
    { rootUri?: unknown; id?: unknown; resourceStates?: readonly { resourceUri?: unknown }[] } | undefined;
  const place = asUri(group?.rootUri) ?? asUri(group?.resourceStates?.[0]) ?? asUri(args[0]);
  const staged = group?.id === 'index';
  const target: SummaryTarget = {
    kind: 'changes',
    ...(place ? { repository: place.toString() } : {}),
    ...(staged ? { staged } : {}),
  };
  const title = staged ? t('Staged changes') : t('Changes');
  return { target, title, ...(place ? { scope: place } : {}), interactive: true };
}

/** The panel shows an error if it holds no text. */
export const summarizeClipboard: Command = {
  id: 'precis.summarizeClipboard',
  execute: (services) =>
    begin(services, {
      target: { kind: 'clipboard' },
      title: t('Clipboard'),
      interactive: true,
      read: async () => toSource(await clipboardSource()),
    }),
};

/** @throws SourceError if nothing is selected */
export const summarizeTerminalSelection: Command = {
  id: 'precis.summarizeTerminalSelection',
  async execute(services) {
    // read before a panel takes the terminal's focus
    const source = toSource(await terminalSource());
    return begin(services, {
      target: { kind: 'terminal' },
      title: source.title,
      interactive: true,
      read: () => Promise.resolve(source),
    });
  },
};
