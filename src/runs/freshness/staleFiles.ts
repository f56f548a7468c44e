/** Compares a summary's files with what was read; rereads only files that may have changed. */
import * as vscode from 'vscode';
import type { Hash } from '../../engine/ports.ts';
import type { Prepare } from '../../engine/request.ts';
import { yieldToEventLoop } from '../../host/yield.ts';
import { inLanes, isWanted, planFolder, readPart, type PlannedFile } from '../../sources/index.ts';
import type { ActiveRun } from '../activeRun.ts';
import type { SummaryTarget } from '../target.ts';

type Items = Extract<SummaryTarget, { kind: 'items' }>;

interface ReadFile {
  readonly title: string;
  readonly chunks: number;
}

/** Tokens of unread chunks and of all chunks, and the number of chunks. */
export interface Difference {
  readonly changed: number;
  readonly changedChunks: number;
  readonly total: number;
  readonly count: number;
}

/** Identifies a chunk in a run's fingerprint. */
export const chunkId = (hash: Hash, text: string): string => hash(text).slice(0, 16);

const together = 16;
/** With more, the update is underestimated. */
const maxRead = 400;

const filesOfPlan = new WeakMap<object, ReadonlyMap<string, ReadFile>>();

/** Returns the files that the run read, by URI. */
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

/** Whether a file matters to the run: it was not left out, nor was its folder. */
export function concerns(run: ActiveRun): (uri: string) => boolean {
  const { target, view } = run.state;
  if (target.kind === 'items' && target.picked) {
    const picked = new Set(target.picked);
    return (uri) => picked.has(uri);
  }
  const skipped = (view.coverage?.filesSkipped ?? []).map(({ uri }) => uri).filter(Boolean);
  const files = new Set(skipped);
  const folders = skipped.filter((uri) => uri.endsWith('/'));
  return (uri) => !files.has(uri) && !folders.some((folder) => uri.startsWith(folder)) && !/\/\.git\//.test(uri);
}

/** Finds files that were written, deleted or created after the run began. */
export async function changedSince(run: ActiveRun, signal: AbortSignal): Promise<Set<string>> {
  const { target, startedAt } = run.state;
  const changed = new Set<string>();
  if (target.kind !== 'items') return changed;
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
  for (const uri of (await wantedNow(target, signal)).keys()) if (!read.has(uri)) changed.add(uri);
  return changed;
}

async function wantedNow(target: Items, signal: AbortSignal): Promise<Map<string, PlannedFile>> {
  const uris = target.uris.map((uri) => vscode.Uri.parse(uri, true));
  const { files } = await planFolder(uris, yieldToEventLoop, signal);
  const picked = target.picked && new Set(target.picked);
  const wanted = files.filter((file) => isWanted(file, picked, target.confirmedSecrets ?? false));
  return new Map(wanted.map((file) => [file.uri.toString(), file]));
}

/**
 * @param suspects URIs that may have changed
 * @returns undefined if nothing differs
 */
export async function computeDifference(
  run: ActiveRun,
  suspects: Iterable<string>,
  prepare: Prepare,
  hash: Hash,
  signal: AbortSignal,
): Promise<Difference | undefined> {
  const { target, fingerprint } = run.state;
  if (target.kind !== 'items') return undefined;
  const read = filesRead(run);
  const known = new Set(fingerprint.map(([id]) => id));
  const sum = { changed: 0, changedChunks: 0, total: 0, count: fingerprint.length };
  for (const [, tokens] of fingerprint) sum.total += tokens;
  let differs = false;
  let wanted: Map<string, PlannedFile> | undefined;
  for (const uri of [...suspects].slice(0, maxRead)) {
    const before = read.get(uri);
    if (!before) wanted ??= await wantedNow(target, signal);
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
