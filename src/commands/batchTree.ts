/** The view of batch jobs: registered at activation, which costs nothing, and filled when it is looked at. */
import * as vscode from 'vscode';
import { batchViewType } from '../contributions.ts';
import type { Services } from '../services.ts';
import type { BatchNode } from './batchNodes.ts';

export interface BatchView extends vscode.Disposable {
  /** The services are there: from now on the view shows what they tell. */
  attach(services: Pick<Services, 'batches'>): void;
}

/** Ages grow, and another window on this folder tells this one nothing. */
const refreshMs = 30_000;
/** Many parts change at once. */
const settleMs = 100;
const mostReveals = 6;
const revealMs = 400;

export function registerBatchView(get: () => Promise<Services>): BatchView {
  const changed = new vscode.EventEmitter<void>();
  const nodes = async (): Promise<BatchNode[]> => {
    const [{ nodesOf }, { batches }] = await Promise.all([import('./batchNodes.ts'), get()]);
    return nodesOf(await batches.jobs(), batches.summarizing);
  };
  const view = vscode.window.createTreeView<BatchNode>(batchViewType, {
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getTreeItem: (node) => node.item,
      getParent: (node) => node.parent,
      getChildren: (node) => (node ? [...node.children] : nodes()),
    },
  });
  let settling: ReturnType<typeof setTimeout> | undefined;
  let aging: ReturnType<typeof setInterval> | undefined;
  const refresh = (): void => {
    settling ??= setTimeout(() => {
      settling = undefined;
      changed.fire();
    }, settleMs);
  };
  /** Seen from now on, so that VS Code shows it again at the next start; what has the focus keeps it. */
  const reveal = async (id: string): Promise<void> => {
    for (let attempt = 0; attempt < mostReveals && !view.visible; attempt++) {
      const node = (await nodes()).find(({ job }) => job.id === id);
      // a node is lost when the list changes at the same moment
      if (node) await Promise.resolve(view.reveal(node, { select: false, focus: false })).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, revealMs));
    }
  };
  const visibility = view.onDidChangeVisibility(({ visible }) => {
    clearInterval(aging);
    if (visible) aging = setInterval(() => changed.fire(), refreshMs);
  });
  const listeners: vscode.Disposable[] = [];
  return {
    attach({ batches }) {
      listeners.push(
        batches.onDidChange(refresh),
        batches.onDidSubmit((id) => void reveal(id).catch(() => undefined)),
      );
    },
    dispose() {
      clearTimeout(settling);
      clearInterval(aging);
      vscode.Disposable.from(...listeners, visibility, view, changed).dispose();
    },
  };
}
