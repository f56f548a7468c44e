/** Watches for jobs: sets the menus' context key, and continues jobs of closed windows. */
import * as vscode from 'vscode';
import type { BatchRunner } from '../../batch/index.ts';
import { batchMark, type ContextKey } from '../../contributions.ts';
import type { Clock } from '../../engine/ports.ts';

interface JobMonitorDeps {
  readonly context: vscode.ExtensionContext;
  readonly folder: vscode.Uri;
  readonly runner: () => Promise<BatchRunner>;
  readonly clock: Clock;
}

/** Keeps jobs going and views current. */
export interface JobMonitor extends vscode.Disposable {
  /** Announces that a job will be created. */
  expectJob(): Promise<void>;
  /** Announces that jobs were added, removed or changed. */
  changed(): void;
  /** Continues jobs that no window runs; loads nothing if there are none. */
  adopt(): Promise<void>;
}

/** First interval between checks, ms; each is twice the one before. */
const minLookMs = 2_000;
const maxLookMs = 60_000;
const settleMs = 200;
const hasJobs: ContextKey = 'precis.hasBatchJobs';

/** Looks at no job yet. */
export function createJobMonitor(deps: JobMonitorDeps): JobMonitor {
  const { context, folder, runner, clock } = deps;
  let published: boolean | undefined;
  let cancelLook: (() => void) | undefined;
  let cancelSettle: (() => void) | undefined;
  let disposed = false;
  let pauseMs = minLookMs;

  const publish = async (any: boolean, open: boolean): Promise<void> => {
    if (published !== any) void vscode.commands.executeCommand('setContext', hasJobs, any);
    published = any;
    if ((context.workspaceState.get(batchMark) === true) !== open)
      await context.workspaceState.update(batchMark, open || undefined);
  };
  const look = async (): Promise<void> => {
    if (folder.scheme !== 'file' || disposed) return;
    const jobs = await (await runner()).jobs();
    const open = await (await runner()).isPending();
    await publish(jobs.length > 0, open);
    cancelLook?.();
    cancelLook = undefined;
    if (!open || disposed) return;
    cancelLook = clock.timer(pauseMs, () => void adopt());
    pauseMs = Math.min(maxLookMs, pauseMs * 2);
  };
  const adopt = async (): Promise<void> => {
    if (folder.scheme !== 'file' || disposed) return;
    if (!(await hasRecords(folder))) return publish(false, false);
    await (await runner()).adopt();
    await look();
  };
  return {
    expectJob: () => publish(true, true),
    changed() {
      cancelSettle ??= clock.timer(settleMs, () => {
        cancelSettle = undefined;
        void look();
      });
    },
    adopt,
    dispose() {
      disposed = true;
      cancelLook?.();
      cancelSettle?.();
    },
  };
}

/** A missing folder has no records; an unreadable one may. */
async function hasRecords(folder: vscode.Uri): Promise<boolean> {
  try {
    const files = await vscode.workspace.fs.readDirectory(folder);
    return files.some(([name]) => name.endsWith('.job.json'));
  } catch (error) {
    return !(error instanceof vscode.FileSystemError && error.code === 'FileNotFound');
  }
}
