import { foldLog } from './log.ts';
import { foldTable } from './table.ts';
import type { Fold } from './types.ts';

export const fold: Fold = async (kind, pieces, yieldNow) => {
  if (kind === 'log') return foldLog(pieces, yieldNow);
  if (kind === 'table' || kind === 'json') return foldTable(kind, pieces, yieldNow);
  return undefined;
};
