import type { Yield } from '../../ports.ts';
import { type Miner, mine, newMiner, type Template } from './drain.ts';
import { speaksOfFailure } from './levels.ts';
import { detach, eachLine } from './lines.ts';
import { digestLog } from './logDigest.ts';
import { maskLine } from './scan.ts';
import { newTimes, noteTime, type Times } from './time.ts';
import type { FoldResult } from './types.ts';

/** A record of several lines (a stack trace under its head), as often as it came. */
export interface StackRecord {
  readonly head: number;
  readonly lines: readonly string[];
  /** Lines of the record; the text of at most `stackKept` is kept. */
  readonly length: number;
  count: number;
  last: number;
  readonly alarming: boolean;
}
export interface LogFigures {
  readonly miner: Miner;
  readonly times: Times;
  /** By level rank. */
  readonly levels: number[];
  readonly stacks: Map<number, StackRecord>;
  /** Records of several lines that came when `stacks` was full. */
  stacksBeyond: number;
  lines: number;
  blank: number;
  records: number;
  length: number;
  /** Lines of more than `longest` units, read to there. */
  cut: number;
  open: OpenRecord;
}
interface OpenRecord {
  head: number;
  first: string;
  template: Template | undefined;
  lines: string[];
  length: number;
  hash: number;
  alarming: boolean;
  /** After `Traceback`: the first line at the margin still belongs to it. */
  traceback: boolean;
}

const longest = 16 * 1024;
const stackKept = 40;
const stacksKept = 400;
/** A record of more lines than this is none: the whole text is indented. */
const recordMost = 400;
const fewestLines = 200;
const fewestUnits = 8 * 1024;
/** Units after which it is decided whether the text folds. */
export const decideAfter = 384 * 1024;
/** Lines a template below which the text is read as text. */
const fewestPerTemplate = 3;

const newOpen = (): OpenRecord => ({
  head: 0,
  first: '',
  template: undefined,
  lines: [],
  length: 0,
  hash: 0,
  alarming: false,
  traceback: false,
});

export const newLog = (): LogFigures => ({
  miner: newMiner(),
  times: newTimes(),
  levels: [0, 0, 0, 0, 0, 0, 0],
  stacks: new Map(),
  stacksBeyond: 0,
  lines: 0,
  blank: 0,
  records: 0,
  length: 0,
  cut: 0,
  open: newOpen(),
});

const frame = /^\s*(?:at |Caused by|\.{3} \d+ |File "|--> |\^+$|#\d+ )/;

/** Takes one line of the log in. */
export function readLogLine(log: LogFigures, line: string, number: number): void {
  log.lines = number;
  if (line.length >= longest) log.cut++;
  const first = line.charCodeAt(0);
  const indented = first === 32 || first === 9;
  if (line.length === 0 || (indented && line.trim() === '')) {
    log.blank++;
    return;
  }
  if (log.open.head > 0 && log.open.length < recordMost && continues(log.open, line, indented)) {
    addToRecord(log, line, number, indented);
    return;
  }
  closeRecord(log);
  log.records++;
  const stamped = noteTime(log.times, line, number);
  const { start, end } = log.times;
  const template = mine(
    log.miner,
    line,
    number,
    stamped ? log.times.last : '',
    stamped ? start : -1,
    stamped ? end : -1,
  );
  const level = template?.level ?? 0;
  log.levels[level] = (log.levels[level] as number) + 1;
  if (level >= 4 && stamped && log.times.current) log.times.current.alarming++;
  const open = log.open;
  open.head = number;
  open.first = line;
  open.template = template;
  open.alarming = level >= 5 || (template?.alarming ?? false);
  open.traceback = line.includes('Traceback (most');
}

function continues(open: OpenRecord, line: string, indented: boolean): boolean {
  if (indented || line.startsWith('at ') || line.startsWith('Caused by')) return true;
  if (line.startsWith('Traceback (most')) return (open.traceback = true);
  if (!open.traceback || open.length === 0) return false;
  open.traceback = false;
  return /^[\w.]+(?:Error|Exception|Warning|Interrupt|Exit)?\b/.test(line);
}

const noValues: string[] = [];

function addToRecord(log: LogFigures, line: string, number: number, indented: boolean): void {
  const open = log.open;
  open.length++;
  if (open.lines.length < stackKept) open.lines.push(line);
  const key = maskLine(line, noValues);
  for (let i = 0; i < key.length && i < 240; i++) open.hash = (Math.imul(open.hash, 31) + key.charCodeAt(i)) | 0;
  open.hash = (Math.imul(open.hash, 31) + 10) | 0;
  if (!open.alarming && speaksOfFailure(line)) open.alarming = true;
  // A frame says nothing by itself; any other line may hold a value that is found nowhere else.
  if (indented && !frame.test(line)) mine(log.miner, line, number, '', -1, -1);
}

/** Ends the open record: an equal one is counted, a new one kept. */
export function closeRecord(log: LogFigures): void {
  const open = log.open;
  if (open.length > 0) {
    const key = (Math.imul(open.hash, 31) + (open.template?.id ?? -1)) | 0;
    const known = log.stacks.get(key);
    if (known) {
      known.count++;
      known.last = open.head;
    } else if (log.stacks.size < stacksKept) {
      const lines = [open.first, ...open.lines].map((line) => detach(line.slice(0, 1000)));
      log.stacks.set(key, {
        head: open.head,
        lines,
        length: open.length + 1,
        count: 1,
        last: open.head,
        alarming: open.alarming,
      });
    } else log.stacksBeyond++;
  }
  if (open.head > 0) log.open = newOpen();
}

/** Whether so many lines fall into few enough templates. */
function folds(log: LogFigures): boolean {
  return log.records >= fewestPerTemplate * (log.miner.templates.length + log.miner.overflow.count + log.stacks.size);
}

/** Folds a log of any size; memory is bounded by the limits of the miner. */
export async function foldLog(
  pieces: AsyncIterable<string> | string,
  yieldNow: Yield,
): Promise<FoldResult | undefined> {
  const log = newLog();
  let decided = false;
  const totals = await eachLine(
    pieces,
    yieldNow,
    (line, number, length) => {
      readLogLine(log, line, number);
      if (!decided && length >= decideAfter) {
        decided = true;
        return folds(log);
      }
      return true;
    },
    longest,
  );
  if (totals.stopped) return undefined;
  closeRecord(log);
  log.length = totals.length;
  if (log.lines < fewestLines || log.length < fewestUnits || (!decided && !folds(log))) return undefined;
  const result = await digestLog(log, yieldNow);
  return result.text.length > 0.6 * log.length ? undefined : result;
}
