/** What of the built-in Git extension's API is used (vscode `extensions/git/src/api/git.d.ts`, version 1). */
import * as vscode from 'vscode';

export interface GitChange {
  readonly uri: vscode.Uri;
  readonly originalUri: vscode.Uri;
  readonly renameUri?: vscode.Uri;
  readonly status: number;
}
export interface GitCommit {
  readonly hash: string;
  readonly message: string;
  readonly parents: readonly string[];
}
export interface GitRepository {
  readonly rootUri: vscode.Uri;
  readonly state: {
    readonly HEAD?: { readonly name?: string; readonly commit?: string };
    readonly workingTreeChanges: readonly GitChange[];
    readonly indexChanges: readonly GitChange[];
    /** Since VS Code 1.8x; older: among the working tree's. */
    readonly untrackedChanges?: readonly GitChange[];
  };
  diff(cached?: boolean): Promise<string>;
  diffBetween(ref1: string, ref2: string): Promise<readonly GitChange[]>;
  diffBetween(ref1: string, ref2: string, path: string): Promise<string>;
  getCommit(ref: string): Promise<GitCommit>;
  getMergeBase?(ref1: string, ref2: string): Promise<string | undefined>;
  log(options?: { readonly maxEntries?: number }): Promise<readonly GitCommit[]>;
  status(): Promise<void>;
}
interface GitApi {
  readonly repositories: readonly GitRepository[];
  getRepository(uri: vscode.Uri): GitRepository | null;
}

/** Git's number for a file that it does not know yet. */
export const untrackedStatus = 7;
/** The tree of no files: what the first commit is compared with. */
export const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

async function gitApi(): Promise<GitApi | undefined> {
  const extension = vscode.extensions.getExtension<{ getAPI(version: 1): GitApi }>('vscode.git');
  if (!extension) return undefined;
  try {
    return (extension.isActive ? extension.exports : await extension.activate()).getAPI(1);
  } catch {
    // switched off by `git.enabled`
    return undefined;
  }
}

/** The repository that a place belongs to, else that of the active editor, else the only one. */
export async function findRepository(place?: vscode.Uri): Promise<GitRepository | undefined> {
  const api = await gitApi();
  if (!api) return undefined;
  const active = vscode.window.activeTextEditor?.document.uri;
  for (const uri of [place, active]) {
    const found =
      uri &&
      (api.getRepository(uri) ??
        api.repositories.find((repository) => repository.rootUri.toString() === uri.toString()));
    if (found) return found;
  }
  return place && api.repositories.length > 1 ? undefined : api.repositories[0];
}
