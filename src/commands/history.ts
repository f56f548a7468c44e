/** The history: search in the whole text, delete, compare, and what was spent. */
import * as vscode from 'vscode';
import { t } from '../host/l10n.ts';
import { createPick, toPickItem, type PickItem } from '../host/notify.ts';
import { dollars } from '../runs/prices.ts';
import type { RunRecord } from '../runs/history.ts';
import { describeSpending } from '../runs/progress.ts';
import { findInSummary } from '../runs/searchText.ts';
import { toCsv } from '../runs/spending.ts';
import { toTargetKey } from '../runs/target.ts';
import type { Services } from '../services.ts';
import { showHidden } from '../shared/exportText.ts';
import type { Command } from './command.ts';

interface HistoryItem extends PickItem {
  readonly record: RunRecord;
}

/** Searches stored summaries by word. */
export const showHistory: Command = {
  id: 'precis.showHistory',
  async execute(services) {
    const records = await withText(services);
    if (!records.length) return services.panels.showEmpty();
    const pick = createPick<HistoryItem>();
    pick.title = historyTitle(services);
    const exportButton = { iconPath: new vscode.ThemeIcon('export'), tooltip: t('Export Spending…') };
    if (Object.keys(services.spending.month).length > 0) pick.buttons = [exportButton];
    pick.onDidTriggerButton(() => void exportSpending(services));
    pick.placeholder = t('Search in the whole text');
    let shown = records;
    const show = (): void => {
      pick.items = createItems(shown, pick.value).map(toPickItem);
    };
    show();
    pick.onDidChangeValue(show);
    pick.onDidTriggerItemButton(async ({ item, button }) => {
      if (button.tooltip === deleteText()) {
        await services.store.remove(item.record.id);
        shown = await withText(services);
        show();
      } else {
        pick.hide();
        await compareWithBefore(services, item.record);
      }
    });
    pick.onDidAccept(async () => {
      const item = pick.selectedItems[0];
      pick.hide();
      const run = item && (await services.runs.get(item.record.id));
      if (run) services.panels.show(run, { focus: true });
    });
    pick.onDidHide(() => pick.dispose());
    pick.show();
  },
};

function historyTitle({ spending }: Services): string {
  const byModel = Object.entries(spending.month)
    .filter(([, { costUsd }]) => costUsd > 0)
    .map(([name, { costUsd }]) => `${name} ${dollars(costUsd)}`);
  return [t('Summary History'), describeSpending(spending), byModel.join(', ')]
    .filter((part) => part !== '')
    .join(' · ');
}

async function exportSpending({ spending }: Services): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const target = await vscode.window.showSaveDialog({
    ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, 'precis-spending.csv') } : {}),
    filters: { CSV: ['csv'] },
  });
  if (target) await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(toCsv(spending)));
}

const deleteText = (): string => t('Delete this summary');
const maxOpening = 140;

/** Finds summaries that contain all words of the query, with the words around the first hit. */
function createItems(records: readonly RunRecord[], query: string): HistoryItem[] {
  const remove = { iconPath: new vscode.ThemeIcon('trash'), tooltip: deleteText() };
  const compare = { iconPath: new vscode.ThemeIcon('diff'), tooltip: t('Compare with Previous') };
  return records.flatMap((record, i): HistoryItem[] => {
    const found = findInSummary(record, query);
    if (found === undefined) return [];
    const before = records.slice(i + 1).some((other) => toTargetKey(other.recipe) === toTargetKey(record.recipe));
    const opening = record.view.markdown
      .replace(/ ?\[\d{1,4}\]/g, '')
      .replace(/[#*`>\s]+/g, ' ')
      .trim();
    return [
      {
        label: record.title,
        description: `${dateText(record)} · ${record.view.model || record.view.provider}`,
        detail: showHidden(found || opening.slice(0, maxOpening)),
        buttons: before ? [compare, remove] : [remove],
        // filtered above, because VS Code searches only displayed text
        alwaysShow: true,
        record,
      },
    ];
  });
}

function dateText({ startedAt }: RunRecord): string {
  return new Date(startedAt).toLocaleString(vscode.env.language, { dateStyle: 'medium', timeStyle: 'short' });
}

async function withText({ store }: Services): Promise<RunRecord[]> {
  return (await store.list()).filter(({ view, running }) => view.markdown !== '' || running);
}

async function compareWithBefore(services: Services, record: RunRecord): Promise<void> {
  const records = await services.store.list();
  const key = toTargetKey(record.recipe);
  const before = records.find((r) => r.startedAt < record.startedAt && toTargetKey(r.recipe) === key);
  if (!before) return;
  const left = services.summaryUri(before);
  const right = services.summaryUri(record);
  const title = `${record.title} (${dateText(before)} ↔ ${dateText(record)})`;
  await vscode.commands.executeCommand('vscode.diff', left, right, title);
}
