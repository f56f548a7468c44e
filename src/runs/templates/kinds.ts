import * as vscode from 'vscode';
import { route } from '../../engine/read/detectKind.ts';
import type { Kind } from '../../engine/source.ts';
import { titleOf } from '../../sources/index.ts';
import type { SummaryTarget } from '../target.ts';

const sampled = 4_000;

/** Guesses by name, and by the start of an open document; undefined for several files or unknown text. */
export function guessKind(target: SummaryTarget): Kind | undefined {
  if (target.kind === 'changes' || target.kind === 'diffEditor') return 'diff';
  if (target.kind !== 'file' && target.kind !== 'selection') return undefined;
  const uri = vscode.Uri.parse(target.uri);
  const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === target.uri);
  if (!document) return route({ text: '', title: titleOf(uri) });
  const end = document.positionAt(sampled);
  const text = document.getText(new vscode.Range(new vscode.Position(0, 0), end));
  return route({ text, title: titleOf(uri), languageId: document.languageId });
}
