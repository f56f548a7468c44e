import * as vscode from 'vscode';
import { textSource, type Outcome } from './outcome.ts';

export async function clipboardSource(): Promise<Outcome> {
  const text = await vscode.env.clipboard.readText();
  if (!/\S/.test(text)) return { reason: vscode.l10n.t('The clipboard holds no text.') };
  return textSource({ title: vscode.l10n.t('Clipboard'), startLine: 1, text });
}
