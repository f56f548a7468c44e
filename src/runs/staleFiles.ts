/** Whether the summary of files and folders still tells of them: only what may have changed is read again. */
import * as vscode from 'vscode';
import type { Hash } from '../engine/ports.ts';
import type { Prepare } from '../engine/request.ts';
import { yieldNow } from '../host/yield.ts';
import { inLanes, isWanted, planFolder, readPart, type PlannedFile } from '../sources/index.ts';
import type { ActiveRun } from './activeRun.ts';
import type { Recipe } from './target.ts';

type Items = Extract<Recipe, { kind: 'items' }>;

interface ReadFile {
  readonly title: string;
  readonly chunks: number;
}

/** Tokens of chunks that no model read, and of all; with how many chunks there are now. */
export interface Difference {
  readonly changed: number;
  readonly changedChunks: number;
  readonly total: number;
  readonly count: number;
}

/** By which a run's fingerprint knows a chunk again. */
export const chunkId = (hash: Hash, text: string): string => hash(text).slice(0, 16);

const together = 16;
/** Of very many changed files these are read; what an update sends is then told as less than it is. */
const mostRead = 400;

const filesOfPlan = new WeakMap<object, ReadonlyMap<string, ReadFile>>();

/** What the run read, by URI. */
export function filesRead(run: ActiveRun): ReadonlyMap<string, ReadFile> {
  const { plan } = run.state.view;
  const known = plan && filesOfPlan.get(plan);
  if (!plan || known) return known ?? new Map();
  const counts = new Map<number, number>();
  for (const { part } of plan.chunks) counts.set(part, (counts.get(part) ?? 0) + 1);
  const files = new Map<string, ReadFile>();
  for (const [part, { uri, title }] of plan.parts.entries())
    if (uri) files.set(uri, { title, chunks: counts.get(part) ?? 0 });
  filesOfPlan.set(plan, files);
  return files;
}

/** Whether a change of this file may matter to the run: it was not left out, nor lies in a folder that was. */
export function concerns(run: ActiveRun): (uri: string) => boolean {
  const { recipe, view } = run.state;
  if (recipe.kind === 'items' && recipe.picked) {
    const picked = new Set(recipe.picked);
    return (uri) => picked.has(uri);
  }
  const skipped = (view.coverage?.filesSkipped ?? []).map(({ uri }) => uri).filter(Boolean);
  const files = new Set(skipped);
  const folders = skipped.filter((uri) => uri.endsWith('/'));
  return (uri) => !files.has(uri) && !folders.some((folder) => uri.startsWith(folder)) && !/\/\.git\//.test(uri);
}

/** Files that were written after the run began, are gone, or are new. */
export async function changedSince(run: ActiveRun, signal: AbortSignal): Promise<Set<string>> {
  const { recipe, startedAt } = run.state;
  const changed = new Set<string>();
  if (recipe.kind !== 'items') return changed;
  const files = [...filesRead(run).keys()];
  await inLanes(files, together, async (uri) => {
    signal.throwIfAborted();
    const mtime = await vscode.workspace.fs.stat(vscode.Uri.parse(uri, true)).then(
      (stat) => stat.mtime,
      () => Infinity,
    );
    if (mtime > startedAt) changed.add(uri);
  });
  const read = new Set(files);
  for (const uri of (await wantedNow(recipe, signal)).keys()) if (!read.has(uri)) changed.add(uri);
  return changed;
}

/** What would be read of the items now. */
async function wantedNow(recipe: Items, signal: AbortSignal): Promise<Map<string, PlannedFile>> {
  const uris = recipe.uris.map((uri) => vscode.Uri.parse(uri, true));
  const { files } = await planFolder(uris, yieldNow, signal);
  const picked = recipe.picked && new Set(recipe.picked);
  const wanted = files.filter((file) => isWanted(file, picked, recipe.confirmedSecrets ?? false));
  return new Map(wanted.map((file) => [file.uri.toString(), file]));
}

/** @param suspects URIs of files that may have changed; undefined when none of them differs from what was read */
export async function differenceOf(
  run: ActiveRun,
  suspects: Iterable<string>,
  prepare: Prepare,
  hash: Hash,
  signal: AbortSignal,
): Promise<Difference | undefined> {
  const { recipe, fingerprint } = run.state;
  if (recipe.kind !== 'items') return undefined;
  const read = filesRead(run);
  const known = new Set(fingerprint.map(([id]) => id));
  const sum = { changed: 0, changedChunks: 0, total: 0, count: fingerprint.length };
  for (const [, tokens] of fingerprint) sum.total += tokens;
  let differs = false;
  let wanted: Map<string, PlannedFile> | undefined;
  for (const uri of [...suspects].slice(0, mostRead)) {
    const before = read.get(uri);
    if (!before) wanted ??= await wantedNow(recipe, signal);
    const title = before?.title ?? wanted?.get(uri)?.path;
    if (title === undefined) continue;
    const outcome = await readPart(vscode.Uri.parse(uri, true), { title });
    const chunks = 'part' in outcome ? (await prepare(outcome.part, signal, () => undefined)).chunks : [];
    const fresh = chunks.filter((chunk) => !known.has(chunkId(hash, chunk.text)));
    const tokens = fresh.reduce((all, chunk) => all + chunk.tokens, 0);
    sum.changed += tokens;
    sum.changedChunks += fresh.length;
    sum.total += tokens;
    sum.count += chunks.length - (before?.chunks ?? 0);
    differs ||= fresh.length > 0 || chunks.length !== (before?.chunks ?? 0);
  }
  return differs ? sum : undefined;
}
