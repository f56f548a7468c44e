/** Reads a target into its source. */
import * as vscode from 'vscode';
import type { Source } from '../engine/source.ts';
import { yieldToEventLoop } from '../host/yield.ts';
import {
  changesSource,
  clipboardSource,
  commitSource,
  fileSource,
  folderSource,
  notebookSource,
  planFolder,
  SourceError,
  terminalSource,
  type Outcome,
} from '../sources/index.ts';
import { rangePart, sentence, titleOf } from '../sources/index.ts';
import type { SummaryTarget, TargetRange } from './target.ts';
import { t } from '../host/l10n.ts';

/** @throws SourceError with the reason */
export function toSource(outcome: Outcome): Source {
  if ('reason' in outcome) throw new SourceError(outcome.reason);
  return outcome.source;
}

/** Reads a target. @throws SourceError */
export async function resolveTarget(target: SummaryTarget, signal: AbortSignal): Promise<Source> {
  switch (target.kind) {
    case 'file': {
      const { range } = target;
      const lines = range
        ? {
            first: range.startLine + 1,
            last: range.endCharacter === 0 && range.endLine > range.startLine ? range.endLine : range.endLine + 1,
          }
        : undefined;
      return toSource(await fileSource(vscode.Uri.parse(target.uri, true), lines));
    }
    case 'selection':
      return selection(vscode.Uri.parse(target.uri, true), target.ranges);
    case 'notebook':
      return toSource(await notebookSource(vscode.Uri.parse(target.uri, true)));
    case 'items': {
      const plan = await planFolder(
        target.uris.map((uri) => vscode.Uri.parse(uri, true)),
        yieldToEventLoop,
        signal,
      );
      const picked = target.picked ? new Set(target.picked) : undefined;
      return toSource(
        await folderSource(plan, {
          signal,
          ...(picked ? { picked } : {}),
          confirmedSecrets: target.confirmedSecrets ?? false,
        }),
      );
    }
    case 'changes': {
      const place = target.repository ? vscode.Uri.parse(target.repository, true) : undefined;
      return toSource(
        target.range
          ? await commitSource(target.range, place)
          : await changesSource(target.staged ? 'staged' : 'all', place),
      );
    }
    case 'diffEditor': {
      const { readDiffEditorSource: diffEditorSource } = await import('../sources/git/diffEditor.ts');
      return toSource(
        await diffEditorSource({
          original: vscode.Uri.parse(target.original, true),
          modified: vscode.Uri.parse(target.modified, true),
        }),
      );
    }
    case 'clipboard':
      return toSource(await clipboardSource());
    case 'terminal':
      return toSource(await terminalSource());
    case 'text':
      throw new SourceError(
        t('This text came from another extension and isn’t kept. Summarize it there again.'),
        'none',
      );
  }
}

async function selection(uri: vscode.Uri, ranges: readonly TargetRange[]): Promise<Source> {
  const title = titleOf(uri);
  const document = await vscode.workspace.openTextDocument(uri).then(undefined, () => {
    throw new SourceError(`${title}: ${sentence('unreadable')}`);
  });
  const read = ranges.map((r) =>
    rangePart(
      document,
      document.validateRange(new vscode.Range(r.startLine, r.startCharacter, r.endLine, r.endCharacter)),
      title,
    ),
  );
  const parts = (await Promise.all(read)).filter((part) => /\S/.test(part.text as string));
  if (!parts.length) throw new SourceError(t('The selection has nothing but white space.'));
  return { title: writeSelectionTitle(uri, ranges), parts, skipped: [], shape: 'text' };
}

/** Names the lines, or the number of selections. */
export function writeSelectionTitle(uri: vscode.Uri, ranges: readonly TargetRange[]): string {
  const first = ranges[0]!;
  if (ranges.length > 1) return t('{0}: {1} selections', titleOf(uri), ranges.length);
  const last = first.endCharacter === 0 && first.endLine > first.startLine ? first.endLine : first.endLine + 1;
  return `${titleOf(uri)}:${first.startLine + 1}${last > first.startLine + 1 ? `-${last}` : ''}`;
}

/** Lines and characters from 0. */
export function toTargetRange(range: vscode.Range): TargetRange {
  return {
    startLine: range.start.line,
    startCharacter: range.start.character,
    endLine: range.end.line,
    endCharacter: range.end.character,
  };
}
