import { join } from 'node:path';
import * as vscode from 'vscode';

/** An extension context with only what services use; its storage is below `home`. */
export function createContext(home: string): vscode.ExtensionContext {
  const values = (): vscode.Memento => {
    const map = new Map<string, unknown>();
    return {
      get: (key: string, fallback?: unknown) => map.get(key) ?? fallback,
      update: (key: string, value: unknown) => Promise.resolve(void map.set(key, value)),
      keys: () => [...map.keys()],
    } as vscode.Memento;
  };
  const secrets = new Map<string, string>();
  const extension = vscode.extensions.getExtension('precis.precis')!;
  return {
    subscriptions: [],
    extension,
    extensionUri: extension.extensionUri,
    storageUri: vscode.Uri.file(join(home, 'workspace')),
    globalStorageUri: vscode.Uri.file(join(home, 'global')),
    globalState: values(),
    workspaceState: values(),
    secrets: {
      get: (key: string) => Promise.resolve(secrets.get(key)),
      store: (key: string, value: string) => Promise.resolve(void secrets.set(key, value)),
      delete: (key: string) => Promise.resolve(void secrets.delete(key)),
      onDidChange: new vscode.EventEmitter<vscode.SecretStorageChangeEvent>().event,
    },
    languageModelAccessInformation: { canSendRequest: () => true },
  } as unknown as vscode.ExtensionContext;
}
