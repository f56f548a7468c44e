/** What tells that a run's files, or its repository, may be others by now. */
import * as vscode from 'vscode';
import { onRepositoryChange } from '../sources/index.ts';
import type { ActiveRun } from './activeRun.ts';
import type { Recipe } from './target.ts';
import { concerns } from './staleFiles.ts';

/** Of very many items only these are watched; the others are compared when the panel is shown again. */
const mostWatched = 40;

/** Changes of a repository, but for a commit's, which stay what they are. */
export const mayChange = (recipe: Recipe): boolean =>
  recipe.kind === 'changes' && !/^[0-9a-f]{7,64}$/i.test(recipe.range ?? '');

/**
 * Listens until it is disposed; undefined where there is nothing to listen to.
 * @param onDoubt gets the file that changed, where it is one
 */
export function watchSource(run: ActiveRun, onDoubt: (uri?: string) => void): vscode.Disposable | undefined {
  const { recipe } = run.state;
  if (recipe.kind === 'items') return watchItems(run, recipe.uris, onDoubt);
  if (recipe.kind !== 'changes' || !mayChange(recipe)) return undefined;
  const place = recipe.repository ? vscode.Uri.parse(recipe.repository, true) : undefined;
  return onRepositoryChange(place, () => onDoubt());
}

function watchItems(run: ActiveRun, uris: readonly string[], onDoubt: (uri: string) => void): vscode.Disposable {
  const watchers: vscode.Disposable[] = [];
  let disposed = false;
  let known = run.state.view.coverage;
  let matters = concerns(run);
  const hear = (uri: vscode.Uri): void => {
    // what is left out is known when the run has ended
    if (known !== run.state.view.coverage) {
      known = run.state.view.coverage;
      matters = concerns(run);
    }
    if (matters(uri.toString())) onDoubt(uri.toString());
  };
  for (const one of uris.slice(0, mostWatched)) void listen(vscode.Uri.parse(one, true));
  return {
    dispose() {
      disposed = true;
      vscode.Disposable.from(...watchers).dispose();
    },
  };

  async function listen(uri: vscode.Uri): Promise<void> {
    const stat = await vscode.workspace.fs.stat(uri).then(undefined, () => undefined);
    if (!stat || disposed) return;
    const isFolder = (stat.type & vscode.FileType.Directory) !== 0;
    const pattern = isFolder
      ? new vscode.RelativePattern(uri, '**/*')
      : new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), '*');
    const heard = isFolder ? hear : (changed: vscode.Uri) => changed.toString() === uri.toString() && hear(changed);
    const watcher = vscode.workspace.createFileSystemWatcher(pattern);
    watchers.push(watcher, watcher.onDidChange(heard), watcher.onDidCreate(heard), watcher.onDidDelete(heard));
  }
}
