import * as vscode from 'vscode';
import { mapDiffLines } from '../../engine/read/unifiedDiff.ts';
import { readPart, getTitle } from '../files.ts';
import { isKeyPlace } from '../keyMark.ts';
import { createUnifiedDiff } from './lineDiff.ts';
import { createTextSource, type Outcome } from '../outcome.ts';

/** Reads the active comparison as a unified diff. */
export async function readDiffEditorSource(input: {
  readonly original: vscode.Uri;
  readonly modified: vscode.Uri;
}): Promise<Outcome> {
  const [before, after] = await Promise.all([readWholeText(input.original), readWholeText(input.modified)]);
  const keyFile = (await isKeyPlace(input.original)) || (await isKeyPlace(input.modified));
  const title = getTitle(input.modified);
  const name = getTitle(input.original);
  const text = createUnifiedDiff(before, after, `a/${name}`, `b/${title}`);
  if (!text) return { reason: vscode.l10n.t('The two sides are equal.') };
  return createTextSource(
    {
      title: vscode.l10n.t('Changes in {0}', title),
      languageId: 'diff',
      startLine: 1,
      text,
      ...(keyFile ? { keyFile } : {}),
      places: mapDiffLines(text, () => input.modified.toString()),
    },
    'changes',
  );
}

/** '' for an absent side. */
async function readWholeText(uri: vscode.Uri): Promise<string> {
  const outcome = await readPart(uri);
  if ('reason' in outcome) return '';
  const { text } = outcome.part;
  if (typeof text === 'string') return text;
  let whole = '';
  for await (const piece of text()) whole += piece;
  return whole;
}
