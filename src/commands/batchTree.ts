import * as vscode from 'vscode';
import { batchViewType } from '../contributions.ts';
import type { Services } from '../services.ts';
import type { BatchNode } from './batchNodes.ts';

/** Registered batch view. */
interface BatchView extends vscode.Disposable {
  /** Call when services exist. */
  attach(services: Pick<Services, 'batches'>): void;
}

/** Updates ages and picks up other windows' changes. */
const refreshMs = 30_000;
/** Debounce: many parts change at once. */
const settleMs = 100;
const maxReveals = 6;
const revealMs = 400;

/** Registers the batch view; loads services when visible. */
export function registerBatchView(get: () => Promise<Services>): BatchView {
  const changed = new vscode.EventEmitter<void>();
  const nodes = async (): Promise<BatchNode[]> => {
    const [{ createNodes: nodesOf }, { batches }] = await Promise.all([import('./batchNodes.ts'), get()]);
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
  /** Reveals without focus, so that VS Code restores the view at next start. */
  const reveal = async (id: string): Promise<void> => {
    for (let attempt = 0; attempt < maxReveals && !view.visible; attempt++) {
      const node = (await nodes()).find(({ job }) => job.id === id);
      // throws if the list changes meanwhile
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
