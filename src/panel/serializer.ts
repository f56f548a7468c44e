/** Restores panels after a reload: page state holds the run id, the store its text. */
import type * as vscode from 'vscode';
import * as v from 'valibot';
import type { Panels } from './panel.ts';
import type { ActiveRun } from '../runs/activeRun.ts';
import type { Runs } from '../runs/types.ts';
import type { Log } from '../host/log.ts';

const stateSchema = v.object({ runId: v.string() });

/** Finds the run by id, else by panel title, because VS Code saves page state only every few seconds. */
export async function restorePanel(
  panels: Panels,
  runs: Pick<Runs, 'get' | 'titled'>,
  log: Pick<Log, 'warn'>,
  panel: vscode.WebviewPanel,
  state: unknown,
): Promise<void> {
  const parsed = v.safeParse(stateSchema, state);
  let run: ActiveRun | undefined;
  try {
    run = (parsed.success ? await runs.get(parsed.output.runId) : undefined) ?? (await runs.titled(panel.title));
  } catch (error) {
    log.warn(`A summary could not be brought back: ${error instanceof Error ? error.name : 'unknown reason'}`);
  }
  panels.adopt(panel, run);
}
