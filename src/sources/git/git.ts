/** The used part of the Git extension's API (`extensions/git/src/api/git.d.ts`, version 1). */
import * as vscode from 'vscode';
import { nodeChildProcess } from '../platform.ts';

/** A change, as VS Code's Git extension has it. */
export interface GitChange {
  readonly uri: vscode.Uri;
  readonly renameUri?: vscode.Uri;
  readonly status: number;
}
interface GitCommit {
  readonly hash: string;
  readonly message: string;
  readonly authorName?: string;
  readonly authorDate?: Date;
  readonly parents: readonly string[];
}
/** Part of the Git extension's API. */
export interface GitRepository {
  readonly rootUri: vscode.Uri;
  readonly inputBox: { value: string };
  readonly state: {
    readonly HEAD?: { readonly name?: string; readonly commit?: string };
    readonly workingTreeChanges: readonly GitChange[];
    readonly indexChanges: readonly GitChange[];
    /** Before VS Code 1.8x these are among the working tree's changes. */
    readonly untrackedChanges?: readonly GitChange[];
    readonly onDidChange: vscode.Event<void>;
  };
  diff(cached?: boolean): Promise<string>;
  diffBetween(ref1: string, ref2: string): Promise<readonly GitChange[]>;
  diffBetween(ref1: string, ref2: string, path: string): Promise<string>;
  /** Newer versions only; returns all files at once. */
  diffBetweenPatch?(ref1: string, ref2: string): Promise<string>;
  getCommit(ref: string): Promise<GitCommit>;
  getMergeBase?(ref1: string, ref2: string): Promise<string | undefined>;
  /** Returns the branch that this one was created from. */
  getBranchBase?(name: string): Promise<{ readonly remote?: string; readonly name?: string } | undefined>;
  log(options?: { readonly maxEntries?: number }): Promise<readonly GitCommit[]>;
  status(): Promise<void>;
}
interface GitApi {
  readonly git: { readonly path: string };
  readonly repositories: readonly GitRepository[];
  getRepository(uri: vscode.Uri): GitRepository | null;
  /** Returns the address of a file as of a commit. */
  toGitUri(uri: vscode.Uri, ref: string): vscode.Uri;
}

/** Git's number of an untracked file. */
export const untrackedStatus = 7;
async function getGitApi(): Promise<GitApi | undefined> {
  const extension = vscode.extensions.getExtension<{ getAPI(version: 1): GitApi }>('vscode.git');
  if (!extension) return undefined;
  try {
    return (extension.isActive ? extension.exports : await extension.activate()).getAPI(1);
  } catch {
    // switched off by `git.enabled`
    return undefined;
  }
}

/** Returns documents of a commit's files; files of the working tree if they cannot be shown. */
export async function listFilesAt(repository: GitRepository, hash: string): Promise<(path: string) => string> {
  const api = await getGitApi();
  return (path) => {
    const file = vscode.Uri.joinPath(repository.rootUri, path);
    return (api ? api.toGitUri(file, hash) : file).toString();
  };
}

/** Finds the repository of the place, of the active editor, or the only one. */
export async function findRepository(place?: vscode.Uri): Promise<GitRepository | undefined> {
  const api = await getGitApi();
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

/** Finds the first commit, which has no parent to compare with. */
export async function findFirstCommit(repository: GitRepository, hash: string): Promise<string> {
  const api = await getGitApi();
  const processes = nodeChildProcess;
  if (!api || !processes) return '';
  const options = { cwd: repository.rootUri.fsPath, maxBuffer: 256 * 1024 * 1024, encoding: 'utf8' as const };
  return new Promise((resolve, reject) => {
    processes.execFile(
      api.git.path,
      ['show', '--format=', '--root', '--no-ext-diff', '--no-textconv', '--end-of-options', hash],
      options,
      (error, stdout) => (error ? reject(error) : resolve(stdout)),
    );
  });
}

/** Calls the listener whenever the repository refreshes. */
export function onRepositoryChange(place: vscode.Uri | undefined, listener: () => void): vscode.Disposable {
  let disposed = false;
  let subscription: vscode.Disposable | undefined;
  void findRepository(place).then((repository) => {
    if (!disposed) subscription = repository?.state.onDidChange(listener);
  });
  return {
    dispose() {
      disposed = true;
      subscription?.dispose();
    },
  };
}
