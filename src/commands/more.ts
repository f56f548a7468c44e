/** Commands on history, cache and log, and a problem report without text. */
import * as vscode from 'vscode';
import { isOne, number } from '../host/plural.ts';
import { t } from '../host/l10n.ts';
import { askModal, createPick, showInformation, toPickItem } from '../host/notify.ts';
import { readText, describeSpending } from '../runs/progress.ts';
import type { Services } from '../services.ts';
import type { Command } from './command.ts';
import { storeChanged } from './summaryTree.ts';

/** Shows or cancels running summaries. */
export const showRuns: Command = {
  id: 'precis.showRuns',
  async execute(services) {
    const items = services.runs.running.map((run) => {
      const { host } = run.view();
      const cancel = { iconPath: new vscode.ThemeIcon('stop-circle'), tooltip: t('Cancel') };
      return {
        label: run.state.title,
        description: host,
        detail: readText(run.view()),
        buttons: [cancel],
        run,
      };
    });
    if (!items.length) {
      void showInformation([t('No summary is running.'), describeSpending(services.spending)].join(' ').trim());
      return;
    }
    const pick = createPick<(typeof items)[number]>();
    pick.title = t('Running summaries');
    pick.items = items.map(toPickItem);
    pick.onDidTriggerItemButton(({ item }) => {
      item.run.state.abort?.abort();
      pick.hide();
    });
    pick.onDidAccept(() => {
      const item = pick.selectedItems[0];
      if (item) services.panels.show(item.run, { focus: true });
      pick.hide();
    });
    pick.onDidHide(() => pick.dispose());
    pick.show();
  },
};

/** Resolves to the number of entries and bytes. */
export const clearCache: Command = {
  id: 'precis.clearCache',
  async execute(services) {
    const { entries, bytes } = await services.caches.clear();
    services.log.info(`cache cleared: ${entries} entries, ${bytes} bytes`);
    void tellCleared(services, entries, bytes);
    return { entries, bytes };
  },
};

/** Deletes the summaries of this workspace after a yes. Resolves to their number; undefined if declined. */
export const clearHistory: Command = {
  id: 'precis.clearHistory',
  async execute(services) {
    const stored = await services.store.list();
    const count = stored.length;
    if (!count) {
      void showInformation(t('The history is empty.'));
      return 0;
    }
    const go = t('Delete Summaries');
    const title = t(
      isOne(count) ? 'Delete {0} summary of this workspace?' : 'Delete {0} summaries of this workspace?',
      number(count),
    );
    const detail = t(
      'Kept summaries are deleted too. Running ones and those that wait for a batch stay. This cannot be undone.',
    );
    if ((await askModal(title, detail, go)) !== go) return undefined;
    const jobs = new Set((await services.batches.jobs()).map(({ id }) => id));
    const deleted = await services.store.clear(
      ({ running, batchJob }) => running || (batchJob !== undefined && jobs.has(batchJob)),
    );
    services.log.info(`history deleted: ${deleted} summaries`);
    storeChanged();
    return deleted;
  },
};

/** Offers to delete summaries too, because they remain after the notes are cleared. */
async function tellCleared(services: Services, entries: number, bytes: number): Promise<void> {
  const size = bytes < 100_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
  const also = t('Clear History…');
  const offered = (await services.store.list()).length > 0 ? [also] : [];
  const answer = await showInformation(
    t(isOne(entries) ? 'Cleared {0} cached answer ({1}).' : 'Cleared {0} cached answers ({1}).', number(entries), size),
    ...offered,
  );
  if (answer === also) await clearHistory.execute(services);
}

/** Shows the output channel. */
export const showLog: Command = {
  id: 'precis.showLog',
  async execute(services) {
    services.log.show();
  },
};

/** Opens the issue reporter with figures of the last run, without text. */
export const reportProblem: Command = {
  id: 'precis.reportProblem',
  async execute(services) {
    const last = (await services.runs.last())?.view();
    const figures = last
      ? `phase ${last.phase}, strategy ${last.strategy ?? '-'}, provider ${last.provider || '-'}, chunks ${last.plan?.chunks.length ?? 0}, calls ${last.progress.calls}, gaps ${last.gaps.length}${last.error ? `, error ${last.error.kind}` : ''}`
      : 'none';
    const report = `What happened, and what did you expect?\n\n\n---\nPrécis ${services.version}, VS Code ${vscode.version}\nLast run: ${figures}\n`;
    const { extension } = services.context;
    // The issue reporter needs `bugs` in the manifest.
    if ((extension.packageJSON as { bugs?: unknown }).bugs) {
      await vscode.commands.executeCommand('workbench.action.openIssueReporter', {
        extensionId: extension.id,
        issueTitle: '',
        issueBody: report,
      });
      return;
    }
    await vscode.env.clipboard.writeText(report);
    void showInformation(t('Report copied to the clipboard. It contains no text or keys.'));
  },
};
