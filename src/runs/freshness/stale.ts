/** Watches a run's files and repository; estimates the cost of an update. */
import * as vscode from 'vscode';
import type { Hash } from '../../engine/ports.ts';
import type { Prepare } from '../../engine/request.ts';
import type { SourcePart } from '../../engine/source.ts';
import { lineEdit, shifted } from './citedLines.ts';
import type { ActiveRun } from '../activeRun.ts';
import { toTargetUri, type SummaryTarget, type TargetRange } from '../target.ts';
import { resolveTarget } from '../resolve.ts';
import { changedSince, chunkId, computeDifference, filesRead, type Difference } from './staleFiles.ts';
import { mayChange, watchSource } from './watching.ts';

const settleMs = 1_500;
const lookAgainMs = 10_000;
/** Tokens of instructions and of unchanged notes that the reduce reads. */
const overhead = 400;
const noteTokens = 70;
const maxNotes = 16_000;

/** Dependencies of the comparison. */
interface FreshnessDeps {
  runs(): Iterable<ActiveRun>;
  prepare(): Promise<Prepare>;
  hash: Hash;
  isVisible(runId: string): boolean;
  onVisibility: vscode.Event<void>;
}

/** Watches runs with a visible panel. */
export function watchFreshness(deps: FreshnessDeps): vscode.Disposable {
  return new FreshnessWatcher(deps);
}

class FreshnessWatcher implements vscode.Disposable {
  private readonly deps: FreshnessDeps;
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly doubtful = new Set<string>();
  /** Last comparison, Unix ms. */
  private readonly comparedAt = new Map<string, number>();
  private readonly watchers = new Map<string, vscode.Disposable>();
  private readonly candidates = new Map<string, { readonly since: number; readonly uris: Set<string> }>();
  /** Results of older comparisons are ignored. */
  private readonly newest = new Map<string, number>();
  private readonly listeners: readonly vscode.Disposable[];

  constructor(deps: FreshnessDeps) {
    this.deps = deps;
    this.listeners = [
      deps.onVisibility(() => this.watchVisible()),
      vscode.workspace.onDidChangeTextDocument((event) => this.handleEdit(event)),
      vscode.workspace.onDidCloseTextDocument((document) => this.handleClose(document)),
      vscode.workspace.onDidChangeNotebookDocument(({ notebook }) => this.handleNotebookEdit(notebook)),
    ];
  }

  dispose(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    vscode.Disposable.from(...this.watchers.values(), ...this.listeners).dispose();
  }

  private watchVisible(): void {
    const { runs, isVisible } = this.deps;
    for (const [id, watcher] of this.watchers) {
      if (isVisible(id)) continue;
      watcher.dispose();
      this.watchers.delete(id);
    }
    for (const run of runs()) {
      if (!isVisible(run.id)) continue;
      void this.look(run);
      if (this.watchers.has(run.id)) continue;
      const watcher = watchSource(run, (uri) => this.doubt(run, uri));
      if (watcher) this.watchers.set(run.id, watcher);
    }
  }

