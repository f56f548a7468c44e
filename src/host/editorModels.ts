/** Lists VS Code's language models; editors built on VS Code may lack them or the API. */
import * as vscode from 'vscode';

/** @returns an empty list without the API */
export async function editorModels(selector?: vscode.LanguageModelChatSelector): Promise<vscode.LanguageModelChat[]> {
  if (typeof vscode.lm?.selectChatModels !== 'function') return [];
  return vscode.lm.selectChatModels(selector);
}
