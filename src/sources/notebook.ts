import * as vscode from 'vscode';
import type { SourcePart } from '../engine/source.ts';
import { describeReason, getTitle } from './files.ts';
import { toBytes, readOutputs } from '../text/notebookText.ts';
import { type Outcome } from './outcome.ts';

/** Reads cells and outputs; pictures are only named. */
export async function readNotebookSource(notebookOrUri: vscode.NotebookDocument | vscode.Uri): Promise<Outcome> {
  const notebook =
    notebookOrUri instanceof vscode.Uri
      ? await vscode.workspace.openNotebookDocument(notebookOrUri).then(undefined, () => undefined)
      : notebookOrUri;
  if (!notebook) return { reason: describeReason('damaged') };
  const title = getTitle(notebook.uri);
  const parts = notebook.getCells().flatMap((cell, i) => createCellParts(cell, i + 1, title));
  if (parts.length === 0) return { reason: `${title}: ${describeReason('blank')}` };
  return { source: { title, parts, skipped: [], shape: 'text' } };
}

/** Cells have addresses of their own for citations; outputs lead to their cell. */
function createCellParts(cell: vscode.NotebookCell, number: number, notebook: string): SourcePart[] {
  const uri = cell.document.uri.toString();
  const title = vscode.l10n.t('{0}, cell {1}', notebook, number);
  const text = cell.document.getText();
  const out: SourcePart[] = [];
  if (/\S/.test(text)) out.push({ uri, title, languageId: cell.document.languageId, startLine: 1, text });
  const printed = readOutputs(
    cell.outputs.map((output) => output.items.map(({ mime, data }) => ({ mime, data: toBytes(data) }))),
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
