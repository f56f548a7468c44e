import * as vscode from 'vscode';
import { diffPlaces } from '../../engine/read/unifiedDiff.ts';
import { readPart, titleOf } from '../files.ts';
import { isKeyPlace } from '../keyMark.ts';
import { unifiedDiff } from './lineDiff.ts';
import { textSource, type Outcome } from '../outcome.ts';

/** The comparison in front as a unified diff. */
export async function diffEditorSource(input: {
  readonly original: vscode.Uri;
  readonly modified: vscode.Uri;
}): Promise<Outcome> {
  const [before, after] = await Promise.all([wholeText(input.original), wholeText(input.modified)]);
  const keyFile = (await isKeyPlace(input.original)) || (await isKeyPlace(input.modified));
  const title = titleOf(input.modified);
  const name = titleOf(input.original);
  const text = unifiedDiff(before, after, `a/${name}`, `b/${title}`);
  if (!text) return { reason: vscode.l10n.t('The two sides are equal.') };
  return textSource(
    {
      title: vscode.l10n.t('Changes in {0}', title),
      languageId: 'diff',
      startLine: 1,
      text,
      ...(keyFile ? { keyFile } : {}),
      places: diffPlaces(text, () => input.modified.toString()),
    },
    'changes',
  );
}

/** '' for an absent side. */
async function wholeText(uri: vscode.Uri): Promise<string> {
  const outcome = await readPart(uri);
  if ('reason' in outcome) return '';
  const { text } = outcome.part;
  if (typeof text === 'string') return text;
  let whole = '';
  for await (const piece of text()) whole += piece;
  return whole;
}