  private handleEdit({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    if (!contentChanges.length) return;
    const uri = document.uri.toString();
    for (const run of this.deps.runs()) {
      const { target } = run.state;
      if (target.kind === 'selection' && target.uri === uri) run.state.target = moved(target, contentChanges);
      if (listDocuments(target).includes(uri)) this.doubt(run);
      // unsaved, so no file watcher sees it
      else if (target.kind === 'items' && this.watchers.has(run.id) && filesRead(run).has(uri)) this.doubt(run, uri);
    }
  }

  /** Closing an editor may discard unsaved text. */
  private handleClose(document: vscode.TextDocument): void {
    const uri = document.uri.toString();
    for (const run of this.deps.runs()) {
      const { target, stale } = run.state;
      if (!stale) continue;
      if (listDocuments(target).includes(uri)) this.doubt(run);
      else if (target.kind === 'items' && filesRead(run).has(uri)) this.doubt(run, uri);
    }
  }

  private handleNotebookEdit(notebook: vscode.NotebookDocument): void {
    const uri = notebook.uri.toString();
    for (const run of this.deps.runs()) if (toTargetUri(run.state.target) === uri) this.doubt(run);
  }

  private doubt(run: ActiveRun, uri?: string): void {
    if (uri !== undefined) this.candidatesOf(run).add(uri);
    this.doubtful.add(run.id);
    if (this.deps.isVisible(run.id)) this.checkLater(run);
  }

  private candidatesOf({ id, state }: ActiveRun): Set<string> {
    let found = this.candidates.get(id);
    // the run read earlier changes
    if (found?.since !== state.startedAt)
      this.candidates.set(id, (found = { since: state.startedAt, uris: new Set() }));
    return found.uris;
  }

  private checkLater(run: ActiveRun): void {
    clearTimeout(this.timers.get(run.id));
    this.timers.set(
      run.id,
      setTimeout(() => void this.check(run), settleMs),
    );
  }

  private async check(run: ActiveRun): Promise<void> {
    this.timers.delete(run.id);
    if (run.state.running) return this.checkLater(run);
    const number = (this.newest.get(run.id) ?? 0) + 1;
    this.newest.set(run.id, number);
    this.doubtful.delete(run.id);
    this.comparedAt.set(run.id, Date.now());
    try {
      const { prepare, hash } = this.deps;
      const stale = await staleness(run, await prepare(), hash, this.candidatesOf(run));
      if (this.newest.get(run.id) !== number) return;
      if (run.state.running || stale?.tokens === run.state.stale?.tokens) return;
      if (stale) run.state.stale = stale;
      else delete run.state.stale;
      run.changed();
    } catch {
      // deleted or unreadable; *Run Again* says so
    }
  }

  /** Finds changes made outside VS Code or before this window. */
  private async look(run: ActiveRun): Promise<void> {
    if (this.doubtful.has(run.id)) return this.checkLater(run);
    if (run.state.running || !run.state.fingerprint.length) return;
    const { target } = run.state;
    const since = this.comparedAt.get(run.id) ?? run.state.startedAt;
    const uri = toTargetUri(target);
    if (!uri) {
      if (Date.now() - since < lookAgainMs) return;
      this.comparedAt.set(run.id, Date.now());
      if (target.kind === 'items') return this.lookAtFiles(run);
      return mayChange(target) ? this.doubt(run) : undefined;
    }
    const written = await vscode.workspace.fs.stat(vscode.Uri.parse(uri)).then(
      ({ mtime }) => mtime,
      () => 0,
    );
    if (written > since) this.doubt(run);
  }

  private async lookAtFiles(run: ActiveRun): Promise<void> {
    const changed = await changedSince(run, AbortSignal.timeout(20_000)).catch(() => new Set<string>());
    for (const uri of changed) this.doubt(run, uri);
  }
}

function listDocuments(target: SummaryTarget): string[] {
  if (target.kind === 'diffEditor') return [target.original, target.modified];
  const uri = toTargetUri(target);
  return uri ? [uri] : [];
}

/** Undefined if no text that a model read has changed. */
async function staleness(
  run: ActiveRun,
  prepare: Prepare,
  hash: Hash,
  suspects: ReadonlySet<string>,
): Promise<{ tokens: number } | undefined> {
  if (!run.state.fingerprint.length) return undefined;
  const signal = AbortSignal.timeout(20_000);
  const found =
    run.state.target.kind === 'items'
      ? await computeDifference(run, suspects, prepare, hash, signal)
      : await wholeDifference(run, prepare, hash, signal);
  if (!found) return undefined;
  if (run.state.view.strategy === 'offline') return { tokens: 0 };
  if (run.state.view.strategy === 'single') return { tokens: found.total + overhead };
  const again = found.changed + found.changedChunks * overhead;
  return { tokens: again + overhead + Math.min(maxNotes, found.count * noteTokens) };
}

async function wholeDifference(
  run: ActiveRun,
  prepare: Prepare,
  hash: Hash,
  signal: AbortSignal,
): Promise<Difference | undefined> {
  const source = await resolveTarget(run.state.target, signal);
  const known = new Set(run.state.fingerprint.map(([id]) => id));
  const sum = { changed: 0, changedChunks: 0, total: 0, count: 0 };
  for (const part of source.parts) {
    for (const chunk of (await prepare(withoutComment(part, run), signal, () => undefined)).chunks) {
      sum.count++;
      sum.total += chunk.tokens;
      if (known.has(chunkId(hash, chunk.text))) continue;
      sum.changed += chunk.tokens;
      sum.changedChunks++;
    }
  }
  return sum.changedChunks === 0 && sum.count === run.state.fingerprint.length ? undefined : sum;
}

/** Removes the summary that was inserted as a comment. Pieces of large files stay unchanged. */
function withoutComment(part: SourcePart, { state: { inserted } }: ActiveRun): SourcePart {
  if (inserted === undefined || typeof part.text !== 'string') return part;
  const forms = [inserted, inserted.replaceAll('\n', '\r\n')];
  const found = forms.find((form) => (part.text as string).includes(form));
  return found === undefined ? part : { ...part, text: part.text.replace(found, () => '') };
}

function moved(
  target: Extract<SummaryTarget, { kind: 'selection' }>,
  changes: readonly vscode.TextDocumentContentChangeEvent[],
): SummaryTarget {
  const edits = changes.map(lineEdit).filter((edit) => edit !== undefined);
  if (!edits.length) return target;
  const ranges = target.ranges.map((range): TargetRange => {
    const { startLine, endLine } = shifted({ startLine: range.startLine + 1, endLine: range.endLine + 1 }, edits);
    return { ...range, startLine: startLine - 1, endLine: endLine - 1 };
  });
  return { ...target, ranges };
}
