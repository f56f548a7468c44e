import { foldCaptions } from './captions.ts';
import { foldDiff } from './diff.ts';
import { foldDuplicates } from './duplicates.ts';
import { foldLog } from './log/foldLog.ts';
import { foldTable } from './table.ts';
import type { Fold } from './types.ts';

export type { Fold, FoldResult } from './types.ts';

/** Longest text that is searched for repeats, UTF-16 units. */
const joinedMost = 64 * 1024 * 1024;

/** Folds a text by kind; undefined if nothing is gained. */
export const fold: Fold = async (kind, pieces, yieldNow, logTokens) => {
  if (kind === 'log') return foldLog(pieces, yieldNow, logTokens);
  if (kind === 'table' || kind === 'json') return foldTable(kind, pieces, yieldNow);
  const text = await joined(pieces);
  if (text === undefined) return undefined;
  if (kind === 'transcript') return foldCaptions(text) ?? foldDuplicates(text, yieldNow);
  return kind === 'diff' ? foldDiff(text, yieldNow) : foldDuplicates(text, yieldNow);
};

async function joined(pieces: AsyncIterable<string> | string): Promise<string | undefined> {
  if (typeof pieces === 'string') return pieces.length > joinedMost ? undefined : pieces;
  const parts: string[] = [];
  let length = 0;
  for await (const piece of pieces) {
    parts.push(piece);
    length += piece.length;
    if (length > joinedMost) return undefined;
  }
  return parts.join('');
}
