import * as vscode from 'vscode';
import type { SourcePart } from '../engine/source.ts';
import { sentence, titleOf } from './files.ts';
import { bytesOf, outputText } from '../text/notebookText.ts';
import { type Outcome } from './outcome.ts';

/** Cells and outputs; pictures are named only. */
export async function notebookSource(notebookOrUri: vscode.NotebookDocument | vscode.Uri): Promise<Outcome> {
  const notebook =
    notebookOrUri instanceof vscode.Uri
      ? await vscode.workspace.openNotebookDocument(notebookOrUri).then(undefined, () => undefined)
      : notebookOrUri;
  if (!notebook) return { reason: sentence('damaged') };
  const title = titleOf(notebook.uri);
  const parts = notebook.getCells().flatMap((cell, i) => cellParts(cell, i + 1, title));
  if (parts.length === 0) return { reason: `${title}: ${sentence('blank')}` };
  return { source: { title, parts, skipped: [], shape: 'text' } };
}

/** Cells have own addresses for citations; outputs lead to them. */
function cellParts(cell: vscode.NotebookCell, number: number, notebook: string): SourcePart[] {
  const uri = cell.document.uri.toString();
  const title = vscode.l10n.t('{0}, cell {1}', notebook, number);
  const text = cell.document.getText();
  const out: SourcePart[] = [];
  if (/\S/.test(text)) out.push({ uri, title, languageId: cell.document.languageId, startLine: 1, text });
  const printed = outputText(
    cell.outputs.map((output) => output.items.map(({ mime, data }) => ({ mime, data: bytesOf(data) }))),
  );
  if (printed)
    out.push({
      uri,
      title: vscode.l10n.t('{0}, output of cell {1}', notebook, number),
      languageId: 'plaintext',
      startLine: 1,
      text: printed,
    });
  return out;
}
