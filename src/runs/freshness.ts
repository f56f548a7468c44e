/** Whether a summary still tells of the text as it is now, and what bringing it up to date would send. */
import * as vscode from 'vscode';
import type { Hash } from '../engine/ports.ts';
import type { Prepare } from '../engine/request.ts';
import { lineEdit, shifted } from '../host/follow.ts';
import type { ActiveRun } from './activeRun.ts';
import { recipeUri, type Recipe, type RecipeRange } from './recipe.ts';
import { resolveRecipe } from './resolve.ts';

const settleMs = 1_500;
/** Instructions, and what the reduce reads besides the changed chunks. */
const overhead = 400;
/** Tokens of one note, as the reduce reads it. */
const noteTokens = 70;
const mostNotes = 16_000;

export interface FreshnessPorts {
  runs(): Iterable<ActiveRun>;
  prepare(): Promise<Prepare>;
  hash: Hash;
  isVisible(runId: string): boolean;
  /** A panel was shown or hidden. */
  onVisibility: vscode.Event<void>;
}

/** Tells the runs whose panel is seen; those of others are looked at when they are shown. */
export function watchFreshness(ports: FreshnessPorts): vscode.Disposable {
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** Runs by id whose text may be another one by now. */
  const doubtful = new Set<string>();
  /** When each run's text was last compared, ms since 1970. */
  const compared = new Map<string, number>();

  const check = async (run: ActiveRun): Promise<void> => {
    timers.delete(run.id);
    if (run.state.running) return later(run);
    doubtful.delete(run.id);
    compared.set(run.id, Date.now());
    try {
      const stale = await staleness(run, await ports.prepare(), ports.hash);
      if (run.state.running || stale?.tokens === run.state.stale?.tokens) return;
      if (stale) run.state.stale = stale;
      else delete run.state.stale;
      run.changed();
    } catch {
      // deleted or unreadable: Run again will say so
    }
  };
  const later = (run: ActiveRun): void => {
    clearTimeout(timers.get(run.id));
    timers.set(
      run.id,
      setTimeout(() => void check(run), settleMs),
    );
  };
  const doubt = (run: ActiveRun): void => {
    doubtful.add(run.id);
    if (ports.isVisible(run.id)) later(run);
  };
  /** Written by others, or before this window was opened. */
  const look = async (run: ActiveRun): Promise<void> => {
    if (doubtful.has(run.id)) return later(run);
    const uri = recipeUri(run.state.recipe);
    if (!uri || run.state.running || !run.state.fingerprint.length) return;
    const since = compared.get(run.id) ?? run.state.startedAt;
    const written = await vscode.workspace.fs.stat(vscode.Uri.parse(uri)).then(
      ({ mtime }) => mtime,
      () => 0,
    );
    if (written > since) doubt(run);
  };
  const listeners = [
    ports.onVisibility(() => {
      for (const run of ports.runs()) if (ports.isVisible(run.id)) void look(run);
    }),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (!contentChanges.length) return;
      const uri = document.uri.toString();
      for (const run of ports.runs()) {
        const { recipe } = run.state;
        if (recipe.kind === 'selection' && recipe.uri === uri) run.state.recipe = moved(recipe, contentChanges);
        if (documentsOf(recipe).includes(uri)) doubt(run);
      }
    }),
  ];
  return {
    dispose() {
      for (const timer of timers.values()) clearTimeout(timer);
      for (const listener of listeners) listener.dispose();
    },
  };
}

function documentsOf(recipe: Recipe): string[] {
  if (recipe.kind === 'diffEditor') return [recipe.original, recipe.modified];
  const uri = recipeUri(recipe);
  return uri ? [uri] : [];
}

/** Undefined: nothing changed that a model read. */
async function staleness(run: ActiveRun, prepare: Prepare, hash: Hash): Promise<{ tokens: number } | undefined> {
  if (!run.state.fingerprint.length) return undefined;
  const signal = AbortSignal.timeout(20_000);
  const source = await resolveRecipe(run.state.recipe, signal);
  const known = new Set(run.state.fingerprint.map(([id]) => id));
  let changed = 0;
  let total = 0;
  let count = 0;
  for (const part of source.parts) {
    for (const chunk of (await prepare(part, signal, () => undefined)).chunks) {
      count++;
      total += chunk.tokens;
      if (!known.has(hash(chunk.text).slice(0, 16))) changed += chunk.tokens + overhead;
    }
  }
  if (changed === 0 && count === run.state.fingerprint.length) return undefined;
  if (run.state.view.strategy === 'offline') return { tokens: 0 };
  if (run.state.view.strategy === 'single') return { tokens: total + overhead };
  return { tokens: changed + overhead + Math.min(mostNotes, count * noteTokens) };
}

/** A selection goes where its lines go. */
function moved(
  recipe: Extract<Recipe, { kind: 'selection' }>,
  changes: readonly vscode.TextDocumentContentChangeEvent[],
): Recipe {
  const edits = changes.map(lineEdit).filter((edit) => edit !== undefined);
  if (!edits.length) return recipe;
  const ranges = recipe.ranges.map((range): RecipeRange => {
    const { startLine, endLine } = shifted({ startLine: range.startLine + 1, endLine: range.endLine + 1 }, edits);
    return { ...range, startLine: startLine - 1, endLine: endLine - 1 };
  });
  return { ...recipe, ranges };
}
