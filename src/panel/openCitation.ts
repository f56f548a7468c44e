import * as vscode from 'vscode';
import { showStatus } from '../host/notify.ts';
import { t } from '../host/l10n.ts';
import { follow, lineEdit, shifted, type Found, type LineEdit, type LineRange } from '../runs/freshness/citedLines.ts';

/** Lines from 1, inclusive. */
export interface Lines extends LineRange {
  readonly uri: string;
  /** When read. */
  readonly excerpt?: string;
  /** Time of reading, Unix ms. */
  readonly readAt?: number;
}

const highlightMs = 2_000;
const staleMs = 8_000;
/** Maximum edits tracked for a document; older positions are found by their text. */
const maxEdits = 2_000;
/** VS Code gives extensions no documents above this; its editor still opens them. */
const documentLimit = 50 * 1024 * 1024;

/** Opens and highlights cited lines. */
export interface CitationOpener extends vscode.Disposable {
  /** Opens the lines beside the panel and highlights them for about two seconds. */
  open(lines: Lines): Promise<void>;
  /** Sets the cited lines to mark; empty clears them. */
  setCited(lines: readonly Lines[]): void;
}

/** @param showCited setting `precis.editor.showCitedLines` of that document */
export function createCitationOpener(showCited: (uri: vscode.Uri) => boolean): CitationOpener {
  const flash = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor('editor.findMatchHighlightBackground'),
    overviewRulerColor: new vscode.ThemeColor('editorOverviewRuler.findMatchForeground'),
    overviewRulerLane: vscode.OverviewRulerLane.Center,
  });
  const margin = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    borderWidth: '0 0 0 2px',
    borderStyle: 'solid',
    borderColor: new vscode.ThemeColor('textLink.foreground'),
    overviewRulerColor: new vscode.ThemeColor('textLink.foreground'),
    overviewRulerLane: vscode.OverviewRulerLane.Left,
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  });
  let cited = new Map<string, vscode.Range[]>();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const edits = new Map<string, (LineEdit & { readonly at: number })[]>();

  const now = async (lines: Lines, document: vscode.TextDocument): Promise<Found> => {
    const { uri, excerpt, readAt = Number.POSITIVE_INFINITY } = lines;
    const since = (edits.get(uri) ?? []).filter(({ at }) => at > readAt);
    const place = shifted(lines, since);
    const moved = place.startLine !== lines.startLine ? 'moved' : 'same';
    if (!excerpt) return { ...place, state: moved };
    const text = { count: document.lineCount, line: (n: number): string => document.lineAt(n - 1).text };
    const found = follow(place, excerpt, text);
    // masked text and text extracted from documents never match the editor's text
    const untouched =
      since.length === 0 && !document.isDirty && (await getModificationTime(document.uri).then((at) => at <= readAt));
    return found.state === 'changed' && untouched ? { ...place, state: 'same' } : found;
  };
  const mark = (editors: readonly vscode.TextEditor[]): void => {
    for (const editor of editors) {
      const { uri } = editor.document;
      editor.setDecorations(margin, showCited(uri) ? (cited.get(uri.toString()) ?? []) : []);
    }
  };
  const light = (editor: vscode.TextEditor, range: vscode.Range): void => {
    editor.setDecorations(flash, [range]);
    const timer = setTimeout(() => {
      timers.delete(timer);
      editor.setDecorations(flash, []);
    }, highlightMs);
    timers.add(timer);
  };
  const listeners = [
    vscode.window.onDidChangeVisibleTextEditors(mark),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (document.uri.scheme === 'output') return;
      const key = document.uri.toString();
      const list = edits.get(key) ?? [];
      edits.set(key, list);
      for (const change of contentChanges) {
        const edit = lineEdit(change);
        if (edit) list.push({ ...edit, at: Date.now() });
      }
      if (list.length > maxEdits) list.splice(0, list.length - maxEdits);
    }),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('precis.editor.showCitedLines')) mark(vscode.window.visibleTextEditors);
    }),
  ];

  return {
    async open(lines) {
      const uri = vscode.Uri.parse(lines.uri, true);
      const viewColumn = findColumn(uri);
      if (await isTooLarge(uri)) {
        await vscode.commands.executeCommand('vscode.open', uri, { selection: toRange(lines), viewColumn });
        return;
      }
      const document = await vscode.workspace.openTextDocument(uri);
      const found = await now(lines, document);
      const inside = document.validateRange(toRange(found));
      const editor = await vscode.window.showTextDocument(document, {
        viewColumn,
        selection: inside.with(undefined, inside.start),
      });
      editor.revealRange(inside, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
      light(editor, inside);
      if (found.state === 'changed') showStatus('warning', t('These lines have changed since the summary.'), staleMs);
    },
    setCited(lines) {
      cited = new Map();
      for (const one of lines) {
        const key = vscode.Uri.parse(one.uri).toString();
        cited.set(key, [...(cited.get(key) ?? []), toRange(one)]);
      }
      mark(vscode.window.visibleTextEditors);
    },
    dispose() {
      for (const timer of timers) clearTimeout(timer);
      for (const listener of listeners) listener.dispose();
      flash.dispose();
      margin.dispose();
    },
  };
}

function toRange({ startLine, endLine }: LineRange): vscode.Range {
  const start = Math.max(0, startLine - 1);
  return new vscode.Range(start, 0, Math.max(start, endLine - 1), Number.MAX_SAFE_INTEGER);
}

/** The document's, else that of the last text editor: never the panel's. */
function findColumn(uri: vscode.Uri): vscode.ViewColumn {
  const key = uri.toString();
  const groups = vscode.window.tabGroups.all;
  const shows = groups.find(({ tabs }) =>
    tabs.some(({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === key),
  );
  const beside = groups.find(({ activeTab }) => !(activeTab?.input instanceof vscode.TabInputWebview));
  return (shows ?? beside)?.viewColumn ?? vscode.ViewColumn.Beside;
}

async function isTooLarge(uri: vscode.Uri): Promise<boolean> {
  try {
    return (await vscode.workspace.fs.stat(uri)).size > documentLimit;
  } catch {
    return false;
  }
}

/** Modification time, Unix ms; 0 if unknown. */
async function getModificationTime(uri: vscode.Uri): Promise<number> {
  try {
    return (await vscode.workspace.fs.stat(uri)).mtime;
  } catch {
    return 0;
  }
}
