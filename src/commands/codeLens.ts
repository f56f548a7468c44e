/** Shows a line above a summarized file that opens its summary; off by default (`precis.editor.codeLens`). */
import * as vscode from 'vscode';
import { t } from '../host/l10n.ts';
import { toTargetUri } from '../runs/target.ts';
import type { Services } from '../services.ts';
import { onDidChangeStore } from './summaryTree.ts';

const schemes = ['file', 'vscode-remote', 'vscode-vfs', 'untitled'];
const dayMs = 86_400_000;

/** Shows a lens above files with a summary; reads nothing before. */
export function createSummaryLens(get: () => Promise<Services>): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  let newest: Promise<ReadonlyMap<string, number>> | undefined;
  const forget = (): void => {
    newest = undefined;
    changed.fire();
  };
  let ended: vscode.Disposable | undefined;
  const load = async (): Promise<ReadonlyMap<string, number>> => {
    const { runs, store } = await get();
    ended ??= runs.onDidEnd(forget);
    return newestByUri(await store.list());
  };
  const provider: vscode.CodeLensProvider = {
    onDidChangeCodeLenses: changed.event,
    async provideCodeLenses({ uri }) {
      const at = (await (newest ??= load())).get(uri.toString());
      if (at === undefined) return [];
      const title = t('Summary of this file, {0}', ageText(Date.now() - at));
      const command = { command: 'precis.showSummary', title, arguments: [uri] };
      return [new vscode.CodeLens(new vscode.Range(0, 0, 0, 0), command)];
    },
  };
  const selector = schemes.map((scheme) => ({ scheme }));
  const registered = vscode.languages.registerCodeLensProvider(selector, provider);
  const stored = onDidChangeStore(forget);
  return new vscode.Disposable(() =>
    vscode.Disposable.from(registered, stored, changed, ...(ended ? [ended] : [])).dispose(),
  );
}

function newestByUri(records: Awaited<ReturnType<Services['store']['list']>>): ReadonlyMap<string, number> {
  const newest = new Map<string, number>();
  for (const { recipe, startedAt, view } of records) {
    const uri = toTargetUri(recipe);
    if (uri !== undefined && view.markdown !== '') newest.set(uri, Math.max(startedAt, newest.get(uri) ?? 0));
  }
  return newest;
}

/** `today`, `3 days ago`, in the language of VS Code. */
function ageText(ms: number): string {
  const format = new Intl.RelativeTimeFormat(vscode.env.language, { numeric: 'auto' });
  return format.format(-Math.floor(ms / dayMs), 'day');
}
