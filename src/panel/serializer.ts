/** Restores panels after a reload: page state holds the run id, the store its text. */
import type * as vscode from 'vscode';
import * as v from 'valibot';
import type { Panels } from './panel.ts';
import type { ActiveRun } from '../runs/activeRun.ts';
import type { Log } from '../host/log.ts';

const stateSchema = v.object({ runId: v.string() });

/**
 * @param restore finds the run by id, else by panel title (VS Code saves page state only every few seconds)
 */
export async function restorePanel(
  panels: Panels,
  restore: (runId: string | undefined, title: string) => Promise<ActiveRun | undefined>,
  log: Pick<Log, 'warn'>,
  panel: vscode.WebviewPanel,
  state: unknown,
): Promise<void> {
  const parsed = v.safeParse(stateSchema, state);
  let run: ActiveRun | undefined;
  try {
    run = await restore(parsed.success ? parsed.output.runId : undefined, panel.title);
  } catch (error) {
    log.warn(`A summary could not be brought back: ${error instanceof Error ? error.name : 'unknown reason'}`);
  }
  panels.adopt(panel, run);
}
