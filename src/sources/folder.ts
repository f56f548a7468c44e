import * as vscode from 'vscode';
import { readSettings } from '../host/settings.ts';
import type { Yield } from '../engine/ports.ts';
import type { Source, SourcePart } from '../engine/source.ts';
import { createFileTree } from './fileTree.ts';
import { readPart, describeReason, getTitle } from './files.ts';
import { ignoreFileNames, noRules, withExcludes, withIgnoreFile, type IgnoreRules } from './ignoreRules.ts';
import { forEachConcurrently } from './lanes.ts';
import { cleanTitle } from './lines.ts';
import type { Outcome } from './outcome.ts';
import { classifyFile, estimateFileTokens } from './classify.ts';
import { walk, type Candidate } from './walk.ts';

/** A file in the tree of what will be sent. */
export interface PlannedFile {
  readonly uri: vscode.Uri;
  /** Relative to workspace or choice; an excluded folder ends in a slash. */
  readonly path: string;
  readonly bytes: number;
  /** Estimated, o200k. */
  readonly tokens: number;
  /** Whether it is read by default. */
  readonly picked: boolean;
  /** Reason if it is not. */
  readonly reason?: string;
  /** Whether it may hold keys; then read only after consent. */
  readonly sensitive: boolean;
  /** The chosen folder, which its links must not leave. */
  readonly root?: vscode.Uri;
}

/** Files of a folder, before reading. */
export interface FolderPlan {
  readonly title: string;
  readonly files: readonly PlannedFile[];
  readonly truncated: boolean;
}

const maxEntries = 60_000;
/** Maximum text in memory, UTF-16 units; further files are read in pieces. */
const maxHeld = 16 * 1024 * 1024;
const together = 16;

/** Lists what would be read, by names, sizes and the start of a few files. */
export async function planFolder(
  chosen: readonly vscode.Uri[],
  breathe: Yield,
  signal: AbortSignal,
): Promise<FolderPlan> {
  const files = new Map<string, PlannedFile>();
  let truncated = false;
  for (const uri of chosen) {
    const stat = await vscode.workspace.fs.stat(uri).then(undefined, () => undefined);
    if (stat && stat.type & vscode.FileType.Directory) {
      const walked = await walk(
        createFileTree(uri),
        await rulesAbove(uri),
        { entries: maxEntries - files.size },
        breathe,
        signal,
      );
      truncated ||= walked.truncated;
      for (const [i, candidate] of walked.candidates.entries()) {
        add(planned(uri, candidate, chosen.length > 1));
        if (i % 256 === 255) await breathe();
      }
    } else add(chosenFile(uri, stat));
  }
  return { title: planTitle(chosen), files: [...files.values()], truncated };

  function add(file: PlannedFile): void {
    const key = file.uri.toString();
    // a file that is chosen itself and within a chosen folder counts as chosen itself
    if (!files.has(key) || (file.picked && !file.root)) files.set(key, file);
  }
}

function planTitle(chosen: readonly vscode.Uri[]): string {
  const first = chosen[0];
  if (chosen.length === 1 && first) return getTitle(first) || cleanTitle(first.path.split('/').pop() ?? '');
  return vscode.l10n.t('{0} items', chosen.length);
}

function planned(root: vscode.Uri, candidate: Candidate, several: boolean): PlannedFile {
  const { path, bytes, tokens, picked, reason } = candidate;
  const prefix = several ? `${root.path.split('/').pop()}/` : '';
  return {
    uri: vscode.Uri.joinPath(root, path),
    path: cleanTitle(prefix + path),
    bytes,
    tokens,
    picked,
    sensitive: reason === 'secret',
    root,
    ...(reason && { reason: describeReason(reason) }),
  };
}

/** A file that was chosen itself is left out only if it is unreadable or forbidden. */
function chosenFile(uri: vscode.Uri, stat: vscode.FileStat | undefined): PlannedFile {
  const name = uri.path.split('/').pop() ?? '';
  const known = classifyFile(uri.path);
  const hard = known === 'secret' || known === 'image' || known === 'archive' || known === 'binary' ? known : undefined;
  const reason = stat ? hard : 'missing';
  const bytes = stat?.size ?? 0;
  return {
    uri,
    path: getTitle(uri),
    bytes,
    tokens: estimateFileTokens(name, bytes),
    picked: !reason,
    sensitive: known === 'secret',
    ...(reason && { reason: describeReason(reason) }),
  };
}

