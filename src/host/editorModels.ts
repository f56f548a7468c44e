/** The language models of VS Code; editors built on it may have none, nor the API. */
import * as vscode from 'vscode';

/** @returns an empty list where there is no API */
export async function editorModels(selector?: vscode.LanguageModelChatSelector): Promise<vscode.LanguageModelChat[]> {
  if (typeof vscode.lm?.selectChatModels !== 'function') return [];
  return vscode.lm.selectChatModels(selector);
}
