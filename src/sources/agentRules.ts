/** Decides which files agents may read, by the ignore files of agent tools. */
import * as vscode from 'vscode';
import { findIgnoreReason, noRules, withIgnoreFile } from './ignoreRules.ts';
import { nodeFs, nodePath } from './platform.ts';

/** Ignore files of agents, and our own. */
export const agentIgnoreFiles = ['.aiignore', '.aiexclude', '.cursorignore', '.precisignore'] as const;

/**
 * Returns the ignore file that excludes this file, from the workspace's root down, for its path and its links' targets. Each
 * kind of ignore file decides on its own.
 */
export async function findAgentIgnoreFile(root: vscode.Uri, file: vscode.Uri): Promise<string | undefined> {
  const found = await ignoredIn(root, file);
  if (found || root.scheme !== 'file' || !nodeFs || !nodePath) return found;
  const [realRoot, realFile] = await Promise.all(
    [root, file].map((uri) => nodeFs!.promises.realpath(uri.fsPath).catch(() => uri.fsPath)),
  );
  const moved = realFile !== file.fsPath || realRoot !== root.fsPath;
  return moved ? ignoredIn(vscode.Uri.file(realRoot!), vscode.Uri.file(realFile!)) : undefined;
}

async function ignoredIn(root: vscode.Uri, file: vscode.Uri): Promise<string | undefined> {
  const base = root.path.endsWith('/') ? root.path.slice(0, -1) : root.path;
  if (!file.path.startsWith(`${base}/`)) return undefined;
  const segments = file.path.slice(base.length + 1).split('/');
  const folders = segments.map((_, depth) => segments.slice(0, depth).join('/'));
  for (const name of agentIgnoreFiles) {
    let rules = noRules;
    for (const folder of folders) {
      const text = await readText(vscode.Uri.joinPath(root, folder, name));
      if (text) rules = withIgnoreFile(rules, folder, text);
    }
    const paths = segments.map((_, depth) => segments.slice(0, depth + 1).join('/'));
    if (paths.some((path, depth) => findIgnoreReason(rules, path, depth < segments.length - 1))) return name;
  }
  return undefined;
}

async function readText(uri: vscode.Uri): Promise<string> {
  const bytes = await vscode.workspace.fs.readFile(uri).then(undefined, () => undefined);
  return bytes ? new TextDecoder().decode(bytes) : '';
}
