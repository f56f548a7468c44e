/** Whether a summary still tells of the text as it is now, and what bringing it up to date would send. */
import * as vscode from 'vscode';
import type { Hash } from '../engine/ports.ts';
import type { Prepare } from '../engine/request.ts';
import { lineEdit, shifted } from './citedLines.ts';
import type { ActiveRun } from './activeRun.ts';
import { recipeUri, type Recipe, type RecipeRange } from './target.ts';
import { resolveRecipe } from './resolve.ts';
import { changedSince, chunkId, differenceOf, filesRead, type Difference } from './staleFiles.ts';
import { mayChange, watchSource } from './watching.ts';

const settleMs = 1_500;
/** What takes long to compare is not compared more often than this because its panel is shown again. */
const lookAgainMs = 10_000;
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
  /** Runs by id whose panel is seen, with what listens for them. */
  const watched = new Map<string, vscode.Disposable>();
  /** Files that may have changed since a run began. */
  const suspects = new Map<string, { readonly since: number; readonly uris: Set<string> }>();

  /** Number of each run's newest comparison: an older one that takes longer says nothing any more. */
  const newest = new Map<string, number>();

  const check = async (run: ActiveRun): Promise<void> => {
    timers.delete(run.id);
    if (run.state.running) return later(run);
    const number = (newest.get(run.id) ?? 0) + 1;
    newest.set(run.id, number);
    doubtful.delete(run.id);
    compared.set(run.id, Date.now());
    try {
      const stale = await staleness(run, await ports.prepare(), ports.hash, suspectsOf(run));
      if (newest.get(run.id) !== number) return;
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
  const suspectsOf = ({ id, state }: ActiveRun): Set<string> => {
    let found = suspects.get(id);
    // what changed before a run began was read by it
    if (found?.since !== state.startedAt) suspects.set(id, (found = { since: state.startedAt, uris: new Set() }));
    return found.uris;
  };
  const doubt = (run: ActiveRun, uri?: string): void => {
    if (uri !== undefined) suspectsOf(run).add(uri);
    doubtful.add(run.id);
    if (ports.isVisible(run.id)) later(run);
  };
  /** Written by others, or before this window was opened. */
  const look = async (run: ActiveRun): Promise<void> => {
    if (doubtful.has(run.id)) return later(run);
    if (run.state.running || !run.state.fingerprint.length) return;
    const { recipe } = run.state;
    const since = compared.get(run.id) ?? run.state.startedAt;
    const uri = recipeUri(recipe);
    if (!uri) {
      if (Date.now() - since < lookAgainMs) return;
      compared.set(run.id, Date.now());
      if (recipe.kind === 'items') return lookAtFiles(run);
      return mayChange(recipe) ? doubt(run) : undefined;
    }
    const written = await vscode.workspace.fs.stat(vscode.Uri.parse(uri)).then(
      ({ mtime }) => mtime,
      () => 0,
    );
    if (written > since) doubt(run);
  };
  const lookAtFiles = async (run: ActiveRun): Promise<void> => {
    const changed = await changedSince(run, AbortSignal.timeout(20_000)).catch(() => new Set<string>());
    for (const uri of changed) doubt(run, uri);
  };
  /** Listens for the runs that are seen, and for no others. */
  const watch = (): void => {
    for (const [id, watching] of watched) {
      if (ports.isVisible(id)) continue;
      watching.dispose();
      watched.delete(id);
    }
    for (const run of ports.runs()) {
      if (!ports.isVisible(run.id)) continue;
      void look(run);
      if (watched.has(run.id)) continue;
      const watching = watchSource(run, (uri) => doubt(run, uri));
      if (watching) watched.set(run.id, watching);
    }
  };
  const listeners = [
    ports.onVisibility(watch),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (!contentChanges.length) return;
      const uri = document.uri.toString();
      for (const run of ports.runs()) {
        const { recipe } = run.state;
        if (recipe.kind === 'selection' && recipe.uri === uri) run.state.recipe = moved(recipe, contentChanges);
        if (documentsOf(recipe).includes(uri)) doubt(run);
        // not saved yet: no watcher tells of it
        else if (recipe.kind === 'items' && watched.has(run.id) && filesRead(run).has(uri)) doubt(run, uri);
      }
    }),
    // what was typed may have been given up with the editor
    vscode.workspace.onDidCloseTextDocument((document) => {
      const uri = document.uri.toString();
      for (const run of ports.runs()) {
        const { recipe, stale } = run.state;
        if (!stale) continue;
        if (documentsOf(recipe).includes(uri)) doubt(run);
        else if (recipe.kind === 'items' && filesRead(run).has(uri)) doubt(run, uri);
      }
    }),
    vscode.workspace.onDidChangeNotebookDocument(({ notebook }) => {
      const uri = notebook.uri.toString();
      for (const run of ports.runs()) if (recipeUri(run.state.recipe) === uri) doubt(run);
    }),
  ];
  return {
    dispose() {
      for (const timer of timers.values()) clearTimeout(timer);
      for (const listener of [...listeners, ...watched.values()]) listener.dispose();
    },
  };
}

function documentsOf(recipe: Recipe): string[] {
  if (recipe.kind === 'diffEditor') return [recipe.original, recipe.modified];
  const uri = recipeUri(recipe);
  return uri ? [uri] : [];
}

/** Undefined: nothing changed that a model read. */
async function staleness(
  run: ActiveRun,
  prepare: Prepare,
  hash: Hash,
  suspects: ReadonlySet<string>,
): Promise<{ tokens: number } | undefined> {
  if (!run.state.fingerprint.length) return undefined;
  const signal = AbortSignal.timeout(20_000);
  const found =
    run.state.recipe.kind === 'items'
      ? await differenceOf(run, suspects, prepare, hash, signal)
      : await wholeDifference(run, prepare, hash, signal);
  if (!found) return undefined;
  if (run.state.view.strategy === 'offline') return { tokens: 0 };
  if (run.state.view.strategy === 'single') return { tokens: found.total + overhead };
  const again = found.changed + found.changedChunks * overhead;
  return { tokens: again + overhead + Math.min(mostNotes, found.count * noteTokens) };
}

/** All of it read again and compared. */
async function wholeDifference(
  run: ActiveRun,
  prepare: Prepare,
  hash: Hash,
  signal: AbortSignal,
): Promise<Difference | undefined> {
  const source = await resolveRecipe(run.state.recipe, signal);
  const known = new Set(run.state.fingerprint.map(([id]) => id));
  const sum = { changed: 0, changedChunks: 0, total: 0, count: 0 };
  for (const part of source.parts) {
    for (const chunk of (await prepare(part, signal, () => undefined)).chunks) {
      sum.count++;
      sum.total += chunk.tokens;
      if (known.has(chunkId(hash, chunk.text))) continue;
      sum.changed += chunk.tokens;
      sum.changedChunks++;
    }
  }
  return sum.changedChunks === 0 && sum.count === run.state.fingerprint.length ? undefined : sum;
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
