import { foldLog } from './log.ts';
import type { Fold } from './types.ts';

export const fold: Fold = async (kind, pieces, yieldNow) => {
  if (kind === 'log') return foldLog(pieces, yieldNow);
  return undefined;
};
