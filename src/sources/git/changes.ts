import * as vscode from 'vscode';
import type { Source } from '../../engine/source.ts';
import { isKeyFile } from '../keyFiles.ts';
import { formatAddedFile, mapDiffLines, splitDiff } from '../../engine/read/unifiedDiff.ts';
import { readPart, describeReason, getTitle } from '../files.ts';
import { isRevision, cleanTitle } from '../lines.ts';
import {
  listFilesAt,
  findRepository,
  findFirstCommit,
  untrackedStatus,
  type GitChange,
  type GitRepository,
} from './git.ts';
import type { Outcome } from '../outcome.ts';

/** Reads staged changes, else the working tree with new files; `which` chooses. */
export async function readChangesSource(which: 'all' | 'staged' | 'working', place?: vscode.Uri): Promise<Outcome> {
  const repository = await findRepository(place);
  if (!repository) return noRepository();
  const diffs: string[] = [];
  if (which !== 'working') diffs.push(await repository.diff(true));
  if (which !== 'staged') diffs.push(await repository.diff(false), ...(await listNewFiles(repository)));
  return createDiffSource(
    repository,
    writeChangesTitle(repository, which),
    diffs,
    vscode.l10n.t('There are no changes.'),
  );
}

/** Reads a commit (`abc123`) or range (`a..b`, `a...b`: `b` since it left `a`); a branch means its last commit. */
export async function readCommitSource(revision: string, place?: vscode.Uri): Promise<Outcome> {
  const repository = await findRepository(place);
  if (!repository) return noRepository();
  const name = revision.trim();
  const unknown: Outcome = { reason: vscode.l10n.t('Git does not know “{0}”.', cleanTitle(name)) };
  if (!isRevision(name)) return unknown;
  try {
    const { diff, title, hash } = await readRevisionDiff(repository, name);
    const nothing = vscode.l10n.t('“{0}” changes nothing.', cleanTitle(name));
    return createDiffSource(repository, title, [diff], nothing, await listFilesAt(repository, hash));
  } catch {
    return unknown;
  }
}

interface RecentCommit {
  readonly hash: string;
  readonly subject: string;
  /** '' if unknown. */
  readonly author: string;
  readonly date?: Date;
}

/** Up to 50, newest first. */
export async function listRecentCommits(place?: vscode.Uri): Promise<readonly RecentCommit[]> {
  const repository = await findRepository(place);
  const commits = (await repository?.log({ maxEntries: 50 }).catch(() => [])) ?? [];
  return commits.map(({ hash, message, authorName = '', authorDate }) => ({
    hash,
    subject: message.split('\n')[0] ?? '',
    author: authorName,
    ...(authorDate ? { date: authorDate } : {}),
  }));
}

interface CommitBox {
  readonly root: vscode.Uri;
  readonly hasStaged: boolean;
  value: string;
}

/** Undefined without a repository. */
export async function findCommitBox(place?: vscode.Uri): Promise<CommitBox | undefined> {
  const repository = await findRepository(place);
  if (!repository) return undefined;
  const { inputBox, rootUri, state } = repository;
  return {
    root: rootUri,
    hasStaged: state.indexChanges.length > 0,
    get value() {
      return inputBox.value;
    },
    set value(text) {
      inputBox.value = text;
    },
  };
}

/** Returns the range of commits that a branch adds to its base; undefined if there are none. */
export async function branchRange(place?: vscode.Uri): Promise<string | undefined> {
  const repository = await findRepository(place);
  const head = repository?.state.HEAD;
  if (!repository || !head?.commit) return undefined;
  const base = head.name ? await repository.getBranchBase?.(head.name).catch(() => undefined) : undefined;
  const named = base?.name ? [[base.remote, base.name].filter(Boolean).join('/')] : [];
  for (const name of [...named, 'origin/HEAD', 'origin/main', 'origin/master', 'main', 'master']) {
    const found = await repository.getCommit(name).catch(() => undefined);
    if (!found) continue;
    const from = (await repository.getMergeBase?.(name, 'HEAD').catch(() => undefined)) ?? found.hash;
    if (from !== head.commit) return `${from.slice(0, 12)}..HEAD`;
  }
  return undefined;
}

