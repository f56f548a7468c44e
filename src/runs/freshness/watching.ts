import * as vscode from 'vscode';
import { onRepositoryChange } from '../../sources/index.ts';
import type { ActiveRun } from '../activeRun.ts';
import type { SummaryTarget } from '../target.ts';
import { concerns } from './staleFiles.ts';

/** Others are compared when the panel is shown. */
const maxWatched = 40;

/** Whether the target is changes of a repository, rather than a commit. */
export const mayChange = (target: SummaryTarget): boolean =>
  target.kind === 'changes' && !/^[0-9a-f]{7,64}$/i.test(target.range ?? '');

/**
 * Undefined if there is nothing to watch.
 * @param onDoubt receives the changed file, if known
 */
export function watchSource(run: ActiveRun, onDoubt: (uri?: string) => void): vscode.Disposable | undefined {
  const { target } = run.state;
  if (target.kind === 'items') return watchItems(run, target.uris, onDoubt);
  if (target.kind !== 'changes' || !mayChange(target)) return undefined;
  const place = target.repository ? vscode.Uri.parse(target.repository, true) : undefined;
  return onRepositoryChange(place, () => onDoubt());
}

function watchItems(run: ActiveRun, uris: readonly string[], onDoubt: (uri: string) => void): vscode.Disposable {
  const watchers: vscode.Disposable[] = [];
  let disposed = false;
  let known = run.state.view.coverage;
  let matters = concerns(run);
  const hear = (uri: vscode.Uri): void => {
    // the files that were left out are known at the end
    if (known !== run.state.view.coverage) {
      known = run.state.view.coverage;
      matters = concerns(run);
    }
    if (matters(uri.toString())) onDoubt(uri.toString());
  };
  for (const one of uris.slice(0, maxWatched)) void listen(vscode.Uri.parse(one, true));
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
