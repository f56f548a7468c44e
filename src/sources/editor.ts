import * as vscode from 'vscode';
import type { SourcePart } from '../engine/source.ts';
import { createDocumentPart, readPart, getTitle } from './files.ts';
import { withKeyMark } from './keyMark.ts';
import { readDiffEditorSource } from './git/diffEditor.ts';
import { readNotebookSource } from './notebook.ts';
import { createTextSource, type Outcome } from './outcome.ts';
import { readDocumentSymbols } from './git/symbols.ts';

/** Reads the active editor: a text, notebook, comparison, or a file too large to open. */
export async function readActiveSource(): Promise<Outcome> {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (input instanceof vscode.TabInputTextDiff) return readDiffEditorSource(input);
  const notebook = vscode.window.activeNotebookEditor?.notebook;
  if (notebook && !(input instanceof vscode.TabInputText)) return readNotebookSource(notebook);
  const editor = vscode.window.activeTextEditor;
  if (editor) return openDocumentSource(editor.document);
  // above 50 MB a tab has no document
  const uri = findUri(input);
  return uri ? readFileSource(uri) : { reason: vscode.l10n.t('Open a file to summarize.') };
}

/** Reads a file with unsaved edits. */
export async function readFileSource(
  uri: vscode.Uri,
  lines?: { readonly first: number; readonly last: number },
  root?: vscode.Uri,
): Promise<Outcome> {
  if (/\.ipynb$/i.test(uri.path) && !lines) return readNotebookSource(uri);
  const open = vscode.workspace.textDocuments.find(
    (document) => document.uri.toString() === uri.toString() && !document.isClosed,
  );
  if (open && !lines && !root) return openDocumentSource(open);
  const outcome = await readPart(uri, { lines, root, languageId: open?.languageId });
  return 'reason' in outcome ? { reason: `${getTitle(uri)}: ${outcome.reason}` } : createTextSource(outcome.part);
}

async function openDocumentSource(document: vscode.TextDocument): Promise<Outcome> {
  const outcome = await createDocumentPart(document);
  if ('reason' in outcome) return { reason: `${getTitle(document.uri)}: ${outcome.reason}` };
  return createTextSource(await withSymbols(outcome.part, document));
}

async function withSymbols(part: SourcePart, document: vscode.TextDocument): Promise<SourcePart> {
  const symbols = document.lineCount <= 60_000 ? await readDocumentSymbols(document) : undefined;
  return symbols ? { ...part, symbols } : part;
}

/** Reads a range of an open document, unsaved edits included. */
export function readRangePart(
  document: vscode.TextDocument,
  range: vscode.Range,
  title = getTitle(document.uri),
): Promise<SourcePart> {
  const part = {
    uri: document.uri.toString(),
    title,
    languageId: document.languageId,
    startLine: range.start.line + 1,
    text: document.getText(range),
  };
  return withKeyMark(part, document.uri);
}

/** Returns the file of any tab. */
export function findUri(input: unknown): vscode.Uri | undefined {
  if (
    input instanceof vscode.TabInputText ||
    input instanceof vscode.TabInputCustom ||
    input instanceof vscode.TabInputNotebook
  )
    return input.uri;
  return input instanceof vscode.TabInputTextDiff ? input.modified : undefined;
}
