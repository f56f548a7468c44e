import type { Yield } from '../../ports.ts';

/** UTF-16 units between yields. */
export const sliceLength = 32 * 1024;

/** Yields pieces of at most `sliceLength`; lets other work run after each. */
export async function* cutSlices(pieces: AsyncIterable<string> | string, yieldNow: Yield): AsyncGenerator<string> {
  if (typeof pieces === 'string') {
    for (let at = 0; at < pieces.length; at += sliceLength) {
      yield pieces.slice(at, at + sliceLength);
      await yieldNow();
    }
    return;
  }
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; at += sliceLength) {
      yield piece.length <= sliceLength ? piece : piece.slice(at, at + sliceLength);
      await yieldNow();
    }
  }
}

interface LineTotals {
  /** Number of lines; a final line break begins no line. */
  lines: number;
  length: number;
  stopped: boolean;
}

/**
 * Calls `onLine(line, number from 1, units so far)` until it returns false; lines come without their ends. Of a longer line
 * only the first `maxLine` units are passed.
 */
export async function forEachLine(
  pieces: AsyncIterable<string> | string,
  yieldNow: Yield,
  onLine: (line: string, number: number, length: number) => boolean,
  maxLine = Number.POSITIVE_INFINITY,
): Promise<LineTotals> {
  const totals: LineTotals = { lines: 0, length: 0, stopped: false };
  let open: string[] = [];
  let openLength = 0;
  const finish = (tail: string): boolean => {
    let line = open.length === 0 ? tail : open.join('') + tail;
    if (line.length > maxLine) line = line.slice(0, maxLine);
    open = [];
    openLength = 0;
    totals.lines++;
    if (line.charCodeAt(line.length - 1) === 13) line = line.slice(0, -1);
    return onLine(line, totals.lines, totals.length);
  };
  for await (const piece of cutSlices(pieces, yieldNow)) {
    let from = 0;
    for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', from)) {
      totals.length += end + 1 - from;
      if (!finish(piece.slice(from, end))) {
        totals.stopped = true;
        return totals;
      }
      from = end + 1;
    }
    if (from < piece.length) {
      totals.length += piece.length - from;
      if (openLength <= maxLine) open.push(piece.slice(from));
      openLength += piece.length - from;
    }
  }
  if (open.length > 0) totals.stopped = !finish('');
  return totals;
}

/** Copies a text, so that the piece it was cut from can be freed. */
export function detach(text: string): string {
  return text.length < 13 ? text : (JSON.parse(JSON.stringify(text)) as string);
}

const numberFormat = new Intl.NumberFormat('en-US', { maximumFractionDigits: 3 });
/** Formats a number as 1,234. */
export const formatFigure = (value: number): string => numberFormat.format(value);

/** Cuts a long line, but not within a surrogate pair. */
export function clip(text: string, most: number): string {
  if (text.length <= most) return text;
  const code = text.charCodeAt(most - 1);
  const end = code >= 0xd800 && code <= 0xdbff ? most - 1 : most;
  return `${text.slice(0, end)} […${formatFigure(text.length - end)} characters more]`;
}

/** Output lines with the source lines behind them. */
export interface Output {
  readonly lines: string[];
  readonly sourceLines: number[];
  /** Source lines shown verbatim. */
  readonly verbatim: Set<number>;
  length: number;
}
/** Returns an empty output. */
export const createOutput = (): Output => ({ lines: [], sourceLines: [], verbatim: new Set(), length: 0 });

/** Appends a line that describes `sourceLine`. */
export function put(output: Output, text: string, sourceLine: number): void {
  output.lines.push(text.includes('\n') ? text.replaceAll(/\r?\n/g, ' ⏎ ') : text);
  output.sourceLines.push(sourceLine);
  output.length += text.length + 1;
}
/** Appends a quote, clipped to `most` characters. */
export function putVerbatim(output: Output, text: string, sourceLine: number, most = 2000): void {
  put(output, clip(text, most), sourceLine);
  if (text.length <= most) output.verbatim.add(sourceLine);
}

/** Appends one output to another. */
export function append(output: Output, other: Output): void {
  for (const line of other.lines) output.lines.push(line);
  for (const line of other.sourceLines) output.sourceLines.push(line);
  for (const line of other.verbatim) output.verbatim.add(line);
  output.length += other.length;
}
