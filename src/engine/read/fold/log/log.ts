/** Counts a log's forms, levels, times and multi-line records in bounded memory. */
import { estimateTokens } from '../../../tokens.ts';
import { keepOdd, type Miner, mine, createMiner, type Template } from './drain.ts';
import { type Header, type Layout, learnLayout, createHeader, noLayout, readHeader, sampleLines } from './header.ts';
import { parseJsonRecord } from './jsonRecord.ts';
import { detach } from '../lines.ts';
import {
  addLine,
  closeRecord,
  continuesAtMargin,
  isCause,
  isFrame,
  maxRecordLines,
  createStacks,
  type OpenRecord,
  openRecord,
  type RecordLine,
  type Stacks,
} from './records.ts';
import { addValue, createStats, type ValueStats } from '../stats.ts';
import { type Clock, createClock, noteTime } from './time.ts';

/** All figures of a log. */
export interface LogFigures {
  readonly miner: Miner;
  readonly clock: Clock;
  /** Records by rank. */
  readonly levels: number[];
  readonly stacks: Stacks;
  /** By column of the header. */
  readonly fields: ValueStats[];
  /** Random sample, seeded with the line number. */
  readonly samples: RecordLine[];
  lines: number;
  blank: number;
  records: number;
  length: number;
  /** Tokens per UTF-16 unit in the first lines. */
  tokenRate: number;
  /** Lines cut at `maxLineLength`. */
  cut: number;
  firstCut: number;
  lastCut: number;
  open: OpenRecord | undefined;
  /** A record of failure that other records interrupt. */
  failing: OpenRecord | undefined;
  layout: Layout | undefined;
  readonly header: Header;
  readonly waiting: { readonly line: string; readonly number: number }[];
  onRecord?: (number: number, template: Template | undefined, level: number) => void;
}

/** Longest line that is read, UTF-16 units. */
export const maxLineLength = 16 * 1024;
const maxSamples = 400;
/** Lines of other records within a trace. */
const maxInterruption = 50;
const maxFieldValues = 512;

/** Returns the figures of an empty log. */
export const createLog = (): LogFigures => ({
  miner: createMiner(),
  clock: createClock(),
  levels: [0, 0, 0, 0, 0, 0, 0],
  stacks: createStacks(),
  fields: [],
  samples: [],
  lines: 0,
  blank: 0,
  records: 0,
  length: 0,
  tokenRate: 0.36,
  cut: 0,
  firstCut: 0,
  lastCut: 0,
  open: undefined,
  failing: undefined,
  layout: undefined,
  header: createHeader(),
  waiting: [],
});

/** Reads a line; the first ones wait until the layout is learned. */
export function readLogLine(log: LogFigures, line: string, number: number): void {
  if (log.layout) return readLine(log, line, number);
  log.waiting.push({ line, number });
  if (log.waiting.length >= sampleLines) startReading(log);
}

/** Reads the waiting lines and closes the open records. */
export function endLog(log: LogFigures): void {
  if (!log.layout) startReading(log);
  for (const open of [log.failing, log.open]) if (open) closeRecord(log.stacks, open);
  log.open = log.failing = undefined;
}

function startReading(log: LogFigures): void {
  const lines = log.waiting.map(({ line }) => line.slice(0, 1000));
  log.layout = learnLayout(lines);
  const text = lines.join('\n');
  if (text.length > 1000) log.tokenRate = estimateTokens(text) / text.length;
  for (const { line, number } of log.waiting) readLine(log, line, number);
  log.waiting.length = 0;
}

function readLine(log: LogFigures, line: string, number: number): void {
  log.lines = number;
  if (line.length >= maxLineLength) noteCut(log, number);
  const first = line.charCodeAt(0);
  const isIndented = first === 32 || first === 9;
  if (line.length === 0 || (isIndented && line.trim() === '')) {
    log.blank++;
    return;
  }
  const { header } = log;
  const layout = log.layout ?? noLayout;
  if (isIndented && log.open) header.message = 0;
  else readHeader(line, layout, header);
  const { open } = log;
  if (open && header.message === 0 && open.length < maxRecordLines) {
    if (isIndented || continuesAtMargin(open, line, layout.columns.length > 0)) {
      continueRecord(log, open, line, number, isIndented);
      return;
    }
  }
  if (isIndented) readHeader(line, layout, header);
  startRecord(log, line, number);
}

