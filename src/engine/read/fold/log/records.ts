/** Reads records of several lines: stack traces and continued lines. */
import type { Template } from './drain.ts';
import { mentionsFailure } from './levels.ts';
import { detach } from '../lines.ts';
import { maskText } from '../scan.ts';

/** Line from 1. */
export interface RecordLine {
  readonly line: number;
  readonly text: string;
}
/** A record of several lines; counts all that have the same frames. */
export interface StackRecord {
  readonly head: number;
  /** First `maxKeptLines` lines of the record. */
  readonly lines: readonly RecordLine[];
  /** Lines of the record. */
  readonly length: number;
  count: number;
  last: number;
  readonly alarming: boolean;
  readonly template: Template | undefined;
}

/** The record that the next lines may continue. */
export interface OpenRecord {
  head: number;
  first: string;
  template: Template | undefined;
  /** First `maxKeptLines` lines; undefined until the second line. */
  lines: RecordLine[] | undefined;
  /** Lines after the first. */
  length: number;
  lastLine: number;
  hash: number;
  frames: number;
  frameHash: number;
  alarming: boolean;
  /** Trace format whose unindented lines continue the record. */
  mode: 'none' | 'python' | 'go' | 'rust' | 'php';
}

const maxKeptLines = 100;
const maxKeptUnits = 500;
const maxKinds = 400;
/** Maximum lines of a record; a longer one is indented text. */
export const maxRecordLines = 400;

/** Reuses a finished record. */
export function openRecord(
  line: string,
  number: number,
  template: Template | undefined,
  alarming: boolean,
  over?: OpenRecord,
): OpenRecord {
  // every trace begins with a word of failure
  const mode = alarming || template?.alarming ? findMode(line) : 'none';
  const isAlarming = alarming || mode !== 'none';
  if (!over)
    return {
      head: number,
      first: line,
      template,
      lines: undefined,
      length: 0,
      lastLine: number,
      hash: 0,
      frames: 0,
      frameHash: 0,
      alarming: isAlarming,
      mode,
    };
  over.head = over.lastLine = number;
  over.first = line;
  over.template = template;
  over.alarming = isAlarming;
  over.mode = mode;
  return over;
}

function findMode(line: string): OpenRecord['mode'] {
  if (line.includes('Traceback (most')) return 'python';
  if (line.includes('panic: ') || line.startsWith('fatal error: ')) return 'go';
  if (line.includes("' panicked at")) return 'rust';
  return line.includes('PHP Fatal') || line.includes('Uncaught ') ? 'php' : 'none';
}

const frame =
  /^\s*(?:at |\.{3} \d+ |File "|--> |\^+$|#\d+ |\d+: 0x|\d+: [\w<]|from \S+:\d+|goroutine \d|created by |\[\d+\] |by 0x)/;
const atMargin =
  /^(?:at |Caused by|Suppressed: |\.{3} \d+ |Traceback \(most|During handling of|The above exception|Stack ?trace:|stack backtrace:|#\d+ |--- End of|goroutine \d|created by |note: run with|\[(?:stacktrace|previous exception)\]|"\}|\d+ \|)/i;
const exceptionName = /(?:Error|Exception|Warning|Panic|Exit|Interrupt|Fault|Throwable)$/;

/** Alone or before a colon. */
function startsWithException(line: string): boolean {
  const colon = line.indexOf(': ');
  const name = colon < 0 ? line : line.slice(0, colon);
  return name.length < 160 && exceptionName.test(name) && /^[\w$.\\:]+$/.test(name);
}

/** Whether a line is a frame of a stack trace. */
export const isFrame = (line: string): boolean =>
  frame.test(line) || isGoCall(line) || (line.charCodeAt(0) <= 32 && sourcePlace.test(line));
const sourcePlace = /\.(?:go|rs|py|js|ts|rb|php):\d/;
/** `main.(*Server).serve(0xc000, 0x1)` */
const isGoCall = (line: string): boolean =>
  line.endsWith(')') && /^[\w/]{1,80}\.[\w(./]/.test(line) && !line.includes(': ');
/** Whether a line names an exception or a cause. */
export const isCause = (line: string): boolean =>
  /^\s*(?:Caused by|panic: )/.test(line) || startsWithException(line.trimStart());

/**
 * Whether an unindented line continues the record.
 * @param stamped whether most records have headers
 */
export function continuesAtMargin(open: OpenRecord, line: string, stamped: boolean): boolean {
  if (atMargin.test(line)) {
    if (line.startsWith('Traceback')) open.mode = 'python';
    if (line.startsWith('goroutine')) open.mode = 'go';
    return true;
  }
  switch (open.mode) {
    case 'python':
      if (open.length === 0) return false;
      open.mode = 'none';
      return /^[\w.]+(?:Error|Exception|Warning|Interrupt|Exit|Group)?\b/.test(line);
    case 'go':
      return isGoCall(line) || /^(?:\[signal |exit status )/.test(line);
    case 'rust':
      if (open.length > 0) return false;
      return true;
    case 'php':
      return line.startsWith('  thrown');
    default:
      return stamped && (startsWithException(line) || /^[})\]]/.test(line));
  }
}

const noValues: string[] = [];

/** Adds a line; returns whether it has words and is no frame. */
export function addLine(open: OpenRecord, line: string, number: number): boolean {
  open.length++;
  open.lastLine = number;
  open.lines ??= [];
  if (open.lines.length < maxKeptLines) open.lines.push({ line: number, text: line });
  const key = maskText(line, noValues);
  const framed = isFrame(line);
  if (framed) {
    open.frames++;
    open.frameHash = hashText(key, open.frameHash);
  } else if (isCause(line)) open.frameHash = hashText(key.slice(0, Math.max(0, key.indexOf(': '))), open.frameHash);
  open.hash = hashText(key, open.hash);
  if (!open.alarming && mentionsFailure(line)) open.alarming = true;
  return !framed;
}

function hashText(text: string, before: number): number {
  let hash = before;
  for (let i = 0; i < text.length && i < 240; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return (Math.imul(hash, 31) + 10) | 0;
}

/** Kinds of records of several lines. */
export interface Stacks {
  readonly kinds: Map<number, StackRecord>;
  /** Records without room for their kind. */
  beyond: number;
  beyondLines: number;
  beyondFirst: number;
  beyondLast: number;
}
/** Returns an empty list of traces. */
export const createStacks = (): Stacks => ({
  kinds: new Map(),
  beyond: 0,
  beyondLines: 0,
  beyondFirst: 0,
  beyondLast: 0,
});

/** Counts a record whose frames are known; keeps one with new frames. */
export function closeRecord(stacks: Stacks, open: OpenRecord): void {
  if (open.length === 0) return;
  const key = open.frames > 0 ? open.frameHash : (Math.imul(open.hash, 31) + (open.template?.id ?? -1)) | 0;
  const known = stacks.kinds.get(key);
  if (known) {
    known.count++;
    known.last = open.head;
  } else if (stacks.kinds.size < maxKinds) {
    const lines = [{ line: open.head, text: open.first }, ...(open.lines ?? [])];
    stacks.kinds.set(key, {
      head: open.head,
      lines: lines.map(({ line, text }) => ({ line, text: detach(text.slice(0, maxKeptUnits)) })),
      length: open.length + 1,
      count: 1,
      last: open.head,
      alarming: open.alarming,
      template: open.template,
    });
  } else {
    if (stacks.beyond++ === 0) stacks.beyondFirst = open.head;
    stacks.beyondLast = open.head;
    stacks.beyondLines += open.length;
  }
}
