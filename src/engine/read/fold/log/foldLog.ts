import type { Yield } from '../../../ports.ts';
import { forEachLine } from '../lines.ts';
import { endLog, type LogFigures, maxLineLength, createLog, readLogLine } from './log.ts';
import { digestLog } from './logDigest.ts';
import type { FoldResult } from '../types.ts';

const minLines = 200;
const minUnits = 8 * 1024;
/** UTF-16 units. */
const decideAfter = 384 * 1024;
/** With fewer records a form it is read as text. */
const minPerTemplate = 3;

function folds(log: LogFigures): boolean {
  const { templates, overflow } = log.miner;
  return log.records >= minPerTemplate * (templates.length + overflow.count + log.stacks.kinds.size);
}

/**
 * Folds a log of any size; undefined if it is short, its lines all differ, or little is gained.
 * @param tokens budget; by size if absent
 */
export async function foldLog(
  pieces: AsyncIterable<string> | string,
  yieldNow: Yield,
  tokens?: number,
): Promise<FoldResult | undefined> {
  const log = createLog();
  let decided = false;
  const totals = await forEachLine(
    pieces,
    yieldNow,
    (line, number, length) => {
      readLogLine(log, line, number);
      if (decided || length < decideAfter || !log.layout) return true;
      decided = true;
      return folds(log);
    },
    maxLineLength,
  );
  if (totals.stopped) return undefined;
  endLog(log);
  log.length = totals.length;
  if (log.lines < minLines || log.length < minUnits || (!decided && !folds(log))) return undefined;
  const result = await digestLog(log, yieldNow, tokens);
  return result.text.length > 0.6 * log.length ? undefined : result;
}
