/** What a workspace knows of its jobs: a context key for menus, a mark that makes the next window pick them up, and who goes on when a window dies. */
import * as vscode from 'vscode';
import type { BatchRunner } from '../../batch/index.ts';
import { batchMark, type ContextKey } from '../../contributions.ts';
import type { Clock } from '../../engine/ports.ts';

export interface PresencePorts {
  readonly context: vscode.ExtensionContext;
  readonly place: vscode.Uri;
  readonly runner: () => Promise<BatchRunner>;
  readonly clock: Clock;
}

export interface Presence extends vscode.Disposable {
  /** A job is about to be there. */
  expect(): Promise<void>;
  /** Jobs are others, or in another state. */
  changed(): void;
  /** Jobs of an earlier window go on in this one; without any, nothing is loaded. */
  takeOn(): Promise<void>;
}

/** Another window may be closing, or may have died: looked after soon, then ever more seldom. */
const firstLookMs = 2_000;
const longestLookMs = 60_000;
const settleMs = 200;
const hasJobs: ContextKey = 'precis.hasBatchJobs';

export function createPresence(ports: PresencePorts): Presence {
  const { context, place, runner, clock } = ports;
  let told: boolean | undefined;
  let cancelLook: (() => void) | undefined;
  let cancelSettle: (() => void) | undefined;
  let disposed = false;
  let pauseMs = firstLookMs;

  const tell = async (any: boolean, open: boolean): Promise<void> => {
    if (told !== any) void vscode.commands.executeCommand('setContext', hasJobs, any);
    told = any;
    if ((context.workspaceState.get(batchMark) === true) !== open)
      await context.workspaceState.update(batchMark, open || undefined);
  };
  const look = async (): Promise<void> => {
    if (place.scheme !== 'file' || disposed) return;
    const jobs = await (await runner()).jobs();
    const open = await (await runner()).isPending();
    await tell(jobs.length > 0, open);
    cancelLook?.();
    cancelLook = undefined;
    if (!open || disposed) return;
    cancelLook = clock.timer(pauseMs, () => void takeOn());
    pauseMs = Math.min(longestLookMs, pauseMs * 2);
  };
  const takeOn = async (): Promise<void> => {
    if (place.scheme !== 'file' || disposed) return;
    if (!(await hasRecords(place))) return tell(false, false);
    await (await runner()).adopt();
    await look();
  };
  return {
    expect: () => tell(true, true),
    changed() {
      cancelSettle ??= clock.timer(settleMs, () => {
        cancelSettle = undefined;
        void look();
      });
    },
    takeOn,
    dispose() {
      disposed = true;
      cancelLook?.();
      cancelSettle?.();
    },
  };
}

/** A folder that was never made has none; one that cannot be read may have. */
async function hasRecords(place: vscode.Uri): Promise<boolean> {
  try {
    const files = await vscode.workspace.fs.readDirectory(place);
    return files.some(([name]) => name.endsWith('.job.json'));
  } catch (error) {
    return !(error instanceof vscode.FileSystemError && error.code === 'FileNotFound');
  }
}
