/** Brings panels back after a reload: the page's state only names the run, the text is in the store of runs. */
import type * as vscode from 'vscode';
import * as v from 'valibot';
import type { Panels } from './panel.ts';
import type { PanelLog, PanelRun } from './port.ts';

const stateSchema = v.object({ runId: v.string() });

/** @param restore the run with that id from the store, or undefined */
export async function restorePanel(
  panels: Panels,
  restore: (runId: string) => Promise<PanelRun | undefined>,
  log: PanelLog,
  panel: vscode.WebviewPanel,
  state: unknown,
): Promise<void> {
  const parsed = v.safeParse(stateSchema, state);
  let run: PanelRun | undefined;
  try {
    if (parsed.success) run = await restore(parsed.output.runId);
  } catch (error) {
    log.warn(`A summary could not be brought back: ${error instanceof Error ? error.name : 'unknown reason'}`);
  }
  panels.adopt(panel, run);
}
