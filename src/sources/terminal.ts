import * as vscode from 'vscode';
import { createTextSource, type Outcome } from './outcome.ts';

/** Reads the terminal's selection through the clipboard, which is restored. */
export async function readTerminalSource(): Promise<Outcome> {
  const terminal = vscode.window.activeTerminal;
  if (!terminal) return { reason: vscode.l10n.t('There is no terminal.') };
  const kept = await vscode.env.clipboard.readText();
  let text = '';
  try {
    await vscode.env.clipboard.writeText('');
    await vscode.commands.executeCommand('workbench.action.terminal.copySelection');
    text = await vscode.env.clipboard.readText();
  } finally {
    await vscode.env.clipboard.writeText(kept);
  }
  if (!/\S/.test(text))
    return { reason: vscode.l10n.t('Nothing is selected in the terminal. Select some output first.') };
  return createTextSource({
    title: vscode.l10n.t('Terminal: {0}', terminal.name),
    languageId: 'log',
    startLine: 1,
    text,
  });
}

/** A reason if the clipboard is empty. */
export async function readClipboardSource(): Promise<Outcome> {
  const text = await vscode.env.clipboard.readText();
  if (!/\S/.test(text)) return { reason: vscode.l10n.t('The clipboard holds no text.') };
  return createTextSource({ title: vscode.l10n.t('Clipboard'), startLine: 1, text });
}