function noteCut(log: LogFigures, number: number): void {
  if (log.cut++ === 0) log.firstCut = number;
  log.lastCut = number;
}

function startRecord(log: LogFigures, line: string, number: number): void {
  const { header, miner } = log;
  log.records++;
  const json = parseJsonRecord(line, header.message);
  let template: Template | undefined;
  if (json) {
    if (Number.isNaN(header.ms) && !Number.isNaN(json.ms)) setJsonTime(header, json.ms, json.time);
    const ms = noteTime(log.clock, json.time || line, header, number);
    template = mine(miner, json.text, 0, number, json.level || header.level, ms, line);
  } else {
    const ms = noteTime(log.clock, line, header, number);
    template = mine(miner, line, header.message, number, header.level, ms);
  }
  const level = miner.level;
  log.levels[level] = (log.levels[level] as number) + 1;
  if (level >= 4 && !Number.isNaN(header.ms)) noteAlarm(log);
  noteFields(log, line, number);
  keepSample(log, line, number);
  log.onRecord?.(number, template, level);
  const alarming = level >= 4 || (level === 0 && (template?.alarming ?? false));
  const over = log.open && log.open.length === 0 && !log.open.alarming ? log.open : undefined;
  const next = openRecord(line, number, template, alarming, over);
  if (!over) replaceOpen(log, next);
  else if (log.failing && number - log.failing.lastLine > maxInterruption) closeFailing(log);
}

function setJsonTime(header: Header, ms: number, text: string): void {
  header.ms = ms;
  header.stampFrom = 0;
  header.stampTo = text.length;
  header.hasYear = header.hasDate = true;
  header.isEpoch = /^\d+(?:\.\d+)?$/.test(text);
}

function noteAlarm({ clock, header }: LogFigures): void {
  const times = header.hasYear ? clock.full : header.hasDate ? clock.dated : clock.daily;
  if (times.current) times.current.alarming++;
}

/** Keeps a record of failure open, because its trace may follow. */
function replaceOpen(log: LogFigures, next: OpenRecord): void {
  const { open, failing } = log;
  log.open = next;
  if (failing && (next.head - failing.lastLine > maxInterruption || open?.alarming)) closeFailing(log);
  if (!open) return;
  if (open.alarming) log.failing = open;
  else closeRecord(log.stacks, open);
}

function closeFailing(log: LogFigures): void {
  if (log.failing) closeRecord(log.stacks, log.failing);
  log.failing = undefined;
}

function continueRecord(log: LogFigures, open: OpenRecord, line: string, number: number, isIndented: boolean): void {
  const { failing } = log;
  const isTrace = isFrame(line) || isCause(line);
  const interrupted = isTrace && failing && !open.alarming && open.length === 0;
  const hasWords = addLine(interrupted ? failing : open, line, number);
  // Frames are not informative; other lines may hold unique values.
  if (!hasWords || !(isIndented || isCause(line))) return;
  const template = mine(log.miner, line, 0, number);
  if (template) template.inner++;
}

function noteFields(log: LogFigures, line: string, number: number): void {
  const { header, fields } = log;
  for (let i = 0; i < header.fieldCount; i++) {
    // an identifier, which is no longer counted
    if (fields[i] && !fields[i]?.distinct) continue;
    const from = header.fields[2 * i] as number;
    let to = header.fields[2 * i + 1] as number;
    for (let at = from + 1; at < to; at++) {
      const code = line.charCodeAt(at);
      if (code === 91 || (code === 58 && at === to - 1)) to = at;
    }
    if (addValue((fields[i] ??= createStats()), line.slice(from, to), number, maxFieldValues))
      keepOdd(log.miner, line, number);
  }
}

/** Keeps a reservoir sample, seeded with the record number. */
function keepSample(log: LogFigures, line: string, number: number): void {
  if (log.samples.length < maxSamples) log.samples.push({ line: number, text: detach(line.slice(0, 1000)) });
  else {
    const place = (Math.imul(log.records ^ 0x9e3779b9, 0x85ebca6b) >>> 0) % log.records;
    if (place < maxSamples) log.samples[place] = { line: number, text: detach(line.slice(0, 1000)) };
  }
}
