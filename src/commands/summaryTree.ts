/** Summaries view: running ones, then versions by file; filled when visible. */
import * as vscode from 'vscode';
import { summariesViewType } from '../contributions.ts';
import { t } from '../host/l10n.ts';
import { toPlainText } from '../host/plainText.ts';
import type { ActiveRun } from '../runs/activeRun.ts';
import type { RunRecord } from '../runs/history.ts';
import type { Services } from '../services.ts';

interface SummaryNode {
  readonly item: vscode.TreeItem;
  readonly children: readonly SummaryNode[];
}

/** Registered summaries view. */
interface SummaryView extends vscode.Disposable {
  /** Call when services exist. */
  attach(services: Pick<Services, 'runs'>): void;
}

/** While visible. */
const refreshMs = 2_000;

/** Registers the summaries view; loads services when visible. */
export function registerSummaryView(get: () => Promise<Services>): SummaryView {
  const changed = new vscode.EventEmitter<void>();
  const view = vscode.window.createTreeView<SummaryNode>(summariesViewType, {
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getTreeItem: ({ item }) => item,
      getChildren: async (node) => (node ? [...node.children] : createRootNodes(await get())),
    },
  });
  let runs: Services['runs'] | undefined;
  let timer: ReturnType<typeof setInterval> | undefined;
  const visibility = view.onDidChangeVisibility(({ visible }) => {
    clearInterval(timer);
    if (visible) timer = setInterval(() => runs?.running.length && changed.fire(), refreshMs);
  });
  const listeners: vscode.Disposable[] = [];
  return {
    attach(services) {
      runs = services.runs;
      listeners.push(
        services.runs.onDidEnd(() => changed.fire()),
        onDidChangeStore(() => changed.fire()),
      );
    },
    dispose() {
      clearInterval(timer);
      vscode.Disposable.from(...listeners, visibility, view, changed).dispose();
    },
  };
}

const storeListeners = new Set<() => void>();

/** Refreshes the view after a delete or restore. */
export function storeChanged(): void {
  for (const listener of storeListeners) listener();
}

/** Fires after a delete or restore. */
export function onDidChangeStore(listener: () => void): vscode.Disposable {
  storeListeners.add(listener);
  return new vscode.Disposable(() => storeListeners.delete(listener));
}

async function createRootNodes({ runs, store }: Services): Promise<SummaryNode[]> {
  const [{ toTargetKey: targetKey }, { readText }] = await Promise.all([
    import('../runs/target.ts'),
    import('../runs/progress.ts'),
  ]);
  const running = new Set(runs.running.map(({ id }) => id));
  const byTarget = new Map<string, RunRecord[]>();
  for (const record of await store.list()) {
    if (record.view.markdown === '' || running.has(record.id)) continue;
    const key = targetKey(record.recipe);
    byTarget.set(key, [...(byTarget.get(key) ?? []), record]);
  }
  return [
    ...runs.running.map((run) => createRunningNode(run, readText(run.view()))),
    ...[...byTarget.values()].map((versions) => createTargetNode(versions)),
  ];
}

function createRunningNode(run: ActiveRun, progress: string): SummaryNode {
  const item = new vscode.TreeItem(toPlainText(run.state.title));
  item.id = `running ${run.id}`;
  item.iconPath = new vscode.ThemeIcon('loading~spin');
  item.description = progress;
  item.contextValue = 'running';
  item.command = openCommand(run.id);
  return { item, children: [] };
}

function createTargetNode([newest, ...older]: readonly RunRecord[]): SummaryNode {
  const node = createVersionNode(newest!, newest!.title);
  if (older.length === 0) return node;
  node.item.collapsibleState = vscode.TreeItemCollapsibleState.Collapsed;
  return { item: node.item, children: older.map((record) => createVersionNode(record, formatDate(record))) };
}

function createVersionNode(record: RunRecord, label: string): SummaryNode {
  const item = new vscode.TreeItem(toPlainText(label));
  const lengths = { brief: t('Brief'), standard: t('Standard'), detailed: t('Detailed') };
  item.id = record.id;
  item.iconPath = new vscode.ThemeIcon(record.pinned ? 'pinned' : 'list-flat');
  item.description = [...(label === record.title ? [formatDate(record)] : []), lengths[record.length]].join(' · ');
  item.tooltip = toPlainText(findFirstSentence(record.view.markdown));
  item.contextValue = 'summary';
  item.command = openCommand(record.id);
  return { item, children: [] };
}

function openCommand(id: string): vscode.Command {
  return { command: 'precis.summary.open', title: t('Open the Summary'), arguments: [id] };
}

/** Formats today's dates as times and others as dates, because rows are narrow. */
function formatDate({ startedAt }: RunRecord): string {
  const date = new Date(startedAt);
  const isToday = date.toDateString() === new Date().toDateString();
  return date.toLocaleString(vscode.env.language, isToday ? { timeStyle: 'short' } : { dateStyle: 'medium' });
}

function findFirstSentence(markdown: string): string {
  const text = markdown
    .replace(/\[\d+\]/g, '')
    .replace(/[#*`>]/g, '')
    .trim()
    .slice(0, 400);
  return /^[^]*?[.!?。](?=\s|$)/.exec(text)?.[0] ?? text;
}