function noRepository(): Outcome {
  return { reason: vscode.l10n.t('There is no Git repository here, or the Git extension is switched off.') };
}

/** @returns `hash` of the commit with the new lines */
async function readRevisionDiff(
  repository: GitRepository,
  revision: string,
): Promise<{ diff: string; title: string; hash: string }> {
  const range = /^(.*?)\.{2,3}([^]*)$/.exec(revision);
  if (range) {
    const [from, to] = [range[1] || 'HEAD', range[2] || 'HEAD'];
    const { hash } = await repository.getCommit(to);
    return { diff: await diffBetween(repository, from, to), title: revision, hash };
  }
  const commit = await repository.getCommit(revision);
  const subject = commit.message.split('\n')[0] ?? '';
  const parent = commit.parents[0];
  const diff = parent
    ? await diffBetween(repository, parent, commit.hash)
    : await findFirstCommit(repository, commit.hash);
  return { diff, title: cleanTitle(`${commit.hash.slice(0, 8)} ${subject}`.trim()), hash: commit.hash };
}

async function diffBetween(repository: GitRepository, from: string, to: string): Promise<string> {
  if (repository.diffBetweenPatch) return repository.diffBetweenPatch(from, to);
  let diff = '';
  for (const change of await repository.diffBetween(from, to)) {
    diff += `${await repository.diffBetween(from, to, (change.renameUri ?? change.uri).fsPath)}\n`;
  }
  return diff;
}

async function listNewFiles(repository: GitRepository): Promise<string[]> {
  const { untrackedChanges = [], workingTreeChanges } = repository.state;
  const changes: readonly GitChange[] = [
    ...untrackedChanges,
    ...workingTreeChanges.filter((change) => change.status === untrackedStatus),
  ];
  const out: string[] = [];
  for (const { uri } of changes.slice(0, 500)) {
    const outcome = await readPart(uri, { root: repository.rootUri });
    const path = uri.path.slice(repository.rootUri.path.length + 1);
    if ('part' in outcome && !outcome.part.keyFile && typeof outcome.part.text === 'string')
      out.push(formatAddedFile(path, outcome.part.text));
    else out.push(formatAddedFile(path, undefined));
  }
  return out;
}

function writeChangesTitle(repository: GitRepository, which: 'all' | 'staged' | 'working'): string {
  const name = repository.state.HEAD?.name ?? getTitle(repository.rootUri);
  return which === 'staged' ? vscode.l10n.t('Staged changes ({0})', name) : vscode.l10n.t('Changes ({0})', name);
}

/** Creates one part for all files, because renames and moves only show between files. Leaves out key files. */
function createDiffSource(
  repository: GitRepository,
  title: string,
  diffs: readonly string[],
  nothing: string,
  uriOf = (path: string): string => vscode.Uri.joinPath(repository.rootUri, path).toString(),
): Outcome {
  const skipped: { uri: string; reason: string }[] = [];
  let text = '';
  for (const file of diffs.flatMap(splitDiff)) {
    if (![file.path, file.oldPath].some(isKeyFile)) text += file.text;
    else
      skipped.push({
        uri: vscode.Uri.joinPath(repository.rootUri, file.path).toString(),
        reason: describeReason('secret'),
      });
  }
  if (!text)
    return {
      reason: skipped.length ? vscode.l10n.t('Only files that may hold keys are changed; they are not read.') : nothing,
    };
  const source: Source = {
    title,
    parts: [{ title, languageId: 'diff', startLine: 1, text, places: mapDiffLines(text, uriOf) }],
    skipped,
    shape: 'changes',
  };
  return { source };
}
