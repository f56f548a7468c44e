/** Walks a folder in slices. */
import { classifyFile, classifyFolder, classifyHead, estimateFileTokens, worthALook } from './classify.ts';
import { isKeyFile } from './keyFiles.ts';
import { findIgnoreReason, ignoreFileNames, withIgnoreFile, type IgnoreRules } from './ignoreRules.ts';
import { detectDecoding } from './decoding.ts';
import { forEachConcurrently } from './lanes.ts';
import { toReason, type Reason } from './reasons.ts';

/** `link-…`: what a symbolic link leads to. */
export type EntryKind = 'file' | 'folder' | 'link-file' | 'link-folder' | 'other';

/** Paths relative to the root with forward slashes; '' is the root. */
export interface FileTree {
  /** Stops after `most` entries. */
  list(folder: string, most: number): Promise<readonly (readonly [name: string, kind: EntryKind])[]>;
  size(path: string): Promise<number>;
  /** Returns up to `bytes` from the start. */
  head(path: string, bytes: number): Promise<Uint8Array>;
  text(path: string): Promise<string>;
  linked(path: string): Promise<readonly string[]>;
  /** Whether a link's target is inside. */
  inside(path: string): Promise<boolean>;
}

/** A file that may be read. */
export interface Candidate {
  /** Relative, forward slashes; an excluded folder ends in a slash. */
  readonly path: string;
  readonly bytes: number;
  /** Estimated, o200k. */
  readonly tokens: number;
  readonly picked: boolean;
  readonly reason?: Reason;
}

interface WalkLimits {
  readonly entries: number;
}

/** Result of a walk. */
export interface Walked {
  /** Files and left-out folders, by path. */
  readonly candidates: readonly Candidate[];
  /** At the limit. */
  readonly truncated: boolean;
}

const together = 24;

/**
 * Finds the files below the root.
 * @param rules in force at the root
 * @param breathe awaited between folders
 */
export async function walk(
  tree: FileTree,
  rules: IgnoreRules,
  limits: WalkLimits,
  breathe: () => Promise<void>,
  signal: AbortSignal,
): Promise<Walked> {
  const candidates: Candidate[] = [];
  const pending: { readonly folder: string; readonly rules: IgnoreRules }[] = [{ folder: '', rules }];
  let seen = 0;
  let truncated = false;
  const step = async (): Promise<void> => {
    const next = pending.pop();
    if (!next) return;
    signal.throwIfAborted();
    const most = Math.max(0, limits.entries - seen);
    const entries = await tree.list(next.folder, most).catch(toReason);
    if (typeof entries === 'string') {
      candidates.push(leftOut(`${next.folder}/`, 0, entries));
      return;
    }
    const room = Math.max(0, limits.entries - seen);
    seen += entries.length;
    truncated ||= seen > limits.entries;
    const inner = await ownRules(tree, next.folder, next.rules, entries, entries.length > most);
    for (const part of slices(entries.slice(0, room), 256)) {
      signal.throwIfAborted();
      await forEachConcurrently(part, together, (entry) => visit(entry, next.folder, inner));
      await breathe();
    }
  };
  const visit = async (
    [name, kind]: readonly [string, EntryKind],
    folder: string,
    inner: IgnoreRules,
  ): Promise<void> => {
    const path = folder ? `${folder}/${name}` : name;
    const isFolder = kind === 'folder' || kind === 'link-folder';
    const reason = await findSkipReason(tree, path, name, kind, inner);
    if (isFolder && !reason) pending.push({ folder: path, rules: inner });
    else if (isFolder) candidates.push(leftOut(`${path}/`, 0, reason));
    else candidates.push(await createCandidate(tree, path, name, reason));
  };
  // several at a time, because each waits for the disk
  while (pending.length > 0 && !truncated) await Promise.all(Array.from({ length: Math.min(8, pending.length) }, step));
  candidates.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { candidates, truncated };
}

async function ownRules(
  tree: FileTree,
  folder: string,
  rules: IgnoreRules,
  entries: readonly (readonly [string, EntryKind])[],
  more: boolean,
): Promise<IgnoreRules> {
  // a truncated folder may contain further names
  const names = more ? undefined : new Set(entries.map(([name]) => name));
  let out = rules;
  for (const name of ignoreFileNames) {
    if (names && !names.has(name)) continue;
    const content = await tree.text(folder ? `${folder}/${name}` : name).catch(() => '');
    out = withIgnoreFile(out, folder, content);
  }
  return out;
}

async function findSkipReason(
  tree: FileTree,
  path: string,
  name: string,
  kind: EntryKind,
  rules: IgnoreRules,
): Promise<Reason | undefined> {
  const isFolder = kind === 'folder' || kind === 'link-folder';
  if (kind === 'other') return 'special';
  // linked folders are not walked: inside the root they are read in place, and circles would not end
  if (kind === 'link-folder') return 'outside';
  const byName = isFolder ? classifyFolder(name) : classifyFile(path);
  if (byName === 'history' || byName === 'secret' || byName === 'templates') return byName;
  const ignored = findIgnoreReason(rules, path, isFolder);
  if (ignored) return byName ?? ignored;
  if (kind === 'link-file') {
    if (!(await tree.inside(path).catch(() => false))) return 'outside';
    if ((await tree.linked(path).catch(() => [])).some(isKeyFile)) return 'secret';
  }
  return byName;
}

async function createCandidate(
  tree: FileTree,
  path: string,
  name: string,
  reason: Reason | undefined,
): Promise<Candidate> {
  // outside the root not even sizes are read
  if (reason === 'outside' || reason === 'special') return leftOut(path, 0, reason);
  const bytes = await tree.size(path).catch(toReason);
  if (typeof bytes === 'string') return leftOut(path, 0, bytes);
  const why = reason ?? (bytes === 0 ? 'empty' : await byHead(tree, path, name, bytes));
  return { path, bytes, tokens: estimateFileTokens(name, bytes), picked: !why, ...(why && { reason: why }) };
}

async function byHead(tree: FileTree, path: string, name: string, bytes: number): Promise<Reason | undefined> {
  if (!worthALook(name, bytes) || /\.(?:pdf|docx|pptx|xlsx|odt|epub|eml|mbox|ipynb)$/i.test(name)) return undefined;
  const head = await tree.head(path, 8192).catch(toReason);
  if (typeof head === 'string') return head;
  const decoding = detectDecoding(head, bytes <= head.length);
  if (!decoding) return 'binary';
  return classifyHead(name, new TextDecoder(decoding.encoding).decode(head));
}

function leftOut(path: string, bytes: number, reason: Reason | undefined): Candidate {
  return { path, bytes, tokens: 0, picked: false, ...(reason && { reason }) };
}

function* slices<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let i = 0; i < items.length; i += size) yield items.slice(i, i + size);
}