/** Collects ignore files above the chosen folder, relative to it, and the settings' globs. */
async function rulesAbove(folder: vscode.Uri): Promise<IgnoreRules> {
  const root = vscode.workspace.getWorkspaceFolder(folder)?.uri ?? folder;
  const inner = folder.path.slice(root.path.length).split('/').filter(Boolean);
  let rules = noRules;
  const own = readSettings(folder)['precis.exclude'].map((glob) => [glob, true] as const);
  const excludes = { ...setting(folder, 'files'), ...setting(folder, 'search'), ...Object.fromEntries(own) };
  rules = withExcludes(rules, excludes);
  for (let depth = 0; depth < inner.length; depth++) {
    const above = inner.slice(0, depth).join('/');
    for (const name of ignoreFileNames) {
      const content = await readText(vscode.Uri.joinPath(root, above, name));
      if (content) rules = withIgnoreFile(rules, above, content);
    }
  }
  return { ...rules, base: inner.join('/') };
}

function setting(scope: vscode.Uri, section: 'files' | 'search'): Record<string, unknown> {
  return vscode.workspace.getConfiguration(section, scope).get<Record<string, unknown>>('exclude', {});
}

function readText(uri: vscode.Uri): Promise<string> {
  return Promise.resolve(vscode.workspace.fs.readFile(uri)).then(
    (bytes) => new TextDecoder().decode(bytes),
    () => '',
  );
}

/**
 * Reads the picked files.
 * @param picked addresses; absent for the plan's choice
 * @param confirmedSecrets whether the user agreed to files that may hold keys
 */
export async function readFolderSource(
  plan: FolderPlan,
  options: {
    readonly picked?: ReadonlySet<string>;
    readonly confirmedSecrets?: boolean;
    readonly signal: AbortSignal;
    readonly onProgress?: (done: number, of: number) => void;
  },
): Promise<Outcome> {
  const wanted = plan.files.filter((file) => isWanted(file, options.picked, options.confirmedSecrets ?? false));
  const parts: (SourcePart | undefined)[] = new Array<SourcePart | undefined>(wanted.length).fill(undefined);
  const skipped: { uri: string; reason: string }[] = [];
  const lazy = wanted.reduce((sum, { bytes }) => sum + bytes, 0) > maxHeld;
  let done = 0;
  await forEachConcurrently(wanted, together, async (file, i) => {
    options.signal.throwIfAborted();
    const outcome = await readPart(file.uri, { title: file.path, root: file.root, lazy });
    // only now is the link's target known
    if ('part' in outcome && outcome.part.keyFile && !options.confirmedSecrets)
      skipped.push({ uri: file.uri.toString(), reason: describeReason('secret') });
    else if ('part' in outcome) parts[i] = outcome.part;
    else skipped.push({ uri: file.uri.toString(), reason: outcome.reason });
    options.onProgress?.(++done, wanted.length);
  });
  const read = parts.filter((part) => part !== undefined);
  if (read.length === 0) return { reason: vscode.l10n.t('{0}: there is no text to summarize.', plan.title) };
  const source: Source = {
    title: plan.title,
    parts: read,
    skipped: [...skipped, ...leftOut(plan, wanted)],
    shape: read.length > 1 || plan.files.length > 1 ? 'folder' : 'text',
  };
  return { source };
}

/** Whether `readFolderSource` reads the file with the same options. */
export function isWanted(
  file: PlannedFile,
  picked: ReadonlySet<string> | undefined,
  confirmedSecrets: boolean,
): boolean {
  if (file.path.endsWith('/') || (file.sensitive && !confirmedSecrets)) return false;
  return picked ? picked.has(file.uri.toString()) : file.picked;
}

function leftOut(plan: FolderPlan, wanted: readonly PlannedFile[]): { uri: string; reason: string }[] {
  const read = new Set(wanted);
  const out = plan.files
    .filter((file) => !read.has(file))
    .map((file) => ({ uri: file.uri.toString(), reason: file.reason ?? vscode.l10n.t('Not selected') }));
  return plan.truncated ? [...out, { uri: '', reason: describeReason('too-many') }] : out;
}
