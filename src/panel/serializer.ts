/** Brings panels back after a reload: the page's state only names the run, the text is in the store of runs. */
import * as vscode from 'vscode';
import * as v from 'valibot';
import { panelViewType } from '../contributions.ts';
import type { Panels } from './panel.ts';
import type { PanelLog, PanelRun } from './port.ts';

const stateSchema = v.object({ runId: v.string() });

/** @param restore the run with that id from the store, or undefined */
export function registerPanelSerializer(
  panels: Panels,
  restore: (runId: string) => PanelRun | undefined | Promise<PanelRun | undefined>,
  log: PanelLog,
): vscode.Disposable {
  return vscode.window.registerWebviewPanelSerializer(panelViewType, {
    async deserializeWebviewPanel(panel, state: unknown) {
      const parsed = v.safeParse(stateSchema, state);
      let run: PanelRun | undefined;
      try {
        if (parsed.success) run = await restore(parsed.output.runId);
      } catch (error) {
        log.warn(`A summary could not be brought back: ${error instanceof Error ? error.message : 'unknown reason'}`);
      }
      panels.adopt(panel, run);
    },
  });
}
