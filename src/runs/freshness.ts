/** Whether a summary still tells of the text as it is now, and what bringing it up to date would send. */
import * as vscode from 'vscode';
import type { Hash } from '../engine/ports.ts';
import type { Prepare } from '../engine/request.ts';
import type { ActiveRun } from './activeRun.ts';
import { recipeUri } from './recipe.ts';
import { resolveRecipe } from './resolve.ts';

const settleMs = 1_500;
/** Instructions, and what the reduce reads besides the changed chunks. */
const overhead = 400;

export function watchFreshness(
  runs: () => Iterable<ActiveRun>,
  prepare: () => Promise<Prepare>,
  hash: Hash,
  isVisible: (id: string) => boolean,
): vscode.Disposable {
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  const check = async (run: ActiveRun): Promise<void> => {
    if (run.state.running || !run.state.fingerprint.length) return;
    try {
      const signal = AbortSignal.timeout(20_000);
      const source = await resolveRecipe(run.state.recipe, signal);
      const read = await prepare();
      const known = new Set(run.state.fingerprint.map(([id]) => id));
      let changed = 0;
      let total = 0;
      let count = 0;
      for (const part of source.parts) {
        for (const chunk of (await read(part, signal, () => undefined)).chunks) {
          count++;
          total += chunk.tokens;
          if (!known.has(hash(chunk.text).slice(0, 16))) changed += chunk.tokens + overhead;
        }
      }
      const same = changed === 0 && count === run.state.fingerprint.length;
      const single = run.state.view.strategy === 'single';
      const stale = same
        ? undefined
        : { tokens: single ? total + overhead : changed + overhead + Math.min(16_000, count * 70) };
      if (stale?.tokens === run.state.stale?.tokens) return;
      if (stale) run.state.stale = stale;
      else delete run.state.stale;
      run.changed();
    } catch {
      // deleted or unreadable: Run again will say so
    }
  };
  return vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
    if (!contentChanges.length) return;
    const uri = document.uri.toString();
    for (const run of runs()) {
      if (recipeUri(run.state.recipe) !== uri || !isVisible(run.id)) continue;
      clearTimeout(timers.get(run.id));
      timers.set(
        run.id,
        setTimeout(() => void check(run), settleMs),
      );
    }
  });
}
